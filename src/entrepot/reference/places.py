"""Places: where a country stands on a map, and the coasts to draw around it."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.reference._files import records

if TYPE_CHECKING:
    from collections.abc import Mapping

Place = tuple[float, float]
"""Degrees east and north."""


@cache
def table() -> Mapping[str, Place]:
    """Return a point per country, by ISO3, to draw at; a few territories have none."""
    found = {row["iso3"]: (float(row["lon"]), float(row["lat"])) for row in records("places")}
    return MappingProxyType(found)


@cache
def coasts() -> tuple[tuple[Place, ...], ...]:
    """Return the coasts of the world as closed rings, the largest land first; no borders."""
    rings: dict[str, list[Place]] = {}
    for row in records("coastlines"):
        rings.setdefault(row["ring"], []).append((float(row["lon"]), float(row["lat"])))
    return tuple(map(tuple, rings.values()))
