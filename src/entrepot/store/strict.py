"""Strict: values of a JSON file, each of its one type and form or a ValueError."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
SHA256 = r"[0-9a-f]{64}"
FILE_NAME = r"(?!\.{1,2}$)[^\x00/\\]+"
ANY = r"(?s:.*)"


def record(data: Any, kinds: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Return an object's values, each by its reader; no field may be lacking or be too many.

    Raises:
        ValueError: It is another object; the message names the field.
    """
    if not isinstance(data, dict) or data.keys() != kinds.keys():
        names = sorted(set(data) ^ set(kinds)) if isinstance(data, dict) else data
        raise ValueError(f"lacks or has too many of its fields: {names!r:.200}")
    found = {}
    for name, kind in kinds.items():
        try:
            found[name] = kind(data[name])
        except ValueError as error:
            raise ValueError(str(error) or f"{name} is {data[name]!r:.100}") from None
    return found


def text(pattern: str = ANY) -> Callable[[Any], str]:
    """Return a reader of texts that match a pattern as a whole."""
    known = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not known.fullmatch(value):
            raise ValueError
        return value

    return read


def number(least: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers that are not below `least`."""

    def read(value: Any) -> int:
        if type(value) is not int or value < least:  # True is an int to isinstance
            raise ValueError
        return value

    return read


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def day(value: Any) -> date:
    """Read a day, ISO."""
    found = text(r"\d{4}-\d\d-\d\d")(value)
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise ValueError from None


def table(key: Callable[[Any], str], value: Callable[[Any], T]) -> Callable[[Any], dict[str, T]]:
    """Return a reader of objects whose keys and values are all alike."""

    def read(found: Any) -> dict[str, T]:
        if not isinstance(found, dict):
            raise ValueError
        return {key(name): value(one) for name, one in found.items()}

    return read


def listed(kind: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """Return a reader of lists."""

    def read(found: Any) -> tuple[T, ...]:
        if not isinstance(found, list):
            raise ValueError
        return tuple(map(kind, found))

    return read
