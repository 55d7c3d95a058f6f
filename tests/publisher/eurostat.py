"""Eurostat: ec.europa.eu with Comext's SDMX service and its monthly files.

What is imitated, and where it is written down:

* an extraction's cost is the product of the positions that each dimension matches; from 500,000
  cells on it is queued (XML with an id) unless the same was asked before, above 5,000,000 it is
  refused with 413 and the fault EXTRACTION_TOO_BIG:
  https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-detailed-guidelines/asynchronous-api
  (the 500,000 are from users' notes; the page gives an example of 1.4 million that is queued)
* no results is fault 100: 404 where the resource is not available,
  https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-detailed-guidelines/api-statistics
  Nothing documented tells a month that is not published from one without trade; nor does this
* the list of files as CSV, and files by name:
  https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-migrating/bulkdownload
  NAME is the only column of that list we have seen used; SIZE, TYPE and LAST_MODIFIED are ours
* a file's address answers 302 first: seen in users' code, not documented

HS6, CN8 and TOTAL rows stand side by side, and WORLD beside the partners, as in the real dataset:
their naive sum counts everything many times.
"""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import replace
from functools import cache
from math import prod
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from entrepot.demo.places import EU, FIRST_YEAR, ISO3, NUMBER, PLACES, day, month
from entrepot.demo.products import REPORTED_CODES
from entrepot.reference import countries, rates
from publisher import eurostat_forms, world
from publisher.reply import Ask, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from entrepot.demo.reports import DemoCells

HOST = "ec.europa.eu"
SERVICE = "eurostat/api/comext/dissemination/sdmx/2.1/"
SDMX = f"{SERVICE}data/DS-045409"
QUEUE = "eurostat/api/comext/dissemination/1.0/async/"
FILES = "eurostat/api/dissemination/files"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
POSITIONS = (2, 33, 282, 40_321, 2, 3)
"""How many codes freq, reporter, partner, product, flow and indicators have: the example on the
page about asynchronous answers. 468 months are the seventh."""
INDICATORS = ("VALUE_IN_EUROS", "QUANTITY_IN_100KG", "SUPPLEMENTARY_QUANTITY")
FLOWS = {"1": 1, "2": 0}
WORLD, TOTAL = "WORLD", "TOTAL"
BULK = tuple(
    """REPORTER PARTNER TRADE_TYPE PRODUCT_NC PRODUCT_SITC PRODUCT_CPA21 PRODUCT_CPA22 PRODUCT_BEC
    PRODUCT_BEC5 PRODUCT_SECTION FLOW STAT_PROCEDURE SUPPL_UNIT PERIOD VALUE_EUR VALUE_NAC
    QUANTITY_KG QUANTITY_SUPPL_UNIT""".split()
)


def answer(ask: Ask) -> Reply:
    """Answer a request to any service."""
    if ask.path.startswith(f"{SDMX}/"):
        return _sdmx(ask, ask.path.removeprefix(f"{SDMX}/").strip("/"))
    if found := eurostat_forms.structure(ask.path.removeprefix(SERVICE)):
        return found
    if ask.path.startswith(QUEUE):
        return _queued(ask, *ask.path.removeprefix(QUEUE).split("/", 1))
    if ask.path.rstrip("/") == FILES:
        return _listing(ask) if "dir" in ask.params else _redirected(ask)
    if ask.path == f"{FILES}/download":
        return _file(ask)
    return _fault(404, "100", "NOT_FOUND: the resource is not available")


def _sdmx(ask: Ask, key: str) -> Reply:
    parts = [part.split("+") if part else [] for part in key.split(".")]
    form = ask.params.get("format", "")
    if len(parts) != 6 or form not in eurostat_forms.FORMS:
        return _fault(400, "140", "SYNTAX: expected six dimensions and format=SDMX-CSV or TSV")
    first, last = ask.params.get("startPeriod", ""), ask.params.get("endPeriod", "")
    cells = prod(len(part) or most for part, most in zip(parts, POSITIONS, strict=True))
    cells *= _months(first, last)
    if cells > ask.limits.sdmx_cells:
        said = f"EXTRACTION_TOO_BIG: {cells} rows estimated, {ask.limits.sdmx_cells} allowed"
        return _fault(413, "413", said)
    if cells >= ask.limits.sdmx_sync and ask.meter.spend(f"{HOST} {key} {first} {last}", 1):
        ticket = base64.urlsafe_b64encode(f"{key}|{first}|{last}|{form}".encode()).decode()
        return _xml(f"<queued><id>{ticket}</id><status>SUBMITTED</status></queued>")
    return _rows(ask, parts, (first, last), form)


