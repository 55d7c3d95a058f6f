"""Figures: a measure run on the books, once per basket and choice, with its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.harmonise.products import BASKETS
from entrepot.measures._same_months import months_between
from entrepot.publish import words
from entrepot.publish.brief import Figure, Variant
from entrepot.reference import countries
from entrepot.study.coverage import cover
from entrepot.study.runs import accepted, spans
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.contracts import Measure
    from entrepot.harmonise.products import Basket
    from entrepot.publish.brief import Coverage
    from entrepot.schema import TableSchema
    from entrepot.study.books import Books
    from entrepot.study.question import FigureAsked

Result = dict[str, dict[str, Any]]
"""Rows of a measure by the key of their first grain column ("" for a single row)."""

NOT_ADDED = frozenset(
    "total_usd world_usd world_change_usd left_out_usd compatible_total_usd ceiling_total_usd "
    "compared_usd history_top_usd excess_low_usd excess_high_usd".split()
)
"""Dollars that stand for several rows at once, or are the ends of a range: a sum would be wrong."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One figure block: the main result, the emitted figures and what they may be called.

    `runs` holds, by the name of a figure, the parameters of every run of a measure behind it.
    """

    name: str
    result: Result
    units: dict[str, str]
    figures: tuple[Figure, ...]
    runs: dict[str, tuple[dict[str, Any], ...]]


def answer(asked: FigureAsked, books: Books, earlier: Sequence[Books] = ()) -> Answered:
    """Run a figure under its own basket and window, then under every other choice.

    `earlier` are the books as they were known on earlier days: a headline figure is given as of
    each of them, if as many months were published by then.
    """
    measure: Measure[Any] = part(measures(), "measure", asked.measure)
    params = accepted(measure, dict(books.study.params) | asked.params)
    coverage = cover(books, params)
    units = {column.name: unit_of(column.name, column.unit) for column in measure.returns.columns}

    def run(books: Books, params: dict[str, Any], basket: Basket | None = None) -> Result:
        # A store without any row of the goods does not say that there was no trade in them.
        if not coverage.codes_present:
            return {}
        return compute(measure, books, params, basket, per=asked.per)

    main = run(books, params)
    others = [("basket", str(basket), run(books, params, basket)) for basket in BASKETS]
    for choice, options in asked.alternatives.items():
        others += [
            (choice, _option(option), run(books, params | {choice: option})) for option in options
        ]
    for then in earlier if asked.headline else ():
        seen = cover(then, params).reporter_months_present
        known = run(then, params) if seen == coverage.reporter_months_present else {}
        others.append(("known on", str(then.workspace.as_of), known))
    others += [
        ("coverage", "reporters with every month", run(books, params | {"reporters": whole}))
        for whole in complete(books, params)
    ]
    own = {show: _own(show, params, books) for show in asked.show}
    figures = tuple(
        _figure(asked, show, label, (main, others), units, cover(books, own[show]), books.basket)
        for show, label in asked.show.items()
    )
    runs: dict[str, tuple[dict[str, Any], ...]] = {
        f"{asked.name}.{show}": (run_of,) for show, run_of in own.items()
    }
    return Answered(asked.name, main, units, figures, runs)


def complete(books: Books, params: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the reporters of a run that published every month it looks at, as a list of one.

    Empty where all of them did, or none: then there is no other choice to show.
    """
    resolved = books.resolve(params)
    named = resolved.get("reporters") or ()
    present = books.present.get(resolved.get("flow", "export"), set())
    days = [day for span in spans(resolved) for day in months_between(*span)]
    whole = tuple(who for who in named if all((who, day) in present for day in days))
    return [whole] if 0 < len(whole) < len(named) else []


