"""Months as running numbers, so that a lag or a year is one subtraction on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import CoverageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import DateValue, IntegerValue


def slot(period: DateValue) -> IntegerValue:
    """Return the running number of a month; the next month's is one more."""
    return period.year().cast("int64") * 12 + period.month().cast("int64") - 1


def base_years(measure: str, base: Sequence[int], now: int) -> list[int]:
    """Return the base years without the year they are compared with.

    Raises:
        CoverageError: None is left.
    """
    if years := sorted({*base} - {now}):
        return years
    raise CoverageError(f"{measure}: no base year other than {now}; name at least one, as 2021")
