"""Figures: a measure run on the books, once per basket and choice, with its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.harmonise.products import BASKETS
from entrepot.publish import words
from entrepot.publish.brief import Figure, Variant
from entrepot.reference import countries
from entrepot.study.coverage import cover
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.contracts import Measure
    from entrepot.harmonise.products import Basket
    from entrepot.publish.brief import Coverage
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


def answer(asked: FigureAsked, books: Books, earlier: Sequence[Books] = ()) -> Answered:
    """Run a figure under its own basket and window, then under every other choice.

    `earlier` are the books as they were known on earlier days: a headline figure is given as of
    each of them, if as many months were published by then.
    """
    measure: Measure[Any] = part(measures(), "measure", asked.measure)
    params = accepted(measure, dict(books.study.params) | asked.params)
    main = compute(measure, books, params)
    others: list[tuple[str, str, Result]] = [
        ("basket", basket, compute(measure, books, params, basket)) for basket in BASKETS
    ]
    for choice, options in asked.alternatives.items():
        others += [
            (choice, _option(option), compute(measure, books, params | {choice: option}))
            for option in options
        ]
    units = {column.name: unit_of(column.name, column.unit) for column in measure.returns.columns}
    coverage = cover(books, params)
    for then in earlier if asked.headline else ():
        seen = cover(then, params).reporter_months_present
        known = compute(measure, then, params) if seen == coverage.reporter_months_present else {}
        others.append(("known on", str(then.workspace.as_of), known))
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
    return words.years(option)
