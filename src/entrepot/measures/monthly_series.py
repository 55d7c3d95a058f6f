"""Monthly series: the goods month by month, with gaps where nothing was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS, total
from entrepot.months import month, periods
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Flow, Freq, Goods, Month, Partners, Reporters

SERIES_USD = Column(
    "series_usd",
    "float64",
    "Value of the month; null if not published.",
    "USD",
    is_sum=True,
    adds_up=True,
    role="value",
)
PUBLISHED = Column(
    "reporters_present", "int64", "Reporters that published the month.", role="reporters"
)

SERIES = TableSchema(
    "monthly_series", grain=(schema.PERIOD,), values=(SERIES_USD, PUBLISHED, CELLS)
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    flow: str,
    freq: str,
    **_: object,
) -> list[Reads]:
    return [Reads(flow, reporters, partners, ((first, last),), freq=freq)]


@measure(
    returns=SERIES,
    reads=_reads,
    reference="IMTS 2010, ch. IX: a missing month is not a month of no trade",
)
def monthly_series(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    flow: Flow = "export",
    freq: Freq = "M",
) -> Table:
    """Sum a basket per month.

    series_usd(t) = sum of value_usd of the reporters that published month t. Months of fewer
    reporters are lower for that reason alone: read `reporters_present` beside it.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First month, as 2020-01.
        last: Last month.
        flow: Direction, from the reporter's side.
        freq: M for monthly figures, A for annual ones; a window of annual figures is whole years.

    Returns:
        One row per month from first to last. The value is zero where the reporters published the
        month without these goods and null where none of them published it, or where all that
        they recorded is confidential.


    Example:
        Kazakhstan's exports to Russia, with a gap for March:

        >>> show(monthly_series(world, reporters=("KAZ",), partners=("RUS",), products=("854231",),
        ...                     first="2022-01", last="2022-03"))
        period=2022-01-01, series_usd=20, reporters_present=1, cells=1
        period=2022-02-01, series_usd=20, reporters_present=1, cells=1
        period=2022-03-01, reporters_present=0, cells=0
    """
    frame = ibis.array(periods(first, last, freq)).unnest().name("period").as_table()
    inside = flows.filter(
        _.freq == freq,
        _.flow == flow,
        _.reporter.isin(list(reporters)),
        _.period.between(month(first), month(last)),
    )
    wanted = _.partner.isin(list(partners)) & _.product.isin(list(products))
    sums = inside.group_by("period").agg(
        series_usd=total(wanted),
        reporters_present=_.reporter.nunique(),
        cells=_.count(where=wanted),
    )
    return frame.left_join(sums, "period").select(
        "period",
        "series_usd",
        reporters_present=_.reporters_present.fill_null(0),
        cells=_.cells.fill_null(0),
    )
