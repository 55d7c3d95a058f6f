"""Check: what a study names exists, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any

from entrepot import registry
from entrepot.parts import estimators, measures
from entrepot.reference._files import near
from entrepot.schema import ESTIMATES
from entrepot.study.faults import fault
from entrepot.study.params import RunParams
from entrepot.study.runs import ENDS, MONTHS, WORDS, measure_of
from entrepot.typed import Path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from entrepot.contracts import Measure
    from entrepot.schema import TableSchema
    from entrepot.study.question import FigureBlock, Study

Layer = tuple[Path, Mapping[str, Any]]
NUMBERS = ("int64", "float64", "boolean")
OF_PICTURES = ("series_of",)
"""Keys under [params] that are a picture's own."""


def check(study: Study) -> None:
    """Refuse a study that names a part, parameter, column or chart that does not exist.

    Raises:
        StudyError: A name means nothing, or a parameter is of the wrong type: one line that gives
            the line of the file and the nearest name there is.
        UnknownCodeError: A country or group is in none of our lists.
    """
    found = measures()
    for kind, number, name, measure in _measured(study):
        path: Path = (kind, number, "measure")
        _among(study, path, f"[[{kind}]] {name}: measure", measure, found)
    known_estimators = estimators() if study.estimate else {}
    for number, one in enumerate(study.estimate):
        path = ("estimate", number, "estimator")
        where = f"[[estimate]] {one.name}: estimator"
        _among(study, path, where, one.estimator, known_estimators)
    _names(study)
    used = {measure for _kind, _number, _name, measure in _measured(study)} | {MONTHS}
    known = {key for name in used for key in found[name].params}
    known |= {*OF_PICTURES, *WORDS, *ENDS}
    known |= {key for one in study.estimate for key in known_estimators[one.estimator].params}
    for key in study.params:
        _among(study, ("params", key), "[params]: key", key, sorted(known))
    _pictures(study, known)
    for asked in (*_asked(study, found), *_estimated(study, known_estimators)):
        asked.check()
    _figures(study, found)
    _tables(study, found)
    _headline(study, found)


def _names(study: Study) -> None:
    """Refuse a name that two blocks have: the second would stand for the first."""
    seen: set[str] = set()
    for kind in ("figure", "derived", "tally", "breakdown", "estimate"):
        for number, block in enumerate(getattr(study, kind)):
            if block.name in seen:
                raise fault(
                    *(study.name, study.lines, (kind, number, "name")),
                    f"[[{kind}]] {block.name}: another block has this name; choose another",
                )
            seen.add(block.name)


def _measured(study: Study) -> Iterator[tuple[str, int, str, str]]:
    """Every block that a measure is run for: its kind, number and name, and the measure."""
    for number, figure in enumerate(study.figure):
        yield "figure", number, figure.name, figure.measure
    for number, table in enumerate(study.breakdown):
        yield "breakdown", number, table.name, measure_of(table)


def _asked(study: Study, found: Mapping[str, Measure[Any]]) -> Iterator[RunParams]:
    whole: Layer = (("params",), study.params)
    for number, figure in enumerate(study.figure):
        own: Layer = (("figure", number, "params"), figure.params)
        yield RunParams(study, f"[[figure]] {figure.name}", found[figure.measure], [whole, own])
    for number, table in enumerate(study.breakdown):
        where, measure = f"[[breakdown]] {table.name}", found[measure_of(table)]
        own = (("breakdown", number, "params"), table.params)
        if not table.series:
            yield RunParams(study, where, measure, [whole, own])
        for name, rest in table.series.items():
            last: Layer = (("breakdown", number, "series", name), rest)
            yield RunParams(study, f"{where}: {name}", measure, [whole, own, last])
    for number, picture in enumerate(study.picture):
        months = found[MONTHS]
        side = (study.params | picture.params).get("series_of", "partners")
        taken = {key: value for key, value in picture.params.items() if key in months.params}
        own = (("picture", number, "params"), taken)
        for name, members in picture.series.items():
            last = (("picture", number, "series"), {str(side): members})
            yield RunParams(
                study, f"[[picture]] {picture.title}: {name}", months, [whole, own, last]
            )


def _estimated(study: Study, found: Mapping[str, Measure[Any]]) -> Iterator[RunParams]:
    for number, one in enumerate(study.estimate):
        estimator = found[one.estimator]
        # The goods of an estimate are the study's, as `estimates.given` says.
        shared = {key: value for key, value in study.params.items() if key in estimator.params}
        own: Layer = (("estimate", number, "params"), one.params)
        yield RunParams(study, f"[[estimate]] {one.name}", estimator, [(("params",), shared), own])


