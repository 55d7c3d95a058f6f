"""How fast are flows converted to another HS revision? Limit: DuckDB copies the same rows.

One thread, in memory, so seconds are those of one core. Without a workbook of UNSD as argument the
links are invented in the shape of HS2022-HS2017: 73 codes of 100 have one link, the others many.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from entrepot.harmonise import _links
from entrepot.harmonise.concordance import Concordance, convert, read
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

ROWS = 2_000_000
CODES = 5_600
CURRENT = "HS2017"


def invented() -> Concordance:
    """73% of the codes keep their number; the others share, by 40 and 40, eight links each."""
    split = CODES * 27 // 100
    pairs = {(f"{code:06}", f"{code:06}") for code in range(100_000, 100_000 + CODES)}
    for code in range(split):
        family = 100_000 + code - code % 40
        pairs |= {(f"{100_000 + code}", f"{family + (code + step) % 40}") for step in range(8)}
    rows = [(*pair, pair[0] == pair[1], "") for pair in sorted(pairs)]
    table = pa.table([list(column) for column in zip(*rows, strict=True)], schema=_links.PAIRS)
    return Concordance("HS2022", CURRENT, _links.linked(table, forward=False))


def load(connection: Backend, concordance: Concordance) -> None:
    """Write random monthly flows, a third of them already in the revision converted to."""
    codes = sorted(set(concordance.links["source"].to_pylist()))
    pick = np.random.default_rng(1).integers(0, len(codes), ROWS)
    raw = connection.con
    raw.register("picked", pa.table({"code": pa.array(codes).take(pa.array(pick))}))
    given = {
        "source": "'comtrade'",
        "freq": "'M'",
        "period": "(date '2022-01-01' + to_months((i % 24)::int))",
        "reporter": "chr(65 + (i % 26)::int) || 'RP'",
        "partner": "chr(65 + (i % 25)::int) || 'PT'",
        "flow": "if(i % 2 = 0, 'import', 'export')",
        "classification": f"if(i % 3 = 0, '{concordance.to_revision}', "
        f"'{concordance.from_revision}')",
        "product": "code",
        "valuation": "'CIF'",
        "value_usd": "(random() * 1e6)::double",
        "value_local": "(random() * 1e6)::double",
        "currency": "'USD'",
        "net_mass_kg": "(random() * 1e4)::double",
        "quantity": "(random() * 1e4)::double",
        "quantity_unit": "'u'",
        "status": "'reported'",
        "mass_status": "'reported'",
        "vintage": "'comtrade-2024-01-01-00000000'",
        "file": "'0123456789ab'",
    }
    columns = ", ".join(f"{given[name]}::{_type(name)} as {name}" for name in FLOWS.names)
    raw.sql(
        f"create table flows as select {columns} from "
        "(select row_number() over () as i, code from picked)"
    )


def _type(name: str) -> str:
    return {"string": "varchar", "date": "date", "float64": "double"}[str(FLOWS.ibis[name])]


def timed(connection: Backend, table: Table) -> tuple[float, int]:
    """Return CPU seconds, the best of three, and the rows that came out."""
    table.limit(0).to_pyarrow()  # registers the links
    sql, best = connection.compile(table), float("inf")
    for _ in range(3):
        start = time.process_time()
        connection.con.execute(f"create or replace temp table made as {sql}")
        best = min(best, time.process_time() - start)
    return best, connection.table("made").count().execute()


def main() -> None:
    concordance = read(sys.argv[1]) if len(sys.argv) > 1 else invented()
    connection = ibis.duckdb.connect(threads=1)
    load(connection, concordance)
    flows = connection.table("flows")
    bounds = convert(flows, concordance, amounts=("value_usd", "net_mass_kg", "quantity"))
    point = bounds.filter(bounds.weight.fill_null(1.0) > 0).select(FLOWS.names)
    cell = ["reporter", "flow", "period", "product"]
    runs = {
        "copy of the rows": flows,
        "convert, links that weigh": point,
        "convert with bounds": bounds,
        "convert, summed by cell": point.group_by(cell).agg(usd=point.value_usd.sum()),
        "convert with bounds, summed": bounds.group_by(cell).agg(
            usd=bounds.value_usd.sum(), high=bounds.value_usd_high.sum()
        ),
    }
    floor = None
    print(f"\n{ROWS:,} flows through {concordance.links.num_rows:,} links of {concordance.name}")
    print(f"{'':34}{'CPU-s':>7}{'ratio':>7}{'rows in/CPU-s':>15}{'rows out/CPU-s':>16}")
    for label, table in runs.items():
        seconds, rows = timed(connection, table)
        floor = floor or seconds
        print(
            f"  {label:32}{seconds:>7.2f}{seconds / floor:>7.1f}"
            f"{ROWS / seconds:>15,.0f}{rows / seconds:>16,.0f}"
        )


main()
