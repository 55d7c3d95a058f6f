"""Missing: windows and months of reporters, by name and in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.months import number
from entrepot.publish import words
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from entrepot.question.part import Slot
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads

NAMED = 6
"""Reporters with the same gap that are named one by one; of more, the first three and a count."""


def expected(reads: Iterable[Reads], slices: Slices) -> set[Slot]:
    """Return who must report what when: the reporters named, or whoever reports to others."""
    return {
        (read.flow, who, day)
        for read in reads
        if not read.optional
        for who in slices.asked(read)
        for day in read.periods
    }


def missing(
    wanted: Iterable[Slot], whole: frozenset[Slot], lacks: Mapping[Slot, str]
) -> tuple[str, ...]:
    """Name the reporter-months that are wanted and not whole, with what they lack.

    Those that are not published have no reason beside them.
    """
    found: dict[str, dict[str, list[date]]] = {}
    for slot in sorted({*wanted} - whole):
        _flow, who, day = slot
        found.setdefault(lacks.get(slot, ""), {}).setdefault(who, []).append(day)
    return tuple(
        f"{text} ({why})" if why else text
        for why, months in sorted(found.items())
        for text in name_missing(months)
    )


def name_windows(windows: list[tuple[str, str]]) -> str:
    """Name windows, those of the same months once: "January-September of 2015-2021 and 2023"."""
    years: dict[tuple[str, str], list[int]] = {}
    for first, last in windows:
        # A window over the new year is named by itself: its months belong to two years.
        key = (first[5:], last[5:]) if first[:4] == last[:4] else (first, last)
        years.setdefault(key, []).append(int(first[:4]))
    named = []
    for (first, last), found in years.items():
        if len(first) > 2:
            named.append(words.months(first, last))
        elif len(found) == 1:
            named.append(words.months(f"{found[0]}-{first}", f"{found[0]}-{last}"))
        elif (first, last) == ("01", "12"):
            named.append(words.years(found))
        else:
            months = words.months(f"2000-{first}", f"2000-{last}").removesuffix(" 2000")
            named.append(f"{months} of {words.years(found)}")
    return "; ".join(named)


def name_missing(missing: dict[str, list[date]]) -> list[str]:
    """Name missing months by reporter: "Kazakhstan June 2023 and August\N{EN DASH}September 2023".

    Reporters with the same gap are named together.
    """
    together: dict[tuple[date, ...], list[str]] = {}
    for who, days in sorted(missing.items()):
        together.setdefault(tuple(sorted({*days})), []).append(countries.name(who))
    return [f"{_some(names)} {ranges(days)}" for days, names in together.items()]


def _some(names: list[str]) -> str:
    if len(names) <= NAMED:
        return words.listed(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} other reporters"


def ranges(days: Iterable[date]) -> str:
    """Name months, those in a row together: "June 2023 and August 2023"."""
    runs: list[list[date]] = []
    for day in days:
        if runs and number(runs[-1][-1]) == number(day) - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return words.listed(words.months(run[0], run[-1]) for run in runs)
