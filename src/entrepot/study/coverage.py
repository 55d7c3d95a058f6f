"""Coverage: what a measure run needed, what of it the store has, and the rest by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.months import months_between
from entrepot.publish import words
from entrepot.publish.brief import Coverage
from entrepot.reference import countries

if TYPE_CHECKING:
    from datetime import date

    from entrepot.reads import Reads
    from entrepot.study.books import Books
    from entrepot.study.runs import Run

NAMED = 6
"""Reporters with the same gap that are named one by one; of more, the first three and a count."""


def cover(books: Books, *runs: Run) -> Coverage:
    """Return the reporter-months and codes behind one run of a measure, or behind several.

    A reporter-month is expected for every reporter and month of every window a run looks at, and
    present when the store knows all of it that the run counts. What several runs need is counted
    once.
    """
    each = [(run, _required(books, run)) for run in runs]
    known = [books.known(run) for run in runs]
    wanted = {slot for _run, reads in each for read in reads for slot in _wanted(books, read)}
    whole = frozenset[Any]().union(*(one.whole for one in known))
    lacks = {slot: why for one in known for slot, why in one.lacks.items() if slot not in whole}
    missing: dict[str, dict[str, list[date]]] = {}
    for slot in sorted(wanted - whole):
        _flow, who, day = slot
        missing.setdefault(lacks.get(slot, ""), {}).setdefault(who, []).append(day)
    sides = [
        (books.codes_in(reads, base=False), books.codes_in(reads, base=True), run.params)
        for run, reads in each
    ]
    return Coverage(
        months=_months([reads for _run, reads in each]),
        reporter_months_expected=len(wanted),
        reporter_months_present=len(wanted & whole),
        missing=tuple(
            f"{text} ({why})" if why else text
            for why, found in sorted(missing.items())
            for text in name_missing(found)
        ),
        codes_listed=len(books.goods.codes),
        codes_present=len({code for here, there, _params in sides for code in here | there}),
        codes_one_side=tuple(
            sorted({code for here, there, params in sides if params.get("base")
                    for code in here ^ there})
        ),
        gaps=tuple(dict.fromkeys(gap.text for one in known for gap in one.gaps)),
        is_part=any(one.is_part for one in known),
    )  # fmt: skip


def _required(books: Books, run: Run) -> tuple[Reads, ...]:
    return tuple(read for read in books.reads(run) if not read.optional)


def _months(runs: list[tuple[Reads, ...]]) -> str:
    """Name the windows of one run; of several, all their months together."""
    if len(runs) == 1:
        return name_windows(list(runs[0][0].spans))
    looked_at = {day for reads in runs for span in reads[0].spans for day in months_between(*span)}
    return _ranges(tuple(sorted(looked_at)))


def _wanted(books: Books, read: Reads) -> list[tuple[str, str, date]]:
    """Return who must report what when: the reporters named, or whoever reports to others."""
    who = read.reporters or {*books.selection.slices.reporters(read.flow)} - {*read.partners[:1]}
    return [(read.flow, one, day) for one in who for day in read.periods]


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
    return [f"{_some(names)} {_ranges(days)}" for days, names in together.items()]


def _some(names: list[str]) -> str:
    if len(names) <= NAMED:
        return words.listed(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} other reporters"


def _ranges(days: tuple[date, ...]) -> str:
    runs: list[list[date]] = []
    for day in days:
        place = day.year * 12 + day.month
        if runs and runs[-1][-1].year * 12 + runs[-1][-1].month == place - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return words.listed(words.months(run[0], run[-1]) for run in runs)
