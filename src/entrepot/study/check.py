"""Check: what a study names exists, before anything runs."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from entrepot import registry
from entrepot.errors import StudyError
from entrepot.question.words import example
from entrepot.reference._files import near
from entrepot.schema import ESTIMATES
from entrepot.study.runs import ENDS, MONTHS, WORDS, drawn, measure_of, run
from entrepot.workspace import estimators, measures

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from entrepot.contracts import Measure
    from entrepot.schema import TableSchema
    from entrepot.study.question import FigureAsked, Study

NUMBERS = ("int64", "float64", "boolean")
OF_PICTURES = ("series_of",)
"""Keys under [params] that are a picture's own."""


def check(study: Study) -> None:
    """Refuse a study that names a measure, estimator, column or chart that does not exist.

    Raises:
        StudyError: With one line that gives the nearest name there is.
    """
    found = measures()
    blocks = [("figure", one.name, one.measure, one.params) for one in study.figure]
    blocks += [
        ("breakdown", one.name, measure_of(one), one.params | own)
        for one in study.breakdown
        for own in (one.series or {"": {}}).values()
    ]
    for kind, name, measure, params in blocks:
        _among(study, f"[[{kind}]] {name}: measure", measure, found)
        _among_all(study, f"[[{kind}]] {name}: parameter", params, found[measure].params)
        _complete(study, f"[[{kind}]] {name}", found[measure], study.params | params)
    for picture in study.picture:
        for own in drawn(study, picture).values():
            where = f"[[picture]] {picture.title!r}"
            _complete(study, where, found[MONTHS], study.params | own)
    known_estimators = estimators() if study.estimate else {}
    for one in study.estimate:
        where = f"[[estimate]] {one.name}"
        _among(study, f"{where}: estimator", one.estimator, known_estimators)
        estimator = known_estimators[one.estimator]
        free = [key for key in estimator.params if key != estimator.goods]
        _among_all(study, f"{where}: parameter", one.params, free)
    used = {measure for _kind, _name, measure, _params in blocks} | {MONTHS}
    known = {key for name in used for key in found[name].params} | {*OF_PICTURES, *WORDS, *ENDS}
    known |= {key for one in study.estimate for key in known_estimators[one.estimator].params}
    _among_all(study, "[params]: key", study.params, known)
    _columns(study, found)
    _headline(study, found)
    _pictures(study, known)


def _complete(study: Study, where: str, measure: Measure[Any], params: Mapping[str, Any]) -> None:
    """Refuse a block that leaves out a parameter its measure cannot do without."""
    if lacking := measure.lacking(run(measure, params).params):
        kind = example(measure.kind(lacking[0]))
        raise StudyError(
            f"study {study.name}: {where} does not say {lacking[0]} ({kind}); write it under its "
            "params or under [params]"
        )


def _columns(study: Study, found: Mapping[str, Measure[Any]]) -> None:
    for figure in study.figure:
        columns = found[figure.measure].returns.names
        for show in (*figure.show, *figure.headline):
            column = show.rpartition(".")[2]
            _among(study, f"[[figure]] {figure.name}: column", column, columns)
            _refuse_text(study, figure, column, found[figure.measure].returns)
        if figure.per and figure.per != "all":
            _among(study, f"[[figure]] {figure.name}: per", figure.per,
                   found[figure.measure].returns.keys)  # fmt: skip
        _among_all(study, f"[[figure]] {figure.name}: parameter", figure.alternatives,
                   found[figure.measure].params)  # fmt: skip
        if lost := [one for one in figure.headline if one not in figure.show]:
            raise StudyError(
                f"study {study.name}: [[figure]] {figure.name} has {lost[0]!r} in headline and not "
                f"under show; {near(lost[0], [*figure.show])}"
            )
    tables = {figure.name: found[figure.measure].returns.names for figure in study.figure}
    for tally in study.tally:
        _among(study, f"[[tally]] {tally.name}: figure", tally.figure, tables)
        _among(study, f"[[tally]] {tally.name}: column", tally.column, tables[tally.figure])
    for table in study.breakdown:
        grain = found[measure_of(table)].returns.keys
        _among(study, f"[[breakdown]] {table.name}: by", table.by, grain)


def _refuse_text(study: Study, figure: FigureAsked, name: str, table: TableSchema) -> None:
    """Refuse a column that is no number, or that cannot be added up where rows are."""
    column = next(one for one in table.columns if one.name == name)
    if column.type not in NUMBERS or column in table.grain:
        raise StudyError(
            f"study {study.name}: [[figure]] {figure.name} shows {name}, which is a {column.type} "
            "and no figure; show a column of numbers, and name this one in the headline"
        )
    if figure.per and not (column.adds_up or column.type == "boolean"):
        fits = [one.name for one in table.values if one.adds_up]
        raise StudyError(
            f"study {study.name}: [[figure]] {figure.name} adds {name} up over rows, and it does "
            f"not add up; show one of {', '.join(fits) or 'no columns'}, or leave out per"
        )


def _headline(study: Study, found: Mapping[str, Measure[Any]]) -> None:
    """Check the fields of the headline: a block, or a block and a key, and one of its columns."""
    columns = {figure.name: found[figure.measure].returns.names for figure in study.figure}
    columns |= {derived.name: ["value"] for derived in study.derived}
    columns |= {one.name: ESTIMATES.names for one in study.estimate}
    plain = {"codes", *(tally.name for tally in study.tally)}
    plain |= {table.name for table in study.breakdown}
    try:
        fields = [name for _text, name, _spec, _conv in Formatter().parse(study.headline) if name]
    except ValueError as error:
        raise StudyError(f"study {study.name}: headline: {error}") from None
    for name in fields:
        block, dot, column = name.partition(".")
        if block in plain:
            continue
        blocks = [one for one in columns if block == one or block.startswith(f"{one}_")]
        if not blocks:
            _among(study, "headline: block", block, (*columns, *plain))
        if dot:
            home = max(blocks, key=len)
            _among(study, f"headline: column of {home}", column, columns[home])


def _pictures(study: Study, known: Collection[str]) -> None:
    charts = registry.names("entrepot.publish.charts")
    tables = [table.name for table in study.breakdown]
    for picture in study.picture:
        where = f"[[picture]] {picture.title!r}"
        _among(study, f"{where}: kind", picture.kind, charts)
        _among_all(study, f"{where}: parameter", picture.params, known)
        if picture.of:
            _among(study, f"{where}: of", picture.of, tables)


def _among_all(study: Study, where: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        _among(study, where, name, known)


def _among(study: Study, where: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise StudyError(
            f"study {study.name}: {where} {name!r} does not exist; {near(name, [*known])}; there "
            f"are: {', '.join(known)}"
        )
