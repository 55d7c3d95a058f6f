"""Answering: outcomes as responses: tags, refusals as a page or a problem, pages of parts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse, Response, StreamingResponse

from entrepot.api.jobs import JobResult, Refused, refusal
from entrepot.api.looks import render
from entrepot.errors import StoreError
from entrepot.publish.export import dump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import Request

    from entrepot.api.answers import KeptAnswers
    from entrepot.api.jobs import Job

PATIENCE = 0.25
"""Seconds that a page waits for its parts before it says what is being computed."""
ALONE = 1.0
"""The same where the page is nothing without one of them."""
AGAIN = 1
"""Seconds after which such a page asks again."""
LATER = 10
"""The same where there is no room for more jobs."""
LONG = 320.0
"""Seconds that the interface waits: longer than any job may take."""
TITLES = {
    400: "Not a request that can be answered",
    404: "There is no such thing",
    405: "Read only",
    414: "The address is too long",
    422: "No answer",
    431: "The headers are too long",
    500: "A fault",
    503: "Not now",
}


def problem(refused: Refused) -> Response:
    """Return a refusal as application/problem+json (RFC 9457): `detail` is the command's line."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(refused.status, "No answer"),
        "status": refused.status,
        "detail": refused.line,
        "kind": refused.kind,
    }
    return _unkept(Response(dump(body), refused.status, media_type="application/problem+json"),
                   refused)  # fmt: skip


def page_of_refusal(refused: Refused) -> Response:
    """Return a refusal as a page."""
    title = TITLES.get(refused.status, "No answer")
    text = render("refused.html", line=refused.line, heading=title, synthetic=False, query="")
    return _unkept(HTMLResponse(text, refused.status), refused)


def _unkept(response: Response, refused: Refused) -> Response:
    response.headers["cache-control"] = "no-store"
    if refused.status == 503:
        response.headers["retry-after"] = "30"
    return response


def missing(line: str) -> Refused:
    """Return that what an address names does not exist."""
    return Refused(line, "Missing", 404)


async def data(request: Request, job: Job) -> Response:
    """Return a job's outcome as an answer of the interface, once it is there."""
    answers: KeptAnswers = request.app.state.answers
    try:
        state = answers.state()
    except StoreError as error:
        return problem(refusal(error))
    tag = tag_of(state, request)
    if is_known(request, tag):
        return Response(status_code=304, headers={"etag": tag, "vary": "accept"})
    outcome = await answers.get(job, state, LONG, who(request))
    if outcome is None:
        outcome = Refused("serve: the answer is not there yet; ask again", "Slow", 503)
    if isinstance(outcome, Refused):
        return problem(outcome)
    return sent(outcome, tag)


def who(request: Request) -> str:
    """Return who asks, as far as the connection says: behind a web server all are one."""
    return request.client.host if request.client else ""


def sent(made: JobResult, tag: str) -> Response:
    """Return what was made, with its tag."""
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept"}
    if made.name:
        headers["content-disposition"] = f'attachment; filename="{made.name}"'
    if made.path:
        headers["content-length"] = str(Path(made.path).stat().st_size)
        return StreamingResponse(_pieces(made.path), media_type=made.media, headers=headers)
    return Response(made.body, media_type=made.media, headers=headers)


def plain(request: Request, content: Any, media: str = "application/json") -> Response:
    """Return what depends on the program alone: plain data as JSON, or bytes as they are."""
    body = content if isinstance(content, bytes) else dump(content).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    if is_known(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, media_type=media, headers={"etag": tag, "cache-control": "no-cache"})


def tag_of(state: str, request: Request) -> str:
    """Return the ETag of an address in a state of the store."""
    told = (state, request.url.path, request.url.query, request.headers.get("accept", ""))
    return f'"{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether who asks holds the answer with this tag."""
    given = request.headers.get("if-none-match", "")
    return tag in (one.strip().removeprefix("W/") for one in given.split(","))


def _pieces(path: str) -> Iterator[bytes]:
    """Give a file in pieces, and remove it, sent whole or not."""
    try:
        with Path(path).open("rb") as stream:
            while piece := stream.read(1 << 18):
                yield piece
    finally:
        Path(path).unlink(missing_ok=True)
