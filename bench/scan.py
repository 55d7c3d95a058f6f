"""How fast is a scan of the whole world? Against one bare aggregate over the same rows.

40 reporters x 200 partners x 120 months in one Parquet file, 30 of the reporters the coalition, 50
goods listed: 100 goods with every third pair of countries trading each, 20 million rows; and with
`--whole` all 5,600 subheadings, one pair in 38 trading each, 100 million rows.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from _clock import python, show

ROWS = """
copy (
    with r as (select row_number() over () as i, reporter
        from (select unnest($reporters) as reporter)),
    p as (select row_number() over () as j, partner from (select unnest($partners) as partner)),
    k as (select i as k from range($goods) t(i)),
    m as (select date '2014-01-01' + to_months(cast(i as int)) as period, i as t
          from range(120) t(i)),
    pair as (select * from r, p, k
             where reporter <> partner and hash(i, j, k) % 1000 < $thousandths)
    select 'bench' as source, 'M' as freq, cast(period as date) as period, reporter, partner,
        case when hash(i, j, k, t) % 10 < 8 then 'export' else 'import' end as flow,
        'HS2022' as classification,
        printf('%06d', ($first + k * $apart) % 1000000) as product, 'FOB' as valuation,
        value as value_usd, value as value_local, 'USD' as currency, value / 9 as net_mass_kg,
        null::double as quantity, null::varchar as quantity_unit, 'reported' as status,
        'reported' as mass_status, 'bench' as vintage, 'bench' as file
    from (select *, exp(4 + 10 * ((hash(i, j, k) % 1000) / 1000.0)
            + 0.8 * ((hash(i, j, k, t) % 1000) / 1000.0)) as value
          from pair, m where hash(j, i, k, t) % 100 < 72)
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
names = ("%06d" % (({first} + k * {apart}) % 1000000) for k in range(50))
codes = tuple(("HS2022", name, name) for name in names)
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


@dataclass(frozen=True, slots=True)
class Size:
    """How many goods, how many of a thousand pairs trade each, and what the codes are."""

    goods: int
    thousandths: int
    bar: str
    first: int = 840000
    apart: int = 97


SOME = Size(100, 300, "30 s, 2,000 MB")
ALL = Size(5600, 26, "3 minutes, 4,000 MB", apart=173)
"""Apart 173, 5,600 codes spread over all chapters and none comes twice."""


def write(path: Path, size: Size) -> None:
    """Write the rows: run in a process of its own, so that its memory is not counted."""
    from entrepot.reference import countries

    places = [code for code, row in countries.table().items() if row["comtrade"]][:200]
    places = sorted({*places, "RUS"})
    reporters = [code for code in places if code != "RUS"][::5][:40]
    numbers = {name: value for name, value in asdict(size).items() if name != "bar"}
    with duckdb.connect() as con:
        con.execute(f"set temp_directory = '{path.parent}'; set memory_limit = '6GB'")
        con.execute(ROWS.format(path=path), {"reporters": reporters, "partners": places, **numbers})


def measure(size: Size) -> None:
    """Print how one scan does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.parquet"
        here = str(Path(__file__).parent)
        python(
            f"import sys; sys.path.insert(0, {here!r}); import scan; from pathlib import Path; "
            f"scan.write(Path({str(path)!r}), scan.{'ALL' if size == ALL else 'SOME'})"
        )
        rows = duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]
        limit = "one aggregate by partner, product, month"
        asked = SCAN.format(path=path, first=size.first, apart=size.apart)
        show(
            f"a scan with every detector over {rows:,} rows (bar: {size.bar})",
            (limit, python(BARE.format(path=path))),
            {"scan": python(asked)},
            rows,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="100 million rows of all goods")
    measure(ALL if parser.parse_args().whole else SOME)


if __name__ == "__main__":
    main()
