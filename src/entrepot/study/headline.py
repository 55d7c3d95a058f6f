"""Headline: the sentence of a brief, filled from its figures and tables."""

from __future__ import annotations

from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.study import claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from entrepot.publish.brief import Bound, Breakdown, Coverage, Figure
    from entrepot.schema import Role
    from entrepot.study.figures import Answered
    from entrepot.study.question import Study, TallyBlock

NAMED = 3
"""Rows of a table that a sentence names."""
MATERIAL = 0.1
"""Part of a percentage or ratio that its range must exceed to stand in the sentence beside it."""
DOUBLED = 1.995
"""From here on a change is told as a multiple: see `words.change`."""
OVER = "over the choices shown"


class _Spoken:
    """A row in a headline: {block.column} in words, {block:change} as a verb.

    What is known in part says so: "at least $3 million", "rose by 71% in the part that is known".
    A percentage or a ratio that other choices would move by a tenth carries its range.
    {block:moved} is the verb with the value reached: "rose by 71% to $3 million", "stayed at $0".
    {block:counted} names how much of the question was compared, or is nothing where all of it was.
    """

    def __init__(
        self, row: dict[str, Any], block: Answered, bounds: dict[str, Bound], key: str = ""
    ) -> None:
        self._row, self._block, self._bounds, self._key = row, block, bounds, key

    def __getattr__(self, column: str) -> str:
        found = self._row.get(column)
        if found is None:
            raise LookupError(column)
        if not isinstance(found, int | float):
            return f"{found}"
        unit = self._block.units[column]
        told = words.bounded(words.figure(found, unit), self._bounds.get(column, ""))
        return told + (self._range(column) if unit in ("ratio", "share") else "")

    def _range(self, column: str) -> str:
        """Return the range of a shown figure in brackets where it is wide; else nothing."""
        figure = self._figure(column)
        if figure is None or figure.low is None or figure.high is None or not figure.value:
            return ""
        if figure.high - figure.low <= MATERIAL * abs(figure.value):
            return ""
        return f" ({words.span(figure.low, figure.high, figure.unit)} {OVER})"

    def _figure(self, column: str) -> Figure | None:
        """Return the figure of the row that a column of it is shown as."""
        name = ".".join(filter(None, (self._block.name, self._key, column)))
        return next((one for one in self._block.figures if one.name == name), None)

    def _span_of_change(self) -> str:
        """Return in brackets how far other choices move the change; nothing where it is little."""
        ratio = self._figure(self._block.roles.get("ratio", ""))
        if ratio is None or ratio.low is None or ratio.high is None or not ratio.value:
            return ""
        low, high = ratio.low, ratio.high
        if high - low <= MATERIAL * abs(ratio.value - 1):
            return ""
        if ratio.value >= DOUBLED or low < 1 < high:
            return f" ({words.span(low, high, 'ratio')} {OVER})"
        ends = (low - 1, high - 1) if low >= 1 else (1 - high, 1 - low)
        return f" ({words.span(*ends, 'share')} {OVER})"

    def __format__(self, spec: str) -> str:
        coverage = self._block.figures[0].coverage if self._block.figures else None
        before, after = self._of("base"), self._of("value")
        if spec in ("change", "moved") and before is not None and after is not None:
            value = self._block.roles["value"]
            is_part = self._bounds.get(value) and coverage and coverage.is_part
            part = " in the part that is known" if is_part else ""
            change = words.change(before, after) + self._span_of_change() + part
            return change if spec == "change" else self._moved(change, getattr(self, value))
        if spec == "counted" and coverage is not None:
            return self._counted(coverage)
        raise LookupError(spec)

    def _of(self, role: Role) -> Any:
        """Return what the column of a role holds; None without such a column."""
        return self._row.get(self._block.roles.get(role, ""))

    def _moved(self, change: str, reached: str) -> str:
        if self._of("base") == self._of("value"):
            return f"stayed at {reached}"
        return f"{change} to {reached}" if self._of("value") else change

    def _counted(self, coverage: Coverage) -> str:
        if coverage.is_complete:
            return ""
        if (both := self._of("months compared")) is not None:
            return f", over the {words.count(both, 'month')} that both published"
        count, of = self._of("reporter-months"), self._of("expected")
        if count is not None and of is not None:
            return f", over the {count:,} of {of:,} reporter-months that can be compared"
        return _counted(coverage)


def _counted(coverage: Coverage) -> str:
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
        f"{name}_{key}": _Spoken(row, block, bounds[name], key)
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


def _tally(asked: TallyBlock, block: Answered) -> str:
    """Count the rows that pass the bar, of those that have a value."""
    values = [row[asked.column] for row in block.result.values() if row[asked.column] is not None]
    if not values:
        raise LookupError(asked.name)
    passed = sum(claims.holds(value, asked.at_least, asked.at_most) for value in values)
    if passed == len(values) > 1:
        return f"all {words.number(passed)}"
    return f"{words.number(passed) if passed else 'none'} of {words.number(len(values))}"
