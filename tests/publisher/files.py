"""Files: CEPII's zip of BACI and the ECB's zip of reference rates, in a plain version.

* https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37 is the page that names the
  newest files; they stand under https://www.cepii.fr/DATA_DOWNLOAD/baci/data/
* https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip holds one CSV, newest day first,
  N/A for no rate and a comma at the end of every line
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from functools import cache
from math import isnan

import numpy as np

from entrepot.demo.places import FIRST_YEAR, ISO3, NUMBER, PLACES
from entrepot.demo.products import CODE, REPORTED_CODES
from entrepot.reference import countries, rates
from publisher import world
from publisher.reply import Ask, Reply, page

CEPII, ECB = "www.cepii.fr", "www.ecb.europa.eu"
PAGE = "CEPII/en/bdd_modele/bdd_modele_item.asp"
BACI = "DATA_DOWNLOAD/baci/data/BACI_HS17_V202501.zip"
BACI_YEARS = range(2017, 2024)
RATES = "stats/eurofxref/eurofxref-hist.zip"
CURRENCIES = ("USD", "GBP", "TRY", "CHF")
STAMP = (2025, 1, 30, 0, 0, 0)


def cepii(ask: Ask) -> Reply:
    """Answer BACI's page, or the zip of its HS2017 version."""
    name = BACI.rsplit("/", 1)[1]
    if ask.path == PAGE:
        text = (
            "<!DOCTYPE html>\n<html><title>BACI</title><p>This is the 202501 version. Last update: "
            f'January 30, 2025</p><a href="https://{CEPII}/{BACI}">{name}</a></html>\n'
        )
        return Reply(text.encode("latin-1"), headers={"Content-Type": "text/html"})
    if ask.path != BACI:
        return page("404 - File or directory not found", 404, refused=True)
    header = "t,i,j,k,v,q" + (",s" if ask.drift else "")
    tables = {
        f"BACI_HS17_Y{year}_V202501.csv": f"{header}\n{_baci(ask.world, year, ask.drift)}"
        for year in BACI_YEARS
    }
    return _zip(tables)


def _baci(held: world.World, year: int, drift: bool) -> str:
    """One row per exporter, importer and product: thousand USD and tonnes, as BACI has them.

    Nothing is converted: codes that HS2017 does not have are left out.
    """
    lines: list[str] = []
    for place in PLACES:
        months = [f"{year}-{number:02}" for number in range(1, 13)]
        cells = held.select(place.iso3, months, flows=(0,))
        cells = world.years(cells.take(np.isin(cells.code, CODE[1])))
        # Plain lists: reading NumPy's numbers one by one takes five times as long.
        columns = (cells.partner, cells.code, cells.usd / 1000, cells.mass / 1000)
        start, tail = f"{year},{_code(NUMBER[place.iso3])}", ",0" if drift else ""
        for partner, code, thousands, tonnes in zip(*(c.tolist() for c in columns), strict=True):
            quantity = "           NA" if isnan(tonnes) else f"{tonnes:13.3f}"
            product = int(REPORTED_CODES[code])
            lines.append(f'{start},{_code(partner)},{product},{thousands:.3f},"{quantity}"{tail}')
    return "\n".join(lines) + "\n"


@cache
def _code(place: int) -> str:
    return countries.code(str(ISO3[place]), "comtrade")


def ecb(ask: Ask) -> Reply:
    """Answer the zip of reference rates: on every working day its month's mean."""
    if ask.path != RATES:
        return page("Page not found", 404, refused=True)
    return _zip({"eurofxref-hist.csv": _rates(ask.drift)})


@cache
def _rates(drift: bool) -> str:
    usd_per = {name: _means(name) for name in ("EUR", *CURRENCIES[1:])}
    header = ",".join(("Date", *CURRENCIES, *(["Sanctions"] if drift else []), ""))
    lines, at = [header], date(2024, 12, 31)
    while at >= date(FIRST_YEAR, 1, 1):
        if at.weekday() < 5:
            euro = usd_per["EUR"][at.replace(day=1)]
            cells = [f"{euro:.4f}"]
            for name in CURRENCIES[1:]:
                mean = usd_per[name].get(at.replace(day=1))
                cells.append(f"{euro / mean:.5g}" if mean else "N/A")
            lines.append(",".join((at.isoformat(), *cells, *(["0"] if drift else []), "")))
        at -= timedelta(days=1)
    return "\n".join(lines) + "\n"


def _means(currency: str) -> dict[date, float]:
    table = rates.monthly_means(currency).to_pydict()
    return dict(zip(table["period"], table["usd_per_unit"], strict=True))


def _zip(members: dict[str, str]) -> Reply:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), text, zipfile.ZIP_DEFLATED)
    return Reply(buffer.getvalue(), headers={"Content-Type": "application/zip"})
