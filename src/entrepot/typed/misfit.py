"""Misfit: where a value is not of the type it should be, and what was expected there."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.inspect import type_info

from entrepot.typed import words
from entrepot.typed.words import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from entrepot.typed.lines import Path

T = TypeVar("T")
_PLACE = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_SAID = re.compile(r" - at (?:(`key`) in )?`(\$.*)`$", re.DOTALL)


@dataclass(frozen=True)
class Misfit(Exception):  # noqa: N818 - whoever asked makes the error of it
    """A value that is not what its place takes.

    `path` leads to it, and `spot` to the entry of a list that is the reason. `known` are the keys
    there are, where its own is none of them; `lacks` is the key that a table must have and has
    not; else `given` is of the wrong kind, and `expected` says of which it should be.
    """

    path: Path
    given: Any = None
    expected: str = ""
    known: tuple[str, ...] = ()
    lacks: str = ""
    spot: Path = ()

    @property
    def key(self) -> str:
        """The last key of the path."""
        return str(self.path[-1]) if self.path else ""


def convert(data: Any, kind: type[T], at: Path = ()) -> T:
    """Return data as a struct, or as another type.

    Args:
        data: What the TOML parser gives.
        kind: The type, with its rules.
        at: The way to the data, for what is said.

    Raises:
        Misfit: The first value that is of another type, or key that is unknown or missing.
    """
    try:
        made = msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _misfit(data, kind, error, at) from None
    if odd := next(_odd(data, ()), None):
        path, said = odd
        raise _wrong(data, path, at, said)
    return made


def _misfit(data: Any, kind: Any, error: msgspec.ValidationError, at: Path) -> Misfit:
    told = str(error)
    found = _SAID.search(told)
    path = _path(data, kind, found[2], is_key=bool(found[1])) if found else ()
    info = type_info(kind)
    value, here = _at(data, path), words.within(info, data, path)
    if told.startswith("Object contains unknown field"):
        known = tuple(words.keys(here, value))
        path = (*path, next(key for key in value if key not in known))
        return Misfit((*at, *path), known=known, spot=(*at, *path))
    if told.startswith("Object missing required field"):
        lacking = next(key for key in words.keys(here, value, needed=True) if key not in value)
        known = tuple(words.keys(here, value))
        return Misfit((*at, *path), known=known, lacks=lacking, spot=(*at, *path))
    if found and found[1]:
        known = words.keys_of_table(words.within(info, data, path[:-1]))
        return Misfit((*at, *path), known=known, spot=(*at, *path))
    near = words.likely(str(value), words.choices(here))
    whole = _whole(path)
    here = words.within(info, data, whole)
    return _wrong(data, path, at, words.expected(here, (*at, *whole)) + near)


def _wrong(data: Any, path: Path, at: Path, expected: str) -> Misfit:
    """Return a misfit of a value; that of an entry of a list is the list's."""
    whole = _whole(path)
    return Misfit((*at, *whole), _at(data, whole), expected, spot=(*at, *path))


def _whole(path: Path) -> Path:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _odd(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield what no file means: text with a zero sign, a number that is none or without end."""
    if isinstance(data, dict):
        for key, value in data.items():
            if "\0" in key:
                yield path, f"a key that is text without {written(chr(0))}"
            yield from _odd(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _odd(value, (*path, place))
    elif isinstance(data, str) and "\0" in data:
        yield path, f"text without {written(chr(0))}"
    elif isinstance(data, float) and not math.isfinite(data):
        yield path, "a finite number"


def _path(data: Any, kind: Any, said: str, *, is_key: bool) -> Path:
    """Return the way that a message gives, with the keys of tables, which it leaves out."""
    path: Path = ()
    for name, place in [*_PLACE.findall(said), *([("", "...")] if is_key else [])]:
        table = _at(data, path)
        if name:
            path = (*path, name)
        elif place != "...":
            path = (*path, int(place))
        else:
            path = (*path, next(key for key in table if _fails(data, kind, path, key, said)))
    return path


def _fails(data: Any, kind: Any, path: Path, key: str, said: str) -> bool:
    """Whether a table of this key alone fails at the same place: then the key is the one."""
    try:
        msgspec.convert(_with(data, path, {key: _at(data, path)[key]}), kind)
    except msgspec.ValidationError as error:
        found = _SAID.search(str(error))
        return found is not None and found[2] == said
    return False


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _with(data: Any, path: Path, value: Any) -> Any:
    """Return data with another value at the end of a path."""
    if not path:
        return value
    copy = data.copy()
    copy[path[0]] = _with(data[path[0]], path[1:], value)
    return copy
