"""Lists: the routes of a scan, what came in, and its placebos, for files and in sentences."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from entrepot.findings import BAR
from entrepot.publish import findings, words
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.findings import Placebo
    from entrepot.publish.finding import Ranked, ScanReport

ROUTE, CAME_IN = "route", "came-in"
"""What the column `list` says of a row."""


def flat(report: ScanReport) -> list[dict[str, Any]]:
    """Return both lists as plain rows for a table or CSV: see `findings.flat`, and `list`."""
    return [
        row | {"list": name} for name, entries in _lists(report) for row in findings.flat(entries)
    ]


def nested(report: ScanReport) -> dict[str, Any]:
    """Return the scan as JSON: `said`, `elsewhere`, `placebos`, and both lists in `findings`."""
    return {
        "said": list(report.said),
        "elsewhere": report.elsewhere,
        "placebos": [asdict(one) for one in report.placebos],
        "findings": [
            row | {"list": name}
            for name, entries in _lists(report)
            for row in findings.nested(entries)
        ],
    }


def _lists(report: ScanReport) -> tuple[tuple[str, Sequence[Ranked]], ...]:
    return (ROUTE, report.entries), (CAME_IN, report.came_in)


def came_in(report: ScanReport) -> str:
    """Return in one line how much came in whose way on is not known, and where; empty where none.

    Those that stand out alone are named, by country.
    """
    if not report.came_in:
        return ""
    counts: dict[str, int] = {}
    for entry in report.rising:
        who = countries.name(entry.finding.intermediary)
        counts[who] = counts.get(who, 0) + 1
    first = sorted(counts, key=lambda who: (-counts[who], who))
    named = words.listed(f"{who} ({counts[who]})" for who in first)
    where = f": {named}" if counts else ""
    return (
        f"came in, what became of it is not known: {words.count(len(report.rising))} of "
        f"{words.count(len(report.came_in), 'cell')} stand out{where}"
    )


def elsewhere(placebos: Sequence[Placebo], destination: str, routes: int, cells: int) -> str:
    """Return in one sentence what the same look at other destinations found.

    Args:
        placebos: The other destinations; none where none is like the scan's own.
        destination: The scan's own.
        routes: How many routes stand out there.
        cells: How many could be judged there.
    """
    to = countries.name(destination)
    if not placebos:
        return (
            "No other destination could be looked at in the same way: none that no controls bind "
            f"is like {to} in what third countries recorded as exports of listed goods to it."
        )
    found, judged = (sum(getattr(one, name) for one in placebos) for name in ("routes", "cells"))
    names = words.listed(countries.name(one.destination) for one in placebos)
    what = words.count(len(placebos), "destination")
    return (
        f"The same look at {what} that no controls bind ({names}) found "
        f"{words.count(found, 'route')} among {words.count(judged, 'cell')} that could be judged; "
        f"at {to} it found {words.count(routes)} among {words.count(cells)}. Routes have a q-value "
        f"of at most {BAR:g}."
    )
