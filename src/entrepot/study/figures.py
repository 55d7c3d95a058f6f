"""Figures: a measure run on the books, once per basket and choice, with its coverage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.harmonise.products import BASKETS
from entrepot.parts import measures, part
from entrepot.publish import words
from entrepot.publish.brief import Figure, Variant
from entrepot.reference import countries
from entrepot.study.behind import FigureReads
from entrepot.study.coverage import cover
from entrepot.study.runs import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.harmonise.products import Basket
    from entrepot.publish.brief import Bound, Coverage
    from entrepot.schema import Column, Role, TableSchema
    from entrepot.study.books import Books
    from entrepot.study.question import FigureBlock
    from entrepot.study.runs import Run

Result = dict[str, dict[str, Any]]
"""Rows of a measure by the first of their grain columns that has a value ("" where none has)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One figure block: the main result, the emitted figures and what they may be called.

    `units` and `roles` say how the columns of the result read and what they are. `runs` holds, by
    the name of a figure, what of which run of a measure is behind it. `bounds` says how each column
    stands to the question; with `lacks_codes_only` only goods are missing from it.
    """

    name: str
    result: Result
    units: dict[str, str]
    figures: tuple[Figure, ...]
    runs: dict[str, tuple[FigureReads, ...]]
    bounds: dict[str, Bound] = field(default_factory=dict)
    lacks_codes_only: bool = False
    roles: dict[Role, str] = field(default_factory=dict)


def answer(
    asked: FigureBlock, books: Books, earlier: Sequence[Books] = (), *, is_plain: bool = False
) -> Answered:
    """Run a figure under its own basket and window, then under every other choice.

    `earlier` are the books as they were known on earlier days: a headline figure is given as of
    each of them, if as many months were published by then. A plain one has its value alone.
    """
    main_run = run(part(measures(), "measure", asked.measure), books.study.params | asked.params)
    coverage = cover(books, main_run)
    table = main_run.measure.returns
    columns = {column.name: column for column in table.columns}

    is_counted = any(read.is_counted for read in books.reads(main_run))

    def rows(books: Books, asked_run: Run, basket: Basket | None = None) -> Result:
        # Without any row of the goods only a store that knows all that is asked says zero.
        if is_counted and not coverage.codes_present and not coverage.is_whole:
            return {}
        return compute(books, asked_run, basket, per=asked.per, at_least=asked.at_least)

    main = rows(books, main_run)
    baskets = () if is_plain else BASKETS
    others = [("basket", str(basket), rows(books, main_run, basket)) for basket in baskets]
    for choice, options in () if is_plain else asked.alternatives.items():
        others += [
            (choice, _option(option), rows(books, main_run.but(**{choice: option})))
            for option in options
        ]
    for then in earlier if asked.headline else ():
        seen = cover(then, main_run)
        is_alike = (seen.reporter_months_present, seen.gaps) == (
            coverage.reporter_months_present,
            coverage.gaps,
        )
        others.append(
            ("known on", str(then.workspace.as_of), rows(then, main_run) if is_alike else {})
        )
    others += [
        ("coverage", "reporters with every month", rows(books, main_run.but(**whole)))
        for whole in (() if is_plain else complete(books, main_run))
    ]
    own = {show: _own(show, main_run, books) for show in asked.show}
    figures = tuple(
        _figure(asked, show, label, (main, others), table, cover(books, own[show]), books.basket)
        for show, label in asked.show.items()
    )
    units = {name: column.reads_as for name, column in columns.items()}
    roles: dict[Role, str] = {one.role: one.name for one in reversed(table.columns)}
    behind: dict[str, tuple[FigureReads, ...]] = {
        f"{asked.name}.{show}": (FigureReads.of(run_of, show),) for show, run_of in own.items()
    }
    bounds = {name: bound(coverage, column, asked.at_least) for name, column in columns.items()}
    gaps = books.known(main_run).gaps
    return Answered(
        *(asked.name, main, units, figures, behind, bounds),
        lacks_codes_only=all(gap.side in ("goods", "codes") for gap in gaps),
        roles=roles,
    )


def complete(books: Books, asked: Run) -> list[dict[str, tuple[str, ...]]]:
    """Return the reporters of a run that published every month it looks at, as a list of one.

    Empty where all of them did, or none: then there is no other choice to show.
    """
    name = asked.measure.reporters
    named = books.resolve(asked).get(name) or ()
    whole = books.known(asked).whole
    reads = books.reads(asked)
    kept = tuple(
        who for who in named
        if all((read.flow, who, day) in whole for read in reads for day in read.periods)
    )  # fmt: skip
    return [{name: kept}] if 0 < len(kept) < len(named) else []


def compute(
    books: Books,
    asked: Run,
    basket: Basket | None = None,
    *,
    per: str = "",
    at_least: bool = False,
) -> Result:
    """Return a measure's rows by key: the reporter, partner or product that tells rows apart.

    With `per`, rows are added up first: into one row per value of that column, or into one of all;
    with `at_least`, as far as they are known.

    Raises:
        StudyError: Two rows have the same key, so that one would stand for both.
    """
    rows = books.run(asked, basket)
    table = asked.measure.returns
    grain = table.keys
    if per:
        rows = add_up(rows, table, "" if per == "all" else per, at_least=at_least)
    keyed = {next((str(row[key]) for key in grain if row[key]), ""): row for row in rows}
    if len(keyed) < len(rows):
        raise StudyError(
            f"study {books.study.name}: {asked.measure.run.__name__} gives {len(rows)} rows under "
            f"{words.count(len(keyed), 'name')} such as {min(keyed) or 'none'}; add them up with "
            f'per = "all" or with one of {", ".join(grain)}'
        )
    return dict(sorted(keyed.items()))


def add_up(
    rows: list[dict[str, Any]], table: TableSchema, per: str, *, at_least: bool = False
) -> list[dict[str, Any]]:
    """Add rows up, into one row per value of the column `per` or into one; none of none.

    What adds up is summed, verdicts are counted where true; what cannot be added is null, and so is
    a column that any of the rows leaves open, or with `at_least` that all of them do.
    """
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[per] if per else None, []).append(row)
    added = []
    for key, members in groups.items():
        total: dict[str, Any] = dict.fromkeys(table.names)
        for column in table.values:
            if not (column.adds_up or column.type == "boolean"):
                continue
            values = [row[column.name] for row in members]
            told = [value for value in values if value is not None]
            if len(told) == len(values) or (at_least and column.is_sum and told):
                total[column.name] = sum(told)
        added.append(total | ({per: key} if per else {}))
    return added


def row_of(result: Result, key: str, table: TableSchema) -> dict[str, Any]:
    """Return the row of a key; without a key the only row, unless it is one reporter's."""
    if key or key in result or len(result) != 1:
        return result.get(key, {})
    is_of_one = table.grain and table.grain[0].role == "reporter"
    return {} if is_of_one else next(iter(result.values()))