def _figures(study: Study, found: Mapping[str, Measure[Any]]) -> None:
    for number, figure in enumerate(study.figure):
        measure = found[figure.measure]
        path: Path = ("figure", number)
        where, table = f"[[figure]] {figure.name}", measure.returns
        for key in ("show", "headline"):
            for name in getattr(figure, key):
                column = name.rpartition(".")[2]
                at: Path = (*path, key, name) if key == "show" else (*path, key)
                _among(study, at, f"{where}: column", column, table.names)
                _refuse_text(study, at, figure, column, table)
        if lost := [one for one in figure.headline if one not in figure.show]:
            raise fault(
                *(study.name, study.lines, (*path, "headline")),
                f"{where} has {lost[0]!r} in headline and not under show; "
                f"{near(lost[0], [*figure.show])}",
            )
        if figure.per:
            _among(study, (*path, "per"), f"{where}: per", figure.per, ("all", *table.keys))
        asked = RunParams(study, f"{where}: alternatives", measure, ())
        for key, options in figure.alternatives.items():
            chosen: Path = (*path, "alternatives", key)
            _among(study, chosen, f"{where}: parameter", key, measure.params)
            for place, option in enumerate(options):
                asked.value(key, option, (*chosen, place))


def _refuse_text(
    study: Study, path: Path, figure: FigureBlock, name: str, table: TableSchema
) -> None:
    """Refuse a column that is no number, or that cannot be added up where rows are."""
    column = next(one for one in table.columns if one.name == name)
    where = f"[[figure]] {figure.name}"
    if column.type not in NUMBERS or column in table.grain:
        raise fault(
            *(study.name, study.lines, path),
            f"{where} shows {name}, which is a {column.type} and no figure; show a column of "
            "numbers, and name this one in the headline",
        )
    if figure.per and not (column.adds_up or column.type == "boolean"):
        fits = [one.name for one in table.values if one.adds_up]
        raise fault(
            *(study.name, study.lines, path),
            f"{where} adds {name} up over rows, and it does not add up; show one of "
            f"{', '.join(fits) or 'no columns'}, or leave out per",
        )


def _tables(study: Study, found: Mapping[str, Measure[Any]]) -> None:
    tables = {figure.name: found[figure.measure].returns.names for figure in study.figure}
    for number, tally in enumerate(study.tally):
        where = f"[[tally]] {tally.name}"
        path: Path = ("tally", number)
        _among(study, (*path, "figure"), f"{where}: figure", tally.figure, tables)
        columns = tables[tally.figure]
        _among(study, (*path, "column"), f"{where}: column", tally.column, columns)
    for number, table in enumerate(study.breakdown):
        grain = found[measure_of(table)].returns.keys
        known = grain if table.measure else dict.fromkeys((*grain, "year", "period"))
        _among(
            study, ("breakdown", number, "by"), f"[[breakdown]] {table.name}: by", table.by, known
        )


def _headline(study: Study, found: Mapping[str, Measure[Any]]) -> None:
    """Check the fields of the headline: a block, or a block and a key, and one of its columns."""
    columns = {figure.name: found[figure.measure].returns.names for figure in study.figure}
    columns |= {derived.name: ["value"] for derived in study.derived}
    columns |= {one.name: ESTIMATES.names for one in study.estimate}
    plain = {"codes", *(tally.name for tally in study.tally)}
    plain |= {table.name for table in study.breakdown}
    at = ("headline",)
    try:
        fields = [name for _text, name, _spec, _conv in Formatter().parse(study.headline) if name]
    except ValueError as error:
        raise fault(study.name, study.lines, at, f"headline: {error}") from None
    for name in fields:
        block, dot, column = name.partition(".")
        if block in plain:
            continue
        blocks = [one for one in columns if block == one or block.startswith(f"{one}_")]
        if not blocks:
            _among(study, at, "headline: block", block, (*columns, *plain))
        if dot:
            home = max(blocks, key=len)
            _among(study, at, f"headline: column of {home}", column, columns[home])


def _pictures(study: Study, known: Collection[str]) -> None:
    charts = registry.names("entrepot.publish.charts")
    tables = [table.name for table in study.breakdown]
    for number, picture in enumerate(study.picture):
        where = f"[[picture]] {picture.title!r}"
        path: Path = ("picture", number)
        _among(study, (*path, "kind"), f"{where}: kind", picture.kind, charts)
        for key in picture.params:
            _among(study, (*path, "params", key), f"{where}: parameter", key, known)
        if picture.of:
            _among(study, (*path, "of"), f"{where}: of", picture.of, tables)
    sides = [((*place, "series_of"), params)
             for place, params in _sides(study) if "series_of" in params]  # fmt: skip
    for side, params in sides:
        _among(study, side, "series_of", str(params["series_of"]), ("partners", "reporters"))


def _sides(study: Study) -> Iterator[Layer]:
    yield ("params",), study.params
    for number, picture in enumerate(study.picture):
        yield ("picture", number, "params"), picture.params


def _among(study: Study, path: Path, where: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise fault(
            *(study.name, study.lines, path),
            f"{where} {name!r} does not exist; {near(name, [*known])}; there are: "
            f"{', '.join(known)}",
        )
