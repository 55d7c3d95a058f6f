"""Eurostat's SDMX service of DS-045409: for questions about some products or partners.

An extraction costs as many cells as its filters match, whether they hold data or not: below
500,000 it is answered at once, up to 5,000,000 later, above that never (HTTP 413). So requests
are cut to the first kind. An answer promised for later is asked for again: the service keeps what
it has extracted, and gives it to the same question.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.contracts import Endpoint, Query, Release, Request, Verdict
from entrepot.errors import DriftError, SourceError
from entrepot.months import month, number
from entrepot.reference import countries
from entrepot.sources import _answers, _plan
from entrepot.sources.eurostat import sdmx_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from entrepot.contracts import Response

API = "https://ec.europa.eu/eurostat/api/comext/dissemination/sdmx/2.1/data/DS-045409"
HOSTS = ("ec.europa.eu",)
FLOW_CODES = {"import": "1", "export": "2"}
INDICATORS = ("VALUE_IN_EUROS", "QUANTITY_IN_100KG", "SUPPLEMENTARY_QUANTITY")
AT_ONCE = 500_000
"""Cells of an extraction that is answered at once."""
PRODUCTS = 40_321
PARTNERS = 282
"""Positions of the dataset, as its documentation counts them."""
PERIODS = 120
TAIL = 65_536


def index(query: Query) -> Iterator[Request]:
    """Ask for each reporter's total trade with the world: the periods that have one are published.

    The dataset has no list of what it holds, and an answer without rows does not say whether
    nothing was traded or nothing is published yet.
    """
    for reporter in query.reporters or ("",):
        yield _request(
            Query(query.freq, _span(query.periods), (reporter,), ("WLD",), products=("TOTAL",)),
            name=f"eurostat-index-{query.freq}-{reporter or 'all'}.csv",
            indicators=INDICATORS[:1],
        )


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the answers to `index`: one release per reporter, freq and period.

    The day is the dataset's last update, the same for all.

    Raises:
        DriftError: A reporter is in none of our lists.
        SourceError: An answer is not SDMX-CSV.
    """
    found: dict[tuple[str, str, str], Release] = {}
    for path in paths:
        for record in _records(path):
            try:
                reporter = countries.lookup("comext")[record["reporter"]]
                release = Release(reporter, record["freq"], record["TIME_PERIOD"])
            except KeyError as error:
                raise DriftError(
                    f"{path.name}: a line of the index has no usable {error}; expected reporter, "
                    "freq and TIME_PERIOD; update entrepot, or report the change"
                ) from None
            updated = sdmx_csv.day(record.get("LAST UPDATE") or "")
            found[release.reporter, release.freq, release.period] = replace(release, day=updated)
    return tuple(found.values())


def requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for one reporter and up to 120 periods in a row, below 500,000 cells each.

    Eurostat publishes imports and exports only; other flows are not asked for. A query for all
    products and partners asks for each country and area alone, without Eurostat's sums of them;
    the monthly files are the better endpoint for it.
    """
    query = replace(query, flows=tuple(flow for flow in query.flows if flow in FLOW_CODES))
    if not query.flows:
        return
    for part, released in _plan.by_release(query, found):
        if not part.partners and not part.products:
            part = replace(part, partners=_all_partners())
        for run in _runs(part):
            for piece in _plan.chunks(run, _cells, AT_ONCE - 1, PERIODS):
                yield _request(piece, _name(piece), day=released[0].day)


def split(request: Request) -> tuple[Request, ...]:
    """Halve the longest way: periods, then flows, partners and products."""
    if request.asked is None:
        return ()
    query = request.asked
    if not query.partners:
        query = replace(query, partners=_all_partners())
    return tuple(_request(half, _name(half), day=request.published) for half in _plan.halve(query))


def judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Tell a table from a refusal, and both from a promise for later.

    Refusals are XML with a `faultstring`, a promise is XML with a `status`. The table is whole if
    its last line has as many fields as its first.
    """
    start = _answers.start(response.path).decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if start.startswith("<") and not _answers.is_html(start):
        return _message(start, response)
    if refused := _answers.refusal(response, absent=Verdict.WRONG):
        return refused
    if not start.startswith(("DATAFLOW,", "STRUCTURE,")):
        return Verdict.BUSY, "a web page instead of a table" if start else "an empty answer"
    header, _, rest = start.partition("\n")
    if not rest.strip():
        return (Verdict.GOOD if request.asked is None else Verdict.EMPTY), ""
    last = _last_line(response.path)
    if _width(last) != _width(header):
        return Verdict.BUSY, "a table that ends in the middle of a line"
    return Verdict.GOOD, ""


