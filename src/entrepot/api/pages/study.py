"""Study: the questions that ship, and the brief of each."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import escape

from entrepot.api.answering import data, missing, page_of_refusal
from entrepot.api.jobs import Job, JobResult, job
from entrepot.api.looks import address, render
from entrepot.api.pages.findings import whole
from entrepot.api.parts import page
from entrepot.api.queries import DayQuery
from entrepot.errors import StudyError
from entrepot.reference._files import near
from entrepot.study.question import load, names

if TYPE_CHECKING:
    from datetime import date

    from entrepot.api.desk import Desk

router = APIRouter()
KINDS = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}
FILE = re.compile(r"(html|json|csv|picture-[0-9]{1,2}\.(csv|svg|png))")


@router.get("/study", include_in_schema=False)
async def studies(request: Request, given: Annotated[DayQuery, Query()]) -> Response:
    """List the studies."""
    return await page(
        request, "study.html", studies=[load(name) for name in names()], as_of=given.as_of
    )


@router.get("/study/{name}", include_in_schema=False)
async def study(request: Request, name: str, given: Annotated[DayQuery, Query()]) -> Response:
    """Show a brief, or send its data or a picture where the name ends so."""
    known, _dot, kind = name.partition(".")
    if known not in names() or not FILE.fullmatch(kind or "html"):
        hint = near(known[:80], names())
        return page_of_refusal(missing(f"study: no brief is called {name[:80]!r}; {hint}"))
    work = brief(known, kind or "html", given.as_of)
    return await (data(request, work) if kind else whole(request, work, "The brief"))


@router.get("/brief/{name}", include_in_schema=False)
async def called_brief(name: str, given: Annotated[DayQuery, Query()]) -> Response:
    """Lead from the name that the command has for it."""
    return RedirectResponse(address("/study", name, as_of=given.as_of), 308)


def brief(name: str, kind: str, as_of: date | None) -> Job:
    """Return what makes a brief's file."""
    said = f"the brief of the study {name}"
    return job(written, said, as_of=as_of, lane="slow", name=name, kind=kind)


def written(desk: Desk, *, name: str, kind: str) -> JobResult:
    """Return a brief as the command writes it; its page also has the way back."""
    made = desk.keep("brief", (desk.as_of, name), lambda: _files(desk, name))
    if kind not in made:
        raise StudyError(f"study: the brief of {name} has no {kind}")
    if kind != "html":
        return JobResult(made[kind], KINDS[kind.rpartition(".")[2]])
    nav = render("_nav_alone.html", query="", downloads=f"/study/{name}", as_of=desk.as_of)
    text = made["html"].decode().replace("<body>", f"<body>\n{nav}", 1)
    for form in ("csv", "json"):
        here = escape(address("/study", f"{name}.{form}", as_of=desk.as_of))
        text = text.replace(f'href="brief.{form}"', f'href="{here}"')
    return JobResult(text.encode())


def _files(desk: Desk, name: str) -> dict[str, bytes]:
    from entrepot.study.written import answer

    def linked(file: str) -> str:
        return address(f"/study/{name}.{file.removeprefix('brief.')}", as_of=desk.as_of)

    with tempfile.TemporaryDirectory() as folder:
        answer(
            name, desk.store, as_of=desk.as_of, place=desk.place, out=Path(folder), linked=linked
        )
        return {path.name.removeprefix("brief."): path.read_bytes()
                for path in Path(folder).iterdir()}  # fmt: skip
