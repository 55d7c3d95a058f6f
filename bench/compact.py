"""What does `store compact` gain? Limit: bare SQL on one sorted file of the rows known that day.

A question (50 goods, six partners, by reporter and month) and a sum of every row over one source:
60 reporters x 108 months in 1, 20 and 200 vintages, of which each states the months of the one
before again, as of today and of the middle; and in one vintage of 6,480 files, as bulk downloads
give them. `--rows` is the number of cells, 10 million unless given; revisions come on top.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from entrepot.reference import countries
from entrepot.schema import FLOWS
from entrepot.store.archive import digest
from entrepot.store.audit import verified
from entrepot.store.compact import ROW_GROUP, SORTED, compact
from entrepot.store.known import SLICE, facts
from entrepot.store.snapshot import snapshot
from entrepot.store.vintages import SLICES, Store

if TYPE_CHECKING:
    from collections.abc import Callable

REPORTERS, MONTHS = 60, 108
WHO = sorted(countries.table())[:REPORTERS]
WHOM = sorted(countries.table())[:240]
FIRST = date(2023, 1, 1)
TIMES = 3
ASKED = """select reporter, period, sum(value_usd), sum(net_mass_kg) from {rows}
    where substr(product, 1, 6) in ({goods})
    and partner in ('ARM', 'GEO', 'KAZ', 'KGZ', 'TUR', 'UZB') and flow = 'export' group by all"""
ALL = "select reporter, partner, period, sum(value_usd) from {rows} group by all"
GOODS = ", ".join(f"'{10000 + 160 * (7 + 111 * k):06d}'" for k in range(50))
QUESTIONS = {"question": ASKED.format(rows="{rows}", goods=GOODS), "all rows": ALL}


def world(con: duckdb.DuckDBPyConnection, cells: int) -> None:
    """Make the view `cell`: so many rows, evenly over reporters and months."""
    given = {
        "source": "'bench'", "freq": "'M'", "flow": "if(hash(i, 1) % 2 = 0, 'export', 'import')",
        "period": f"(date '2015-01-01' + to_months((i // {REPORTERS} % {MONTHS})::int))::date",
        "reporter": f"{WHO}[1 + (i % {REPORTERS})::int]",
        "partner": f"{WHOM}[1 + (hash(i, 2) % 240)::int]",
        "classification": "'HS2022'",
        "product": "printf('%06d', 10000 + 160 * (hash(i, 3) % 5600))",
        "valuation": "'FOB'", "value_usd": "(hash(i, 4) % 1000000)::double",
        "net_mass_kg": "(hash(i, 5) % 10000)::double", "currency": "'USD'",
        "status": "'reported'", "vintage": "'none'", "file": "'000000000000'",
    }  # fmt: skip
    columns = ", ".join(
        f"{given.get(c.name, 'null')}::{_sql(c.type)} as {c.name}" for c in FLOWS.columns
    )
    con.execute(f"""create or replace table cell as
        select {columns}, i // {REPORTERS} % {MONTHS} as month from range({cells}) _(i)""")


def _sql(kind: str) -> str:
    return {"string": "varchar", "float64": "double", "date": "date"}.get(kind, kind)


def filled(con: duckdb.DuckDBPyConnection, path: Path, vintages: int, *, small: bool) -> Store:
    """Make a store of so many vintages, each with its share of the months and that before again."""
    store = Store(path)
    with store.writing() as staging:
        staged = []
        for number in range(vintages):
            name = f"bench-{FIRST + timedelta(days=number)}-{number:08x}"
            folder = staging / str(number)
            folder.mkdir()
            share = f"hash(month) % {vintages} in ({number}, {number - 1})"
            con.execute(f"""create or replace temp view staged as
                select * exclude (month) replace ('{name}' as vintage) from cell
                where {share if vintages > 1 else "true"}""")
            _write(con, folder, small=small)
            con.execute(f"""copy ({facts("staged", ("vintage", *SLICE))})
                to '{folder / SLICES}' (format parquet)""")
            rows = con.execute("select count(*) from staged").fetchone()
            files = sorted(folder.glob("*.parquet"))
            manifest = {
                "id": name, "source": "bench", "publisher": "", "licence": "",
                "published": name[6:16], "rows": rows[0] if rows else 0,
                "scope": {"products": None, "partners": None, "declared": True, "asked": False},
                "raw": [], "parts": {path.name: digest(path).sha256 for path in files},
                "mapping": "", "rates": {}, "version": "", "synthetic": True, "dated": True,
            }  # fmt: skip
            staged.append(store.staged(folder, manifest, after=number))
        store.commit(staged)
    return store


