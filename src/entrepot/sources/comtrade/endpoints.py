"""UN Comtrade's endpoints: preview without a key, data with a free one, bulk with a paid one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.contracts import Endpoint, Key, Query, Release, Request, Verdict
from entrepot.errors import DriftError, SourceError
from entrepot.reference import countries
from entrepot.sources import _answers, _plan
from entrepot.sources.comtrade.codes import CLASSIFICATIONS, FLOW_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Response

API = "https://comtradeapi.un.org"
HOSTS = ("comtradeapi.un.org",)
DOCUMENTED = "https://uncomtrade.org/docs/un-comtrade-api/"
PREVIEW_ROWS = 500
DATA_ROWS = 100_000
MONTHS_PER_CALL = 12
PARTNERS = 260  # more than any reporter has
SUBHEADINGS = 6_000  # more than any HS revision has
PAUSE = 1.1  # the publisher asks for no more than one call a second
KEY = Key(
    "comtrade", register="https://comtradedeveloper.un.org", header="Ocp-Apim-Subscription-Key"
)


def index(query: Query) -> Iterator[Request]:
    """Ask which datasets exist and when they were last released.

    One call per reporter or one per period, whichever is fewer. The index is public: it needs no
    key, and tells "not published yet" from "nothing recorded".
    """
    yield from _index(f"{API}/public/v1/getDA", "index", query)


def _index(root: str, kind: str, query: Query) -> Iterator[Request]:
    url = f"{root}/C/{query.freq}/{_nomenclature(query)}"
    if 0 < len(query.reporters) <= len(query.periods):
        for reporter in query.reporters:
            code = countries.code(reporter, "comtrade")
            name = f"comtrade-{kind}-{query.freq}-{reporter}.json"
            yield Request(url, {"reporterCode": code}, name=name)
    else:
        for period in query.periods:
            name = f"comtrade-{kind}-{query.freq}-{period}.json"
            yield Request(url, {"period": period.replace("-", "")}, name=name)


def releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the answers to `index`: one release per reporter, freq and period, the last day of each.

    Raises:
        DriftError: A record lacks what it always had.
    """
    return tuple(
        _release(record, path, "lastReleased") for path in paths for record in _records(path)
    )


def preview_requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for parts that have fewer cells than the 500 records a keyless answer may hold."""
    yield from _requests(f"{API}/public/v1/preview", query, found, PREVIEW_ROWS)


def data_requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for up to 12 periods of one reporter at a time, below 100,000 records an answer.

    A query for all products asks for HS6 codes only (`AG6`).
    """
    yield from _requests(f"{API}/data/v1/get", query, found, DATA_ROWS)


def _requests(root: str, query: Query, found: tuple[Release, ...], limit: int) -> Iterator[Request]:
    for part, released in _plan.by_release(query, found):
        for piece in _plan.chunks(part, _cells, limit - 1, MONTHS_PER_CALL):
            yield _request(f"{root}/C/{query.freq}/{_nomenclature(query)}", piece, released[0].day)


def _cells(query: Query) -> int:
    """How many records a query can have at most, one HS revision per reporter and period."""
    products = len(query.products) or SUBHEADINGS
    return products * len(query.flows) * (len(query.partners) or PARTNERS) * len(query.periods)


def _request(url: str, query: Query, day: date | None) -> Request:
    """Ask for totals over second partner, procedure and transport: the classic breakdown."""
    params = {
        "period": ",".join(period.replace("-", "") for period in query.periods),
        "reporterCode": ",".join(countries.code(r, "comtrade") for r in query.reporters),
        "partnerCode": ",".join(countries.code(p, "comtrade") for p in query.partners),
        "cmdCode": ",".join(query.products) or "AG6",
        "flowCode": ",".join(FLOW_CODES[flow] for flow in query.flows),
        "partner2Code": "0",
        "customsCode": "C00",
        "motCode": "0",
        "includeDesc": "false",
    }
    named = {name: value for name, value in params.items() if value}
    return Request(url, named, name=_name(query, named), asked=query, published=day)


def _name(query: Query, params: dict[str, str]) -> str:
    """A file name that says what is inside; the digits tell apart what the words do not."""
    first, last = query.periods[0], query.periods[-1]
    months = first if first == last else f"{first}_{last}"
    flows = "".join(FLOW_CODES[flow] for flow in query.flows)
    digits = hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:8]
    return f"comtrade-{query.freq}-{'-'.join(query.reporters)}-{months}-{flows}-{digits}.json"


def split(request: Request) -> tuple[Request, ...]:
    """Halve the longest way: periods, then flows, partners and products."""
    if request.asked is None:
        return ()
    query = request.asked
    if not query.partners:
        query = replace(query, partners=tuple(sorted(countries.lookup("comtrade").values())))
    return tuple(_request(request.url, half, request.published) for half in _plan.halve(query))


def judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Tell an answer from a refusal; as many records as the limit allows is a cut answer."""
    if refused := _answers.refusal(response, absent=Verdict.WRONG):
        return refused
    data, instead = _answers.read_json(response.path)
    if data is None:
        return Verdict.BUSY, instead
    records = data.get("data") if isinstance(data, dict) else None
    if not isinstance(records, list):
        return Verdict.WRONG, _answers.words(response.path) or "JSON without records"
    if data.get("error"):
        return Verdict.WRONG, str(data["error"])
    limit = PREVIEW_ROWS if "/preview/" in request.url else DATA_ROWS
    if request.asked is not None and len(records) >= limit:
        return Verdict.TOO_LARGE, f"{len(records):,} records, as many as one answer may hold"
    if data.get("count") not in (None, len(records)):
        return Verdict.BUSY, f"{len(records)} of the {data['count']} records it announces"
    return (Verdict.GOOD if records or request.asked is None else Verdict.EMPTY), ""


def bulk_index(query: Query) -> Iterator[Request]:
    """Ask for the list of bulk files, one call per reporter or per period."""
    yield from _index(f"{API}/bulk/v1/getClassic", "bulk-index", query)


def bulk_releases(paths: Sequence[Path]) -> tuple[Release, ...]:
    """Read the list of bulk files: one release per file, with its address.

    Raises:
        DriftError: A record lacks what it always had.
    """
    found = []
    for path in paths:
        for record in _records(path):
            release = _release(record, path, "publicationDate")
            found.append(replace(release, address=f"{API}/bulk/v1/file/{record['fileUrl']}"))
    return tuple(found)


def bulk_requests(query: Query, found: tuple[Release, ...]) -> Iterator[Request]:
    """Ask for one file per reporter and period: everything it reported, in the classic layout."""
    for part, released in _plan.by_release(query, found):
        for release in released:
            whole = Query(part.freq, (release.period,), part.reporters)
            code = countries.code(release.reporter, "comtrade")
            stamp = f"[{release.day}]" if release.day else ""
            period = release.period.replace("-", "")
            yield Request(
                release.address,
                name=f"COMTRADE-FINALCLASSIC-C{part.freq}{code}{period}{stamp}.gz",
                asked=whole,
                published=release.day,
            )


def bulk_judge(request: Request, response: Response) -> tuple[Verdict, str]:
    """Judge the list as JSON, and a file by the two bytes that every gzip file starts with."""
    if "/bulk/v1/file/" not in request.url:
        return judge(request, response)
    if refused := _answers.refusal(response):
        return refused
    if _answers.start(response.path)[:2] != b"\x1f\x8b":
        return Verdict.BUSY, "not a gzip file"
    return Verdict.GOOD, ""


def _nomenclature(query: Query) -> str:
    codes = {classification: code for code, classification in CLASSIFICATIONS.items()}
    return codes.get(query.classification, query.classification)


def _records(path: Path) -> list[dict[str, Any]]:
    data, instead = _answers.read_json(path)
    if data is None or not isinstance(data.get("data"), list):
        raise SourceError(f"{path.name}: {instead or 'no list of records'}; fetch it again")
    records: list[dict[str, Any]] = data["data"]
    return records


def _release(record: dict[str, Any], path: Path, day: str) -> Release:
    try:
        period = str(record["period"])
        return Release(
            reporter=countries.lookup("comtrade")[str(record["reporterCode"])],
            freq=record["freqCode"],
            period=period if len(period) == 4 else f"{period[:4]}-{period[4:]}",
            day=date.fromisoformat(record[day][:10]),
            rows=record.get("totalRecords"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DriftError(
            f"{path.name}: a line of the index has no usable {error}; expected reporterCode, "
            f"freqCode, period and {day}: update entrepot, or report the change"
        ) from None


PREVIEW = Endpoint(
    name="preview",
    requests=preview_requests,
    judge=judge,
    split=split,
    hosts=HOSTS,
    pause=PAUSE,
    largest=20_000_000,
    index=index,
    releases=releases,
    reference=DOCUMENTED,
)
DATA = replace(
    PREVIEW,
    name="data",
    requests=data_requests,
    calls_per_day=500,
    largest=400_000_000,
    key=KEY,
)
BULK = Endpoint(
    name="bulk",
    requests=bulk_requests,
    judge=bulk_judge,
    hosts=HOSTS,
    pause=PAUSE,
    largest=4_000_000_000,
    index=bulk_index,
    releases=bulk_releases,
    reference=DOCUMENTED,
    key=KEY,
)
