"""What does the mirror of every pair and subheading cost? Limit: a bare pairing in DuckDB's SQL."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from _clock import cpu, show
from _year import year

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
