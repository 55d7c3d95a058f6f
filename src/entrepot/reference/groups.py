"""Groups: which countries a publication means by a set."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.errors import UnknownCodeError
from entrepot.reference import countries
from entrepot.reference._files import near, records

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITH_THE = {
    "European Union",
    "Netherlands",
    "Philippines",
    "United Arab Emirates",
    "United Kingdom",
    "United States",
}


def names() -> tuple[str, ...]:
    """Return the name of every group, sorted."""
    return tuple(_groups())


def members(name: str) -> tuple[str, ...]:
    """Return the ISO3 codes of a group, sorted; a country or area is a group of one.

    Raises:
        UnknownCodeError: There is no such group, country or area.
    """
    if name in _groups():
        return tuple(row["iso3"] for row in _groups()[name])
    if name in countries.table() or name in countries.areas():
        return (name,)
    known = [*names(), *countries.table()]
    raise UnknownCodeError(f"groups: no group or ISO3 code {name!r}; {near(name, known)}")


def title(name: str) -> str:
    """Return the group in words: "the European Union", or its members one by one.

    Raises:
        UnknownCodeError: There is no such group, country or area.
    """
    given = {row["group"]: row["title"] for row in records("group_titles")}
    return given.get(name) or _listed([countries.name(code) for code in members(name)])


def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return one row per member with as_of, note, source and confidence.

    Raises:
        UnknownCodeError: There is no such group.
    """
    if name not in _groups():
        raise UnknownCodeError(f"groups: no group {name!r}; {near(name, names())}")
    return tuple(dict(row) for row in _groups()[name])


@cache
def _groups() -> Mapping[str, tuple[dict[str, str], ...]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in records("groups"):
        found.setdefault(row["group"], []).append(row)
    return MappingProxyType(
        {name: tuple(sorted(part, key=lambda row: row["iso3"])) for name, part in found.items()}
    )


def _listed(words: list[str]) -> str:
    *first, last = [f"the {word}" if word in _WITH_THE else word for word in sorted(words)]
    return f"{', '.join(first)} and {last}" if first else last
