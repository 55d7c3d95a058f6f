"""Coverage: what a measure run needed, what of it the store has, and the rest by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.measures._same_months import months_between
from entrepot.publish import words
from entrepot.publish.brief import Coverage
from entrepot.reference import countries
from entrepot.study.runs import spans, tail, windows

if TYPE_CHECKING:
    from datetime import date

    from entrepot.study.books import Books

NAMED = 6
"""Reporters with the same gap that are named one by one; of more, the first three and a count."""


def cover(books: Books, *runs: dict[str, Any]) -> Coverage:
    """Return the reporter-months and codes behind one run of a measure, or behind several.

    A reporter-month is expected for every reporter and month of every window a run looks at, and
    present when the reporter published anything for it in that direction. What several runs need
    is counted once.
    """
    resolved = [books.resolve(params) for params in runs]
    wanted = {cell for params in resolved for cell in _wanted(books, params)}
    missing: dict[str, list[date]] = {}
    for flow, who, day in sorted(wanted):
        if (who, day) not in books.present.get(flow, set()):
            missing.setdefault(who, []).append(day)
    sides = [[books.codes_in(side) for side in windows(params)] for params in resolved]
    based = [here ^ there for params, (here, there) in zip(resolved, sides, strict=True)
             if params.get("base")]  # fmt: skip
    return Coverage(
        months=_months(resolved),
        reporter_months_expected=len(wanted),
        reporter_months_present=len(wanted) - sum(map(len, missing.values())),
        missing=tuple(name_missing(missing)),
        codes_listed=len(books.goods.codes),
        codes_present=len({code for both in sides for side in both for code in side}),
        codes_one_side=tuple(sorted({code for codes in based for code in codes})),
    )


def _months(runs: list[dict[str, Any]]) -> str:
    """Name the windows of one run; of several, all their months together."""
    if len(runs) == 1:
        return name_windows(spans(runs[0]))
    looked_at = {day for params in runs for span in spans(params) for day in months_between(*span)}
    return _ranges(tuple(sorted(looked_at)))


def _wanted(books: Books, params: dict[str, Any]) -> list[tuple[str, str, date]]:
    """Return who must report what when: both sides of a mirror, the reporters, or any exporter."""
    days = [day for span in spans(params) for day in months_between(*span)]
    sellers = {who for who, _day in books.present.get("export", set())} - {
        params.get("destination")
    }
    if "exporter" in params:
        sides = [("export", [params["exporter"]], days), ("import", [params["importer"]], days)]
    elif "importers" in params:
        later = days + tail(params)
        sides = [("export", [*(params["exporters"] or sellers)], days)]
        sides += [("import", [*params["importers"]], later)]
    else:
        sides = [(params.get("flow", "export"), [*(params.get("reporters") or sellers)], days)]
    return [(flow, who, day) for flow, places, months in sides for who in places for day in months]


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
