"""Monthly pace: whether trade ran slower or faster than in two earlier windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS
from entrepot.months import ends, month
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.reads import Flow, Goods, Partners, Reporters, Window

LATE = Column(
    "late_usd",
    "float64",
    "Mean of the published months of the late window.",
    "USD",
    is_sum=True,
    adds_up=True,
)
EARLY = Column(
    "early_usd",
    "float64",
    "Mean of the published months of the early one.",
    "USD",
    is_sum=True,
    adds_up=True,
)
BEFORE = Column(
    "before_usd",
    "float64",
    "Mean of the published months of the base window.",
    "USD",
    is_sum=True,
    adds_up=True,
)
TO_EARLY = Column(
    "late_to_early", "float64", "Late over early pace: below 1 it slowed.", unit="ratio"
)
TO_BEFORE = Column(
    "late_to_before", "float64", "Late over base pace: above 1 it is still higher.", unit="ratio"
)
LATE_MONTHS = Column("late_months", "int64", "Published months in the late window.")
EARLY_MONTHS = Column("early_months", "int64", "Published months in the early window.")
BEFORE_MONTHS = Column("before_months", "int64", "Published months in the base window.")

PACE = TableSchema(
    "monthly_pace",
    grain=(schema.REPORTER,),
    values=(
        *(LATE, EARLY, BEFORE, TO_EARLY, TO_BEFORE),
        *(LATE_MONTHS, EARLY_MONTHS, BEFORE_MONTHS, CELLS),
    ),
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    late: Window,
    early: Window,
    before: Window,
    flow: str,
    **_: object,
) -> list[Reads]:
    return [Reads(flow, reporters, partners, (ends(late), ends(early), ends(before)))]


@measure(
    returns=PACE,
    reads=_reads,
    reference="Bloomberg, November 2023: second half against first months",
)
def monthly_pace(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    late: Window,
    early: Window,
    before: Window,
    flow: Flow = "export",
) -> Table:
    """Compare the mean month of a late window with an early one and with a base.

    pace = sum of value_usd over the window / months of it that the reporter published, so windows
    of different length can be compared; the season is not taken out. late_to_early below 1: trade
    slowed; late_to_before above 1: it stayed above its old pace.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who recorded the trade.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        late: First and last month of the late window.
        early: First and last month of the early window.
        before: First and last month of the base window.
        flow: Direction, from the reporter's side.

    Returns:
        One row per reporter with at least one published month in any window. A pace is null where
        its window has no published month; a ratio where either pace is null or the lower is zero.


    Example:
        Turkey's monthly pace to Russia:

        >>> show(monthly_pace(world, reporters=("TUR",), partners=("RUS",), products=("854231",),
        ...                   late=("2022-02", "2022-03"), early=("2022-01", "2022-01"),
        ...                   before=("2021-01", "2021-03")))
        reporter=TUR, late_usd=50, early_usd=50, before_usd=10, late_to_early=1,
          late_to_before=5, late_months=2, early_months=1, before_months=3, cells=6
    """
    windows = {"late": late, "early": early, "before": before}
    spans = {name: _.period.between(*map(month, span)) for name, span in windows.items()}
    wanted = _.partner.isin(list(partners)) & _.product.isin(list(products))
    sums = {
        f"{name}_sum": _.value_usd.sum(where=span & wanted).fill_null(0.0)
        for name, span in spans.items()
    }
    months = {f"{name}_months": _.period.nunique(where=span) for name, span in spans.items()}
    anywhere = spans["late"] | spans["early"] | spans["before"]
    return (
        flows.filter(_.freq == "M", _.flow == flow, _.reporter.isin(list(reporters)), anywhere)
        .group_by("reporter")
        .agg(**sums, **months, cells=_.count(where=wanted))
        .mutate(
            late_usd=_.late_sum / _.late_months.nullif(0),
            early_usd=_.early_sum / _.early_months.nullif(0),
            before_usd=_.before_sum / _.before_months.nullif(0),
        )
        .mutate(
            late_to_early=_.late_usd / _.early_usd.nullif(0.0),
            late_to_before=_.late_usd / _.before_usd.nullif(0.0),
        )
    )
