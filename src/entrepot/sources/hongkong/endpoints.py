"""Hong Kong's endpoint: the JSON service of Trade IDDS, one flow and 20 codes at a time.

The service answers with status 200 whatever happens; its own status says what did.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from itertools import product as pairs
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request, Verdict
from entrepot.errors import FetchError, SourceError
from entrepot.reference import countries
from entrepot.sources import _answers, _plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from entrepot.contracts import Response

URL = "https://tradeidds.censtatd.gov.hk/api/get"
REPORTER = "HKG"
TRADE_TYPES = {"import": "1", "re-export": "3", "export": "4"}
STATISTICS = {"M": "VCm,QCm", "A": "VCy,QCy"}
PRODUCTS_PER_CALL = 20
DOCUMENTED = "https://data.gov.hk/en-data/dataset/hk-censtatd-trade-idds-trade"
LATER = ("Usage limit", "Server busy", "Access denied")
"""Statuses after which others ask again and get an answer."""


def index(query: Query) -> Iterator[Request]:
    """Ask for each period's total exports: a range that ends too late has no answer at all."""
    if query.freq in STATISTICS:
        for period in query.periods:
            params = _params(query.freq, period, period) | {"ttype": "4"}
            yield Request(URL, params, name=f"hongkong-index-{query.freq}-{period}.json")


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the answers to `index`: a period is out when it has total exports.

    The Department does not say here on which day it released or revised a period.

    Raises:
        SourceError: An answer is not of this service.
    """
    found = set()
    for path in paths:
        data, instead = _answers.read_json(path)
        if not isinstance(data, dict) or "header" not in data:
            raise SourceError(f"{path.name}: {instead or 'no header'}; fetch it again")
        for record in data.get("dataSet") or ():
            period = str(record.get("period", ""))
            if not re.fullmatch(r"\d{4}(\d{2})?", period):
                raise SourceError(f"{path.name}: a record without a period; fetch it again")
            found.add(period if len(period) == 4 else f"{period[:4]}-{period[4:]}")
    return tuple(
        Release(REPORTER, "A" if len(period) == 4 else "M", period) for period in sorted(found)
    )


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for periods that are out: one flow, one year and up to 20 codes of one length.

    A year's months at most, because codes change with the year. Imports are asked for by origin,
    exports by destination. Re-imports are not published.

    Raises:
        FetchError: No product is named, or one is not an HS code of 2, 4, 6 or 8 digits.
    """
    flows = [flow for flow in query.flows if flow in TRADE_TYPES]
    if query.freq not in STATISTICS or not flows:
        return
    if wrong := [code for code in query.products if not re.fullmatch(r"(\d\d){1,4}", code)]:
        raise FetchError(
            f"hongkong: cannot be asked for product {wrong[0]!r}; expected HS codes of 2, 4, 6 or "
            "8 digits; name those"
        )
    if not query.products:
        raise FetchError(
            "hongkong: cannot be asked for all products at once; expected HS codes; name them, or "
            "a goods list"
        )
    for part, _released in _plan.by_release(query, found):
        lists = pairs(flows, _lists(query.products), _spans(part.freq, part.periods))
        for flow, products, periods in lists:
            yield _request(replace(part, flows=(flow,), products=products, periods=periods))


def split(request: Request) -> tuple[Request, ...]:
    """Halve the codes, since one that a year does not have spoils an answer; then the months."""
    asked = request.asked
    if asked is None:
        return ()
    halves = _plan.halve(replace(asked, periods=(), partners=()))
    if halves:
        halves = tuple(
            replace(half, periods=asked.periods, partners=asked.partners) for half in halves
        )
    return tuple(_request(half) for half in halves or _plan.halve(asked))


def judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Read the service's own status.

    An index answer that fails for its period is a period that is not out: it has no releases. A
    code that the year does not have fails the whole answer, so its codes are asked for in halves;
    alone it is empty, because nothing can be recorded under it.
    """
    if refused := _answers.refusal(response, absent=Verdict.WRONG):
        return refused
    data, instead = _answers.read_json(response.path)
    if data is None:
        return Verdict.BUSY, instead
    header = data.get("header") if isinstance(data, dict) else None
    if not isinstance(header, dict):
        return Verdict.WRONG, "JSON without a header"
    name, said = _status(header)
    return _success(data, header) if name == "Success" else _failure(request, name, said)


def _failure(request: Request, name: str, said: str) -> tuple[Verdict, str]:
    if name in LATER:
        return Verdict.BUSY, f"{name}: {said}"
    if "no record" in said.lower():
        return Verdict.EMPTY, said
    if request.asked is None:
        is_period = "period" in said.lower()
        return (Verdict.EMPTY if is_period else Verdict.WRONG), f"{name}: {said}"
    if "code" in said.lower():
        alone = len(request.asked.products) == 1
        return (Verdict.EMPTY if alone else Verdict.TOO_LARGE), f"{name}: {said}"
    return Verdict.WRONG, f"{name}: {said}"


def _status(header: Mapping[str, Any]) -> tuple[str, str]:
    status = header.get("status") or {}
    said = status.get("message") or status.get("description") or ""
    text = " ".join(map(str, said)) if isinstance(said, list) else str(said)
    return str(status.get("name", "")), " ".join(text.split())[:120]


def _success(data: Mapping[str, Any], header: Mapping[str, Any]) -> tuple[Verdict, str]:
    records = data.get("dataSet")
    if not isinstance(records, list):
        return Verdict.WRONG, "no list of records"
    announced = (header.get("count") or {}).get("noOfRecords")
    if announced is not None and int(announced) != len(records):
        return Verdict.BUSY, f"{len(records)} of the {announced} records it announces"
    return (Verdict.GOOD if records else Verdict.EMPTY), ""


def _lists(products: Sequence[str]) -> list[tuple[str, ...]]:
    """Codes of one length, 20 at a time."""
    by_length = groupby(sorted(products, key=len), len)
    return [
        part for _length, same in by_length for part in _plan.runs(list(same), PRODUCTS_PER_CALL)
    ]


def _spans(freq: str, periods: Sequence[str]) -> list[tuple[str, ...]]:
    """Unbroken runs of months of one year, or single years: a range names its ends only."""
    if freq == "A":
        return [(period,) for period in periods]
    places = enumerate(sorted(periods))
    runs = groupby(places, lambda pair: (pair[1][:4], int(pair[1][5:]) - pair[0]))
    return [tuple(month for _place, month in run) for _key, run in runs]


def _request(query: Query) -> Request:
    [flow] = query.flows
    side = "co" if flow == "import" else "cc"
    params = _params(query.freq, query.periods[0], query.periods[-1]) | {
        "ttype": TRADE_TYPES[flow],
        f"{side}class": "C",
        side: ",".join(countries.code(p, "iso2") for p in query.partners) or "ALL",
        "codeclass": f"HKHS{len(query.products[0])}",
        "code": ",".join(query.products),
    }
    return Request(URL, params, name=_plan.file_name("hongkong", query, params), asked=query)


def _params(freq: str, first: str, last: str) -> dict[str, str]:
    return {
        "lang": "EN",
        "sv": STATISTICS[freq],
        "freq": freq,
        "period": f"{first.replace('-', '')},{last.replace('-', '')}",
    }


IDDS = Endpoint(
    name="idds",
    requests=requests,
    judge=judge,
    split=split,
    hosts=("tradeidds.censtatd.gov.hk",),
    pause=1.0,
    largest=200_000_000,
    index=index,
    releases=releases,
    reference=DOCUMENTED,
)
