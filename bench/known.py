"""How long does it take to know what 200 vintages of 10^8 rows say? Limit: to read their slices.

Each vintage holds half a million rows, the same file linked 200 times: nothing of them is read.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb

from entrepot.reference import countries
from entrepot.schema import FLOWS
from entrepot.store.known import SLICE, facts
from entrepot.store.manifests import SLICES, Scope, Vintage
from entrepot.store.paths import parquet
from entrepot.store.snapshot import snapshot

VINTAGES, ROWS = 200, 500_000
WHO = sorted(countries.table())[:54]
TIMES = 5


def made(folder: Path) -> list[Vintage]:
    """Write one file of flows, and per vintage its slices: a year of 54 reporters, both flows."""
    rows, con = folder / "rows.parquet", duckdb.connect()
    given = {
        "source": "'bench'", "freq": "'M'", "flow": "if(i % 2 = 0, 'export', 'import')",
        "period": "make_date(2015 + (i // 600)::int % 9, 1 + i::int % 12, 1)",
        "reporter": f"{WHO}[1 + (i % 54)::int]", "partner": "'RUS'", "value_usd": "i::double",
        "classification": "'HS2022'", "product": "lpad((10000 + i % 5000)::text, 6, '0')",
        "status": "'reported'", "vintage": "'none'",
    }  # fmt: skip
    columns = ", ".join(
        f"{given.get(c.name, 'null')}::{_sql(c.type)} as {c.name}" for c in FLOWS.columns
    )
    con.execute(f"copy (select {columns} from range({ROWS}) _(i)) to '{rows}' (format parquet)")
    found = []
    for number in range(VINTAGES):
        home = folder / f"v{number}"
        home.mkdir()
        os.link(rows, home / "flows-0.parquet")
        year, name = 2015 + number % 9, f"bench-{number}"
        con.execute(f"""create or replace temp view staged as
            select * replace ('{name}' as vintage) from read_parquet('{rows}')
            where year(period) = {year}""")
        keys = ("vintage", *SLICE)
        con.execute(f"copy ({facts('staged', keys)}) to '{home / SLICES}' (format parquet)")
        scope = Scope(None, None) if number % 3 else Scope(("854231",), ("RUS",), declared=True)
        day = date(2023, 1, 1) + timedelta(days=number)
        parts = {"flows-0.parquet": "", SLICES: ""}
        found.append(Vintage(name, "bench", "", "", day, number + 1, ROWS, scope, (), parts, "", {},
                             "", False, home))  # fmt: skip
    return found


def _sql(kind: str) -> str:
    return {"string": "varchar", "float64": "double", "date": "date"}.get(kind, kind)


def timed(work: object) -> float:
    """Return the CPU time of the quickest of several runs, in milliseconds."""
    spent = []
    for _ in range(TIMES):
        start = time.process_time()
        work()  # type: ignore[operator]
        spent.append(time.process_time() - start)
    return 1000 * min(spent)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vintages = made(Path(folder))
        files = [vintage.folder / SLICES for vintage in vintages]
        con = duckdb.connect()
        floor = timed(
            lambda: con.execute(f"create or replace temp table t as from {parquet(files)}")
        )
        slices = con.execute("select count(*) from t").fetchone()
        whole = timed(lambda: snapshot(con, vintages, as_of=None))
        told = timed(lambda: con.execute("from flows_known").fetchall())
        print(
            f"\nWhat is known: {VINTAGES} vintages, {VINTAGES * ROWS:,} rows, {slices[0]:,} slices"
        )
        print(f"{'':42}{'CPU ms':>8}{'ratio':>7}")
        for label, spent in (
            ("limit: read the slices into a table", floor),
            ("resolve the snapshot and what is known", whole),
            ("fetch what is known of every slice", told),
        ):
            print(f"  {label:40}{spent:>8.0f}{spent / floor:>7.1f}")


if __name__ == "__main__":
    main()
