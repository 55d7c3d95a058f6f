"""HMRC's endpoint: the OData service, asked so that every answer fits on one page.

Pages of one answer have been seen to overlap, so none is ever turned: what has a second page is
asked for again in parts. Filters are short, with `or` instead of `in`, which the service refuses.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product as pairs
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request, Verdict
from entrepot.errors import DriftError, FetchError, SourceError
from entrepot.reference import countries
from entrepot.sources import _answers, _plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Response

URL = "https://api.uktradeinfo.com/OTS"
REPORTER = "GBR"
PAGE = 40_000
"""Rows of a page since December 2021, 30,000 before."""
FLOW_TYPES = {"import": ("1", "3"), "export": ("2", "4")}
"""With the EU, and with other countries."""
EMIRATES = ("AJ", "DU", "FU", "RK", "UQ")
"""Emirates' codes of ISO 3166-2: HMRC lists some beside AE. Those of Abu Dhabi and Sharjah (AZ, SH)
are Azerbaijan and Saint Helena, so only their names tell them."""
NAMES = frozenset(
    "abudhabi ajman dubai fujairah rasalkhaimah sharjah ummalquwain ummalqaiwain".split()
)
"""The letters of their names."""
PRODUCTS_PER_CALL = 5
MONTHS_PER_CALL = 4
DOCUMENTED = "https://www.uktradeinfo.com/api-documentation/"
PAUSE = 1.1  # the publisher allows 60 calls a minute


def codes() -> dict[str, str]:
    """Return HMRC's alphabetic country codes: those of the EU's statistics, and ISO beside them."""
    return countries.lookup("iso2") | countries.lookup("comext")


def index(query: Query) -> Iterator[Request]:
    """Ask which months are out: one call, answered by totals of chapter 85."""
    if query.freq != "M" or not query.periods:
        return
    first, last = min(query.periods), max(query.periods)
    what = f"MonthId ge {_month(first)} and MonthId le {_month(last)} and {_range('85')}"
    yield Request(
        URL,
        {
            "$apply": f"filter({what})/groupby((MonthId,FlowTypeId),"
            "aggregate(Value with sum as Value))"
        },
        name=f"hmrc-index-{first}_{last}.json",
    )


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the answer to `index`: a month is out when all four types of flow have it.

    HMRC does not say here on which day it released or revised a month.

    Raises:
        SourceError: It is not a list of records.
        DriftError: A record has no month or flow type.
    """
    types: dict[str, set[str]] = {}
    for path in paths:
        data, instead = _answers.read_json(path)
        records = data.get("value") if isinstance(data, dict) else None
        if not isinstance(records, list):
            raise SourceError(f"{path.name}: {instead or 'no list `value`'}; fetch it again")
        for record in records:
            month, flow = (str(record.get(name, "")) for name in ("MonthId", "FlowTypeId"))
            if not re.fullmatch(r"\d{6}", month) or flow not in ("1", "2", "3", "4"):
                raise DriftError(
                    f"{path.name}: a record of the index has MonthId {month!r} and FlowTypeId "
                    f"{flow!r}; expected 202301 and 1 to 4: update entrepot, or report the change"
                )
            types.setdefault(f"{month[:4]}-{month[4:]}", set()).add(flow)
    return tuple(Release(REPORTER, "M", month) for month in sorted(types) if len(types[month]) == 4)


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for months that are out: five subheadings and four months at a time, every country.

    Without products a month is asked for country by country, all subheadings in one answer. OTS
    has imports and exports of months; other flows and years are not asked for.

    Raises:
        FetchError: A product is not an HS code of six digits, as which answers are read.
    """
    flows = tuple(flow for flow in query.flows if flow in FLOW_TYPES)
    if query.freq != "M" or not flows:
        return
    if wrong := [code for code in query.products if not re.fullmatch(r"\d{6}", code)]:
        raise FetchError(
            f"hmrc: cannot be asked for product {wrong[0]!r}; expected HS codes of six digits; "
            "name those"
        )
    for part, _released in _plan.by_release(replace(query, flows=flows), found):
        if query.products:
            lists = pairs(
                _plan.runs(part.products, PRODUCTS_PER_CALL),
                _plan.runs(part.periods, MONTHS_PER_CALL),
            )
            for products, months in lists:
                yield _request(replace(part, products=products, periods=months, partners=()))
        else:
            for month, partner in pairs(part.periods, query.partners or _everyone()):
                yield _request(replace(part, periods=(month,), partners=(partner,)))


def split(request: Request) -> tuple[Request, ...]:
    """Halve months, flows and products, at last the countries."""
    asked = request.asked
    if asked is None:
        return ()
    halves = _plan.halve(asked) or (
        () if asked.partners else _plan.halve(replace(asked, partners=_everyone()))
    )
    return tuple(_request(half) for half in halves)


def judge(_request: Request, response: Response) -> tuple[Verdict, str]:
    """Tell a whole answer from a page of one, and records from a refusal."""
    if refused := _answers.refusal(response, absent=Verdict.WRONG):
        return refused
    data, instead = _answers.read_json(response.path)
    if data is None:
        return Verdict.BUSY, instead
    records = data.get("value") if isinstance(data, dict) else None
    if not isinstance(records, list):
        return Verdict.WRONG, _answers.words(response.path) or "JSON without records"
    if "@odata.nextLink" in data or len(records) >= PAGE:
        return Verdict.TOO_LARGE, f"{len(records):,} records and more pages behind them"
    return (Verdict.GOOD if records else Verdict.EMPTY), ""


def _everyone() -> tuple[str, ...]:
    """Every country and area HMRC may name, the sums of others left out."""
    return tuple(sorted(c for c in set(codes().values()) if not countries.is_aggregate(c)))


def _request(query: Query) -> Request:
    types = [kind for flow in query.flows for kind in FLOW_TYPES[flow]]
    # A country with two codes is asked for under both: an unknown one would be a silent zero.
    names = sorted(code for code, ours in codes().items() if ours in query.partners)
    names += EMIRATES if "ARE" in query.partners else ()
    conditions = (
        _any(f"MonthId eq {_month(month)}" for month in query.periods),
        _any(f"FlowTypeId eq {kind}" for kind in types) if len(types) < 4 else "",
        _any(_range(code) for code in query.products) if query.products else _range(""),
        _any(f"Country/CountryCodeAlpha eq '{code}'" for code in names) if names else "",
    )
    params = {
        "$filter": " and ".join(condition for condition in conditions if condition),
        "$expand": "Country($select=CountryCodeAlpha)",
    }
    return Request(URL, params, name=_plan.file_name("hmrc", query, params), asked=query)


def _any(conditions: Iterable[str]) -> str:
    one, *more = conditions
    return f"({' or '.join((one, *more))})" if more else one


def _range(code: str) -> str:
    """The eight-digit codes under a shorter one, as the numbers OTS has for them."""
    low, high = code.ljust(8, "0"), code.ljust(8, "9")
    return f"(CommodityId ge {max(int(low), 1_000_000)} and CommodityId le {int(high)})"


def _month(period: str) -> str:
    return period.replace("-", "")


ODATA = Endpoint(
    name="odata",
    requests=requests,
    judge=judge,
    split=split,
    hosts=("api.uktradeinfo.com",),
    pause=PAUSE,
    largest=60_000_000,
    index=index,
    releases=releases,
    reference=DOCUMENTED,
)
