"""The demo world, generated once, and a small reader of its files that uses no connector."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from entrepot.demo import generate
from entrepot.reference import countries, goods, rates

WANTED = (
    "reporterISO partnerISO flowCode period classificationCode cmdCode primaryValue netWgt "
    "cmdDesc".split()
)
REVISIONS = {"H4": "HS2012", "H5": "HS2017", "H6": "HS2022"}
TAIWAN = {"S19": "TWN"}
EU_FLOWS = {"1": "M", "2": "X"}


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The demo world of the default seed."""
    return generate(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def cells(world):
    """A connection with every reported cell of every file in `cells`, the latest in `latest`."""
    connection = duckdb.connect()
    connection.register("truth_legs", world.truth["legs"])
    connection.execute("""create table cells (file varchar, published date, reporter varchar,
        partner varchar, flow varchar, period date, revision varchar, product varchar,
        usd double, kg double, label varchar)""")
    for file in world.files:
        table = _eurostat(file) if file.source == "eurostat" else _comtrade(file)
        connection.register("one", table)
        connection.execute(
            "insert into cells select $1, $2, * from one", [file.path.name, file.published]
        )
    for name, title in (("listed45", "chpl-2023-09"), ("listed50", "chpl-2024-02")):
        codes = goods.load(title).codes
        connection.execute(f"create macro {name}(code) as code in {codes}")
    connection.execute("""create view latest as from cells
        where partner <> 'W00' and not (reporter = 'ARM' and period >= '2023-01-01'
        and published = '2023-11-14')""")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def known(cells):
    """Return one number from SQL over `cells` and `latest`."""
    return lambda sql: cells.sql(sql).fetchone()[0]


def _comtrade(file):
    raw = file.path.read_bytes()
    if file.path.suffix == ".json":
        records = json.loads(raw)["data"]
        rows = [[record[name] for name in WANTED] for record in records]
    else:
        text = gzip.decompress(raw).decode() if file.path.suffix == ".gz" else raw.decode("latin-1")
        lines = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text[:200] else ",")
        header = next(lines)
        at = [header.index(name) for name in WANTED]
        rows = [[line[i] for i in at] for line in lines]
    reporter, partner, flow, period, revision, code, value, mass, label = zip(*rows, strict=True)
    days = [date(int(str(text)[:4]), int(str(text)[4:]), 1) for text in period]
    return pa.table(
        {
            "reporter": [TAIWAN.get(name, name) for name in reporter],
            "partner": [TAIWAN.get(name, name) for name in partner],
            "flow": flow,
            "period": days,
            "revision": [REVISIONS[name] for name in revision],
            "product": [str(text) for text in code],
            "usd": [float(number) for number in value],
            "kg": [float(number) if number not in ("", None) else None for number in mass],
            "label": label,
        }
    )


def _eurostat(file):
    iso3 = countries.lookup("comext")
    means = rates.monthly_means("EUR").to_pydict()
    usd = dict(zip(means["period"], means["usd_per_unit"], strict=True))
    totals: dict[tuple, list] = {}
    with file.path.open(newline="") as stream:
        for row in csv.DictReader(stream):
            day = date.fromisoformat(f"{row['TIME_PERIOD']}-01")
            key = (row["reporter"], row["partner"], row["flow"], day, row["product"][:6])
            cell = totals.setdefault(key, [0.0, None])
            if row["indicators"] == "VALUE_IN_EUROS":
                cell[0] += float(row["OBS_VALUE"]) * usd[day]
            else:
                cell[1] = (cell[1] or 0.0) + float(row["OBS_VALUE"]) * 100
    rows = [
        (iso3[r], iso3[p], EU_FLOWS[f], day, _revision(day.year), code, *cell, "")
        for (r, p, f, day, code), cell in totals.items()
    ]
    names = "reporter partner flow period revision product usd kg label".split()
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _revision(year):
    return "HS2012" if year < 2017 else "HS2017" if year < 2022 else "HS2022"
