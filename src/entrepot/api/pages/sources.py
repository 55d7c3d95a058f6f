"""Sources: publishers, the vintages and what each one changed, what is due and what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions
from entrepot.api.answering import missing, page_of_refusal
from entrepot.api.jobs import JobResult, job, refusal
from entrepot.api.pages.overview import standing, totals
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import DayQuery
from entrepot.api.routes.releases import bands_of, months_of
from entrepot.errors import StoreError
from entrepot.parts import sources as connectors
from entrepot.store import releases, revising

if TYPE_CHECKING:
    from entrepot.api.answers import KeptAnswers
    from entrepot.api.desk import Desk

router = APIRouter()
CELLS = 50
"""Revised cells that a page names; the largest ones."""


@router.get("/sources", include_in_schema=False)
async def sources(request: Request, given: Annotated[DayQuery, Query()]) -> Response:
    """Show every source and every vintage."""
    day = given.as_of
    parts = [
        PagePart("How far the data reach", job(standing, "what is stored", as_of=day)),
        PagePart("Release calendar", job(calendar, "the release calendar", as_of=day)),
        PagePart("How far months still move", job(moving, "how far months still move", as_of=day)),
    ]
    return await page(request, "sources.html", parts, sources=connectors(), as_of=day)


@router.get("/vintage/{name}", include_in_schema=False)
async def vintage(request: Request, name: str, given: Annotated[DayQuery, Query()]) -> Response:
    """Show one vintage: its files and hashes, and what it changed."""
    answers: KeptAnswers = request.app.state.answers
    try:
        shelf = answers.shelf()
    except StoreError as error:
        return page_of_refusal(refusal(error))
    found = next((one for one in shelf.vintages if one.id == name), None)
    if found is None:
        return page_of_refusal(missing(f"vintage: none is called {name[:120]!r}; see /sources"))
    part = PagePart("What it changed", job(revised, f"what {name} changed", new=name))
    return await page(request, "vintage.html", [part], vintage=found, as_of=given.as_of)


def calendar(desk: Desk) -> JobResult:
    """Return when the months of each reporter came out, and when the next one is due."""
    rows = releases.counts(months_of(desk))
    return questions.fragment("_calendar.html", rows=rows, as_of=desk.as_of, few=releases.FEW,
                              meanings=releases.MEANINGS, synthetic=desk.synthetic)  # fmt: skip


def moving(desk: Desk) -> JobResult:
    """Return how far months of each reporter still move, by the age at which they are read."""
    return questions.fragment("_revising.html", rows=bands_of(desk), as_of=desk.as_of,
                              fewest=revising.FEWEST, synthetic=desk.synthetic)  # fmt: skip


def revised(desk: Desk, *, new: str) -> JobResult:
    """Return what a vintage changed in the one of its source before it."""
    every = desk.workspace.store.vintages()
    this = next(one for one in every if one.id == new)
    before = [one for one in every if one.source == this.source and one.order < this.order]
    old = before[-1] if before else None
    told = totals(desk, old, this, CELLS) if old else None
    return questions.fragment("_revised.html", old=old, new=this, told=told)
