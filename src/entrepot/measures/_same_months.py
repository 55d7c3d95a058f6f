"""What the measures over time share: the same months of several years, complete on every side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.months import Span, month, months_between, periods, same_months
from entrepot.schema import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import BooleanValue, FloatingValue, IntegerScalar, Table
    from ibis.expr.types import Column as Expression

YEAR = Column("year", "int64", "Calendar year in which the window of this row begins.", role="year")
MONTHS = Column("months", "int64", "Months of the window with at least one reporter compared.")
COMPARED = Column(
    "reporter_months",
    "int64",
    "Reporter-months present in every year compared.",
    role="reporter-months",
)
EXPECTED = Column(
    "reporter_months_expected", "int64", "Reporters asked for times months.", role="expected"
)
CELLS = Column("cells", "int64", "Stored rows summed into the value.", adds_up=True, role="cells")


def window_of(
    first: str, years: Sequence[int], last: str
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the window itself and the same months of other years, as `Reads` has them."""
    others = sorted({*years} - {month(first).year})
    return ((first, last),), tuple(same_months((first, last), others))


def length(first: str, last: str, freq: str = "M") -> int:
    """Return how many months a window has; of annual figures how many years, which is one.

    Raises:
        CoverageError: It is empty or longer than a year, so that its months would repeat.
    """
    months = len(months_between(first, last))
    if months <= 12 and freq == "A":
        return len(periods(first, last, freq))
    if months > 12:
        raise CoverageError(
            f"the window {first} to {last} has {months} months; the same months of other years "
            "can be compared for windows of 1 to 12"
        )
    return months


def comparable(
    flows: Table,
    *,
    reporters: Sequence[str],
    flow: str,
    first: str,
    last: str,
    years: Sequence[int],
    freq: str = "M",
) -> Table:
    """Keep the reporter-months that can be compared, in the window of each year.

    A reporter-month is comparable when the reporter published something, anything, for that month
    in every year asked for. One row per row of flows in it, with its `month` and the `year` in
    which its window begins.

    Raises:
        CoverageError: The window is empty or longer than a year.
    """
    start, months, asked = month(first), length(first, last, freq), sorted({*years})
    windows = [
        months_between(f"{year}{first[4:]}", f"{year + int(last[:4]) - start.year}{last[4:]}")
        for year in asked
    ]
    inside = flows.filter(
        _.freq == freq,
        _.flow == flow,
        _.reporter.isin(list(reporters)),
        ibis.or_(*(_.period.between(window[0], window[-1]) for window in windows)),
    ).select(
        "reporter",
        "partner",
        "product",
        "value_usd",
        month=_.period.month(),
        year=_.period.year() - (_.period.month() < start.month).cast("int64"),
    )
    complete = (
        inside.group_by("reporter", "month")
        .having(_.year.nunique() == len(asked))
        .agg(months=ibis.literal(months))
    )
    return inside.semi_join(complete, ["reporter", "month"])


def compared(kept: Table, by: Sequence[str] = ()) -> Table:
    """Count what is compared: one row, or one per value of `by`; none where nothing is kept."""
    return kept.aggregate(
        by=list(by),
        months=_.month.nunique(),
        reporter_months=(_.reporter + _.month.cast("string")).nunique(),
    )


def total(where: BooleanValue | None = None) -> FloatingValue:
    """Return the sum of recorded values: zero without rows, null where all of them are hidden."""
    rows = _.count() if where is None else _.count(where=where)
    shown = _.value_usd.count() if where is None else _.value_usd.count(where=where)
    usd = _.value_usd.sum() if where is None else _.value_usd.sum(where=where)
    return ibis.ifelse((rows > 0) & (shown == 0), None, usd.fill_null(0.0))


def due(reporters: Sequence[str], first: str, last: str, freq: str = "M") -> IntegerScalar:
    """Return how many reporter-months, or reporter-years, a window asks for."""
    return ibis.literal(len({*reporters}) * length(first, last, freq), "int64")


def absent(by: Sequence[str]) -> dict[str, Expression]:
    """Return nulls for the columns that a result is not broken down by."""
    names = ("reporter", "partner", "product")
    return {name: ibis.null("string") for name in names if name not in by}
