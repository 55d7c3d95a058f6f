"""The API of the US Census Bureau: one product with all countries, or a month with all of both.

An exact code asks for exactly that code; a list of codes or a bare prefix is answered with 204,
as if nothing had been traded, so no request holds either.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Key, Query, Release, Request, Verdict
from entrepot.errors import DriftError, FetchError, SourceError
from entrepot.months import month, number
from entrepot.reference import countries
from entrepot.sources import _answers, _plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Response

URL = "https://api.census.gov/data/timeseries/intltrade"
REPORTER = "USA"
SIDES = {"export": "exports", "re-export": "exports", "import": "imports"}
FLOWS = {"exports": ("export", "re-export"), "imports": ("import",)}
CODE = {"exports": "E_COMMODITY", "imports": "I_COMMODITY"}
AMOUNTS = {
    "exports": "ALL_VAL_MO,QTY_1_MO,UNIT_QY1,QTY_2_MO,UNIT_QY2,DF",
    "imports": "GEN_VAL_MO,GEN_CIF_MO,GEN_QY1_MO,UNIT_QY1,GEN_QY2_MO,UNIT_QY2",
}
LEVELS = (2, 4, 6, 10)
MONTHS = 60
"""One product with all countries: 60 months are some 30,000 rows, fewer than one country's year."""
PROBE = {"CTY_CODE": "1220", "COMM_LVL": "HS2"}
"""Electrical goods (85) with Canada are traded every month: a month without them is not out yet."""
DOCUMENTED = "https://www.census.gov/data/developers/data-sets/international-trade.html"
KEY = Key("census", register="https://api.census.gov/data/key_signup.html", param="key")


def index(query: Query) -> Iterator[Request]:
    """Ask which months are out: one call per side of trade."""
    if query.freq != "M" or not query.periods:
        return
    first, last = min(query.periods), max(query.periods)
    for side in _sides(query):
        value = "ALL_VAL_MO" if side == "exports" else "GEN_VAL_MO"
        yield Request(
            f"{URL}/{side}/hs",
            {"get": f"{value},YEAR,MONTH", "time": _time(first, last), CODE[side]: "85", **PROBE},
            name=f"census-index-{side}-{first}_{last}.json",
        )


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the answers to `index`: a month is out when every side that was asked for has it.

    The Bureau does not say here on which day it released or revised a month.

    Raises:
        SourceError: An answer is not an array of rows.
        DriftError: A row has no year and month.
    """
    months = [_months(path) for path in paths]
    there = set[str].intersection(*months) if months else set()
    return tuple(Release(REPORTER, "M", month) for month in sorted(there))


def _months(path: Path) -> set[str]:
    if path.stat().st_size == 0:
        return set()
    rows, instead = _answers.read_json(path)
    if not isinstance(rows, list):
        raise SourceError(f"{path.name}: {instead or 'no array of rows'}; fetch it again")
    header, *body = rows
    try:
        year, month = header.index("YEAR"), header.index("MONTH")
        found = {f"{row[year]}-{row[month]}" for row in body}
    except (ValueError, IndexError, AttributeError):
        found = {""}
    if not all(re.fullmatch(r"\d{4}-\d{2}", name) for name in found):
        raise DriftError(
            f"{path.name}: a row of the index has no YEAR and MONTH; expected 2023 and 01: "
            "update entrepot, or report the change"
        )
    return found


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for months that are out, with every country in every answer.

    With products: up to 60 months of one product and side. Without: a month of a side with all
    HS6 codes. An answer on exports holds re-exports too. The Bureau publishes months only.

    Raises:
        FetchError: A product is not an HS code of 2, 4, 6 or 10 digits.
    """
    if query.freq != "M":
        return
    for code in query.products:
        if len(code) not in LEVELS or not code.isdigit():
            raise FetchError(
                f"census: cannot be asked for product {code!r}; expected HS codes of 2, 4, 6 or 10 "
                "digits; name those"
            )
    for part, _released in _plan.by_release(query, found):
        for side in _sides(query):
            for product in query.products or ("",):
                most = MONTHS if product else 1
                for months in _runs(part.periods, most):
                    yield _request(side, months, product, "")


