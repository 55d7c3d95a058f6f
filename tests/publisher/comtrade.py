"""Comtrade: comtradeapi.un.org with its index, preview, data and bulk endpoints.

What is imitated, and where it is written down:

* 500 records without a key, 100,000 with a free one and 500 calls a day:
  https://docs.ropensci.org/comtradr/articles/large_data.html and
  https://uncomtrade.org/docs/un-comtrade-api/; a longer answer is cut without a word
* 429 with the seconds to wait: https://github.com/uncomtrade/comtradeapicall/issues/3
* 401 and its message: https://github.com/uncomtrade/comtradeapicall/issues/23
* refusals are JSON with `statusCode` and `message`, and the key is a parameter
  `subscription-key`: https://github.com/uncomtrade/comtradeapicall (PreviewGet.py)
* the gateway is Azure API Management, whose `quota-by-key` answers 403 and whose header for the
  key is Ocp-Apim-Subscription-Key; refusals of both kinds carry Retry-After:
  https://learn.microsoft.com/en-us/azure/api-management/quota-by-key-policy
* the gateway does not mind upper and lower case in paths: the same client asks "getDa" where the
  documentation writes "getDA"
* a period that is not published and one in which nothing was recorded get the same answer, with
  count 0; only the index tells them apart

The wording of refusals is ours. The real API sums nothing that a caller does not ask to be summed:
without partnerCode the world's totals come beside the partners, as here. Aggregates of products
("TOTAL", chapters, headings) and breakdowns by transport, procedure and second partner are not in
this world: the first are refused with 501, the others are always at their total.
"""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from entrepot.demo.files import comtrade_table
from entrepot.demo.places import FIRST_YEAR, NUMBER, PLACES
from entrepot.reference import countries
from publisher import comtrade_records as records
from publisher import world
from publisher.limits import KEYS
from publisher.reply import Ask, Reply, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from entrepot.demo.reports import DemoCells

HOST = "comtradeapi.un.org"
FLOWS = {"X": 0, "M": 1, "RX": 2, "RM": 3}
DRIFT = "sanctionsFlag"


def answer(ask: Ask) -> Reply:
    """Answer a request to any endpoint."""
    wait = ask.meter.too_soon(HOST, ask.limits.pace)
    if wait:
        seconds = str(int(wait) + 1)
        said = f"The rate limit is exceeded: try again in {seconds} seconds."
        return _refuse(429, said, Retry_After=seconds)
    for start, needs, endpoint in ENDPOINTS:
        if ask.path.lower().startswith(start):
            if refusal := needs and _key(ask, needs):
                return refusal
            return endpoint(ask, *ask.path.lower().removeprefix(start).split("/"))
    return _refuse(404, "Resource not found")


def key(ask: Ask) -> str:
    """Return the key of a request, by header or parameter."""
    return ask.headers.get("ocp-apim-subscription-key") or ask.params.get("subscription-key", "")


def _key(ask: Ask, needs: str) -> Reply | None:
    """Return a refusal unless the key may use this endpoint today."""
    given = key(ask)
    if not given:
        return _refuse(401, "Access denied: a subscription key is missing.")
    kind = KEYS.get(given)
    if kind is None or (needs == "premium" and kind != "premium"):
        return _refuse(401, "Access denied: this subscription key is invalid for this product.")
    if kind == "free" and not ask.meter.spend(given, ask.limits.calls_per_day):
        said = "Out of call volume quota. It is filled up again in 05:00:00."
        return _refuse(403, said, Retry_After="18000")
    return None


def index(ask: Ask, kind: str, freq: str, nomenclature: str) -> Reply:
    """Answer which datasets exist: one record per reporter and period.

    Fields as https://github.com/uncomtrade/comtradeapicall getFinalDataAvailability returns them.
    """
    if refusal := _sane(ask, kind, freq, nomenclature):
        return refusal
    return _answer([records.dataset(*found) for found in _datasets(ask, freq.upper())], ask)


def preview(ask: Ask, kind: str, freq: str, nomenclature: str) -> Reply:
    """Answer records without a key, cut at 500."""
    return _records(ask, kind, freq, nomenclature, ask.limits.preview_rows)


def data(ask: Ask, kind: str, freq: str, nomenclature: str) -> Reply:
    """Answer records with a key, cut at the limit of that key."""
    premium = KEYS[key(ask)] == "premium"
    most = ask.limits.premium_rows if premium else ask.limits.data_rows
    return _records(ask, kind, freq, nomenclature, most)


def bulk_index(ask: Ask, kind: str, freq: str, nomenclature: str) -> Reply:
    """Answer which bulk files exist: one record per reporter and period."""
    if refusal := _sane(ask, kind, freq, nomenclature):
        return refusal
    return _answer([records.file(*found) for found in _datasets(ask, freq.upper())], ask)


def bulk_file(ask: Ask, name: str = "") -> Reply:
    """Answer one bulk file: a reporter and period, tab-separated, gzip, 47 columns."""
    for freq in ("M", "A") if len(name) == records.DIGITS else ():
        for place in PLACES:
            for issue in _issues(ask.world, place.iso3, freq):
                if records.checksum(freq, issue) == name:
                    return _bulk(ask, freq, issue)
    return _refuse(404, "No such file")


ENDPOINTS: tuple[tuple[str, str, Callable[..., Reply]], ...] = (
    ("public/v1/getda/", "", index),
    ("public/v1/preview/", "", preview),
    ("data/v1/getda/", "free", index),
    ("data/v1/get/", "free", data),
    ("bulk/v1/getclassic/", "premium", bulk_index),
    ("bulk/v1/file/", "premium", bulk_file),
)
"""Where each endpoint starts, in lower case, which kind of key opens it, and what answers."""


