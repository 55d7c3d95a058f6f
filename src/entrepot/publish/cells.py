"""Cells: how the parts of a brief read in a table, the same on a page and in a terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, repeat
from statistics import median
from typing import TYPE_CHECKING, Any

from entrepot.money import SHARED, in_scale
from entrepot.publish import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeGuard

    from entrepot.money import Scale
    from entrepot.publish.brief import Breakdown, Brief, Claim, Coverage, Figure, Variant

OWN = "this brief"
FROM_LITTLE = "from little"
"""In place of a ratio whose base is less than the table can show."""
GUILT = (
    "Statistics of this kind show where to look, never who is guilty: they count goods by code, "
    "country and month, and no row names a company, a shipment or a use."
)
SYNTHETIC = (
    "SYNTHETIC: these figures come from an invented world. "
    "Agreement here proves the arithmetic, not the claim."
)


def notices(brief: Brief) -> list[str]:
    """Return what a reader must know first: that the figures are synthetic or not their own."""
    own = [brief.notice] if brief.notice else []
    if brief.synthetic and not brief.notice.startswith("SYNTHETIC"):
        return [SYNTHETIC, *own]
    return own


def caveats(brief: Brief) -> list[str]:
    """Return what the brief does not show; that aggregates accuse nobody is always said."""
    said = any("guilt" in caveat.lower() for caveat in brief.caveats)
    return [*brief.caveats] if said else [*brief.caveats, GUILT]


def value(figure: Figure) -> str:
    """Return a figure's value in words."""
    return words.bounded(words.figure(figure.value, figure.unit), figure.bound)


def span(figure: Figure) -> str:
    """Return a figure's range over its variants, or nothing when it has none."""
    if figure.low is None and figure.high is None:
        return ""
    return words.span(figure.low, figure.high, figure.unit)


def verdict(claim: Claim) -> str:
    """Return a claim's verdict in words, with the choices that it depends on."""
    if claim.verdict == "depends":
        return f"depends on {words.listed(claim.depends_on)}"
    return claim.verdict


def found(claim: Claim) -> str:
    """Return what was found for a claim, in words."""
    return words.figure(claim.found, claim.unit)


def variant(figure: Figure, option: Variant) -> str:
    """Return a figure's value under another choice."""
    return words.figure(option.value, figure.unit)


def coverage(coverage: Coverage) -> list[str]:
    """Return what a figure rests on, in short phrases, with everything missing by name."""
    expected, present = coverage.reporter_months_expected, coverage.reporter_months_present
    phrases = [words.window(coverage.months)] if coverage.months else []
    if expected:
        amount = "all" if coverage.is_complete else f"{present:,} of"
        phrases.append(f"{amount} {words.count(expected, 'reporter-month')}")
    if coverage.codes_listed:
        phrases.append(f"{coverage.codes_present:,} of {words.count(coverage.codes_listed)} codes")
    if coverage.missing:
        phrases.append(f"missing: {', '.join(coverage.missing)}")
    if coverage.gaps:
        phrases.append(f"not known: {'; '.join(coverage.gaps)}")
    if coverage.codes_one_side:
        phrases.append(f"codes on one side only: {', '.join(coverage.codes_one_side)}")
    return phrases


def known(found: Coverage) -> list[str]:
    """Return what a figure rests on, without what is missing."""
    return [one for one in coverage(found) if not one.startswith(("missing", "not known"))]


