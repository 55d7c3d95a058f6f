"""Headline: the sentence of a brief, filled from its figures and tables."""

from __future__ import annotations

from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.study import claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from entrepot.publish.brief import Bound, Breakdown, Coverage
    from entrepot.study.figures import Answered
    from entrepot.study.question import Study, TallyAsked

NAMED = 3
"""Rows of a table that a sentence names."""


class _Spoken:
    """A row in a headline: {block.column} in words, {block:change} as a verb.

    What is known in part says so: "at least $3 million", "rose by 71% in the part that is known".
    {block:moved} is the verb with the value reached: "rose by 71% to $3 million", "stayed at $0".
    {block:counted} names how much of the question was compared, or is nothing where all of it was.
    """

    def __init__(self, row: dict[str, Any], block: Answered, bounds: dict[str, Bound]) -> None:
        self._row, self._block, self._bounds = row, block, bounds

    def __getattr__(self, column: str) -> str:
        if self._row.get(column) is None:
            raise LookupError(column)
        found = words.figure(self._row[column], self._block.units[column])
        return words.bounded(found, self._bounds.get(column, ""))

    def __format__(self, spec: str) -> str:
        row, coverage = self._row, self._block.figures[0].coverage if self._block.figures else None
        if spec == "change" and row.get("base_usd") is not None:
            is_part = self._bounds.get("value_usd") and coverage and coverage.is_part
            part = " in the part that is known" if is_part else ""
            return words.change(row["base_usd"], row["value_usd"]) + part
        if spec == "moved":
            return self._moved()
        if spec == "counted" and coverage is not None:
            return _counted(row, coverage)
        raise LookupError(spec)

    def _moved(self) -> str:
        before, after = self._row.get("base_usd"), self._row.get("value_usd")
        if before is None or after is None:
            raise LookupError("moved")
        if before == after:
            return f"stayed at {self.value_usd}"
        return f"{self:change}" if not after else f"{self:change} to {self.value_usd}"


def _counted(row: dict[str, Any], coverage: Coverage) -> str:
    if coverage.is_complete:
        return ""
    if row.get("months_compared") is not None:
        return f", over the {words.count(row['months_compared'], 'month')} that both published"
    if row.get("reporter_months") is not None:
        count, of = row["reporter_months"], row["reporter_months_expected"]
        return f", over the {count:,} of {of:,} reporter-months that can be compared"
    count, of = coverage.reporter_months_present, coverage.reporter_months_expected
    return f", over {count:,} of {of:,} reporter-months"


class _Effect:
    """An estimate in a headline: {name.factor} in words."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row

    def __getattr__(self, column: str) -> str:
        value = self._row.get(column)
        if value is None:
            raise LookupError(column)
        unit = "p" if column.endswith("p") or column == "p_value" else "coefficient"
        return words.figure(value, unit) if isinstance(value, float) else f"{value}"


class _Ranked:
    """A table in a headline: {table:largest} and {table:rises} name its first rows."""

    def __init__(self, table: Breakdown) -> None:
        self._rows = table.rows

    def __format__(self, spec: str) -> str:
        if spec == "largest":
            found = [row for row in self._rows if (row.get("value_usd") or 0) > 0]
            found.sort(key=lambda row: -row["value_usd"])
            return _sentence("Largest", (_largest(row) for row in found[:NAMED]), len(self._rows))
        if spec == "rises":
            found = [row for row in self._rows if (row.get("change_usd") or 0) > 0]
            found.sort(key=lambda row: -row["change_usd"])
            named = (_rise(row) for row in found[:NAMED])
            fell = "None of them rose." if len(self._rows) > 1 else ""
            return _sentence("Largest rises", named, len(self._rows)) or fell
        raise LookupError(spec)


def _sentence(head: str, named: Iterable[str], rows: int) -> str:
    told = list(named)
    if not told or rows < 2:
        return ""
    return f"{head if len(told) > 1 else head.removesuffix('s')}: {words.listed(told)}."


def _largest(row: dict[str, Any]) -> str:
    share = f", {words.share(row['share'])}" if row.get("share") is not None else ""
    return f"{row['label']} ({words.usd(row['value_usd'])}{share})"


def _rise(row: dict[str, Any]) -> str:
    return f"{row['label']} (by {words.usd(row['change_usd'])} to {words.usd(row['value_usd'])})"


def headline(
    study: Study,
    answered: dict[str, Answered],
    breakdowns: Sequence[Breakdown] = (),
    effects: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> str:
    """Fill the headline; where any number in it is missing, say that there is no answer."""
    # A headline that counts its codes speaks of those that are known, and of no others.
    counts_codes = "{codes}" in study.headline
    bounds = {
        name: {} if counts_codes and block.lacks_codes_only else block.bounds
        for name, block in answered.items()
    }
    spoken = {
        name: _Spoken(next(iter(block.result.values()), {}), block, bounds[name])
        for name, block in answered.items()
    }
    keyed = {
        f"{name}_{key}": _Spoken(row, block, bounds[name])
        for name, block in answered.items()
        for key, row in block.result.items()
        if key
    }
    ranked = {table.name: _Ranked(table) for table in breakdowns}
    figures = [figure for block in answered.values() for figure in block.figures]
    try:
        tallies = {asked.name: _tally(asked, answered[asked.figure]) for asked in study.tally}
        present = max((figure.coverage.codes_present for figure in figures), default=0)
        codes = {"codes": words.number(present)}
        told = {name: _Effect(row) for name, row in effects.items()}
        fields = ranked | spoken | keyed | tallies | codes | told
        text = Formatter().vformat(study.headline, (), fields)
    except LookupError:
        return study.unanswered
    parts = {
        gap
        for name, block in answered.items()
        if any(bounds[name].values())
        for figure in block.figures
        for gap in figure.coverage.gaps
    }
    if parts:
        text += f" Only a part of this is known: {'; '.join(sorted(parts))}."
    return " ".join(text.split())


def _tally(asked: TallyAsked, block: Answered) -> str:
    """Count the rows that pass the bar, of those that have a value."""
    values = [row[asked.column] for row in block.result.values() if row[asked.column] is not None]
    if not values:
        raise LookupError(asked.name)
    passed = sum(claims.holds(value, asked.at_least, asked.at_most) for value in values)
    if passed == len(values) > 1:
        return f"all {words.number(passed)}"
    return f"{words.number(passed) if passed else 'none'} of {words.number(len(values))}"
