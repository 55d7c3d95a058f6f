"""How fast is a scan of the whole world? Against one bare aggregate over the same rows.

40 reporters x 200 partners x 100 products x 120 months, about 20 million rows in one Parquet file;
half of the products are listed, 30 of the reporters are the coalition.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from _clock import python, show

ROWS = """
copy (
    with r as (select row_number() over () as i, reporter
        from (select unnest($reporters) as reporter)),
    p as (select row_number() over () as j, partner from (select unnest($partners) as partner)),
    k as (select i as k from range(100) t(i)),
    m as (select date '2014-01-01' + to_months(cast(i as int)) as period, i as t
          from range(120) t(i))
    select 'bench' as source, 'M' as freq, cast(period as date) as period, reporter, partner,
        case when hash(i, j, k, t) % 10 < 8 then 'export' else 'import' end as flow,
        'HS2022' as classification, printf('%06d', 840000 + k * 97) as product, 'FOB' as valuation,
        value as value_usd, value as value_local, 'USD' as currency, value / 9 as net_mass_kg,
        null::double as quantity, null::varchar as quantity_unit, 'reported' as status,
        'reported' as mass_status, 'bench' as vintage, 'bench' as file
    from (select *, exp(4 + 10 * ((hash(i, j, k) % 1000) / 1000.0)
            + 0.8 * ((hash(i, j, k, t) % 1000) / 1000.0)) as value
          from r, p, k, m where reporter <> partner and hash(i, j, k) % 100 < 30
            and hash(j, i, k, t) % 100 < 72)
    order by product, reporter, partner
) to '{path}' (format parquet, compression zstd)
"""

SCAN = """
import duckdb, ibis
from entrepot.detect._panel import Scan
from entrepot.scan.run import scan
from entrepot.parts import detectors
con = ibis.duckdb.connect()
con.raw_sql("create view flows as from '{path}'")
codes = tuple(("HS2022", f"{{840000 + k * 97:06d}}", f"{{840000 + k * 97:06d}}") for k in range(50))
seen = con.con.execute("select distinct reporter from flows order by 1").fetchall()
coalition = tuple(reporter for (reporter,) in seen[:30])
done = scan(con.table("flows"), Scan("RUS", "2022-03", coalition, codes),
    lambda table: con.con.execute(con.compile(table)).to_arrow_table(), detectors(),
    count=5)
"""
BARE = """
import duckdb
duckdb.sql("select partner, product, period, sum(value_usd) from '{path}' group by all").arrow()
"""


def write(path: Path) -> None:
    """Write the rows: run in a process of its own, so that its memory is not counted."""
    from entrepot.reference import countries

    places = [code for code, row in countries.table().items() if row["comtrade"]][:200]
    places = sorted({*places, "RUS"})
    reporters = [code for code in places if code != "RUS"][::5][:40]
    with duckdb.connect() as con:
        con.execute(f"set temp_directory = '{path.parent}'")
        con.execute(ROWS.format(path=path), {"reporters": reporters, "partners": places})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.parquet"
        here = str(Path(__file__).parent)
        python(
            f"import sys; sys.path.insert(0, {here!r}); import scan; from pathlib import Path; "
            f"scan.write(Path({str(path)!r}))"
        )
        rows = duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]
        limit = "one aggregate by partner, product, month"
        show(
            f"a scan with every detector over {rows:,} rows (bar: 30 s, 2,000 MB)",
            (limit, python(BARE.format(path=path))),
            {"scan": python(SCAN.format(path=path))},
            rows,
        )


if __name__ == "__main__":
    main()
