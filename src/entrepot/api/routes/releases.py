"""Releases: when months came out and are due, as JSON and iCalendar, and how far they move."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions, shapes
from entrepot.api.answering import data
from entrepot.api.jobs import JobResult, job
from entrepot.api.looks import address
from entrepot.api.queries import DayQuery, PageQuery, Short
from entrepot.errors import CoverageError
from entrepot.publish.export import dump
from entrepot.store import releases, revising

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.api.desk import Desk
    from entrepot.store.releases import CalendarMonth
    from entrepot.store.revising import RevisionBand

router = APIRouter(tags=["releases"])
ICAL = "text/calendar; charset=utf-8"


class WhoseQuery(DayQuery):
    """Of which reporters."""

    reporter: Short = ""


class CalendarQuery(WhoseQuery, PageQuery):
    """Of which reporters, and which of the rows."""


@router.get("/calendar", response_model=shapes.CalendarBody)
async def calendar(request: Request, given: Annotated[CalendarQuery, Query()]) -> Response:
    """Show each month of each reporter: published, due, late, silent or not known."""
    work = job(
        months_page, "the release calendar", as_of=given.as_of, reporter=given.reporter,
        limit=given.limit, offset=given.offset,
    )  # fmt: skip
    return await data(request, work)


@router.get("/calendar.ics", response_class=Response,
            responses={200: {"content": {ICAL: {}}}})  # fmt: skip
async def calendar_ics(request: Request, given: Annotated[WhoseQuery, Query()]) -> Response:
    """Show what came out in two years, and what is due, as iCalendar (RFC 5545)."""
    work = job(as_ical, "the release calendar", as_of=given.as_of, reporter=given.reporter)
    return await data(request, work)


@router.get("/revisions", response_model=shapes.ProfileBody)
async def revisions(request: Request, given: Annotated[WhoseQuery, Query()]) -> Response:
    """Show how far months still move, by reporter and by the age at which they are read."""
    work = job(moving, "how far months still move", as_of=given.as_of, reporter=given.reporter)
    return await data(request, work)


def months_page(desk: Desk, *, reporter: str, limit: int, offset: int) -> JobResult:
    """Return some months of the calendar as JSON, with the count of each reporter's."""
    found = months_of(desk, reporter)
    rows = [asdict(one) for one in found[offset : offset + limit]]
    here = address("/api/calendar", reporter=reporter, as_of=desk.as_of)
    return questions.paged(
        rows, len(found), limit, offset, here, synthetic=desk.synthetic,
        mark=desk.workspace.mark().to_dict(), meanings=releases.MEANINGS,
        reporters=releases.counts(found),
    )  # fmt: skip


def as_ical(desk: Desk, *, reporter: str) -> JobResult:
    """Return the calendar as iCalendar.

    Raises:
        CoverageError: Nothing is held by month of these reporters.
    """
    from entrepot.publish.calendar import calendar_file

    found = months_of(desk, reporter)
    if not found:
        raise CoverageError("calendar: nothing is held by month; see /api/vintages")
    text = calendar_file(found, desk.workspace.mark())
    return JobResult(text.encode(), ICAL, name="releases.ics")


def moving(desk: Desk, *, reporter: str) -> JobResult:
    """Return how far months still move."""
    told: dict[str, Any] = {
        "synthetic": desk.synthetic,
        "mark": desk.workspace.mark().to_dict(),
        "fewest": revising.FEWEST,
        "rows": [asdict(one) for one in bands_of(desk, reporter)],
    }
    return JobResult(dump(told).encode(), questions.MEDIA["json"])


def months_of(desk: Desk, reporter: str = "") -> Sequence[CalendarMonth]:
    """Return the calendar of some reporters, of all if none is named.

    Raises:
        UnknownCodeError: A word is no place.
    """
    work = desk.workspace
    codes = _codes(reporter)

    def made() -> list[CalendarMonth]:
        return releases.calendar(work.own.con, work.store.vintages(), as_of=desk.as_of)

    found = desk.keep("table", ("calendar", desk.as_of), made)
    return [one for one in found if codes is None or one.reporter in codes]


def bands_of(desk: Desk, reporter: str = "") -> Sequence[RevisionBand]:
    """Return the revision profile of some reporters, of all if none is named.

    Raises:
        UnknownCodeError: A word is no place.
    """
    work = desk.workspace
    return revising.profile(work.own.con, work.store.vintages(), as_of=desk.as_of,
                            reporters=_codes(reporter))  # fmt: skip


def _codes(reporter: str) -> frozenset[str] | None:
    from entrepot.terms.places import ALL, members

    codes = frozenset(members(reporter, what="reporter")) if reporter else frozenset({ALL})
    return None if ALL in codes else codes