def _sane(ask: Ask, kind: str, freq: str, nomenclature: str) -> Reply | None:
    if kind != "c" or freq not in ("a", "m") or nomenclature != "hs":
        return _refuse(
            400, f"No dataset {'/'.join((kind, freq, nomenclature)).upper()} here: expected C/M/HS"
        )
    periods = _list(ask, "period")
    if len(periods) > ask.limits.periods:
        return _refuse(400, f"{len(periods)} periods: at most {ask.limits.periods} in one call")
    if any(not (p.isdigit() and len(p) == (4 if freq == "a" else 6)) for p in periods):
        return _refuse(400, f"period {ask.params['period']} cannot be read")
    return None


def _records(ask: Ask, kind: str, freq: str, nomenclature: str, most: int) -> Reply:
    if refusal := _sane(ask, kind, freq, nomenclature):
        return refusal
    freq = freq.upper()
    products = _list(ask, "cmdCode")
    if any(code in ("TOTAL", "AG2", "AG4") or len(code) in (2, 4) for code in products):
        return _refuse(501, "this test server holds subheadings only")
    cells = world.join(*_asked(ask, freq, None if products in ([], ["AG6"]) else products))
    cut = cells.take(np.arange(min(len(cells), most)))
    return _answer(_table(cut, freq).to_pylist(), ask)


def _asked(ask: Ask, freq: str, products: list[str] | None) -> Iterator[DemoCells]:
    """Give each reporter's cells, the sums over partners first unless partners are named."""
    partners = _list(ask, "partnerCode")
    named = None if not partners else [_place(code) for code in partners if code != "0"]
    flows = [FLOWS[code] for code in _list(ask, "flowCode") if code in FLOWS] or None
    periods = {_dashed(period) for period in _list(ask, "period")}
    for reporter in _reporters(ask):
        known = [issue.period for issue in _issues(ask.world, reporter, freq)]
        wanted = [period for period in known if not periods or period in periods]
        months = wanted if freq == "M" else [f"{y}-{m:02}" for y in wanted for m in range(1, 13)]
        found = ask.world.select(reporter, months, flows=flows, products=products)
        if freq == "A":
            found = world.years(found)
        if named is None or "0" in partners:
            yield world.totals(found)
        yield found if named is None else found.take(np.isin(found.partner, named))


def _reporters(ask: Ask) -> list[str]:
    codes = _list(ask, "reporterCode")
    known = countries.lookup("comtrade")
    return [known.get(code, "") for code in codes] or [place.iso3 for place in PLACES]


def _place(code: str) -> int:
    return NUMBER.get(countries.lookup("comtrade").get(code, ""), -1)


def _issues(held: world.World, reporter: str, freq: str) -> list[world.Issue]:
    """Return a reporter's datasets; a year is out when all of its months are."""
    months = held.issues(reporter)
    if freq == "M":
        return months
    found = []
    for year in sorted({issue.period[:4] for issue in months}):
        part = [issue for issue in months if issue.period.startswith(year)]
        if len(part) == 12:
            rows = len(world.years(held.select(reporter, [issue.period for issue in part])))
            first, last = max(p.first for p in part), max(p.last for p in part)
            found.append(world.Issue(reporter, year, first, last, rows))
    return found


def _datasets(ask: Ask, freq: str) -> Iterator[tuple[str, world.Issue]]:
    periods = {_dashed(period) for period in _list(ask, "period")}
    for reporter in _reporters(ask):
        for issue in _issues(ask.world, reporter, freq):
            if not periods or issue.period in periods:
                yield freq, issue


def _bulk(ask: Ask, freq: str, issue: world.Issue) -> Reply:
    months = [issue.period] if freq == "M" else [f"{issue.period}-{m:02}" for m in range(1, 13)]
    cells = ask.world.select(issue.reporter, months)
    table = _table(cells if freq == "M" else world.years(cells), freq)
    if ask.drift:
        table = table.append_column(DRIFT, pa.nulls(len(table), pa.string()))
    buffer = io.BytesIO()
    buffer.write(("\t".join(table.column_names) + "\n").encode())
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    csv.write_csv(table, buffer, options)
    code, period = records.codes(issue)
    name = f"COMTRADE-FINALCLASSIC-C{freq}{code:03}{period}[{issue.last}].gz"
    headers = {
        "Content-Type": "application/gzip",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Reply(gzip.compress(buffer.getvalue(), 3, mtime=0), headers=headers)


def _table(cells: DemoCells, freq: str) -> pa.Table:
    table = comtrade_table(cells)
    if freq == "M":
        return table
    year = FIRST_YEAR + cells.month // 12
    changed = {
        "freqCode": pa.array(["A"] * len(cells), pa.string()),
        "refPeriodId": pa.array(year * 10_000 + 101),
        "refMonth": pa.array(np.full(len(cells), 52)),
        "period": pa.array([str(y) for y in year], pa.string()),
    }
    for name, column in changed.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _answer(found: list[dict[str, Any]], ask: Ask) -> Reply:
    if ask.drift:
        found = [{**record, DRIFT: False} for record in found]
    return as_json({"elapsedTime": "0.1 secs", "count": len(found), "data": found, "error": ""})


def _refuse(status: int, said: str, **headers: str) -> Reply:
    return as_json({"statusCode": status, "message": said}, status, **headers)


def _list(ask: Ask, name: str) -> list[str]:
    """Return a parameter's list; the real API reads names in any case ("reportercode")."""
    for given, value in ask.params.items():
        if given.lower() == name.lower():
            return [part.strip() for part in value.split(",") if part.strip()]
    return []


def _dashed(period: str) -> str:
    return period if len(period) == 4 else f"{period[:4]}-{period[4:]}"