def _queued(ask: Ask, what: str, ticket: str = "") -> Reply:
    """Answer the status or the data of a queued extraction: here it is ready at once."""
    try:
        key, first, last, form = base64.urlsafe_b64decode(ticket).decode().split("|")
    except ValueError:
        return _fault(404, "100", "NOT_FOUND: no such extraction")
    if what == "status":
        return _xml(f"<status><key>{ticket}</key><status>AVAILABLE</status></status>")
    parts = [part.split("+") if part else [] for part in key.split(".")]
    return _rows(ask, parts, (first, last), form)


def _rows(ask: Ask, parts: list[list[str]], span: tuple[str, str], form: str) -> Reply:
    freqs, reporters, partners, products, flows, indicators = parts
    if freqs not in ([], ["M"]):
        return _fault(404, "100", "NO_RESULTS: this server has months only")
    lookup = countries.lookup("comext")
    places = [lookup.get(code, "") for code in reporters] or EU
    lines: list[list[str]] = []
    for reporter in (place for place in places if place in EU):
        issues = [i for i in ask.world.issues(reporter) if _within(i.period, *span)]
        cells = ask.world.select(
            reporter,
            [issue.period for issue in issues],
            flows=[FLOWS[code] for code in flows if code in FLOWS] or (0, 1),
        )
        cells = world.join(cells, world.totals(cells))
        if partners:
            named = [NUMBER.get(lookup.get(code, ""), -1) for code in partners]
            named += [world.WORLD] if WORLD in partners else []
            cells = cells.take(np.isin(cells.partner, named))
        lines += _observations(cells, set(products), set(indicators or INDICATORS))
    if not lines:
        return _fault(404, "100", "NO_RESULTS: the query did not return any results")
    latest = max(_published(ask).values())  # that of the dataset, alike everywhere
    return eurostat_forms.answer(ask, form, lines, f"{latest:%d/%m/%y} 23:00:00")


def _observations(
    cells: DemoCells, products: set[str], indicators: set[str]
) -> Iterator[list[str]]:
    """Give the rows of HS6, CN8 and all products, one per indicator, as text."""
    if not products or TOTAL in products:
        whole = world.merged(replace(cells, code=np.zeros(len(cells), dtype=np.int64)))
        yield from _texts(whole, ((row, TOTAL, 1.0) for row in range(len(whole))), indicators)
    wanted = (found for found in _products(cells) if not products or found[1] in products)
    yield from _texts(cells, wanted, indicators)


def _texts(
    cells: DemoCells, found: Iterable[tuple[int, str, float]], indicators: set[str]
) -> Iterator[list[str]]:
    for row, code, share in found:
        at = int(cells.month[row])
        mass, units = float(cells.mass[row]) * share, float(cells.units[row]) * share
        values = {
            "VALUE_IN_EUROS": f"{cells.usd[row] * share / _usd_per_eur(at):.0f}",
            "QUANTITY_IN_100KG": "" if np.isnan(mass) else f"{mass / 100:.2f}",
            "SUPPLEMENTARY_QUANTITY": "" if np.isnan(units) else f"{units:.0f}",
        }
        key = [*_ends(cells, row), code, "2" if cells.flow[row] == 0 else "1"]
        for name, value in values.items():
            if value and name in indicators:
                yield [*key, name, f"{FIRST_YEAR + at // 12}-{at % 12 + 1:02}", value]


def _products(cells: DemoCells) -> Iterator[tuple[int, str, float]]:
    """Give row, code and share of each cell as HS6, then as CN8: one in six has two CN8 codes."""
    for row in range(len(cells)):
        code = REPORTED_CODES[cells.code[row]]
        yield row, code, 1.0
        split = ((f"{code}10", 0.3), (f"{code}90", 0.7))
        for name, share in split if cells.code[row] % 6 == 0 else ((f"{code}00", 1.0),):
            yield row, name, share


def _ends(cells: DemoCells, row: int) -> tuple[str, str]:
    reporter, partner = int(cells.reporter[row]), int(cells.partner[row])
    return _letters(reporter), WORLD if partner == world.WORLD else _letters(partner)


@cache
def _letters(place: int) -> str:
    return countries.code(str(ISO3[place]), "comext")


