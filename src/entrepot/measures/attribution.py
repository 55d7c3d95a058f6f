"""Attribution: from which members of the coalition the goods sent on would come, pro rata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _, greatest

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures.mass_balance import HIGH, inflow, mass_balance, reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import BaseYears, Countries, Country, Goods, Month

ORIGIN = Column("origin", "string", "Member of the coalition that the inflow is booked under.")
ORIGIN_EXCESS = Column(
    "origin_excess_usd", "float64", "Member's inflow less its base.", "USD", adds_up=True
)
EXCESS_SHARE = Column(
    "excess_share", "float64", "Part of all members' positive excess, 0 to 1.", unit="share"
)
ATTRIBUTED = Column(
    "attributed_usd", "float64", "That part of the most that can go on.", "USD", adds_up=True
)

ATTRIBUTION = TableSchema(
    "attribution",
    grain=(schema.PRODUCT, ORIGIN),
    values=(ORIGIN_EXCESS, EXCESS_SHARE, HIGH, ATTRIBUTED),
)


@measure(
    returns=ATTRIBUTION,
    reads=reads,
    reference="The proportionality assumption of trade-in-value-added statistics (OECD TiVA)",
)
def attribution(
    flows: Table,
    *,
    third: Country,
    coalition: Countries,
    destination: Country,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    books: str = "importer",
    lag: int = 3,  # both as `mass_balance` has them
    least: float = 0.75,
) -> Table:
    """Divide what can have gone on among the coalition's members in proportion to excess inflow.

    excess_share = the member's excess inflow / sum of all members' positive excess inflows;
    attributed_usd = excess_share * compatible_high_usd of `mass_balance`. Members whose inflow
    fell get 0. It assumes that goods of one code leave in the mix in which they came, which no
    statistic shows: a convention inside an upper bound, never a finding about one member. The
    bounds that need no such assumption (`entrepot.estimate.attribution_bounds`) stand beside it in
    `measure run`: what of all that was sent on can and must have come from each member.

    Args:
        flows: Monthly flows of the third country and, for books "exporter", of the coalition, all
            products or the basket plus presence rows.
        third: The country that goods may pass through.
        coalition: Countries that control the goods.
        destination: Where they must not go.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin; the window's own year is left out.
        books: Whose record of the inflow: "importer" or "exporter".
        lag: Months by which goods may leave after the window, 0 to 12.
        least: Part of the reporter-months that must be comparable on each side, 0 to 1.

    Returns:
        One row per product and member that traded it in the compared months. The share is null
        where no member's excess is above zero, attributed_usd where the months are too few. Summed
        over members, attributed_usd is compatible_high_usd.

    Raises:
        CoverageError: The window is empty or longer than a year, the lag is not 0 to 12 months,
            or no base year is left.
        StudyError: `books` is neither importer nor exporter.

    Example:
        Up to $120 of Turkey's new chip sales to Russia fit its new imports from two members:

        >>> show(attribution(world, third="TUR", coalition=("DEU", "FRA"), destination="RUS",
        ...                  products=("854231",), first="2022-01", last="2022-03", base=(2021,),
        ...                  lag=0))
        product=854231, origin=DEU, origin_excess_usd=189, excess_share=0.8571,
          compatible_high_usd=120, attributed_usd=102.9
        product=854231, origin=FRA, origin_excess_usd=31.5, excess_share=0.1429,
          compatible_high_usd=120, attributed_usd=17.14
    """
    balance = mass_balance(
        flows,
        third=third,
        coalition=coalition,
        destination=destination,
        products=products,
        first=first,
        last=last,
        base=base,
        books=books,
        lag=lag,
        least=least,
    )
    came = inflow(
        flows, third=third, coalition=coalition, first=first, last=last, base=base, books=books
    )
    return (
        came.filter(_.is_wanted)
        .group_by("product", "origin")
        .agg(origin_excess_usd=_.excess_usd.sum())
        .mutate(rise=greatest(_.origin_excess_usd, 0.0))
        .mutate(excess_share=_.rise / _.rise.sum().over(group_by="product").nullif(0.0))
        .inner_join(balance.select("product", "compatible_high_usd"), "product")
        .mutate(attributed_usd=_.excess_share.fill_null(0.0) * _.compatible_high_usd)
    )
