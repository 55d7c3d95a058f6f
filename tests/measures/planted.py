"""The demo world's planted trade as the books of one third country, without noise or holes."""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np

from entrepot.demo import SEED
from entrepot.demo.plant import plant
from entrepot.demo.truth import truth
from entrepot.schema import FLOWS


@cache
def world():
    """A connection with the planted legs and diversion."""
    con = duckdb.connect()
    tables = truth(plant(np.random.default_rng(SEED)))
    for name in ("legs", "diversion"):
        con.register(name, tables[name])
    return con


@cache
def products():
    """Every product that is diverted somewhere."""
    found = world().sql("select distinct product from diversion order by 1").fetchall()
    return tuple(code for (code,) in found)


def books(third):
    """What the third country would book by origin, as flows."""
    import ibis

    rows = (
        world()
        .sql(f"""
        with booked as (
            select importer as reporter, maker as partner, 'import' as flow, 'CIF' as valuation,
                product, period, sum(value_usd * arrives) as value_usd
            from legs where importer = '{third}' and maker <> '{third}' group by all
            union all by name
            select exporter as reporter, importer as partner, 'export' as flow,
                'FOB' as valuation, product, period, sum(value_usd) as value_usd
            from legs where exporter = '{third}' group by all)
        select *, 'demo' as source, 'M' as freq, 'HS2022' as classification,
            value_usd as value_local, 'USD' as currency, null::double as net_mass_kg,
            null::double as quantity, null::varchar as quantity_unit, 'reported' as status,
            null::varchar as mass_status, 'v' as vintage, 'f' as file
        from booked""")
        .to_arrow_table()
    )
    return ibis.memtable(rows.select(FLOWS.names), schema=FLOWS.ibis)


def passed_on(third, first, last):
    """The value on entry, by product, of what entered in the months given and went to Russia."""
    return dict(
        world()
        .sql(f"""select product, sum(inflow_usd) from diversion
            where intermediary = '{third}' and destination = 'RUS'
                and period between '{first}-01' and '{last}-01' group by all""")
        .fetchall()
    )


def sold(third, first, last):
    """The third country's exports to Russia by maker: what each maker's goods fetched."""
    return dict(
        world()
        .sql(f"""select maker, sum(value_usd) from legs
            where exporter = '{third}' and importer = 'RUS'
                and product in {products()}
                and period between '{first}-01' and '{last}-01' group by all""")
        .fetchall()
    )


def made_at_home(third, first, last):
    """Exports of the third country's own make by product and month, as rows."""
    return (
        world()
        .sql(f"""select product, period, sum(value_usd) from legs
            where exporter = '{third}' and maker = '{third}' and product in {products()}
                and period between '{first}-01' and '{last}-01' group by all""")
        .fetchall()
    )
