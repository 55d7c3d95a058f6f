"""One year of invented annual flows between all pairs, in the columns and the form of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _clock import python
from _data import SEED
from entrepot.reference import countries
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from pathlib import Path

COUNTRIES, CELLS = 150, 162


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
