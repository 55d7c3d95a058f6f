"""Red flag: who sends a destination many times what it once sent to the whole world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.harmonise.products import PRESENCE
from entrepot.measures._same_months import CELLS
from entrepot.measures._slots import slot
from entrepot.months import slots, whole
from entrepot.reads import Reads
from entrepot.reference import countries
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Country, Goods, Reporters

WORLD_USD = Column(
    "base_world_usd",
    "float64",
    "Exports to the world in the base year.",
    "USD",
    is_sum=True,
    adds_up=True,
)
MULTIPLE = Column(
    "multiple_of_world", "float64", "Value over exports to the world in the base.", unit="ratio"
)
IS_FLAGGED = Column(
    "is_flagged", "boolean", "Whether the multiple exceeds the rule's; null if months decide it."
)
YEAR_MONTHS = Column("year_months", "int64", "Months of the year that the reporter published.")
WORLD_MONTHS = Column("world_months", "int64", "Months of the base year known for the world.")

FLAGS = TableSchema(
    "red_flag",
    grain=(schema.REPORTER, schema.PRODUCT),
    values=(schema.VALUE_USD, WORLD_USD, MULTIPLE, IS_FLAGGED, YEAR_MONTHS, WORLD_MONTHS, CELLS),
)


def _reads(
    *, reporters: Reporters, destination: Country, year: int, base: int, world: str, **_: object
) -> list[Reads]:
    everywhere = (world,) if world else ()
    return [
        Reads("export", reporters, (destination,), (whole(year),), (whole(base),)),
        Reads("export", reporters, everywhere, (whole(base),)),
    ]


@measure(
    returns=FLAGS,
    reads=_reads,
    reference="ifo Institute and EconPol Europe, October 2023: exports to Russia in 2022 above 50 "
    "times the exports to the world in 2019",
)
def red_flag(
    flows: Table,
    *,
    reporters: Reporters,
    destination: Country,
    products: Goods,
    year: int = 2022,
    base: int = 2019,
    multiple: float = 50.0,  # as ifo published it in October 2023
    world: Country = "WLD",
) -> Table:
    """Compare exports to one destination with all exports of an earlier year.

    is_flagged = exports to `destination` in `year` > multiple x exports to the world in `base`.
    Own production can hardly explain a flag, new production can; first exports of any size are
    flagged, so read the value beside it. A flag is compatible with re-export and a place to look.

    Args:
        flows: Monthly exports of the reporters to the destination and to the world.
        reporters: Third countries to look at.
        destination: The country that buys.
        products: Which codes, as they stand in `flows`.
        year: Calendar year of the exports to the destination (ifo: 2022).
        base: Calendar year of the exports to the world (ifo: 2019).
        multiple: Multiple above which the rule speaks (ifo: 50).
        world: Partner code of the published total; empty adds up every partner in `flows` but
            totals of others, which is right only if `flows` holds all partners.

    Returns:
        One row per reporter and product with exports to the destination in the year. Missing
        months only lower either sum, so a flag stands if the base is whole, no flag if the year
        is, and the verdict is null otherwise. `base_world_usd` is null where no month of the base
        is known for the world; the multiple is null also where that is zero.

    Example:
        What Turkey sent to Russia against all it sent a year before; with three months of the base
        there, a multiple above the rule's gives no verdict:

        >>> show(red_flag(world, reporters=("TUR",), destination="RUS", products=("854231",),
        ...               base=2021, multiple=2.0, world=""))
        reporter=TUR, product=854231, value_usd=150, base_world_usd=60, multiple_of_world=2.5,
          year_months=3, world_months=3, cells=9
    """
    now, before = (slots(f"{when}-01", f"{when}-12") for when in (year, base))
    inside = flows.filter(
        _.freq == "M", _.flow == "export", _.reporter.isin(list(reporters))
    ).mutate(
        is_now=slot(_.period).between(now[0], now[-1]),
        is_base=slot(_.period).between(before[0], before[-1]),
        is_wanted=_.product.isin(list(products)),
    )
    totals = sorted(code for code in countries.areas() if countries.is_aggregate(code))
    # Where slices are marked, one is there only if all that is asked of it is known.
    is_published = (_.partner == world) | (_.product == PRESENCE) if world else ibis.literal(True)
    is_world = (_.partner == world) if world else ~_.partner.isin(totals)
    months = inside.group_by("reporter").agg(
        year_months=_.period.nunique(where=_.is_now),
        world_months=_.period.nunique(where=_.is_base & is_published),
    )
    is_sold = _.is_wanted & _.is_now & (_.partner == destination)
    is_before = _.is_wanted & _.is_base & is_world
    return (
        inside.group_by("reporter", "product")
        .agg(
            value_usd=_.value_usd.sum(where=is_sold),
            summed=_.value_usd.sum(where=is_before).fill_null(0.0),
            cells=_.count(where=is_sold | is_before),
        )
        .filter(_.value_usd > 0)
        .inner_join(months, "reporter")
        .mutate(is_over=_.value_usd > multiple * _.summed)
        .mutate(
            base_world_usd=ibis.ifelse(_.world_months > 0, _.summed, None),
            is_flagged=ibis.cases(
                (_.is_over & (_.world_months == 12), True),
                (~_.is_over & (_.year_months == 12), False),
                else_=None,
            ),
        )
        .mutate(multiple_of_world=_.value_usd / _.base_world_usd.nullif(0.0))
    )
