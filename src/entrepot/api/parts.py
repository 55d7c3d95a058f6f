"""Parts: a page as parts that are computed apart, so that it shows at once what is ready."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from entrepot.api.answering import (
    AGAIN,
    ALONE,
    LATER,
    PATIENCE,
    is_known,
    page_of_refusal,
    tag_of,
    who,
)
from entrepot.api.answers import BUSY
from entrepot.api.jobs import JobResult, Refused, refusal
from entrepot.api.looks import render
from entrepot.api.pages.feeds import watches
from entrepot.errors import EntrepotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from entrepot.api.answers import KeptAnswers
    from entrepot.api.jobs import Job


@dataclass(frozen=True, slots=True)
class PagePart:
    """A part of a page: its heading, what makes it, and whether the page is nothing without it."""

    heading: str
    job: Job
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as a page shows it: its HTML, or the line that refuses it, or what is being done."""

    heading: str
    html: str = ""
    refused: str = ""
    computing: str = ""


async def page(
    request: Request, template: str, parts: Sequence[PagePart] = (), **content: Any
) -> Response:
    """Return a page with those of its parts that are ready in a moment.

    Where some are not, it says what is being computed, with status 202, and asks again by itself.
    """
    answers: KeptAnswers = request.app.state.answers
    try:
        shelf = answers.shelf()
    except EntrepotError as error:
        return page_of_refusal(refusal(error))
    tag = tag_of(shelf.state, request)
    if is_known(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    found = await _outcomes(answers, shelf.state, parts, who(request))
    shown = [_shown(part, one) for part, one in zip(parts, found, strict=True)]
    text = render(
        template, parts=shown, synthetic=shelf.synthetic, vintages=shelf.vintages,
        query=str(request.query_params.get("q", ""))[:200], watches=watches(answers.store),
        **content,
    )  # fmt: skip
    if any(one.computing for one in shown):
        pause = LATER if BUSY in found else AGAIN
        headers = {"refresh": str(pause), "cache-control": "no-store"}
        return HTMLResponse(text, 202, headers=headers)
    status = next((one.status for part, one in zip(parts, found, strict=True)
                   if part.is_main and isinstance(one, Refused)), 200)  # fmt: skip
    if any(isinstance(one, Refused) and one.status >= 500 for one in found):
        return HTMLResponse(text, status, headers={"cache-control": "no-store"})
    return HTMLResponse(text, status, headers={"etag": tag, "cache-control": "no-cache"})


async def _outcomes(
    answers: KeptAnswers, state: str, parts: Sequence[PagePart], asker: str
) -> list[Any]:
    """Begin all parts, and give those that are ready in time."""
    clock = asyncio.get_running_loop().time
    for part in parts:
        await answers.get(part.job, state, 0, asker)
    until = clock() + (ALONE if any(part.is_main for part in parts) else PATIENCE)
    return [await answers.get(part.job, state, max(0.0, until - clock()), asker) for part in parts]


def _shown(part: PagePart, outcome: JobResult | Refused | None) -> Shown:
    if outcome is None:
        return Shown(part.heading, computing=part.job.said)
    if outcome is BUSY:
        told = f"{part.job.said}, as soon as there is room: too many answers are being computed"
        return Shown(part.heading, computing=told)
    if isinstance(outcome, Refused):
        return Shown(part.heading, refused=outcome.line)
    return Shown(part.heading, Markup(outcome.body.decode()))  # made by an escaping template
