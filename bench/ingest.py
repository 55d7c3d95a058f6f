"""How fast do files enter the store? Limit: DuckDB copies the same file to Parquet, all as text."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

import _data
from _clock import ENTREPOT, python, run, show

RAW = """
import duckdb
duckdb.execute("copy (from read_csv('{path}', all_varchar=true, header=true, delim='{delimiter}')) "
               "to '{path}.parquet' (compression zstd)")
"""


def compare(title: str, path: Path, delimiter: str, *words: str) -> None:
    file = str(path).replace("[", "[[]")  # brackets are a pattern to read_csv
    rows = duckdb.sql(f"select count(*) from read_csv('{file}', delim='{delimiter}')").fetchall()
    raw = python(RAW.format(path=file, delimiter=delimiter))
    store = path.parent / f"store-{words[0]}"
    mine = run(ENTREPOT, "source", "ingest", *words, str(path), "--store", str(store))
    show(
        f"{title}, {path.stat().st_size >> 20} MB",
        ("to Parquet, all text", raw),
        {"entrepot source ingest": mine},
        rows[0][0],
    )


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    compare("Comtrade bulk file, 47 columns", _data.bulk(folder), "\t", "comtrade")
    table, mapping = _data.table(folder)
    compare("Table through a mapping", table, ",", "generic", "--mapping", str(mapping))