def split(request: Request) -> tuple[Request, ...]:
    """Halve the months; a month of all products is asked for country by country."""
    asked = request.asked
    if asked is None or asked.partners:
        return ()
    side = SIDES[asked.flows[0]]
    product = asked.products[0] if asked.products else ""
    if len(asked.periods) > 1:
        halves = _plan.halve(replace(asked, flows=(), products=()))
        return tuple(_request(side, half.periods, product, "") for half in halves)
    if product:
        return ()
    others = sorted(set(countries.lookup("census").values()) - {REPORTER, "WLD"})
    return tuple(_request(side, asked.periods, "", partner) for partner in others)


def judge(_request: Request, response: Response) -> tuple[Verdict, str]:
    """Tell rows from a refusal: 204 is a published month without this trade.

    A missing or wrong key is answered by a web page with status 200.
    """
    if response.status == 204:
        return Verdict.EMPTY, "no content"
    start = _answers.start(response.path).decode("utf-8", "replace").strip()
    if _answers.is_html(start) and re.search(
        r"(missing|invalid|valid)\s*(<[^>]*>\s*)*key", start, re.I
    ):
        return Verdict.BAD_KEY, "a page about a missing or invalid key"
    if refused := _answers.refusal(response):
        return refused
    if not start:
        return Verdict.EMPTY, "no content"
    if _answers.is_html(start):
        return Verdict.BUSY, "a web page instead of JSON"
    if not start.startswith("[["):
        return Verdict.WRONG, _answers.words(response.path)
    if not _is_whole(response.path):
        return Verdict.BUSY, "not complete JSON"
    if not re.search(r"\]\s*,\s*\[", start):
        return Verdict.EMPTY, "a header and no row"
    return Verdict.GOOD, ""


def _is_whole(path: Path) -> bool:
    """Whether an array of arrays ends as one; an answer can be too long to read it all for this."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 64))
        return b"".join(stream.read().split()).endswith(b"]]")


def _sides(query: Query) -> tuple[str, ...]:
    return tuple(dict.fromkeys(SIDES[flow] for flow in query.flows if flow in SIDES))


def _runs(periods: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Give months in unbroken runs of at most `most`: a range names its ends only."""
    ordered = sorted(periods)
    together = groupby(enumerate(ordered), lambda pair: number(month(pair[1])) - pair[0])
    for _start, run in together:
        yield from _plan.runs([name for _place, name in run], most)


def _time(first: str, last: str) -> str:
    return first if first == last else f"from {first} to {last}"


def _request(side: str, months: tuple[str, ...], product: str, partner: str) -> Request:
    first, last = months[0], months[-1]
    params = {
        "get": AMOUNTS[side]
        + ",YEAR,MONTH"
        + ("" if product else f",{CODE[side]}")
        + ("" if partner else ",CTY_CODE"),
        "time": _time(first, last),
        "COMM_LVL": f"HS{len(product) or 6}",
        "SUMMARY_LVL": "DET",
    }
    if product:
        params[CODE[side]] = product
    if partner:
        params["CTY_CODE"] = countries.code(partner, "census")
    span = first if first == last else f"{first}_{last}"
    about = "-".join(name for name in (product or "HS6", partner) if name)
    asked = Query(
        "M",
        months,
        (REPORTER,),
        (partner,) if partner else (),
        FLOWS[side],
        (product,) if product else (),
    )
    return Request(
        f"{URL}/{side}/hs", params, name=f"census-{side}-{span}-{about}.json", asked=asked
    )


API = Endpoint(
    name="api",
    requests=requests,
    judge=judge,
    split=split,
    hosts=("api.census.gov",),
    pause=1.0,
    largest=400_000_000,
    index=index,
    releases=releases,
    reference=DOCUMENTED,
    key=KEY,
)
