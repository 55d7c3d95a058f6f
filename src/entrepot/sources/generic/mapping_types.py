"""The types of a mapping: every value is text, a number, a list or a table where it should be."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from entrepot.errors import SourceError

    Fail = Callable[[str], SourceError]

TEXTS = ("name", "title", "publisher", "dataset", "url", "licence", "notes")
TABLES = ("columns", "constants", "codes", "format", "wide", "expect", "filter", "flows")
LIMIT = 100_000
"""Rows above a header, and digits of a code: more are a slip of the hand."""


def check_types(mapping: Mapping[str, Any], fail: Fail) -> None:
    """Refuse a value of another type than its key takes, before anything reads it."""
    for key in TEXTS:
        _need(fail, key, mapping.get(key, ""), isinstance(mapping.get(key, ""), str), "text")
    for key in TABLES:
        given = mapping.get(key, {})
        if not isinstance(given, dict):
            raise fail(f"mapping key {key!r} is {_shown(given)}; expected a table [{key}]")
    _check_published(mapping, fail)
    _check_columns(mapping.get("columns", {}), fail)
    _check_words("constants", mapping.get("constants", {}).items(), fail, lists=False)
    _check_codes(mapping.get("codes", {}), fail)
    for key in ("classification", "valuation"):
        given = mapping.get(key, {})
        if isinstance(given, dict):
            _check_words(key, given.items(), fail, lists=False)
        else:
            _need(fail, key, given, isinstance(given, str), f"text or a table [{key}]")
    _check_words("expect", mapping.get("expect", {}).items(), fail)
    _check_words("filter", _bare(mapping.get("filter", {})), fail)
    _check_wide(mapping.get("wide", {}), fail)
    for flow, given in mapping.get("flows", {}).items():
        columns = given if isinstance(given, dict) else {"value": given}
        _check_words(f"flows.{flow}", columns.items(), fail, lists=False, numbers=False)


def check_format(how: Mapping[str, Any], fail: Fail) -> None:
    """Refuse a value of another type than its key under [format] takes."""
    for key in ("decimal", "thousands", "encoding", "sheet", "product_separator", "delimiter"):
        _need(fail, key, how.get(key, "a"), _is_text(how.get(key, "a")), "text")
    sign = how.get("delimiter", ",")
    is_sign = len(sign) == 1 and sign not in '"\r\n\0'
    _need(fail, "delimiter", sign, is_sign, "one sign, such as ;")
    for key in ("header_row", "header_rows", "pad_products"):
        given = how.get(key, 1)
        is_count = type(given) is int and 1 <= given <= LIMIT
        _need(fail, key, given, is_count, f"a whole number up to {LIMIT:,}")
    for key in ("cumulative", "sum"):
        _need(fail, key, how.get(key, True), isinstance(how.get(key, True), bool), "true or false")
    missing = how.get("missing", [])
    is_list = isinstance(missing, list) and all(map(_is_word, missing))
    _need(fail, "missing", missing, is_list, 'a list of words, such as [".."]')
    scale = how.get("scale", 1)
    for given in scale.values() if isinstance(scale, dict) else [scale]:
        _need(fail, "scale", given, _is_scale(given), "a number above zero, such as 1000")


def _check_published(mapping: Mapping[str, Any], fail: Fail) -> None:
    day = mapping.get("published", "")
    is_day = isinstance(day, str | date) and not isinstance(day, datetime)
    _need(fail, "published", day, is_day, "a day, such as 2023-01-13")


def _check_columns(columns: Mapping[str, Any], fail: Fail) -> None:
    for key in ("ignore", "parts"):
        given = columns.get(key, [])
        is_list = isinstance(given, list) and all(map(_is_text, given))
        _need(fail, key, given, is_list, "a list of columns' names")
    period = columns.get("period")
    if isinstance(period, dict):
        _check_words("period", period.items(), fail, lists=False, numbers=False)


def _check_codes(codes: Mapping[str, Any], fail: Fail) -> None:
    for key, given in codes.items():
        if isinstance(given, dict):
            _check_words(f"codes.{key}", given.items(), fail, lists=False, numbers=False)
        else:
            _need(fail, key, given, _is_text(given), "the name of a list, or a table")


def _check_wide(wide: Mapping[str, Any], fail: Fail) -> None:
    months = wide.get("months") or {}
    words = months.items() if isinstance(months, dict) else [("months", months)]
    _check_words("wide", words, fail, lists=not isinstance(months, dict))
    year = wide.get("year", 1)
    _need(fail, "year", year, _is_text(year) or type(year) is int, "a column's name or a year")


def _bare(filters: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The words of every filter, without the `not` around some."""
    for key, given in filters.items():
        if not isinstance(given, dict):
            yield key, given
        elif given.keys() == {"not"}:
            yield key, given["not"]


def _check_words(
    where: str,
    pairs: Iterable[tuple[str, Any]],
    fail: Fail,
    *,
    lists: bool = True,
    numbers: bool = True,
) -> None:
    """Refuse what is neither a word nor, with `lists`, a list of words."""
    is_one = _is_word if numbers else _is_text
    expected = "text or a list of texts" if lists else "text"
    for key, given in pairs:
        found = given if lists and isinstance(given, list) else [given]
        is_right = _is_text(key) and found != [] and all(map(is_one, found))
        _need(fail, f"{where}.{key}", given, is_right, expected)


def _need(fail: Fail, key: str, given: Any, is_right: bool, expected: str) -> None:
    if not is_right:
        raise fail(f"mapping key {key!r} is {_shown(given)}; expected {expected}")


def _shown(given: Any) -> str:
    """A value as its type says it; a long one is cut."""
    shown = repr(given)
    return shown if len(shown) <= 60 else f"{shown[:60]}..."


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and "\0" not in given


def _is_word(given: Any) -> bool:
    """Text, or what people write bare: a number, a day."""
    is_number = type(given) in (int, float) and math.isfinite(given)
    return _is_text(given) or is_number or type(given) is date


def _is_scale(given: Any) -> bool:
    return type(given) in (int, float) and 0 < given <= 1e15