def _own(show: str, asked: Run, books: Books) -> Run:
    """Return what one shown column rests on: its own reporters only, where a row is of some."""
    who, name = tuple(show.rpartition(".")[0].split("+")), asked.measure.reporters
    reporters = books.resolve(asked).get(name) or ()
    return asked.but(**{name: who}) if {*who} <= {*reporters} else asked


def _figure(
    asked: FigureBlock,
    show: str,
    label: str,
    runs: tuple[Result, list[tuple[str, str, Result]]],
    table: TableSchema,
    coverage: Coverage,
    basket: str,
) -> Figure:
    key, _dot, name = show.rpartition(".")
    column = next(one for one in table.columns if one.name == name)
    main, others = runs
    variants = tuple(
        Variant(choice, option, row_of(result, key, table).get(name))
        for choice, option, result in others
    )
    values = [variant.value for variant in variants if variant.value is not None]
    row = row_of(main, key, table)
    value = row.get(name)
    if value == 0 and bound(coverage, column) == "at least":
        value = None  # of a part, zero says nothing of the whole
    return Figure(
        name=f"{asked.name}.{show}",
        label=label,
        value=value,
        unit=column.reads_as,
        basket=basket,
        coverage=coverage,
        sensitivity=variants,
        low=min(values, default=None),
        high=max(values, default=None),
        because="" if value is not None else _why(coverage, key, row, asked.needs),
        headline=show in asked.headline,
        bound=bound(coverage, column, asked.at_least) if value is not None else "",
    )


def bound(coverage: Coverage, column: Column, at_least: bool = False) -> Bound:
    """Return how a value stands to the question: a sum of a part is at least the whole's.

    With `at_least` missing months make a part of it too.
    """
    if not coverage.is_part and (coverage.is_complete or not at_least):
        return ""
    return "at least" if column.is_sum else "of the known part"


def _why(coverage: Coverage, key: str, row: dict[str, Any], needs: str) -> str:
    who = f" for {_spoken(key)}" if key else ""
    if coverage.gaps and not coverage.reporter_months_present:
        return f"not known{who}: {'; '.join(coverage.gaps)}"
    if not coverage.reporter_months_expected and coverage.months:
        return f"nobody published what is needed{who}: {words.window(coverage.months)}"
    if coverage.missing and not coverage.reporter_months_present:
        return f"the store holds none of the months needed{who}: {words.listed(coverage.missing)}"
    if coverage.missing:
        return f"too little is published{who}; missing: {words.listed(coverage.missing)}"
    if coverage.gaps and (coverage.is_part or not row):
        return f"not known{who}: {'; '.join(coverage.gaps)}"
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