def _width(line: str) -> int:
    """How many fields a line has; 0 where it is none of a table."""
    try:
        return len(next(csv.reader([line]), ()))
    except csv.Error:
        return 0


def _message(text: str, response: Response) -> tuple[Verdict, str]:
    fault = re.search(r"<faultstring>(.*?)</faultstring>", text, re.DOTALL)
    said = " ".join(fault[1].split())[:120] if fault else ""
    if response.status == 413 or "EXTRACTION_TOO_BIG" in said:
        return Verdict.TOO_LARGE, said
    if re.search(r"<(\w+:)?status>\s*(SUBMITTED|PROCESSING|AVAILABLE)", text):
        return Verdict.BUSY, "the extraction is promised for later"
    if response.status == 429 or response.status >= 500:
        return Verdict.BUSY, said or f"HTTP {response.status}"
    if "NO_RESULTS" in said.upper().replace(" ", "_"):
        return Verdict.EMPTY, said
    return Verdict.WRONG, said or f"HTTP {response.status}, XML without a table"


def _request(
    query: Query, name: str, *, day: date | None = None, indicators: tuple[str, ...] = INDICATORS
) -> Request:
    """The key names freq, reporter, partner, product, flow and indicators in that order."""
    key = (
        query.freq,
        "+".join(countries.code(reporter, "comext") for reporter in query.reporters if reporter),
        "+".join(countries.code(partner, "comext") for partner in query.partners),
        "+".join(query.products),
        "+".join(FLOW_CODES[flow] for flow in query.flows),
        "+".join(indicators),
    )
    first, last = query.periods[0], query.periods[-1]
    params = {"format": "SDMX-CSV", "startPeriod": first, "endPeriod": last}
    asked = None if indicators != INDICATORS else query
    return Request(f"{API}/{'.'.join(key)}", params, name=name, asked=asked, published=day)


def _name(query: Query) -> str:
    """A file name that says what is inside, different for every part of one plan."""
    first, last = query.periods[0], query.periods[-1]
    parts = [f"eurostat-{query.freq}-{'-'.join(query.reporters)}"]
    parts.append(first if first == last else f"{first}_{last}")
    parts.append("".join({"import": "M", "export": "X"}[flow] for flow in query.flows))
    for names in (query.partners, query.products):
        if names:
            parts.append(names[0] if len(names) == 1 else f"{names[0]}+{len(names) - 1}")
    return "-".join(parts) + ".csv"


def _cells(query: Query) -> int:
    """What the service estimates: the positions that each filter matches, multiplied."""
    cells = (len(query.products) or PRODUCTS) * (len(query.partners) or PARTNERS)
    return cells * len(query.flows) * len(query.periods) * len(INDICATORS)


def _all_partners() -> tuple[str, ...]:
    """Countries and areas of today, by our code: no sums of them, no states of the past."""
    areas = countries.areas()
    return tuple(
        sorted(
            ours
            for ours in set(countries.lookup("comext").values())
            if ours not in areas or areas[ours]["kind"] in ("unspecified", "special")
        )
    )


def _runs(query: Query) -> Iterator[Query]:
    """Cut where a period is left out: the service takes a first and a last one."""
    run: list[str] = []
    for period in sorted(query.periods):
        if run and _number(period) != _number(run[-1]) + 1:
            yield replace(query, periods=tuple(run))
            run = []
        run.append(period)
    yield replace(query, periods=tuple(run))


def _number(period: str) -> int:
    return number(month(period)) if "-" in period else int(period)


def _span(periods: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({min(periods), max(periods)}))


def _last_line(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        return file.read().splitlines(keepends=True)[-1].decode("utf-8", "replace")


def _records(path: Path) -> Iterator[dict[str, str]]:
    if b"<faultstring>" in _answers.start(path):  # no results: nothing is released yet
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"reporter", "freq", "TIME_PERIOD"} <= set(reader.fieldnames or ()):
            raise SourceError(
                f"{path.name}: no SDMX-CSV with reporter, freq and TIME_PERIOD; fetch it again"
            )
        yield from (record for record in reader if (record.get("OBS_VALUE") or "").strip())


SDMX = Endpoint(
    name="sdmx",
    requests=requests,
    judge=judge,
    split=split,
    hosts=HOSTS,
    pause=1.0,
    largest=200_000_000,
    index=index,
    releases=releases,
    reference=(
        "https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/"
        "api-detailed-guidelines/asynchronous-api"
    ),
)
