"""Figures: a measure run on the books, once per basket and choice, with its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.harmonise.products import BASKETS
from entrepot.measures._same_months import months_between
from entrepot.publish import words
from entrepot.publish.brief import Coverage, Figure, Variant
from entrepot.reference import countries
from entrepot.study.books import spans, window_years
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from datetime import date

    from entrepot.contracts import Measure
    from entrepot.harmonise.products import Basket
    from entrepot.study.books import Books
    from entrepot.study.question import FigureAsked

Result = dict[str, dict[str, Any]]
"""Rows of a measure by the key of their first grain column ("" for a single row)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One figure block: the main result, the emitted figures and what they may be called."""

    name: str
    result: Result
    units: dict[str, str]
    figures: tuple[Figure, ...]


def answer(asked: FigureAsked, books: Books) -> Answered:
    """Run a figure under its own basket and window, then under every other choice."""
    measure: Measure[Any] = part(measures(), "measure", asked.measure)
    params = accepted(measure, dict(books.study.params) | asked.params)
    main = compute(measure, books, params)
    others: list[tuple[str, str, Result]] = [
        ("basket", basket, compute(measure, books, params, basket)) for basket in BASKETS
    ]
    for choice, options in asked.alternatives.items():
        usual = params.get(choice, measure.params[choice].default)
        others += [
            (choice, _option(option), compute(measure, books, params | {choice: option}))
            for option in [usual, *options]
        ]
    units = {column.name: unit_of(column.name, column.unit) for column in measure.returns.columns}
    coverage = cover(books, params)
    figures = tuple(
        _figure(asked, show, label, (main, others), units, coverage, books)
        for show, label in asked.show.items()
    )
    return Answered(asked.name, main, units, figures)


def compute(
    measure: Measure[Any], books: Books, params: dict[str, Any], basket: Basket | None = None
) -> Result:
    """Return a measure's rows by key: the reporter, partner or product that tells rows apart."""
    rows = books.run(measure, params)[basket or books.basket]
    grain = measure.returns.keys
    if len(rows) == 1 and grain[0] != "reporter":
        return {"": rows[0]}
    keyed = {next((str(row[key]) for key in grain if row[key]), ""): row for row in rows}
    return dict(sorted(keyed.items()))


def accepted(measure: Measure[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that the measure takes: a study's defaults serve many measures."""
    return {key: value for key, value in params.items() if key in measure.params}


def unit_of(name: str, unit: str) -> str:
    """Return the unit a reader sees: USD, share, ratio or count."""
    if unit == "USD":
        return "USD"
    if "share" in name:
        return "share"
    return "ratio" if name == "ratio" or "_to_" in name else "count"


def cover(books: Books, params: dict[str, Any]) -> Coverage:
    """Return what is there and what is missing of the reporter-months that a run needs."""
    resolved = books.resolve(params)
    windows = spans(resolved)
    days = sorted({day for window in windows for day in months_between(*window)})
    expected = [
        (who, day, flow)
        for flow, names in _reporting(books, resolved)
        for who in names
        for day in days
    ]
    missing = [
        (who, day)
        for who, day, flow in expected
        if (who, day) not in books.present.get(flow, set())
    ]
    now, base = [windows[0]], windows[1:]
    if "base" in resolved:
        years = window_years(resolved)
        now, base = [windows[len(years) - 1]], windows[: len(years) - 1]
    here, there = books.codes_in(now), books.codes_in(base)
    return Coverage(
        months="; ".join(words.months(first, last) for first, last in windows[::-1]),
        reporter_months_expected=len(expected),
        reporter_months_present=len(expected) - len(missing),
        missing=tuple(name_missing(missing)),
        codes_listed=len(books.goods.codes),
        codes_present=len(here | there),
        codes_one_side=tuple(sorted(here ^ there)) if "base" in resolved else (),
    )


def _reporting(books: Books, params: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    if "exporter" in params:
        return [("export", (params["exporter"],)), ("import", (params["importer"],))]
    names = params.get("reporters") or tuple(
        sorted({who for who, _day in books.present.get("export", set())})
    )
    return [(params.get("flow", "export"), tuple(names))]


def name_missing(missing: list[tuple[str, date]]) -> list[str]:
    """Name missing months by reporter, as ranges: "Kazakhstan June 2023 and August 2023"."""
    by_reporter: dict[str, list[date]] = {}
    for who, day in sorted(set(missing)):
        by_reporter.setdefault(who, []).append(day)
    named = []
    for who, days in by_reporter.items():
        runs: list[list[date]] = []
        for day in days:
            index = day.year * 12 + day.month
            if runs and runs[-1][-1].year * 12 + runs[-1][-1].month == index - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        ranges = words.listed(words.months(run[0], run[-1]) for run in runs)
        named.append(f"{countries.name(who)} {ranges}")
    return named


def _figure(
    asked: FigureAsked,
    show: str,
    label: str,
    runs: tuple[Result, list[tuple[str, str, Result]]],
    units: dict[str, str],
    coverage: Coverage,
    books: Books,
) -> Figure:
    key, _dot, column = show.rpartition(".")
    main, others = runs
    variants = tuple(
        Variant(choice, option, result.get(key, {}).get(column))
        for choice, option, result in others
    )
    values = [variant.value for variant in variants if variant.value is not None]
    row = main.get(key, {})
    value = row.get(column)
    return Figure(
        name=f"{asked.name}.{show}",
        label=label,
        value=value,
        unit=units[column],
        basket=books.basket,
        coverage=coverage,
        sensitivity=variants,
        low=min(values, default=None),
        high=max(values, default=None),
        cells=row.get("cells") or 0,
        because="" if value is not None else _why(coverage, key),
        headline=show in asked.headline,
    )


def _why(coverage: Coverage, key: str) -> str:
    who = f" for {countries.name(key)}" if key else ""
    if not coverage.reporter_months_present:
        return f"the store holds none of the months needed{who}: {words.listed(coverage.missing)}"
    if coverage.missing:
        return f"too little is published{who}; missing: {words.listed(coverage.missing)}"
    return f"the published months hold none of the goods{who}"


def _option(option: Any) -> str:
    if not isinstance(option, (list, tuple)):
        return str(option)
    numbers = sorted(option)
    if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}\N{EN DASH}{numbers[-1]}"
    return words.listed(map(str, numbers))
