"""SDMX: the stored flows by the norm of statistical offices, SDMX-REST 2, as of any day.

Publishers of trade statistics overwrite what they published. Here `asOf` gives what was known on a
day, and `includeHistory` every value that was ever known, each with its vintage.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from entrepot.api.answering import data, missing, problem
from entrepot.api.jobs import JobResult, job
from entrepot.errors import StudyError
from entrepot.months import month
from entrepot.publish import sdmx
from entrepot.publish.mark import SYNTHETIC
from entrepot.reference._files import near, shown

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Table

    from entrepot.api.desk import Desk

    Wanted = tuple[tuple[str, tuple[str, ...]], ...]
    Span = tuple[str, str]

router = APIRouter(prefix="/sdmx", tags=["sdmx"])
CSV = "application/vnd.sdmx.data+csv;version=2.0.0"
XML = "application/vnd.sdmx.structure+xml;version=2.1"
MOST = 200_000
"""Observations of an answer: more are refused, with what to narrow."""
TIME = "TIME_PERIOD"
KEY = tuple(sdmx.identifier(one) for one in sdmx.DIMENSIONS if sdmx.identifier(one) != TIME)
"""The dimensions of a key, in its order."""
_WORD = re.compile(r"[A-Za-z0-9_-]{1,60}")
_BOUND = re.compile(r"(ge|le|gt|lt|eq):(\d{4}(?:-\d{2})?)")


@router.get("/structure/dataflow/{agency}/{flow}/{version}", response_model=None,
            responses={200: {"content": {XML: {}}}})  # fmt: skip
async def structure(request: Request, agency: str, flow: str, version: str) -> Response:
    """Give the structure of the flows: dimensions, measure and attributes."""
    if lost := _lost(agency, flow, version):
        return lost
    return await data(request, job(structured, "the structure"))


@router.get("/data/dataflow/{agency}/{flow}/{version}/{key}", response_model=None,
            responses={200: {"content": {CSV: {}}}})  # fmt: skip
async def observations(
    request: Request, agency: str, flow: str, version: str, key: str
) -> Response:
    """Give observations: a key of eight parts with dots, `*` for all; c[DIMENSION]=A,B narrows.

    c[TIME_PERIOD]=ge:2022-01+le:2022-12 bounds the months, asOf=2023-11-27 gives what was known on
    that day, includeHistory=true every value known until then.
    """
    if lost := _lost(agency, flow, version):
        return lost
    wanted, span, day, history = _asked(key, request)
    work = job(observed, "the flows", as_of=day, wanted=wanted, span=span, history=history)
    return await data(request, work)


def _lost(agency: str, flow: str, version: str) -> Response | None:
    if (agency, flow) == (sdmx.AGENCY, sdmx.FLOW) and version in (sdmx.VERSION, "*", "+", "~"):
        return None
    named = f"{agency[:30]}:{flow[:30]}({version[:10]})"
    return problem(
        missing(f"sdmx: no dataflow {named}; there is {sdmx.AGENCY}:{sdmx.FLOW}({sdmx.VERSION})")
    )


def _asked(key: str, request: Request) -> tuple[Wanted, Span, date | None, bool]:
    """Return what a key and its parameters ask for.

    Raises:
        StudyError: A part, a parameter or a day is none.
    """
    parts = ["*"] * len(KEY) if key in ("*", "all") else key.split(".")
    if len(parts) != len(KEY):
        raise StudyError(
            f"sdmx: a key of {len(parts)} parts; expected {len(KEY)}: {'.'.join(KEY)}, * for all"
        )
    wanted = {
        name: _words(part) for name, part in zip(KEY, parts, strict=True) if part not in ("*", "")
    }
    span, day, history = ("", ""), None, False
    for name, value in request.query_params.multi_items():
        component = name.removeprefix("c[").removesuffix("]")
        if name == "asOf":
            day = _day(value)
        elif name == "includeHistory" and value in ("true", "false"):
            history = value == "true"
        elif name == f"c[{TIME}]":
            span = _span(value)
        elif name == f"c[{component}]" and component in KEY:
            wanted[component] = _words(value)
        else:
            known = ("asOf", "includeHistory", *(f"c[{one}]" for one in (*KEY, TIME)))
            raise StudyError(f"sdmx: parameter {shown(name)}; {near(name, known)}")
    return tuple(sorted(wanted.items())), span, day, history


def _words(text: str) -> tuple[str, ...]:
    words = tuple(text.split(","))
    if odd := [word for word in words if not _WORD.fullmatch(word)]:
        raise StudyError(f"sdmx: {shown(odd[0])} is no code; expected letters and digits")
    return words


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise StudyError(
            f"sdmx: asOf {shown(text)} is no day; expected one as 2023-11-27"
        ) from None


def _span(text: str) -> Span:
    """Return first and last month of "ge:2022-01+le:2022-12", "eq:2022-01" or "2022-01"."""
    low = high = ""
    for part in re.split(r"[+ ]", text if ":" in text else f"eq:{text}"):
        found = _BOUND.fullmatch(part)
        if not found or found[1] in ("gt", "lt"):
            raise StudyError(
                f"sdmx: c[{TIME}] {shown(text)}; expected ge:2022-01+le:2022-12, or one month"
            )
        kind, when = found.groups()
        if kind in ("ge", "eq"):
            low = when if len(when) > 4 else f"{when}-01"
        if kind in ("le", "eq"):
            high = when if len(when) > 4 else f"{when}-12"
    return low, high


def structured(desk: Desk) -> JobResult:
    """Return the structure message."""
    notice = "SYNTHETIC: " if desk.synthetic else ""
    text = sdmx.structure(f"{notice}Flows of goods as known on a day", desk.workspace.day)
    return JobResult(text.encode(), XML)


def observed(desk: Desk, *, wanted: Wanted, span: Span, history: bool) -> JobResult:
    """Return the observations as SDMX-CSV.

    Raises:
        StudyError: They are too many for one answer.
    """
    days: list[date | None] = [desk.as_of]
    if history:
        last = desk.as_of or date.max
        held = desk.workspace.store.vintages()
        days = [*sorted({one.published for one in held if one.published <= last})]
    found = _unique([_known(desk, day, wanted, span) for day in days])
    if desk.synthetic:
        import pyarrow as pa

        found = found.append_column("notice", pa.array([SYNTHETIC] * len(found), pa.string()))
    return JobResult(sdmx.rows(found).encode(), CSV, name="flows.csv")


def _known(desk: Desk, day: date | None, wanted: Wanted, span: Span) -> pa.Table:
    from entrepot.workspace import Workspace

    work = desk.workspace if day == desk.as_of else Workspace(desk.store, as_of=day)
    rows = work.flows
    for name, values in wanted:
        rows = rows.filter(rows[name.lower()].isin(values))
    low, high = span
    rows = rows.filter(rows.period >= month(low)) if low else rows
    rows = rows.filter(rows.period <= month(high)) if high else rows
    return work.arrow(_bounded(rows))


def _bounded(rows: Table) -> Table:
    return rows.order_by("reporter", "partner", "flow", "product", "period", "source").limit(
        MOST + 1
    )


def _unique(tables: list[pa.Table]) -> pa.Table:
    """Return the rows of several days, each once: a value that never changed has one vintage."""
    import pyarrow as pa

    whole = pa.concat_tables(tables)
    if len(tables) > 1:
        whole = whole.group_by(whole.column_names, use_threads=False).aggregate([])
    if any(len(one) > MOST for one in tables) or len(whole) > MOST:
        raise StudyError(
            f"sdmx: more than {MOST:,} observations; name a reporter, products or months"
        )
    return whole
