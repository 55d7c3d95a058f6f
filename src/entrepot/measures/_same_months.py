"""What the measures over time share: the same months of several years, complete on every side."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.schema import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Column as Expression
    from ibis.expr.types import Table

YEAR = Column("year", "int64", "Calendar year in which the window of this row begins.")
MONTHS = Column("months", "int64", "Months of the window with at least one reporter compared.")
COMPARED = Column("reporter_months", "int64", "Reporter-months present in every year compared.")
EXPECTED = Column("reporter_months_expected", "int64", "Reporters asked for times months.")
CELLS = Column("cells", "int64", "Stored rows summed into the value.")


def month(text: str) -> date:
    """Return the first day of a month written as 2023-09.

    Raises:
        CoverageError: The text is not a month.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise CoverageError(f"{text!r} is not a month; write it as 2023-09") from None


def months_between(first: str, last: str) -> list[date]:
    """Return the first days of all months from first to last.

    Raises:
        CoverageError: The window is empty, or an end is not a month.
    """
    start, end = month(first), month(last)
    if end < start:
        raise CoverageError(f"the window {first} to {last} ends before it begins; swap its ends")
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    places = [start.year * 12 + start.month - 1 + n for n in range(count)]
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def length(first: str, last: str) -> int:
    """Return how many months a window has.

    Raises:
        CoverageError: It is empty or longer than a year, so that its months would repeat.
    """
    months = len(months_between(first, last))
    if months > 12:
        raise CoverageError(
            f"the window {first} to {last} has {months} months; the same months of other years "
            "can be compared for windows of 1 to 12"
        )
    return months


def place(period: Expression, first: str) -> tuple[Expression, Expression]:
    """Return a period's place in the yearly window and the year in which that window begins."""
    start = month(first)
    index = (period.year() - start.year) * 12 + period.month() - start.month
    position = ((index % 12) + 12) % 12
    return position, start.year + (index - position) / 12


def same_months(
    flows: Table,
    *,
    reporters: Sequence[str],
    flow: str,
    first: str,
    last: str,
    years: Sequence[int],
) -> Table:
    """Return the monthly flows of the window in each year, and which of them are comparable.

    A reporter-month is comparable when the reporter published something, anything, for that month
    in every year asked for. One row per row of flows within the months and years, with `year`,
    `position` (0 is the window's first month) and `is_compared`.
    """
    months, asked = length(first, last), sorted({*years})
    position, year = place(_.period, first)
    inside = (
        flows.filter(_.freq == "M", _.flow == flow, _.reporter.isin(list(reporters)))
        .mutate(position=position.cast("int64"), year=year.cast("int64"))
        .filter(_.position < months, _.year.isin(asked))
    )
    complete = (
        inside.group_by("reporter", "position")
        .agg(seen=_.year.nunique())
        .filter(_.seen == len(asked))
        .mutate(is_compared=ibis.literal(True))
        .select("reporter", "position", "is_compared")
    )
    return inside.left_join(complete, ["reporter", "position"]).mutate(
        is_compared=_.is_compared.fill_null(False)
    )


def by_year(
    flows: Table,
    *,
    reporters: Sequence[str],
    partners: Sequence[str],
    products: Sequence[str],
    first: str,
    last: str,
    years: Sequence[int],
    flow: str,
    by: Sequence[str],
) -> Table:
    """Sum the comparable months per year, and per column in `by`.

    One row per year and value of `by`: `value_usd`, `cells`, `months`, `reporter_months`,
    `reporter_months_expected`. A year without the good has zero; with nothing comparable, no row.
    """
    inside = same_months(
        flows, reporters=reporters, flow=flow, first=first, last=last, years=years
    ).filter(_.is_compared)
    coverage = inside.group_by("year").agg(
        months=_.position.nunique(),
        reporter_months=(_.reporter + _.position.cast("string")).nunique(),
    )
    wanted = inside.filter(_.partner.isin(list(partners)), _.product.isin(list(products)))
    sums = wanted.group_by("year", *by).agg(value_usd=_.value_usd.sum(), cells=_.count())
    if by:
        groups = wanted.select(*by).distinct()
        frame = coverage.cross_join(groups)
    else:
        frame = coverage
    joined = frame.left_join(sums, ["year", *by])
    return joined.select(
        "year",
        *by,
        *(
            ibis.null("string").name(name)
            for name in ("reporter", "partner", "product")
            if name not in by
        ),
        value_usd=_.value_usd.fill_null(0.0),
        cells=_.cells.fill_null(0),
        months=_.months,
        reporter_months=_.reporter_months,
        reporter_months_expected=ibis.literal(len({*reporters}) * length(first, last), "int64"),
    )
