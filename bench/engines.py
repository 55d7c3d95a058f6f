"""What do other engines cost? Limit: DuckDB, for the same study and the mirror of every pair.

Sail runs in the same process, so that the seconds are those of client and server together.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from _clock import cpu, show
from _year import year

SAIL = """
import os
os.environ["RUST_LOG"] = "off"
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start()
address = "sc://{}:{}".format(*server.listening_address)
"""
DUCKDB = 'address = "duckdb"'
STUDY = """
from pathlib import Path
from entrepot.study.written import answer
answer("eu-to-central-asia-2022", Path("{path}"), engine=address)
"""
MIRROR = """
from pathlib import Path
from entrepot.engine import local, open_engine
from entrepot.measures.mirror_gap import mirror_gap
engine = open_engine(address, local(Path("{path}").parent))
flows = engine.backend.read_parquet("{path}")
found = mirror_gap(flows, window=("2022-01", "2022-12"))
values = [column.name for column in mirror_gap.returns.columns if column.type == "float64"]
print(engine.arrow(found.agg([found.count(), *(found[name].sum() for name in values)])).to_pylist())
"""


with tempfile.TemporaryDirectory() as name:
    path = year(Path(name))
    (rows,) = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
    for title, code, where, count in (
        ("The default brief on the figures that ship", STUDY, Path(name, "none"), 0),
        (f"All pairs and subheadings of one year, {rows:,} rows", MIRROR, path, rows),
    ):
        runs = {one: cpu(start + code.format(path=where))
                for one, start in (("DuckDB", DUCKDB), ("Sail", SAIL))}  # fmt: skip
        title += "; seconds of processor time"
        show(title, ("DuckDB", runs["DuckDB"]), {"Sail, by Spark Connect": runs["Sail"]}, count)
