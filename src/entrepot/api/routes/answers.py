"""Answers: questions, the rows behind them, measures and findings, from what is stored."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict

from entrepot.api import forms, questions, shapes
from entrepot.api.answering import data, missing, problem
from entrepot.api.jobs import JobResult, job
from entrepot.api.looks import address
from entrepot.api.pages.findings import SLUG, entry_of, query_of
from entrepot.api.queries import (
    AskedFor,
    DayQuery,
    FindingsQuery,
    FlowsQuery,
    PageQuery,
    ScanQuery,
    Sources,
    refuse_files,
)
from entrepot.api.questions import MEDIA
from entrepot.errors import StudyError
from entrepot.parts import measures
from entrepot.publish.mark import SYNTHETIC
from entrepot.reference._files import near

if TYPE_CHECKING:
    from entrepot.api.desk import Desk
    from entrepot.scan.question import ScanQuestion

router = APIRouter(tags=["answers"])
Responses = dict[int | str, dict[str, Any]]
OTHER: Responses = {200: {"content": {MEDIA[f]: {} for f in forms.ANSWER if f != "json"}}}
TABLES: Responses = {200: {"content": {MEDIA[f]: {} for f in forms.TABLE if f != "json"}}}


@router.get("/ask", response_model=shapes.AnswerBody, responses=OTHER)
async def ask(request: Request, asked: Annotated[AskedFor, Query()]) -> Response:
    """Answer one question, as `entrepot ask` does."""
    form = forms.wanted(request, asked.format, forms.ANSWER)
    work = job(questions.as_file, "an answer", as_of=asked.as_of, words=asked.words(), form=form)
    return await data(request, work)


@router.get("/flows", response_model=shapes.FlowsBody, responses=TABLES)
async def flows(request: Request, asked: Annotated[FlowsQuery, Query()]) -> Response:
    """Give the stored rows behind a question, as `entrepot ask --rows` does."""
    form = forms.wanted(request, asked.format, forms.WITH_BOOK)
    if form == "json":
        work = job(
            questions.rows_page, "stored rows", as_of=asked.as_of, words=asked.words(),
            limit=asked.limit, offset=asked.offset,
        )  # fmt: skip
    else:
        work = job(questions.rows_file, "stored rows", as_of=asked.as_of, words=asked.words(),
                   form=form)  # fmt: skip
    return await data(request, work)


class MeasureQuery(DayQuery, PageQuery):
    """Which rows of a measure; its own parameters stand beside these."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    source: Sources = []  # noqa: RUF012 - pydantic copies it
    basket: str = "as-listed"


@router.get("/measures/{name}/rows", response_model=shapes.MeasureRowsBody, responses=TABLES)
async def measure(request: Request, name: str, asked: Annotated[MeasureQuery, Query()]) -> Response:
    """Run a measure, as `entrepot measure run` does; its parameters are those it has there."""
    if name not in measures():
        hint = near(name[:50], [*measures()])
        return problem(missing(f"registry: no measure {name[:50]!r}; {hint}"))
    given = {key.replace("-", "_"): value for key, value in request.query_params.items()
             if key not in MeasureQuery.model_fields}  # fmt: skip
    for word in given.values():
        refuse_files(word)
    work = job(
        measured, f"the measure {name}", as_of=asked.as_of, name=name,
        given=tuple(sorted(given.items())), sources=tuple(asked.source), basket=asked.basket,
        form=forms.wanted(request, asked.format, forms.TABLE), limit=asked.limit,
        offset=asked.offset,
    )  # fmt: skip
    return await data(request, work)


def measured(
    desk: Desk, *, name: str, given: Any, sources: Any, basket: Any, form: str, limit: int,
    offset: int,
) -> JobResult:  # fmt: skip
    """Return the rows of a measure.

    Raises:
        StudyError: There is no such basket or parameter.
    """
    from entrepot.harmonise.products import BASKETS
    from entrepot.publish.export import arrow

    if basket not in BASKETS:
        raise StudyError(
            f"--basket {basket}: {near(basket, BASKETS)}; there are: {', '.join(BASKETS)}"
        )
    work = desk.workspace
    key = (desk.as_of, name, given, sources, basket)
    found = desk.keep("ask", key, lambda: work.measure(
        name, sources=sources, basket=basket, **dict(given)))  # fmt: skip
    rows = [row | ({"notice": SYNTHETIC} if desk.synthetic else {}) for row in found.records()]
    if form != "json":
        return questions.spooled(desk, work.mark().on_table(arrow(rows)), form, name)
    query = {**dict(given), "source": sources, "as_of": desk.as_of or "",
             "basket": "" if basket == "as-listed" else basket}  # fmt: skip
    return questions.paged(
        rows[offset : offset + limit], len(rows), limit, offset,
        address("/api/measures", name, "rows", **query), measure=name, synthetic=desk.synthetic,
        as_of=str(desk.as_of or "today"), vintages=[v.id for v in work.snapshot.vintages],
        missing=[*found.missing],
    )  # fmt: skip


@router.get("/findings", response_model=shapes.FindingsBody, responses=TABLES)
async def findings(request: Request, asked: Annotated[FindingsQuery, Query()]) -> Response:
    """Rank what stands out on the way to a destination, as `entrepot scan` does."""
    work = job(
        ranked, "the scan", as_of=asked.as_of, lane="slow", asked=asked.asked(),
        form=forms.wanted(request, asked.format, forms.TABLE), limit=asked.limit,
        offset=asked.offset,
    )  # fmt: skip
    return await data(request, work)


@router.get("/findings/{slug}/rows", response_model=None,
            responses={200: {"content": {MEDIA["csv"]: {}}}})  # fmt: skip
async def rows_of(request: Request, slug: str, asked: Annotated[ScanQuery, Query()]) -> Response:
    """Give the stored rows behind one finding as CSV."""
    if not SLUG.fullmatch(slug):
        return problem(missing(f"findings: no finding {slug[:50]!r}; see /api/findings"))
    work = job(behind, "the rows of a finding", as_of=asked.as_of, lane="slow",
               asked=asked.asked(), slug=slug)  # fmt: skip
    return await data(request, work)


def ranked(desk: Desk, *, asked: ScanQuestion, form: str, limit: int, offset: int) -> JobResult:
    """Return the ranking of a scan."""
    from entrepot.publish import cells, export
    from entrepot.publish import findings as words

    report = desk.scan(asked).report
    if form != "json":
        table = report.mark.on_table(export.arrow(words.flat(report.rows)))
        return questions.spooled(desk, table, form, "findings")
    query = {"destination": asked.destination, "since": asked.since,
             **query_of(asked, desk.as_of)}  # fmt: skip
    return questions.paged(
        words.nested(report.rows[offset : offset + limit]), len(report.rows), limit, offset,
        address("/api/findings", **query), headline=words.headline(report),
        synthetic=report.synthetic, notice=cells.SYNTHETIC if report.synthetic else "",
        as_of=report.as_of, vintages=[used.vintage for used in report.vintages],
        command=report.command, said=[*report.said], elsewhere=report.elsewhere,
        placebos=[asdict(one) for one in report.placebos], untested=[*report.untested.rows],
    )  # fmt: skip


def behind(desk: Desk, *, asked: ScanQuestion, slug: str) -> JobResult:
    """Return the stored rows behind a finding."""
    made = desk.scan(asked)
    table = made.rows()[entry_of(made, slug).finding.cell]
    return questions.spooled(desk, made.report.mark.on_table(table), "csv", slug)
