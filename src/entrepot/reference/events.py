"""Events: what happened when, and which dates may break a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from entrepot.reference._files import records


@dataclass(frozen=True, slots=True)
class Event:
    """One dated event. `is_break` marks dates at which a series may change level."""

    date: date
    actor: str
    kind: str
    what: str
    source: str
    confidence: str
    is_break: bool


def table(
    breaks_only: bool = False, since: date | None = None, until: date | None = None
) -> tuple[Event, ...]:
    """Return one event per row, oldest first.

    Args:
        breaks_only: Keep only the dates that may break a series.
        since: First day to keep.
        until: Last day to keep.
    """
    return tuple(
        event
        for event in _events()
        if (event.is_break or not breaks_only)
        and (since is None or event.date >= since)
        and (until is None or event.date <= until)
    )


@cache
def _events() -> tuple[Event, ...]:
    return tuple(
        Event(
            date=date.fromisoformat(row["date"]),
            actor=row["actor"],
            kind=row["kind"],
            what=row["what"],
            source=row["source"],
            confidence=row["confidence"],
            is_break=row["is_break"] == "true",
        )
        for row in records("events")
    )
