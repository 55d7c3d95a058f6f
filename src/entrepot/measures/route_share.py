"""Route share: through whose books a destination's recorded supply came, now and in a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS, comparable, length, window_of
from entrepot.measures._slots import base_years
from entrepot.measures.concentration import LEFT_OUT, LEFT_OUT_USD
from entrepot.measures.growth import BASE_USD
from entrepot.months import month, months_between
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import BaseYears, Countries, Country, Goods, Month, Reporters

ROUTE = Column("route", "string", 'Last reporting country, or "direct" for the coalition.')
ROUTE_SHARE = Column(
    "route_share", "float64", "Part of the supply of all complete reporters.", unit="share"
)
BASE_SHARE = Column("base_share", "float64", "The same part in the base.", unit="share")
SHIFT = Column(
    "share_change", "float64", "Share less base share: 0.1 is ten percentage points.", unit="share"
)
ON_ROUTE = Column("reporters_on_route", "int64", "Reporters asked for on the route.")

ROUTES = TableSchema(
    "route_share",
    grain=(ROUTE,),
    values=(
        *(schema.VALUE_USD, ROUTE_SHARE, BASE_USD, BASE_SHARE, SHIFT),
        *(ON_ROUTE, LEFT_OUT, LEFT_OUT_USD, CELLS),
    ),
)


def _reads(
    *,
    destination: Country,
    reporters: Reporters,
    first: Month,
    last: Month,
    base: BaseYears,
    together: Countries,
    **_: object,
) -> list[Reads]:
    now, before = window_of(first, base, last)
    return [Reads("export", (*reporters, *together), (destination,), now, before)]


@measure(
    returns=ROUTES,
    reads=_reads,
    reference="ifo Institute, January 2024: China 61% (35% in 2021), Turkey 13% (3%) of sanctioned "
    "goods; ifo, February 2026, by route",
)
def route_share(
    flows: Table,
    *,
    destination: Country,
    reporters: Reporters,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    together: Countries = (),
) -> Table:
    """Divide a destination's recorded supply by last reporting country, against a base.

    route_share = exports of the route to the destination / exports of all routes; share_change =
    share - share in the mean base year: above 0 the route gained. The last reporting country is
    where the goods were last recorded as exports, neither their origin nor proof of their way;
    a gain is compatible with diversion to the route and with its own production.

    Args:
        flows: Monthly exports of all reporters, all products or the basket plus presence rows.
        destination: The country that buys.
        reporters: Third countries, each a route of its own.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin.
        together: The controlling coalition, one route named "direct".

    Returns:
        One row per route asked for. A reporter without every month of the window and of each base
        year is left out of all sums and counted. Value and shares are null where all reporters of
        a route are left out; shares also where the routes together sold nothing.

    Raises:
        CoverageError: The window is empty or longer than a year, or there is no base year.

    Example:
        Through whose books Russia's supply came, against the year before:

        >>> show(route_share(world, destination="RUS", reporters=("CHN", "TUR"),
        ...                  products=("854231",), first="2022-01", last="2022-03", base=(2021,),
        ...                  together=("DEU", "FRA")))
        route=CHN, value_usd=450, route_share=0.7109, base_usd=180, base_share=0.3333,
          share_change=0.3776, reporters_on_route=1, reporters_left_out=0, left_out_usd=0,
          cells=6
        route=TUR, value_usd=150, route_share=0.237, base_usd=30, base_share=0.05556,
          share_change=0.1814, reporters_on_route=1, reporters_left_out=0, left_out_usd=0,
          cells=6
        route=direct, value_usd=33, route_share=0.05213, base_usd=330, base_share=0.6111,
          share_change=-0.559, reporters_on_route=2, reporters_left_out=0, left_out_usd=0,
          cells=12
    """
    now = month(first).year
    years = base_years("route_share", base, now)
    who = sorted({*reporters, *together})
    kept = comparable(
        flows, reporters=who, flow="export", first=first, last=last, years=(now, *years)
    )
    wanted = (_.partner == destination) & _.product.isin(list(products))
    books = kept.group_by("reporter").agg(
        present=_.month.nunique(),
        now_usd=_.value_usd.sum(where=wanted & (_.year == now)).fill_null(0.0),
        mean_usd=_.value_usd.sum(where=wanted & (_.year != now)).fill_null(0.0) / len(years),
        rows=_.count(where=wanted),
    )
    window = months_between(first, last)
    seen = (
        flows.filter(
            _.freq == "M", _.flow == "export", _.period.between(window[0], window[-1]), wanted
        )
        .group_by("reporter")
        .agg(seen_usd=_.value_usd.sum())
    )
    asked = ibis.array(who).unnest().name("reporter").as_table()
    each = (
        asked.left_join(books, "reporter")
        .drop("reporter_right")
        .left_join(seen, "reporter")
        .mutate(
            route=ibis.ifelse(_.reporter.isin(list(together)), "direct", _.reporter),
            is_whole=_.present.fill_null(0) == length(first, last),
        )
    )
    return _shares(each)


def _shares(each: Table) -> Table:
    """Sum the whole reporters by route and divide what they sold."""
    routes = each.group_by("route").agg(
        value_usd=_.now_usd.sum(where=_.is_whole),
        base_usd=_.mean_usd.sum(where=_.is_whole),
        reporters_on_route=_.count(),
        reporters_left_out=_.count(where=~_.is_whole),
        left_out_usd=_.seen_usd.sum(where=~_.is_whole).fill_null(0.0),
        cells=_.rows.sum(where=_.is_whole).fill_null(0),
    )
    return routes.mutate(
        route_share=_.value_usd / _.value_usd.sum().over().nullif(0.0),
        base_share=_.base_usd / _.base_usd.sum().over().nullif(0.0),
    ).mutate(share_change=_.route_share - _.base_share)
