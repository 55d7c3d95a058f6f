"""Economically critical: which goods meet the European Union's rule for anomalous flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import (
    CELLS,
    COMPARED,
    EXPECTED,
    MONTHS,
    comparable,
    compared,
    due,
)
from entrepot.measures._slots import base_years
from entrepot.measures.growth import BASE_USD, RATIO
from entrepot.months import whole
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import BaseYears, Flow, Goods, Partners, Reporters

IS_CRITICAL = Column(
    "is_critical", "boolean", "Whether the good meets the rule; null if a month is missing."
)

CRITICAL = TableSchema(
    "economically_critical",
    grain=(schema.PRODUCT,),
    values=(schema.VALUE_USD, BASE_USD, RATIO, IS_CRITICAL, CELLS, MONTHS, COMPARED, EXPECTED),
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    year: int,
    base: BaseYears,
    flow: str,
    **_: object,
) -> list[Reads]:
    years = tuple(whole(one) for one in sorted({*base} - {year}))
    return [Reads(flow, reporters, partners, (whole(year),), years)]


@measure(
    returns=CRITICAL,
    reads=_reads,
    reference="European Commission, list of economically critical goods (October 2023): exports "
    "over EUR 1m in 2022 and at least 100% more through third countries than on average in "
    "2019-2021, as retold by daryo.uz on 28 October 2023 and Reed Smith; EUR 1m is USD 1.053m at "
    "the European Central Bank's mean rate of 2022",
)
def economically_critical(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods = (),
    year: int = 2022,
    base: BaseYears = (2019, 2020, 2021),
    threshold_usd: float = 1_053_000.0,  # the rule's EUR 1m at the ECB's mean of 2022
    rise: float = 1.0,  # the rule's 100%
    flow: Flow = "export",
) -> Table:
    """Apply the European Union's rule for economically critical goods to each code.

    is_critical = value_usd > threshold_usd and value_usd >= (1 + rise) x base_usd, both to
    `partners`; from a base of zero any trade is a rise. Retellings of the rule leave open whether
    its EUR 1m counts exports to all third countries; here it counts those to `partners`. A good
    that meets the rule is a place to look: the rule says nothing of why its trade rose.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade, the European Union's members.
        partners: The third countries looked at.
        products: Which codes, as they stand in `flows`; empty means every six-digit code.
        year: Calendar year looked at (the Commission's 2022).
        base: Calendar years of the mean (the Commission's 2019 to 2021).
        threshold_usd: Value above which a good counts. USD (EUR 1m at 2022's mean rate).
        rise: Least rise over the mean (the Commission's 100%).
        flow: Direction, from the reporter's side.

    Returns:
        One row per product with trade in the compared months. The verdict is null where any
        reporter lacks a month of the year or of a base year; value, base and ratio then stand
        for the months that can be compared. The ratio is null where the base is zero.

    Raises:
        CoverageError: There is no base year.

    Example:
        Three months of a year give figures and no verdict:

        >>> show(economically_critical(world, reporters=("DEU",), partners=("KAZ", "TUR"),
        ...                            base=(2021,), threshold_usd=100.0))
        product=854231, value_usd=390, base_usd=150, ratio=2.6, cells=12, months=3,
          reporter_months=3, reporter_months_expected=12
    """
    years = base_years("economically_critical", base, year)
    first, last = f"{year}-01", f"{year}-12"
    kept = comparable(
        flows,
        reporters=reporters,
        flow=flow,
        first=first,
        last=last,
        years=(year, *years),
    )
    is_asked = _.product.isin(list(products)) if products else _.product.length() == 6
    sums = (
        kept.filter(_.partner.isin(list(partners)), is_asked)
        .group_by("product")
        .agg(
            value_usd=_.value_usd.sum(where=_.year == year).fill_null(0.0),
            base_usd=_.value_usd.sum(where=_.year != year).fill_null(0.0) / len(years),
            cells=_.count(),
        )
    )
    meets = (_.value_usd > threshold_usd) & (_.value_usd >= (1 + rise) * _.base_usd)
    return (
        compared(kept)
        .cross_join(sums)
        .mutate(
            ratio=_.value_usd / _.base_usd.nullif(0.0),
            reporter_months_expected=due(reporters, first, last),
        )
        .mutate(
            is_critical=ibis.ifelse(_.reporter_months == _.reporter_months_expected, meets, None)
        )
    )
