"""Findings: the ranking of a scan, and each finding with its evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions
from entrepot.api.answering import PATIENCE, data, missing, page_of_refusal, who
from entrepot.api.jobs import Job, JobResult, Refused, job
from entrepot.api.looks import address
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import ScanQuery
from entrepot.errors import StudyError

if TYPE_CHECKING:
    from entrepot.api.desk import Desk
    from entrepot.api.queries import PlaceQuery
    from entrepot.publish.finding import Ranked, ScanReport
    from entrepot.scan.answer import ScanAnswer
    from entrepot.scan.question import ScanQuestion

router = APIRouter()
SLUG = re.compile(r"[A-Z]{3}(-[0-9]{6})+")
FIRST = 100
"""Findings on the page of the ranking; the interface has all."""


@router.get("/findings", include_in_schema=False)
async def ranking(request: Request, asked: Annotated[ScanQuery, Query()]) -> Response:
    """Show the ranking of a scan."""
    work = _job(listed, asked.asked(), asked.as_of, rows=FIRST)
    return await page(
        request, "findings_page.html", [PagePart("The ranking", work, is_main=True)], asked=asked
    )


@router.get("/findings/{slug}", include_in_schema=False)
async def finding(request: Request, slug: str, asked: Annotated[ScanQuery, Query()]) -> Response:
    """Show one finding."""
    if not SLUG.fullmatch(slug):
        return page_of_refusal(missing(f"findings: no finding {slug[:50]!r}; see /findings"))
    work = _job(one, asked.asked(), asked.as_of, slug=slug)
    return await whole(request, work, "The finding")


async def whole(request: Request, work: Job, heading: str) -> Response:
    """Return a page that another template makes whole; until it is ready, one that says so."""
    answers = request.app.state.answers
    outcome = await answers.get(work, answers.state(), PATIENCE, who(request))
    if isinstance(outcome, JobResult):
        return await data(request, work)
    if isinstance(outcome, Refused):
        return page_of_refusal(outcome)
    return await page(request, "waiting.html", [PagePart(heading, work)])


def through(place: PlaceQuery, country: str) -> Job:
    """Return what finds the findings through a country in the scan that pages share."""
    return _job(part_of, ScanQuery().asked(), place.as_of, country=country, product="")


def of_product(place: PlaceQuery, code: str) -> Job:
    """Return what finds the findings of a product in the scan that pages share."""
    return _job(part_of, ScanQuery().asked(), place.as_of, country="", product=code)


def _job(work: Any, asked: ScanQuestion, as_of: Any, **given: Any) -> Job:
    said = "the scan of every third country and listed product"
    return job(work, said, as_of=as_of, lane="slow", asked=asked, **given)


def query_of(asked: ScanQuestion, as_of: Any) -> dict[str, Any]:
    """Return the parameters of an address that scans the same."""
    names = ("destination", "since", "goods", "coalition", "first", "last", "through", "source")
    usual = ScanQuery().asked()
    given = {name: getattr(asked, name) for name in names}
    return {k: v for k, v in given.items() if v != getattr(usual, k)} | {"as_of": as_of or ""}


def listed(desk: Desk, *, asked: ScanQuestion, rows: int) -> JobResult:
    """Return the ranking as a part of a page."""
    return _table(desk, asked, lambda _entry: True, rows, with_headline=True)


def part_of(desk: Desk, *, asked: ScanQuestion, country: str, product: str) -> JobResult:
    """Return the findings of a country or a product as a part of a page."""

    def wanted(entry: Ranked) -> bool:
        found = entry.finding
        return (not country or found.intermediary == country) and (
            not product or product[:6] in found.product.split("+")
        )

    return _table(desk, asked, wanted, questions.SHORT, with_headline=False)


def _table(
    desk: Desk, asked: ScanQuestion, wanted: Any, rows: int, *, with_headline: bool
) -> JobResult:
    from entrepot import phrases
    from entrepot.publish import findings, lists

    report = desk.scan(asked).report
    # The whole ranking tells apart what came in and is not known to have gone on.
    entries = [one for one in (report.entries if with_headline else report.rows) if wanted(one)]
    return questions.fragment(
        "_ranking.html", report=report, entries=entries, rows=rows, with_headline=with_headline,
        findings=findings, phrases=phrases, lists=lists, as_of=desk.as_of,
        query=query_of(asked, desk.as_of), full=_full(asked, desk.as_of),
        pictures=report.pictures if with_headline else (),
    )  # fmt: skip


def _full(asked: ScanQuestion, as_of: Any) -> dict[str, Any]:
    usual = {"destination": asked.destination, "since": asked.since}
    return usual | query_of(asked, as_of)


def one(desk: Desk, *, asked: ScanQuestion, slug: str) -> JobResult:
    """Return the page of one finding, with the site's links.

    Raises:
        StudyError: The ranking has no page of that name.
    """
    from entrepot.publish import findings
    from entrepot.scan.details import Details

    made = desk.scan(asked)
    entry = entry_of(made, slug)
    rows = made.rows()[entry.finding.cell]
    detail = Details(made.scanned, asked).detail(entry, rows)
    text = findings.finding(made.report, detail)
    return JobResult(_linked(text, made.report, query_of(asked, desk.as_of)).encode())


def entry_of(made: ScanAnswer, slug: str) -> Ranked:
    """Return the finding that a page is of.

    Raises:
        StudyError: None of the first of the ranking has this name.
    """
    for entry in made.report.shown:
        if entry.slug == slug:
            return entry
    raise StudyError(
        f"findings: {slug} is none of the {len(made.report.shown)} findings with a page; narrow "
        f"the scan with through={slug[:3]}, or see /api/findings"
    )


def _linked(text: str, report: ScanReport, query: dict[str, Any]) -> str:
    """Return a finding's page with links that lead where this server has it."""
    from entrepot.api.looks import render

    text = text.replace('href="index.html"', f'href="{_escaped("/findings", query)}"')
    for entry in report.shown:
        here = _escaped(f"/findings/{entry.slug}", query)
        rows = _escaped(f"/api/findings/{entry.slug}/rows", query)
        text = text.replace(f'href="{entry.slug}.html"', f'href="{here}"')
        text = text.replace(f'href="{entry.slug}.csv"', f'href="{rows}"')
    nav = render("_nav_alone.html", query="")
    return text.replace("<body>", f"<body>\n{nav}", 1)


def _escaped(path: str, query: dict[str, Any]) -> str:
    from markupsafe import escape

    return str(escape(address(path, **query)))
