"""Words: how a number, a change, a time or a list reads in a sentence.

Every output uses these, so one figure never reads two ways. Dollars and the rounding of all numbers
come from `money`; a value that is not there reads "not available".
"""

from __future__ import annotations

import calendar
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from entrepot.money import (
    DASH,
    MINUS,
    NOT_AVAILABLE,
    TWO_DIGITS,
    WHOLE,
    digits,
    is_number,
    joined,
    rounded,
    split,
)
from entrepot.money import usd as usd  # sentences take all their words from here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

_MONTHS = re.compile(r"(\d{4}-\d{2})[/:](\d{4}-\d{2})")
_UP_TO_TWELVE = "zero one two three four five six seven eight nine ten eleven twelve".split()


def ratio(value: float | None) -> str:
    """Return a ratio as "3.0 times"; two decimals below 2, none from 10."""
    if not is_number(value):
        return NOT_AVAILABLE
    size, sign = split(value)
    if size == 0:
        return "0 times"
    if rounded(size, 2) == 0:
        return f"between {MINUS}0.01 and 0 times" if sign else "less than 0.01 times"
    return f"{sign}{_multiple(size)} times"


def percent(fraction: float | None) -> str:
    """Return a fraction as "71%"; one decimal below 10%, and "less than 0.1%" for a trace."""
    if not is_number(fraction):
        return NOT_AVAILABLE
    size, sign = split(fraction)
    if size == 0:
        return "0%"
    if rounded(size * 100, 1) == 0:
        return f"between {MINUS}0.1% and 0%" if sign else "less than 0.1%"
    return f"{sign}{digits(size * 100, TWO_DIGITS)}%"


def share(fraction: float | None) -> str:
    """Return a part of a whole: as `percent`, but "100%" only when nothing else is left."""
    if not is_number(fraction):
        return NOT_AVAILABLE
    size = Decimal(str(fraction)) * 100
    if Decimal("99.5") <= size < 100:
        tenths = rounded(size, 1)
        return f"{tenths}%" if tenths < 100 else "more than 99.9%"
    return percent(fraction)


def count(value: float | None, noun: str = "") -> str:
    """Return a count with its noun: "1,234", "1 month", "3 months"."""
    if not is_number(value):
        return NOT_AVAILABLE
    size, sign = split(value)
    number = digits(size, WHOLE)
    ending = "" if not noun or number == "1" else "s"
    return f"{sign if number != '0' else ''}{number} {noun}{ending}".strip()


def change(before: float | None, after: float | None) -> str:
    """Return what happened between two amounts, as a verb.

    "rose by 71%", "fell by 74%", "did not change"; from a doubling on "rose 3.0-fold", because
    "rose by 202%" is often misread as a factor of two. From zero there is no percentage:
    "rose from zero". Negative amounts have no relative change: "not available".
    """
    if not (is_number(before) and is_number(after)) or before < 0 or after < 0:
        return NOT_AVAILABLE
    if before == after:
        return "did not change"
    if before == 0:
        return "rose from zero"
    if after == 0:
        return "fell to zero"
    factor = after / before
    if factor >= 1.995:
        return f"rose {_multiple(Decimal(str(factor)))}-fold"
    return f"rose by {percent(factor - 1)}" if factor > 1 else f"fell by {share(1 - factor)}"


def figure(value: float | None, unit: str) -> str:
    """Return a value in the words of its unit, which stands beside the value where it has none."""
    if unit in _WRITERS or not is_number(value):
        return _WRITERS.get(unit, _plain)(value)
    return f"{_plain(value)} {unit}".strip()


def bounded(text: str, bound: str) -> str:
    """Return a value in words with its bound: "at least $5.5 million"."""
    return f"at least {text}" if bound == "at least" else text


def span(low: float | None, high: float | None, unit: str) -> str:
    """Return a range, with a dash where both ends share a scale and "to" where they do not.

    One value is enough when both ends read the same.
    """
    if low is None and high is None:
        return NOT_AVAILABLE
    return joined(figure(low, unit), figure(high, unit))


def months(start: str | date, end: str | date) -> str:
    """Return a range of months, in as few words as it needs; whole years are years.

    Takes "2022-01", "2022-01-01" or a date for each end; both months are included.
    """
    (year, month), (last_year, last_month) = _year_month(start), _year_month(end)
    if (month, last_month) == (1, 12):
        return f"{year}" if year == last_year else f"{year}{DASH}{last_year}"
    first, last = calendar.month_name[month], f"{calendar.month_name[last_month]} {last_year}"
    if year != last_year:
        return f"{first} {year} {DASH} {last}"
    return last if month == last_month else f"{first}{DASH}{last}"


def years(found: Iterable[int]) -> str:
    """Return years as runs: "2015\N{EN DASH}2021 and 2023"."""
    runs: list[list[int]] = []
    for year in sorted({*found}):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    pairs = (run if len(run) < 3 else [f"{run[0]}{DASH}{run[-1]}"] for run in runs)
    return listed(str(part) for pair in pairs for part in pair)


def window(text: str) -> str:
    """Return `text` with every "2022-01/2022-09" in it spelled as months."""
    return _MONTHS.sub(lambda found: months(found[1], found[2]), text)


def number(count: int) -> str:
    """Return a whole number as a word up to twelve: "six", "13"."""
    return _UP_TO_TWELVE[count] if 0 <= count < len(_UP_TO_TWELVE) else f"{count:,}"


def listed(items: Iterable[str]) -> str:
    """Return names as a list in a sentence: "Armenia, Georgia and Kazakhstan"."""
    names = list(items)
    if len(names) < 2:
        return names[0] if names else "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def possessive(name: str) -> str:
    """Return whose something is: "Turkey's", "the Netherlands'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _multiple(size: Decimal) -> str:
    hundredths = rounded(size, 2)
    return f"{hundredths}" if hundredths < 2 else digits(size, TWO_DIGITS)


def _year_month(day: str | date) -> tuple[int, int]:
    year, month = str(day).split("-")[:2]
    return int(year), int(month)


def _plain(value: float | None) -> str:
    return f"{value:,.12g}" if is_number(value) else NOT_AVAILABLE


def coefficient(value: float | None) -> str:
    """Return a coefficient with two decimals: "0.07", "1.40" after a minus sign."""
    if not is_number(value):
        return NOT_AVAILABLE
    text = f"{abs(rounded(Decimal(str(value)), 2)):.2f}"
    return text if value >= 0 or float(text) == 0 else f"{MINUS}{text}"


def chance(value: float | None) -> str:
    """Return a p-value with three decimals, or "below 0.001"."""
    if not is_number(value):
        return NOT_AVAILABLE
    return "below 0.001" if value < 0.001 else f"{rounded(Decimal(str(value)), 3):.3f}"


_WRITERS: dict[str, Callable[[float | None], str]] = {
    "USD": usd,
    "ratio": ratio,
    "share": share,
    "count": count,
    "coefficient": coefficient,
    "p": chance,
}


def known(as_of: str) -> str:
    """Return a day of knowledge in words: "today", "on 2023-02-01"."""
    return as_of if as_of == "today" else f"on {as_of}"