def _write(con: duckdb.DuckDBPyConnection, folder: Path, *, small: bool) -> None:
    order, form = ", ".join(SORTED), f"format parquet, compression zstd, row_group_size {ROW_GROUP}"
    if not small:
        con.execute(
            f"copy (from staged order by {order}) to '{folder}/flows-{0:012x}.parquet' ({form})"
        )
        return
    con.execute(f"""copy (select *, reporter as a, period as b from staged order by a, b, {order})
        to '{folder / "parts"}' (format parquet, compression zstd, partition_by (a, b))""")
    for path in list((folder / "parts").rglob("*.parquet")):
        name = hashlib.sha256(str(path.relative_to(folder)).encode()).hexdigest()[:12]
        path.rename(folder / f"flows-{name}.parquet")


def timed(work: Callable[[], object]) -> float:
    """Return the CPU time of the quickest of several runs, in seconds."""
    spent = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def measured(store: Store, as_of: date | None) -> dict[str, float]:
    """Time the resolution of a day and the questions on its view."""
    con = duckdb.connect()
    vintages = store.vintages()
    verified(*vintages)
    found = {"resolve": timed(lambda: snapshot(con, vintages, as_of=as_of))}
    for name, query in QUESTIONS.items():
        asked = query.format(rows="flows")
        found[name] = timed(lambda asked=asked: con.execute(asked).fetchall())  # type: ignore[misc]
    return found


def limit(store: Store, as_of: date | None, path: Path) -> dict[str, float]:
    """Time the questions on one sorted file of the rows known on the day."""
    con = duckdb.connect()
    snapshot(con, store.vintages(), as_of=as_of)
    con.execute(f"""copy (from flows order by {", ".join(SORTED)}) to '{path}'
        (format parquet, compression zstd, row_group_size {ROW_GROUP})""")
    return {
        name: timed(lambda query=query: con.execute(query.format(rows=f"'{path}'")).fetchall())  # type: ignore[misc]
        for name, query in QUESTIONS.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    rows = options.parse_args().rows
    print(f"\nCompaction: {rows:,} cells; CPU seconds, and times bare SQL on one sorted file")
    print(f"{'':34}{'':>9}{'limit':>8}{'before':>16}{'after':>16}")
    for label, vintages, small in (
        ("1 vintage", 1, False), ("20 vintages", 20, False), ("200 vintages", 200, False),
        ("1 vintage of 6,480 files", 1, True),
    ):  # fmt: skip
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
            world(con, rows)
            store = filled(con, Path(folder) / "store", vintages, small=small)
            con.execute("drop table cell")
            middle = FIRST + timedelta(days=vintages // 2)
            days = {label: None} | ({f"{label}, in the middle": middle} if vintages > 1 else {})
            floors = {
                name: limit(store, day, Path(folder) / "f.parquet") for name, day in days.items()
            }
            before = {name: measured(store, day) for name, day in days.items()}
            start, cpu = time.perf_counter(), time.process_time()
            compact(store, lambda _text: None)
            spent = time.perf_counter() - start, time.process_time() - cpu
            after = {name: measured(store, day) for name, day in days.items()}
            for name in days:
                for what, first in before[name].items():
                    floor, last = floors[name].get(what), after[name][what]
                    ratios = [f"({one / floor:5.1f})" if floor else "" for one in (first, last)]
                    print(
                        f"  {name:32}{what:>9}{f'{floor:.3f}' if floor else '':>8}"
                        f"{first:>8.3f} {ratios[0]:>7}{last:>8.3f} {ratios[1]:>7}", flush=True,
                    )  # fmt: skip
            print(f"  {'':32}compacted in {spent[0]:.0f} s, {spent[1]:.0f} of CPU", flush=True)


if __name__ == "__main__":
    main()
