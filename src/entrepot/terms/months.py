"""Months: a span of time, however it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from entrepot.errors import StudyError
from entrepot.months import name_of as said
from entrepot.months import number
from entrepot.reference._files import shown
from entrepot.reference._letters import plain
from entrepot.terms._span import FIRST_YEAR, FORMS, Span, span

if TYPE_CHECKING:
    from datetime import date

_NAME = re.compile(r"[a-z]{3,9}")
_LAST = re.compile(r"(?:the )?(?:last|latest|past)[- ]*([0-9]{1,4})(?:[- ]*months?)?")
_SINCE = re.compile(r"(?:since|from) (.+)|(.+?) ?(?:\.\.+|:)")
_BETWEEN = (
    r" ?\.\.+ ?",
    r" ?: ?",
    r" (?:to|and|until|till|through) ",
    r" ?[\N{EN DASH}\N{EM DASH}] ?",
    r" - ",
    r" ?/ ?",
    r"-",
)
_DAY = re.compile(
    r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{4}|[0-9]{8}"
    r"|[0-9]{1,2} [a-z]{3,9} [0-9]{4}"
)
_TWO_DIGITS = re.compile(
    r"[0-9]{2}|[0-9]{1,2}[-/.][0-9]{2}|[a-z]{3,9}[- ]?'?[0-9]{2}|[qh][0-9][- ]?[0-9]{2}"
)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of months, both ends in it.

    `freq` is "M" where months were named, and None for whole years, which may be read as their
    months or as years; "A" is for callers that were told so.
    """

    first: str
    last: str
    freq: Literal["M", "A"] | None


def months(text: str, *, newest: date | None = None) -> Window:
    """Return the span that a text means.

    A month (2022-01, 01/2022, Jan 2022, 2022M01, 202201), a quarter or half (2022Q1, H1 2022), a
    year, two of them with `..`, `:`, `/` or `to` between, "since 2022-03", "2022-03..", "last-12".

    Args:
        text: What people wrote.
        newest: A day of the newest month known, which open spans end with.

    Raises:
        StudyError: The text is no span, ends before it begins, or is open and nothing is known.
    """
    line = " ".join(re.sub(r"(?<=[a-z])\.", " ", plain(text)).split())
    if last := _LAST.fullmatch(line):
        return _counted_back(int(last[1]), text, newest)
    if whole := span(line, text):
        return _window(*whole)
    if (open_ := _SINCE.fullmatch(line)) and (begin := span(open_[1] or open_[2], text)):
        return _to_newest(begin[0], text, newest)
    for mark in _BETWEEN:
        ends = re.split(mark, line.removeprefix("from ").removeprefix("between "))
        if len(ends) == 2 and (pair := _ends(ends[0], ends[1], text)):
            return _joined(*pair, text)
    raise StudyError(f"months: {_why(line, text)}; {FORMS}")


def month(text: str) -> str:
    """Return one month as 2022-09.

    Raises:
        StudyError: The text is not one month.
    """
    found = months(text)
    if found.first != found.last:
        raise StudyError(
            f"months: {shown(text)} is {found.first} to {found.last}, expected one month; "
            "write 2022-09, 09/2022 or Sep 2022"
        )
    return found.first


def _ends(first: str, last: str, text: str) -> tuple[Span, Span] | None:
    if _NAME.fullmatch(first) and (year := re.search("[0-9]{4}", last)):
        first = f"{first} {year[0]}"  # Jan to Sep 2022
    if (begin := span(first, text)) and (end := span(last, text)):
        return begin, end
    return None


def _joined(begin: Span, end: Span, text: str) -> Window:
    if end[1] < begin[0]:
        swapped = f"{said(end[0])}..{said(begin[1])}"
        raise StudyError(
            f"months: {shown(text)} ends before it begins; swap its ends, as in {swapped}"
        )
    return _window(begin[0], end[1], begin[2] and end[2])


def _counted_back(count: int, text: str, newest: date | None) -> Window:
    end = _newest(text, newest)
    most = end - FIRST_YEAR * 12 + 1
    if not 1 <= count <= most:
        raise StudyError(
            f"months: {shown(text)} counts {count} months, expected 1 to {most}; {FORMS}"
        )
    return _window(end - count + 1, end, is_year=False)


def _to_newest(begin: int, text: str, newest: date | None) -> Window:
    end = _newest(text, newest)
    if end < begin:
        raise StudyError(
            f"months: {shown(text)} begins after {said(end)}, the newest month known; "
            "write an earlier one, or fetch newer figures"
        )
    return _window(begin, end, is_year=False)


def _newest(text: str, newest: date | None) -> int:
    if newest is None:
        raise StudyError(
            f"months: {shown(text)} ends with the newest month known, and none is known here; "
            "write both ends, as in 2022-01..2022-09"
        )
    return number(newest)


def _window(first: int, last: int, is_year: bool) -> Window:
    return Window(said(first), said(last), None if is_year else "M")


def _why(line: str, text: str) -> str:
    if _DAY.fullmatch(line):
        return f"{shown(text)} is a day, and trade is published by month"
    if _TWO_DIGITS.fullmatch(line):
        return f"{shown(text)} has no year of four digits"
    return f"{shown(text)} is no month or span of months"