def compute(
    measure: Measure[Any],
    books: Books,
    params: dict[str, Any],
    basket: Basket | None = None,
    *,
    per: str = "",
) -> Result:
    """Return a measure's rows by key: the reporter, partner or product that tells rows apart.

    With `per`, rows are added up first: into one row per value of that column, or into one of all.

    Raises:
        StudyError: Two rows have the same key, so that one would stand for both.
    """
    rows = books.run(measure, params)[basket or books.basket]
    grain = measure.returns.keys
    if per:
        rows = add_up(rows, measure.returns, "" if per == "all" else per)
    if len(rows) == 1 and (grain[0] != "reporter" or per == "all"):
        return {"": rows[0]}
    keyed = {next((str(row[key]) for key in grain if row[key]), ""): row for row in rows}
    if len(keyed) < len(rows):
        raise StudyError(
            f"study {books.study.name}: {measure.run.__name__} gives {len(rows)} rows under "
            f'{len(keyed)} names such as {min(keyed)}; add them up with per = "all" or with one '
            f"of {', '.join(grain)}"
        )
    return dict(sorted(keyed.items()))


def add_up(rows: list[dict[str, Any]], table: TableSchema, per: str) -> list[dict[str, Any]]:
    """Add rows up, into one row per value of the column `per` or into one; none of none.

    Dollars and cells are summed, verdicts counted where true; what cannot be added is null, and so
    is a column that any of the rows leaves open.
    """
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[per] if per else None, []).append(row)
    added = []
    for key, members in groups.items():
        total: dict[str, Any] = dict.fromkeys(table.names)
        for column in table.values:
            if column.name in NOT_ADDED:
                continue
            values = [row[column.name] for row in members]
            is_sum = column.unit == "USD" or column.type == "boolean" or column.name == "cells"
            if is_sum and None not in values:
                total[column.name] = sum(values)
        added.append(total | ({per: key} if per else {}))
    return added


def unit_of(name: str, unit: str) -> str:
    """Return the unit a reader sees: USD, share, ratio or count."""
    if unit == "USD":
        return "USD"
    if "share" in name:
        return "share"
    is_ratio = name.endswith("ratio") or "_to_" in name or name.startswith("multiple_of")
    return "ratio" if is_ratio else "count"


def _own(show: str, params: dict[str, Any], books: Books) -> dict[str, Any]:
    """Return what one shown column rests on: its own reporters only, where a row is of some."""
    who = tuple(show.rpartition(".")[0].split("+"))
    reporters = books.resolve(params).get("reporters") or ()
    return params | {"reporters": who} if {*who} <= {*reporters} else params


def _figure(
    asked: FigureAsked,
    show: str,
    label: str,
    runs: tuple[Result, list[tuple[str, str, Result]]],
    units: dict[str, str],
    coverage: Coverage,
    basket: str,
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
        basket=basket,
        coverage=coverage,
        sensitivity=variants,
        low=min(values, default=None),
        high=max(values, default=None),
        cells=row.get("cells") or 0,
        because="" if value is not None else _why(coverage, key, row, asked.needs),
        headline=show in asked.headline,
    )


def _why(coverage: Coverage, key: str, row: dict[str, Any], needs: str) -> str:
    who = f" for {_spoken(key)}" if key else ""
    if not coverage.reporter_months_present:
        if not coverage.missing:
            return f"the store holds nothing of what is needed{who}"
        return f"the store holds none of the months needed{who}: {words.listed(coverage.missing)}"
    if coverage.missing:
        return f"too little is published{who}; missing: {words.listed(coverage.missing)}"
    if row:
        also = f": it needs {needs}" if needs else ""
        return f"the rows found leave it open{who}{also}"
    return f"the published months hold none of the goods{who}"


def _spoken(key: str) -> str:
    """Return a row's key in words: countries, alone or together, by name; a code as it is."""
    names = [code if code[:1].isdigit() else countries.name(code) for code in key.split("+")]
    return words.listed(names)


def _option(option: Any) -> str:
    if isinstance(option, bool):
        return "yes" if option else "no"
    if not isinstance(option, (list, tuple)):
        return str(option)
    return words.years(option)
