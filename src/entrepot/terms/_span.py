"""One span: the months of a month, quarter, half or year, however it is written."""

from __future__ import annotations

import re
from datetime import date

from entrepot.errors import StudyError
from entrepot.months import number
from entrepot.reference._files import shown

FIRST_YEAR = 1962
"""The first year of UN Comtrade."""

FORMS = "write 2022-09, 2022-01..2022-09 or last-12"
_NAMES = "january february march april may june july august september october november december"
_YEAR = r"(?P<year>[0-9]{4})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_SPANS = tuple(
    re.compile(pattern)
    for pattern in (
        _YEAR,
        rf"{_YEAR}[-/. ]{_MONTH}",
        rf"{_YEAR}(?P<month>[0-9]{{2}})",
        rf"{_YEAR}[- ]?m{_MONTH}",
        rf"{_MONTH}[-/.]{_YEAR}",
        rf"(?P<name>[a-z]{{3,9}})[- ,]*{_YEAR}",
        rf"{_YEAR}[- ]?(?P<name>[a-z]{{3,9}})",
        rf"{_YEAR}[- ]?(?P<part>[qh])(?P<nth>[0-9])",
        rf"(?P<part>[qh])(?P<nth>[0-9])[-/ ]?{_YEAR}",
    )
)

Span = tuple[int, int, bool]
"""First and last month, counted from year 0, and whether it is a whole year."""


def span(line: str, text: str) -> Span | None:
    """Return the months of one month, quarter, half or year; None if it is none of them."""
    for pattern in _SPANS:
        if (match := pattern.fullmatch(line)) and (found := _months_of(match.groupdict(), text)):
            return found
    return None


def _months_of(given: dict[str, str | None], text: str) -> Span | None:
    year = int(given["year"] or 0)
    if name := given.get("name"):
        at = _by_name(name)
        if at is None:
            return None
        first, size = at, 1
    elif part := given.get("part"):
        size = 3 if part == "q" else 6
        first = (int(given["nth"] or 0) - 1) * size + 1
        if not 1 <= first <= 12:
            kind, most = ("quarter", 4) if part == "q" else ("half", 2)
            raise StudyError(
                f"months: {shown(text)} has {kind} {given['nth']}, expected 1 to {most}; {FORMS}"
            )
    else:
        size = 1 if given.get("month") else 12
        first = int(given.get("month") or 1)
    if not FIRST_YEAR <= year <= _next_year():
        raise StudyError(
            f"months: {shown(text)} has the year {year}, expected {FIRST_YEAR} to {_next_year()}; "
            f"{FORMS}"
        )
    if not 1 <= first <= 12:
        raise StudyError(f"months: {shown(text)} has month {first}, expected 1 to 12; {FORMS}")
    begin = number(date(year, first, 1))
    return begin, begin + size - 1, size == 12


def _by_name(name: str) -> int | None:
    """Return the number of a month by its English name or the first letters of it."""
    fits = [at for at, full in enumerate(_NAMES.split(), start=1) if full.startswith(name)]
    return fits[0] if len(fits) == 1 else None


def _next_year() -> int:
    return date.today().year + 1
