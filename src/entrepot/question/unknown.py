"""Unknown: what of a question is not in the part that is answered, as gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.question import gaps
from entrepot.question.grid import COARSER, NATIONAL, PART, UNASKED
from entrepot.store.known import SUBHEADING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from entrepot.question.gaps import Gap, Reason
    from entrepot.question.grid import Bools, Grid, States
    from entrepot.question.part import Part, Side
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads


def unions(reads: Sequence[Reads], slices: Slices) -> tuple[Gap, ...]:
    """Name the unions left out beside too few of their members."""
    if all(read.reporters for read in reads):
        return ()
    return tuple(
        gap for union, members in slices.unions.items() if (gap := gaps.union(union, members))
    )


def _reached(side: Side, grid: Grid) -> States:
    """Return the most that any slice of a side knows of each partner and name."""
    return np.asarray(np.max([grid.matrix(one, side.read.partners) for one in side.knows], axis=0))


def partners(sides: Sequence[Side], part: Part, grid: Grid) -> Iterator[Gap]:
    """Name the partners that were never asked for, or not in all months."""
    for side, partners in zip(sides, part.partners, strict=True):
        if not side.slots:
            continue
        who = sorted({reporter for _flow, reporter, _day in side.slots})
        asked = (_reached(side, grid) > UNASKED).any(axis=1)
        if not side.read.partners:
            if not asked.any():
                yield gaps.everywhere(who, side.read.flow)
            continue
        named = np.array(side.read.partners)
        if len(never := named[~partners & ~asked]):
            yield gaps.partners(who, [*map(str, never)], side.read.flow)
        if part.names.any() and len(seldom := named[~partners & asked]):
            yield gaps.partners(who, [*map(str, seldom)], side.read.flow, "not in all months")


def goods(
    sides: Sequence[Side],
    part: Part,
    grid: Grid,
    halves: Mapping[str, frozenset[str]],
) -> Iterator[Gap]:
    """Name the goods that are not counted, with the reason, and those counted with a reserve."""
    published = [side for side in sides if side.slots]
    if not published:
        return
    best = np.min([_reached(side, grid).max(axis=0) for side in published], axis=0)
    held = np.max([grid.states[[*one]].max(axis=0) for side in published for one in side.knows],
                  axis=0)  # fmt: skip
    gone = ~part.names
    total = len(grid.names)
    reasons: tuple[tuple[Reason, Bools], ...] = (
        # Where nothing of these partners was asked for, the gap of the partners says so.
        ("not asked for", (best == UNASKED) & ((held == UNASKED) | best.any())),
        ("only coarser", best == COARSER),
        # Where a side is not published at all, its months say so.
        ("not in all months", (best >= PART) & (len(published) == len(sides))),
    )
    for reason, is_so in reasons:
        names = grid.chosen(gone & is_so)
        if names:
            yield gaps.goods(names, total, reason)
    for name in grid.chosen(part.names):
        if name in halves:
            yield gaps.half(name, halves[name])
    if seen := grid.chosen(part.names & _national(sides, grid)):
        yield gaps.national(seen, int(part.names.sum()))
    if torn := grid.chosen(part.names & _torn(published, grid)):
        yield gaps.revisions(torn)


def _torn(sides: Sequence[Side], grid: Grid) -> Bools:
    """Return the headings that some slice gives in two revisions, neither of which knows it all."""
    wide = np.array([len(name) < SUBHEADING for name in grid.names], dtype=bool)
    found = np.zeros(len(grid.names), dtype=bool)
    for signature in {one for side in sides for one in side.knows}:
        if grid.is_doubled(signature):
            found |= wide & ~grid.in_one_revision(signature)
    return found


def _national(sides: Sequence[Side], grid: Grid) -> Bools:
    """Return the names that some slice knows by the national codes of a table only."""
    found = np.zeros(len(grid.names), dtype=bool)
    for side in sides:
        for one in side.knows:
            found |= (grid.matrix(one, side.read.partners) == NATIONAL).any(axis=0)
    return found
