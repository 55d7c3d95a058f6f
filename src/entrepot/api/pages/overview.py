"""Overview: what the last vintages changed, what stands out, and how far the data reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions
from entrepot.api.jobs import JobResult, job
from entrepot.api.pages.findings import listed
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import DayQuery, ScanQuery

if TYPE_CHECKING:
    from entrepot.api.desk import Desk
    from entrepot.store.vintages import Vintage

router = APIRouter()
LAST = 5
"""Vintages that the overview tells of."""
FIRST = 10
"""Findings that the overview shows."""


@router.get("/", include_in_schema=False)
async def overview(request: Request, given: Annotated[DayQuery, Query()]) -> Response:
    """Show what is new, what stands out and what is stored."""
    day, asked = given.as_of, ScanQuery().asked()
    scan = job(listed, "the scan of every third country and listed product", as_of=day,
               lane="slow", asked=asked, rows=FIRST)  # fmt: skip
    parts = [
        PagePart("What the last vintages changed", job(changed, "the last revisions", as_of=day)),
        PagePart("What stands out", scan),
        PagePart("How far the data reach", job(standing, "what is stored", as_of=day)),
    ]
    return await page(request, "overview.html", parts, as_of=day)


def changed(desk: Desk) -> JobResult:
    """Return what each of the last vintages changed in the one of its source before it."""
    known = [v for v in desk.workspace.store.vintages()
             if desk.as_of is None or v.published <= desk.as_of]  # fmt: skip
    rows = []
    for place in range(len(known) - 1, max(-1, len(known) - 1 - LAST), -1):
        new = known[place]
        old = next((v for v in reversed(known[:place]) if v.source == new.source), None)
        rows.append({"new": new, "old": old, "told": totals(desk, old, new) if old else None})
    return questions.fragment("_changed.html", rows=rows, as_of=desk.as_of,
                              synthetic=any(v.synthetic for v in known))  # fmt: skip


def totals(desk: Desk, old: Vintage, new: Vintage, most: int = 1) -> dict[str, Any]:
    """Return how many cells a vintage added, withdrew and changed, and its largest ones."""
    from entrepot.store.diff import diff

    made = diff(desk.workspace.own.con, old, new, most=most)
    kinds = ("added", "withdrawn", "changed", "change_usd")
    return {kind: sum(piece[kind] for piece in made.slices) for kind in kinds} | {
        "only_old": made.only_old, "only_new": made.only_new, "cells": made.cells,
        "slices": made.slices,
    }  # fmt: skip


def standing(desk: Desk) -> JobResult:
    """Return the newest period and release of each reporter, by source."""
    rows = desk.workspace.status(None, ask=False)  # type: ignore[arg-type]  # nobody is asked
    return questions.fragment("_standing.html", rows=rows, as_of=desk.as_of,
                              synthetic=desk.synthetic)  # fmt: skip
