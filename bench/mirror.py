"""What does the mirror of every pair and subheading cost? Limit: a bare pairing in DuckDB's SQL."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

import duckdb

from _clock import Run, python, show
from _data import SEED
from entrepot.reference import countries
from entrepot.schema import FLOWS

COUNTRIES, CELLS = 150, 162
BARE = """
import duckdb
duckdb.execute('''create temp table gaps as
    select x.reporter as exporter, x.partner as importer, product, period,
        x.value_usd as export_usd, m.value_usd as import_usd, x.value_usd - m.value_usd as gap_usd
    from (select * from '{path}' where flow = 'export') x
    full join (select reporter as partner, partner as reporter, product, period, value_usd
        from '{path}' where flow = 'import') m
    using (reporter, partner, product, period)''')
"""
MEASURE = """
import ibis
from entrepot.measures.{name} import {name}
con = ibis.duckdb.connect()
con.raw_sql("set enable_progress_bar = false")
found = {name}(con.read_parquet("{path}"), window=("2022-01", "2022-12"))
con.con.execute("create temp table found as " + con.compile(found))
"""


def year(folder: Path) -> Path:
    """Write one year of annual flows in the columns and the form of the store.

    Each two of 150 countries trade 162 of 5,000 subheadings; a cell is as an export, an import or,
    two times in three, both. Written by a process of its own, so that its memory is not counted.
    """
    codes = sorted(countries.table())[:COUNTRIES]
    given = {
        **dict.fromkeys(("source", "vintage", "file"), "'bench'"),
        "freq": "'A'",
        "period": "date '2022-01-01'",
        "reporter": "if(flow = 'import', j, i)",
        "partner": "if(flow = 'import', i, j)",
        "flow": "flow",
        "classification": "'HS2022'",
        "product": "lpad((10100 + (k * 31 + h % 5000) % 5000 * 197)::text, 6, '0')",
        "valuation": "if(flow = 'import', 'CIF', 'FOB')",
        **dict.fromkeys(("value_usd", "value_local"), "value"),
        "currency": "'USD'",
        "net_mass_kg": "value / 10",
        "status": "'reported'",
    }
    types = {"string": "varchar", "float64": "double", "date": "date"}
    columns = [f"{given.get(c.name, 'null')}::{types[c.type]} as {c.name}" for c in FLOWS.columns]
    path = folder / "year.parquet"
    python(f"""import duckdb; duckdb.execute('''copy (
        select {", ".join(columns)}
        from (select unnest({codes}) as i), (select unnest({codes}) as j), range({CELLS}) as _k(k)
        cross join lateral (select hash(i, j, {SEED}) as h)
        cross join (values ('import'), ('export')) as _flows(flow)
        cross join lateral (
            select hash(h, k) % 999983 * (1 + hash(h, k, flow) % 100 / 400) as value)
        where i <> j and hash(h, flow, k) % 5 > 0
        ) to '{path}' (format parquet, compression zstd)''')""")
    return path


def cpu(code: str) -> Run:
    """Return the processor seconds of a run, over all its threads, instead of the clock's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = python(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(used, found.megabytes)


with tempfile.TemporaryDirectory() as name:
    path = year(Path(name))
    (rows,) = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
    runs = {
        measure: cpu(MEASURE.format(name=measure, path=path))
        for measure in ("mirror_gap", "reporter_reliability")
    }
    show(
        f"All pairs and subheadings of one year, {rows:,} rows, {path.stat().st_size >> 20} MB; "
        "seconds of processor time",
        ("bare full join of the same file", cpu(BARE.format(path=path))),
        runs,
        rows,
    )
