"""Months: windows of them as people write them, and as running numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from entrepot.errors import CoverageError

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[str, str]
"""First and last month of a window, as 2023-01 and 2023-09."""


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
    return [day_of(at) for at in range(number(start), number(end) + 1)]


def periods(first: str, last: str, freq: str = "M") -> list[date]:
    """Return the first days of the months of a window, or of its years where `freq` is A.

    Raises:
        CoverageError: The window is empty, an end is not a month, or `freq` is A and the window
            is not made of whole years.
    """
    days = months_between(first, last)
    if freq != "A":
        return days
    if (days[0].month, days[-1].month) != (1, 12):
        raise CoverageError(
            f"the window {first} to {last} is not made of whole years, and figures by year cannot "
            f"be parted; ask for {days[0].year}-01 to {days[-1].year}-12, or for monthly figures"
        )
    return days[::12]


def slots(first: str, last: str) -> list[int]:
    """Return the running numbers of all months from first to last.

    Raises:
        CoverageError: The window is empty, or an end is not a month.
    """
    return [number(day) for day in months_between(first, last)]


def day_of(at: int) -> date:
    """Return the first day of a month by its running number."""
    return date(at // 12, at % 12 + 1, 1)


def name_of(at: int) -> str:
    """Return a month by its running number, written as 2023-09."""
    return f"{at // 12:04}-{at % 12 + 1:02}"


def later(text: str, months: int) -> str:
    """Return the month so many months after another, or before it.

    Raises:
        CoverageError: The text is not a month.
    """
    return name_of(number(month(text)) + months)


def ends(window: Sequence[str], name: str = "window") -> Span:
    """Return a window as its first and last month.

    Raises:
        CoverageError: It is not two months in order.
    """
    if len(window) != 2:
        raise CoverageError(
            f"the {name} {list(window)} needs its first and last month, as 2023-01,2023-09"
        )
    months_between(*window)
    return window[0], window[1]


def shifted(span: Span, months: int) -> Span:
    """Return a window so many months later, or earlier."""
    return later(span[0], months), later(span[1], months)


def whole(year: int) -> Span:
    """Return the window of a calendar year."""
    return f"{year}-01", f"{year}-12"


def same_months(span: Span, years: list[int]) -> list[Span]:
    """Return the same months in the years in which those windows begin."""
    now = month(span[0]).year
    return [shifted(span, 12 * (year - now)) for year in years]


def number(day: date) -> int:
    """Return the running number of a day's month, counted from the year 0."""
    return day.year * 12 + day.month - 1
