"""Known: which part of a run's question the store can answer, and what is missing from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.question import unknown
from entrepot.question.grid import COARSER, KNOWN, NATIONAL, PART, UNASKED
from entrepot.question.part import is_whole, side_of, widest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.question.gaps import Gap
    from entrepot.question.grid import Bools, Grid, Signature
    from entrepot.question.part import Part, Side, Slot
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads

Halves = dict[str, frozenset[str]]
"""The names known in part, with the codes held of each."""

LACKS = {
    UNASKED: "never asked for",
    COARSER: "only in a broader code",
    PART: "in part",
    NATIONAL: "held, with nothing to set beside it",
    KNOWN: "held, with nothing to set beside it",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What of a run is known: the slices that speak for all that is left of the question.

    `whole` are the slices counted, as (flow, reporter, period). `names` are the goods counted, as
    the basket names them. `dropped` are rows left out because they are known in some of the months
    only: a flow, its reporters (none: all) and the partners. `lacks` says what a slice that is
    published and not counted lacks. `limited` are those counted that do not speak for every
    partner there is.
    """

    whole: frozenset[Slot]
    names: tuple[str, ...]
    dropped: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    lacks: dict[Slot, str]
    limited: frozenset[Slot]
    gaps: tuple[Gap, ...]

    @property
    def is_part(self) -> bool:
        """Whether partners, goods or withheld cells of the question are missing altogether."""
        return any(
            gap.side in ("partners", "goods") or gap.reason in ("confidential", "only coarser")
            for gap in self.gaps
        )


def known(reads: Sequence[Reads], slices: Slices, grid: Grid, halves: Halves) -> Known:
    """Work out which part of a run can be answered.

    Of the partners and goods asked for, those count that any slice knows; of the slices, those
    that know all of these. Where a narrower part can be compared over more cells, it counts
    instead, and the rest is named as missing.

    Args:
        reads: What the run rests on.
        slices: Who published what.
        grid: What the kinds of slices know of the goods.
        halves: What `halves_of` returns for them.
    """
    sides = [side_of(read, slices, grid, halves) for read in reads if not read.optional]
    published = {slot for side in sides for slot in side.slots}
    sides = [side for side in sides if side.read.is_counted]
    if not sides:
        return Known(
            frozenset(published), grid.names, (), {}, frozenset(), unknown.unions(reads, slices)
        )
    part = widest(sides)
    whole, lacks = _whole(sides, part, grid)
    return Known(
        whole=frozenset(whole),
        names=tuple(grid.chosen(part.names)) if grid.links is not None else grid.names,
        dropped=_dropped(sides, part),
        lacks=lacks,
        limited=_limited(whole, slices, grid),
        gaps=(
            *unknown.unions(reads, slices),
            *unknown.partners(sides, part, grid),
            *unknown.goods(sides, part, grid, halves),
        ),
    )


def halves_of(slices: Slices, grid: Grid) -> Halves:
    """Return the names known in part, in the same part wherever they are known at all.

    A heading of which only some subheadings were fetched can be followed over time as long as
    they are the same ones.
    """
    parts: dict[str, set[frozenset[str]]] = defaultdict(set)
    for signature in {grid.plain(one) for one in slices.signatures}:
        best = grid.states[[*signature]].max(axis=0)
        for at in np.flatnonzero(best >= PART):
            name = grid.names[at]
            held = grid.under(signature, name) if best[at] == PART else frozenset()
            parts[name].add(held)
    return {name: next(iter(held)) for name, held in parts.items()
            if len(held) == 1 and frozenset() not in held}  # fmt: skip


def _whole(sides: Sequence[Side], part: Part, grid: Grid) -> tuple[set[Slot], dict[Slot, str]]:
    """Return the slices that know all of the part, and what the others lack."""
    whole: set[Slot] = set()
    lacks: dict[Slot, str] = {}
    for side, partners in zip(sides, part.partners, strict=True):
        poor: dict[Signature, str] = {}
        for signature, one in side.knows.items():
            if not is_whole(one, partners, part.names):
                poor[signature] = _lack(grid, signature, side.read, partners, part.names)
        for slot, signature in side.slots.items():
            if signature in poor:
                lacks.setdefault(slot, poor[signature])
            else:
                whole.add(slot)
    return whole - lacks.keys(), lacks


def _lack(grid: Grid, signature: Signature, read: Reads, partners: Bools, names: Bools) -> str:
    states = grid.matrix(signature, read.partners)
    chosen = states[np.ix_(partners, names)] if partners.any() else states
    # A basket may have none of the codes, as the stable one of a code that is new.
    return LACKS[int(chosen.min()) if chosen.size else UNASKED]


def _dropped(
    sides: Sequence[Side], part: Part
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    found = []
    for side, partners in zip(sides, part.partners, strict=True):
        gone = tuple(who for who, is_in in zip(side.read.partners, partners, strict=False)
                     if not is_in)  # fmt: skip
        if gone:
            found.append((side.read.flow, side.read.reporters, gone))
    return tuple(found)


def _limited(whole: set[Slot], slices: Slices, grid: Grid) -> frozenset[Slot]:
    return frozenset(
        (flow, reporter, day)
        for flow, reporter, day in whole
        if all(grid.kinds[place].partners is not None
               for place in slices.found[reporter, flow][day])
    )  # fmt: skip
