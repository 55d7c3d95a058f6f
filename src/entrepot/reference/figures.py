"""Figures: what newspapers and institutes published, to check ours against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from entrepot.reference._files import records


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One published figure. `value` is text as printed: some are ranges, signs or pairs."""

    id: str
    reporter: str
    partner: str
    flow: str
    goods: str
    period: str
    value: str
    unit: str
    publisher: str
    source: str
    checkability: str


@cache
def table() -> tuple[PublishedFigure, ...]:
    """Return one published figure per row, sorted by id."""
    return tuple(PublishedFigure(**row) for row in records("published_figures"))
