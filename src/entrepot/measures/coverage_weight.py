"""Coverage weight: how much of the expected trade the published months stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot import schema
from entrepot.contracts import measure
from entrepot.measures._same_months import CELLS, EXPECTED, absent
from entrepot.measures._slots import slot
from entrepot.months import day_of, shifted, slots
from entrepot.reads import Reads
from entrepot.schema import Column, TableSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table

    from entrepot.reads import Columns, Flow, Goods, Month, Partners, Reporters

HERE = Column("reporter_months_present", "int64", "Expected reporter-months that are published.")
PRESENT_SHARE = Column(
    "present_share", "float64", "Published part of the reporter-months.", unit="share"
)
YEAR_BEFORE_USD = Column(
    "year_before_usd",
    "float64",
    "A year before, in the published reporter-months.",
    "USD",
    is_sum=True,
    adds_up=True,
)
MISSING_USD = Column(
    "missing_usd", "float64", "A year before, in the missing reporter-months.", "USD", adds_up=True
)
COVERED = Column(
    "covered_share",
    "float64",
    "Published reporter-months' part of the value a year before.",
    unit="share",
)
UNKNOWN = Column(
    "reporter_months_unknown", "int64", "Expected reporter-months not published a year before."
)

WEIGHT = TableSchema(
    "coverage_weight",
    grain=(schema.REPORTER,),
    values=(
        *(HERE, EXPECTED, PRESENT_SHARE, UNKNOWN, schema.VALUE_USD),
        *(YEAR_BEFORE_USD, MISSING_USD, COVERED, CELLS),
    ),
)


def _reads(
    *,
    reporters: Reporters,
    partners: Partners,
    first: Month,
    last: Month,
    flow: str,
    **_: object,
) -> list[Reads]:
    window = (first, last)
    return [Reads(flow, reporters, partners, (window,), (shifted(window, -12),))]


@measure(
    returns=WEIGHT,
    reads=_reads,
    reference="IMTS 2010, ch. IX: dissemination and completeness; months weighted by the same "
    "months of the year before",
)
def coverage_weight(
    flows: Table,
    *,
    reporters: Reporters,
    partners: Partners,
    products: Goods,
    first: Month,
    last: Month,
    flow: Flow = "export",
    by: Columns = (),
) -> Table:
    """Weigh the missing months by what they were worth a year before.

    present_share = published / expected reporter-months; covered_share = year_before_usd /
    (year_before_usd + missing_usd), each over the same months one year earlier: 0.9 means that a
    tenth of last year's value lies in months not yet published. It assumes that the season and
    the reporters' weights held, so where trade has moved to a missing reporter it is too high.

    Args:
        flows: Monthly flows of the reporters, all products or the basket plus presence rows.
        reporters: Who is expected to report.
        partners: With whom.
        products: Which codes, as they stand in `flows`.
        first: First expected month, as 2023-01.
        last: Last expected month.
        flow: Direction, from the reporter's side.
        by: Columns to break down by: reporter.

    Returns:
        One row, or one per reporter. `value_usd` and `year_before_usd` are sums of the same
        reporter-months, those published in both years, so they can be compared. All values are
        null where none of their months is known; the covered share also where the known months
        were worth nothing. What `reporter_months_unknown` would weigh nobody knows.

    Raises:
        CoverageError: The window is empty, or an end is not a month.

    Example:
        Kazakhstan's March is missing, and was worth 2 of 36 dollars a year before:

        >>> show(coverage_weight(world, reporters=("TUR", "KAZ"), partners=("RUS",),
        ...                      products=("854231",), first="2022-01", last="2022-03"))
        reporter_months_present=5, reporter_months_expected=6, present_share=0.8333,
          reporter_months_unknown=0, value_usd=190, year_before_usd=34, missing_usd=2,
          covered_share=0.9444, cells=11
    """
    window = slots(first, last)
    wanted = _.partner.isin(list(partners)) & _.product.isin(list(products))
    months = (
        flows.filter(
            _.freq == "M",
            _.flow == flow,
            _.reporter.isin(list(reporters)),
            _.period.between(day_of(window[0] - 12), day_of(window[-1])),
        )
        .mutate(slot=slot(_.period))
        .group_by("reporter", "slot")
        .agg(usd=_.value_usd.sum(where=wanted).fill_null(0.0), rows=_.count(where=wanted))
    )
    cells = _cells(months, reporters, window)
    sums = cells.aggregate(
        by=list(by),
        reporter_months_present=_.count(where=_.is_here),
        reporter_months_expected=_.count(),
        reporter_months_unknown=_.count(where=~_.is_known),
        value_usd=_.usd.sum(where=_.is_known),
        year_before_usd=_.before_usd.sum(where=_.is_here),
        missing=_.before_usd.sum(where=~_.is_here),
        missed=_.count(where=~_.is_here),
        cells=_.rows.sum(where=_.is_known).fill_null(0) + _.before_rows.sum().fill_null(0),
    )
    return sums.mutate(
        missing_usd=ibis.ifelse(_.missed == 0, 0.0, _.missing),
        present_share=_.reporter_months_present / _.reporter_months_expected,
        **absent(by),
    ).mutate(
        covered_share=_.year_before_usd.fill_null(0.0)
        / (_.year_before_usd.fill_null(0.0) + _.missing_usd.fill_null(0.0)).nullif(0.0)
    )


def _cells(months: Table, reporters: Sequence[str], window: Sequence[int]) -> Table:
    """Set each expected reporter-month beside the same month a year before."""
    who = ibis.array(sorted({*reporters})).unnest().name("reporter").as_table()
    when = ibis.array(window).unnest().name("slot").as_table().mutate(slot=_.slot.cast("int64"))
    before = months.select("reporter", slot=_.slot + 12, before_usd=_.usd, before_rows=_.rows)
    return (
        who.cross_join(when)
        .left_join(months, ["reporter", "slot"])
        .drop("reporter_right", "slot_right")
        .left_join(before, ["reporter", "slot"])
        .mutate(is_here=_.usd.notnull(), is_known=_.before_usd.notnull())
    )
