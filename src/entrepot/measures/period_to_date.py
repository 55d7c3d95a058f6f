"""Period to date: what was traded in the same months of each year, and in no other months."""

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
    YEAR,
    absent,
    comparable,
    compared,
    due,
    total,
)
from entrepot.months import same_months
from entrepot.reads import Reads
from entrepot.schema import TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Columns, Flow, Freq, Goods, Month, Partners, Reporters, Years

PERIODS = TableSchema(
    "period_to_date",
    grain=(YEAR, schema.REPORTER, schema.PARTNER, schema.PRODUCT),
    values=(schema.VALUE_USD, CELLS, MONTHS, COMPARED, EXPECTED),
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    years: Years,
    flow: str,
    freq: str,
    **_: object,
) -> list[Reads]:
    windows = tuple(same_months((first, last), sorted({*years})))
    return [Reads(flow, reporters, partners, windows, freq=freq)]


@measure(
    returns=PERIODS,
    reads=_reads,
    reference="Financial Times, 27 November 2023: January-September 2023 against earlier years",
)
def period_to_date(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    years: Years,
    flow: Flow = "export",
    freq: Freq = "M",
    by: Columns = (),
) -> Table:
    """Sum a basket over the same months of several years.

    value_usd(y) = sum of value_usd over the window's months shifted to year y. A reporter's month
    counts only if that reporter published anything for it in every year asked for, so that eleven
    months never meet twelve. Assumes that a published month without the good means no trade.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First month of the window, as 2023-01.
        last: Last month of the window, at most twelve months on.
        years: Years in which the window begins.
        flow: Direction, from the reporter's side.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.
        by: Columns to break down by: reporter, partner, product.

    Returns:
        One row per year and value of `by`; the columns not in `by` are null. Zero where the
        compared months hold none of the goods; no row where no month can be compared.

    Raises:
        CoverageError: The window is empty or longer than a year.


    Example:
        Kazakhstan lacks March 2022, so no year counts March:

        >>> show(period_to_date(world, reporters=("KAZ",), partners=("RUS",), products=("854231",),
        ...                     first="2022-01", last="2022-03", years=(2021, 2022)))
        year=2021, value_usd=4, cells=2, months=2, reporter_months=2, reporter_months_expected=3
        year=2022, value_usd=40, cells=2, months=2, reporter_months=2,
          reporter_months_expected=3
    """
    kept = comparable(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=years, freq=freq
    )
    wanted = kept.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    frame = compared(kept, ("year",))
    if by:
        frame = frame.cross_join(wanted.select(*by).distinct())
    sums = wanted.group_by("year", *by).agg(value_usd=total(), cells=_.count())
    return frame.left_join(sums, ["year", *by]).mutate(
        **absent(by),
        value_usd=ibis.ifelse(_.cells.isnull(), 0.0, _.value_usd),
        cells=_.cells.fill_null(0),
        reporter_months_expected=due(reporters, first, last, freq),
    )
