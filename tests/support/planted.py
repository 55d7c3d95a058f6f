"""The demo world twice: as planted, and as its reporters tell it, in their codes and with holes."""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from entrepot.demo import SEED
from entrepot.demo.places import ISO3, PLACES, REVISIONS, SHOWN, day
from entrepot.demo.plant import plant
from entrepot.demo.products import CODE, CODES, IN_45, IS_LISTED, REPORTED_CODES
from entrepot.demo.reports import report
from entrepot.demo.truth import truth
from entrepot.parts import measures
from entrepot.schema import FLOWS

BY_ORIGIN = tuple(place.iso3 for place in PLACES if place.by_origin)


@cache
def _planted():
    """The planted trade, and the randomness that its reporters go on with."""
    rng = np.random.default_rng(SEED)
    return plant(rng), rng


@cache
def world():
    """A connection with every table of the truth, by its name."""
    con = duckdb.connect()
    planted, _rng = _planted()
    for name, table in truth(planted).items():
        con.register(name, table)
    return con


@cache
def told():
    """What all countries of the demo world report, as flows.

    Beside it the connection of `world` gets what each side's books should say, by exporter x,
    importer m, product k and period: `sent`, of which `lost` never arrives and `planted` is
    diverted or ghost, and `booked`, FOB, by origin where the importer books origin. `pub` is who
    published when, `pairs` the periods of each pair that both published.
    """
    import ibis

    con = world()
    planted, rng = _planted()
    con.register("cells", _told(report(rng, planted.legs, planted.margins)))
    con.execute(f"""
        create table told as select {", ".join(FLOWS.names)} from (select *, 'demo' as source,
            'M' as freq, value_usd as value_local, 'USD' as currency, 'reported' as status,
            if(net_mass_kg is null, null, 'reported') as mass_status, 'v' as vintage, 'f' as file
            from cells);
        create table pub as select reporter, period from coverage where status = 'reported';
        create table pairs as select e.reporter as x, i.reporter as m, e.period
            from pub e join pub i using (period) where e.reporter <> i.reporter;
        create table sent as select exporter as x, importer as m, product as k, legs.period,
                sum(value_usd) as usd, sum(value_usd * (1 - arrives)) as lost,
                coalesce(sum(value_usd) filter (part in ('diverted', 'ghost')), 0) as planted
            from legs join pub on reporter = exporter and pub.period = legs.period group by all;
        create table booked as select if(importer in {BY_ORIGIN}, maker, exporter) as x,
                importer as m, product as k, legs.period, sum(value_usd * arrives) as usd
            from legs join pub on reporter = importer and pub.period = legs.period
            where arrives > 0 and if(importer in {BY_ORIGIN}, maker, exporter) <> importer
            group by all""")
    return ibis.duckdb.from_connection(con).table("told")


def _told(cells):
    """What the reporters publish last: exports FOB, imports CIF, each in the revision it used."""
    days = pa.array([day(at) for at in range(SHOWN)])

    def named(values, index):
        return pa.array([str(value) for value in values]).take(pa.array(index))

    return pa.table(
        {
            "period": days.take(pa.array(cells.month)),
            "reporter": named(ISO3, cells.reporter),
            "partner": named(ISO3, cells.partner),
            "flow": named(("export", "import", "re-export"), cells.flow),
            "classification": named(REVISIONS, cells.revision),
            "product": named(REPORTED_CODES, cells.code),
            "valuation": named(("FOB", "CIF", "FOB"), cells.flow),
            "value_usd": pa.array(cells.usd),
            "net_mass_kg": pa.array(cells.mass, from_pandas=True),
            "quantity": pa.array(cells.units, from_pandas=True),
            "quantity_unit": pc.if_else(pa.array(np.isnan(cells.units)), None, "u"),
        }
    )


def _steady():
    """Products that keep one code of their own in every revision, so that codes are goods."""
    used = [{int(code) for code in CODE[:, place]} for place in range(len(CODES))]
    alone = [len(codes) == 1 and sum(codes <= other for other in used) == 1 for codes in used]
    return {str(code): place for place, code in enumerate(CODES) if alone[place]}


STEADY = tuple(_steady())
FORTY_FIVE = tuple(code for code, place in _steady().items() if IN_45[place])
"""The steady codes of the list of 45."""
LISTED = tuple(code for code, place in _steady().items() if IS_LISTED[place])
"""The steady codes of the list of 50."""


def found(name, **asked):
    """Rows of a measure on what the countries report."""
    return measures()[name](told(), **asked).to_pyarrow().to_pylist()


def known(sql):
    """Rows of a query over the truth."""
    told()
    return world().sql(sql).fetchall()


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