def basis(figures: Sequence[Figure]) -> tuple[list[str], list[Group]]:
    """Return what all figures rest on, said once, and the runs of figures that share the rest."""
    each = [[f"basket {figure.basket}", *coverage(figure.coverage)] for figure in figures]
    shared = [p for p in each[0] if all(p in phrases for phrases in each)] if each else []
    own = [tuple(p for p in phrases if p not in shared) for phrases in each]
    runs = groupby(zip(own, figures, strict=True), key=lambda pair: pair[0])
    return shared, [Group(phrases, tuple(figure for _, figure in run)) for phrases, run in runs]


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """One choice: its options, and per figure its label and the values under each option."""

    choice: str
    options: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def choices(figures: Sequence[Figure]) -> list[ChoiceTable]:
    """Return a table per choice, of the figures that were made under it."""
    heads: dict[str, dict[str, None]] = {}
    for one in (one for figure in figures for one in figure.sensitivity):
        heads.setdefault(one.choice, {})[one.option] = None
    found = []
    for choice, options in heads.items():
        # The baskets name the brief's own; other choices stand beside it.
        own = () if choice == "basket" else (OWN,)
        values = (
            (figure, {one.option: variant(figure, one) for one in figure.sensitivity
                      if one.choice == choice})
            for figure in figures
        )  # fmt: skip
        rows = tuple(
            (figure.label, (*([value(figure)] if own else []), *map(row.get, options, repeat(""))))
            for figure, row in values
            if row
        )
        found.append(ChoiceTable(choice, (*own, *options), rows))
    return found


def stored(content: Any) -> str:
    """Return what a stored row holds: thousands apart, a dash where it is not known."""
    if content is None:
        return "\N{EN DASH}"
    return f"{content:,.12g}" if isinstance(content, int | float) else str(content)


@dataclass(frozen=True, slots=True)
class Group:
    """A run of figures that rest on the same, in short phrases."""

    phrases: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, and its length as a bar where a bar helps.

    A bar reaches from 0 to 1, to -1 where the amount is below zero.
    """

    text: str
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class CellGrid:
    """A breakdown ready to print: heads with their units, rows of cells, and which are numbers."""

    heads: tuple[tuple[str, str], ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grid(breakdown: Breakdown) -> CellGrid:
    """Return a breakdown as text. All dollars of a table share one unit, named in the heads."""
    units = [unit for _, _, unit in breakdown.columns]
    keys = [key for key, _, unit in breakdown.columns if unit == "USD"]
    sizes = [[abs(row[key]) for key in keys if _is_number(row.get(key))] for row in breakdown.rows]
    scale = _scale([max(row) for row in sizes if row])
    largest = max((max(row) for row in sizes if row), default=0.0)
    return CellGrid(
        heads=tuple(
            (label, f"USD{scale.word}" if unit == "USD" else "")
            for _, label, unit in breakdown.columns
        ),
        numeric=tuple(unit != "" for unit in units),
        rows=tuple(
            tuple(
                Cell(FROM_LITTLE)
                if unit == "ratio" and _is_from_little(row, scale)
                else _cell(row.get(key), unit, scale, largest)
                for key, _, unit in breakdown.columns
            )
            for row in breakdown.rows
        ),
    )


def _is_from_little(row: Mapping[str, Any], scale: Scale) -> bool:
    """Whether a ratio divides by a base that the table itself rounds away: "322 times" misleads."""
    base, value = row.get("base_usd"), row.get("value_usd")
    if not (_is_number(base) and _is_number(value)) or base <= 0:
        return False
    return in_scale(base, scale).startswith("<") and value >= 10 * base


def _scale(sizes: list[float]) -> Scale:
    """Choose the unit by the middle row, so that one giant does not round the others away."""
    middle = median(sizes) if sizes else 0.0
    return next((scale for scale in SHARED if middle >= scale.size * 1.5), SHARED[-1])


def _cell(content: Any, unit: str, scale: Scale, largest: float) -> Cell:
    if content is None or (isinstance(content, float) and not math.isfinite(content)):
        return Cell("\N{EN DASH}" if unit else "")
    if unit == "USD":
        bar = content / largest if largest else None
        return Cell(in_scale(content, scale), bar)
    return Cell(words.figure(content, unit) if _is_number(content) and unit else str(content))


def _is_number(content: Any) -> TypeGuard[float]:
    return isinstance(content, int | float) and math.isfinite(content)
