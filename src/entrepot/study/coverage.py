"""Coverage: what a measure run needed, what of it the store has, and the rest by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.measures._same_months import months_between
from entrepot.publish import words
from entrepot.publish.brief import Coverage
from entrepot.reference import countries
from entrepot.study.books import spans, window_years

if TYPE_CHECKING:
    from datetime import date

    from entrepot.study.books import Books

NAMED = 6
"""Reporters with the same gap that are named one by one; of more, the first three and a count."""


def cover(books: Books, params: dict[str, Any]) -> Coverage:
    """Return the reporter-months and codes behind a measure run.

    A reporter-month is expected for every reporter and month of every window the run looks at,
    and present when the reporter published anything for it in that direction.
    """
    resolved = books.resolve(params)
    windows = spans(resolved)
    days = sorted({day for window in windows for day in months_between(*window)})
    missing: dict[str, list[date]] = {}
    expected = 0
    for flow, reporters in _reporting(books, resolved):
        published = books.present.get(flow, set())
        expected += len(reporters) * len(days)
        for who in reporters:
            if gaps := [day for day in days if (who, day) not in published]:
                missing.setdefault(who, []).extend(gaps)
    here, there = _sides(books, resolved, windows)
    return Coverage(
        months=name_windows(windows),
        reporter_months_expected=expected,
        reporter_months_present=expected - sum(map(len, missing.values())),
        missing=tuple(name_missing(missing)),
        codes_listed=len(books.goods.codes),
        codes_present=len(here | there),
        codes_one_side=tuple(sorted(here ^ there)) if "base" in resolved else (),
    )


def _sides(
    books: Books, params: dict[str, Any], windows: list[tuple[str, str]]
) -> tuple[set[str], set[str]]:
    """Return the codes with rows in the window and in its base, whoever the partner."""
    now = window_years(params).index(int(params["first"][:4])) if "base" in params else 0
    base = [window for place, window in enumerate(windows) if place != now]
    return books.codes_in([windows[now]]), books.codes_in(base)


def _reporting(books: Books, params: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return who must report what: both sides of a mirror, the reporters, or whoever exports."""
    if "exporter" in params:
        return [("export", (params["exporter"],)), ("import", (params["importer"],))]
    everyone = {who for who, _day in books.present.get("export", set())}
    return [(params.get("flow", "export"), params.get("reporters") or tuple(sorted(everyone)))]


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
