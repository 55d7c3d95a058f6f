"""Derived: figures made from a study's other figures, with everything those need to be defended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.publish.brief import Figure, Variant
from entrepot.study.coverage import cover
from entrepot.study.figures import Answered

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from entrepot.publish.brief import Bound
    from entrepot.study.books import Books
    from entrepot.study.question import DerivedBlock


def derive(asked: DerivedBlock, blocks: Collection[Answered], books: Books) -> Answered:
    """Return the sum or the quotient of figures, under the same choices as they were made.

    A choice that one part was not given under leaves that part as it is. The value is null where
    a part is, and a quotient also where nothing, or less than nothing, is divided by.
    """
    figures = {figure.name: figure for block in blocks for figure in block.figures}
    behind = {name: runs for block in blocks for name, runs in block.runs.items()}
    parts = [figures[name] for name in asked.add or asked.divide]
    owns = tuple(own for part in parts for own in behind[part.name])
    value = _value(asked, [part.value for part in parts])
    variants = tuple(
        Variant(choice, option, _value(asked, [_under(part, choice, option) for part in parts]))
        for choice, option in _choices(parts)
    )
    found = [variant.value for variant in variants if variant.value is not None]
    unit = parts[0].unit if asked.add else asked.unit
    figure = Figure(
        name=f"{asked.name}.value",
        label=asked.label,
        value=value,
        unit=unit,
        basket=parts[0].basket,
        coverage=cover(books, *(own.run for own in owns)),
        sensitivity=variants,
        low=min(found, default=None),
        high=max(found, default=None),
        because="" if value is not None else _why(parts),
        headline=asked.headline,
        bound=_bound(asked, parts) if value is not None else "",
    )
    return Answered(
        *(asked.name, {"": {"value": value}}, {"value": unit}, (figure,), {figure.name: owns}),
        bounds={"value": figure.bound},
    )


def _bound(asked: DerivedBlock, parts: Sequence[Figure]) -> Bound:
    found = {part.bound for part in parts} - {""}
    if not found:
        return ""
    return "at least" if asked.add and found == {"at least"} else "of the known part"


def _value(asked: DerivedBlock, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if asked.add:
        return sum(known)
    above, below = known
    return above / below if below > 0 else None


def _choices(parts: Sequence[Figure]) -> list[tuple[str, str]]:
    """Return every choice some part was made under; earlier days only if all parts were."""
    found = {(made.choice, made.option): 0 for part in parts for made in part.sensitivity}
    for part in parts:
        for made in part.sensitivity:
            found[made.choice, made.option] += 1
    return [
        key for key, parts_made in found.items() if key[0] != "known on" or parts_made == len(parts)
    ]


def _under(part: Figure, choice: str, option: str) -> float | None:
    made = {(variant.choice, variant.option): variant.value for variant in part.sensitivity}
    return made.get((choice, option), part.value)


def _why(parts: Sequence[Figure]) -> str:
    for part in parts:
        if part.value is None:
            return part.because
    return f"{parts[-1].label} is not above zero, so there is nothing to take a part of"
