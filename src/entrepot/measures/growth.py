"""Growth: how much more was traded than in the same months of a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import (
    CELLS,
    COMPARED,
    EXPECTED,
    MONTHS,
    absent,
    comparable,
    compared,
    due,
    total,
    window_of,
)
from entrepot.measures._slots import base_years
from entrepot.months import month
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import (
        BaseYears,
        Columns,
        Flow,
        Freq,
        Goods,
        Month,
        Partners,
        Reporters,
    )

BASE_USD = Column(
    "base_usd",
    "float64",
    "Mean of the same months over the base years.",
    "USD",
    is_sum=True,
    adds_up=True,
    role="base",
)
CHANGE_USD = Column("change_usd", "float64", "Value less base.", "USD", adds_up=True, role="change")
RATIO = Column("ratio", "float64", "Value over base.", unit="ratio", role="ratio")

GROWTH = TableSchema(
    "growth",
    grain=(schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(schema.VALUE_USD, BASE_USD, CHANGE_USD, RATIO, CELLS, MONTHS, COMPARED, EXPECTED),
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    base: BaseYears,
    flow: str,
    freq: str,
    **_: object,
) -> list[Reads]:
    now, before = window_of(first, base, last)
    return [Reads(flow, reporters, partners, now, before, freq=freq)]


@measure(
    returns=GROWTH,
    reads=_reads,
    reference="Same-period growth and pre-war mean: Financial Times (2023); European Commission",
)
def growth(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    base: BaseYears,
    flow: Flow = "export",
    freq: Freq = "M",
    by: Columns = (),
) -> Table:
    """Compare a window with the mean of the same months over the base years.

    base_usd = sum over base years / number of base years; ratio = value_usd / base_usd, change_usd
    = value_usd - base_usd: above 1 and above 0 more was traded. With one base year it is growth on
    the same months of that year. A month counts only where it is present in the window and in
    every base year; a trough in the base (February-April 2022) inflates the ratio, so read the
    change in dollars beside it.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        base: Years in which the base windows begin.
        flow: Direction, from the reporter's side.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.
        by: Columns to break down by: reporter, partner, product.

    Returns:
        One row, or one per value of `by`; the columns not in `by` are null. The ratio is null
        where the base is zero. No row where no month can be compared.

    Raises:
        CoverageError: The window is empty or longer than a year, or there is no base year.


    Example:
        What Turkey recorded to Russia, January to March, against the year before:

        >>> show(growth(world, reporters=("TUR",), partners=("RUS",), products=("854231",),
        ...             first="2022-01", last="2022-03", base=(2021,)))
        value_usd=150, base_usd=30, change_usd=120, ratio=5, cells=6, months=3,
          reporter_months=3, reporter_months_expected=3
    """
    now = month(first).year
    years = base_years("growth", base, now)
    kept = comparable(
        flows,
        reporters=reporters,
        flow=flow,
        first=first,
        last=last,
        years=(now, *years),
        freq=freq,
    )
    wanted = kept.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    sums = wanted.aggregate(
        by=list(by),
        value_usd=total(_.year == now),
        base_usd=total(_.year != now) / len(years),
        cells=_.count(),
    )
    return (
        compared(kept)
        .cross_join(sums)
        .filter(_.reporter_months > 0)
        .mutate(
            **absent(by),
            change_usd=_.value_usd - _.base_usd,
            ratio=_.value_usd / _.base_usd.nullif(0.0),
            reporter_months_expected=due(reporters, first, last, freq),
        )
    )