def _listing(ask: Ask) -> Reply:
    """List the folder's files, as CSV where it is asked for and as a web page else."""
    if ask.params["dir"].strip("/") != FOLDER:
        return _fault(404, "100", "NOT_FOUND: no such folder")
    files = [(f"full_v2_{p.replace('-', '')}.7z", day) for p, day in _published(ask).items()]
    if ask.params.get("format") == "csv":
        rows = [f"{name},1000000,file,{day}T11:00:00\n" for name, day in files]
        text, kind = "NAME,SIZE,TYPE,LAST_MODIFIED\n" + "".join(rows), "text/csv"
    else:
        cell = '<tr><td><a href="?file={0}">{1}</a></td><td>{2}</td></tr>\n'
        rows = [cell.format(f"{FOLDER}/{n}".replace("/", "%2F"), n, d) for n, d in files]
        text = f'<!DOCTYPE html>\n<html><table id="filetable">\n{"".join(rows)}</table></html>\n'
        kind = "text/html"
    return Reply(text.encode(), headers={"Content-Type": kind})


def _published(ask: Ask) -> dict[str, date]:
    """Return month -> day of its file: when the last member of the Union has reported so far."""
    found: dict[str, date] = {}
    for reporter in EU:
        for issue in ask.world.issues(reporter):
            found[issue.period] = max(issue.last, found.get(issue.period, issue.last))
    return dict(sorted(found.items()))


def _redirected(ask: Ask) -> Reply:
    location = f"https://{HOST}/{FILES}/download?file={quote(ask.params.get('file', ''), safe='')}"
    return Reply(status=302, headers={"Location": location})


def _file(ask: Ask) -> Reply:
    """Answer a month's file: CSV of 18 columns in a 7z archive, all reporters."""
    name = ask.params.get("file", "").removeprefix(f"{FOLDER}/")
    text = name.removeprefix("full_v2_").removesuffix(".7z")
    period = f"{text[:4]}-{text[4:]}"
    if name != f"full_v2_{text}.7z" or period not in _published(ask):
        return _fault(404, "100", "NOT_FOUND: no such file")
    try:
        import py7zr
    except ImportError:
        return _fault(501, "500", "this test server needs py7zr for monthly files")
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        archive.writestr(_month_csv(ask, period), f"full_{text}.dat")
    return Reply(buffer.getvalue(), headers={"Content-Type": "application/x-7z-compressed"})


def _month_csv(ask: Ask, period: str) -> str:
    members = {countries.code(iso3, "comext") for iso3 in EU}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*BULK, *([eurostat_forms.DRIFT.upper()] if ask.drift else [])])
    for place in PLACES:
        if place.iso3 not in EU:
            continue
        cells = ask.world.select(place.iso3, [period], flows=(0, 1))
        for row, code, share in _products(cells):
            if len(code) == 6:
                continue
            reporter, partner = _ends(cells, row)
            line = [reporter, partner, "I" if partner in members else "E", code]
            line += [code[:5], code[:6], code[:6], code[:3], code[:3], f"{int(code[:2]):02}"]
            line += ["2" if cells.flow[row] == 0 else "1", "1"]
            writer.writerow(line + _amounts(cells, row, share, period) + ["0"] * ask.drift)
    return buffer.getvalue()


def _amounts(cells: DemoCells, row: int, share: float, period: str) -> list[str]:
    """Return unit, period, EUR twice, kilograms and pieces, "" where none is given."""
    euros = f"{cells.usd[row] * share / _usd_per_eur(month(period)):.0f}"
    mass, units = float(cells.mass[row]) * share, float(cells.units[row]) * share
    unit, pieces = ("", "") if np.isnan(units) else ("PCE", f"{units:.0f}")
    kilos = "" if np.isnan(mass) else f"{mass:.0f}"
    return [unit, period.replace("-", ""), euros, euros, kilos, pieces]


def _usd_per_eur(at: int) -> float:
    if not _RATES:
        means = rates.monthly_means("EUR").to_pydict()
        _RATES.update(zip(means["period"], means["usd_per_unit"], strict=True))
    return _RATES[day(at)]


_RATES: dict[date, float] = {}


def _within(period: str, first: str, last: str) -> bool:
    return (first or "0000") <= period and (not last or period[: len(last)] <= last)


def _months(first: str, last: str) -> int:
    if not first or not last:
        return 468
    start, end = (f"{first}-01")[:7], (f"{last}-12")[:7]
    return max(month(end) - month(start) + 1, 0)


def _fault(status: int, code: str, said: str) -> Reply:
    fault = f"<faultcode>{code}</faultcode><faultstring>{said}</faultstring>"
    return _xml(fault, status)


def _xml(inner: str, status: int = 200) -> Reply:
    space = 'xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Fault {space}>{inner}</S:Fault>\n'
    if status == 200:
        body = body.replace("S:Fault", "S:Envelope")
    return Reply(body.encode(), status, {"Content-Type": "application/xml"}, status != 200)
