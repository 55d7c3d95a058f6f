"""Known: which part of a run's question the store can answer, and what is missing from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.months import periods
from entrepot.question import gaps
from entrepot.question.grid import COARSER, KNOWN, NATIONAL, PART, UNASKED
from entrepot.store.known import SUBHEADING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from entrepot.question.gaps import Gap, Reason
    from entrepot.question.grid import Grid, Signature, States
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads

    Bools = NDArray[np.bool_]

Slot = tuple[str, str, "date"]
"""A flow, a reporter and a period."""
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


@dataclass(frozen=True)
class _Side:
    """One read: its published slices by what speaks for them, and what each of those knows."""

    read: Reads
    slots: dict[Slot, Signature]
    knows: dict[Signature, Bools]

    @property
    def any(self) -> Bools:
        """Which partners and names any slice knows."""
        return np.asarray(np.logical_or.reduce([*self.knows.values()]))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the question: which names, and which partners of each side."""

    names: Bools
    partners: tuple[Bools, ...]


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
    sides = [_side(read, slices, grid, halves) for read in reads if not read.optional]
    published = {slot for side in sides for slot in side.slots}
    sides = [side for side in sides if side.read.is_counted]
    if not sides:
        return Known(frozenset(published), grid.names, (), {}, frozenset(), _unions(reads, slices))
    part = max(_parts(sides), key=lambda one: _score(sides, one))
    whole, lacks = _whole(sides, part, grid)
    return Known(
        whole=frozenset(whole),
        names=tuple(_chosen(grid, part.names)) if grid.links is not None else grid.names,
        dropped=_dropped(sides, part),
        lacks=lacks,
        limited=_limited(whole, slices, grid),
        gaps=(
            *_unions(reads, slices),
            *_partners(sides, part, grid),
            *_goods(sides, part, grid, halves),
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


def _side(read: Reads, slices: Slices, grid: Grid, halves: Halves) -> _Side:
    wanted = {*read.periods}
    slots = {
        (read.flow, reporter, day): grid.plain(signature)
        for reporter in slices.asked(read)
        for day, signature in slices.found.get((reporter, read.flow), {}).items()
        if day in wanted
    }
    is_half = np.array([name in halves for name in grid.names], dtype=bool)
    knows = {}
    for signature in {*slots.values()}:
        matrix = grid.matrix(signature, read.partners)
        knows[signature] = (matrix >= NATIONAL) | ((matrix == PART) & is_half[None, :])
    return _Side(read, slots, knows or {(): grid.matrix((), read.partners) > UNASKED})


def _parts(sides: Sequence[_Side]) -> Iterator[_Part]:
    """Give the parts that may be the answerable one: the widest, then what one slice knows."""
    seen = [side.any for side in sides]
    names = np.logical_and.reduce([one.any(axis=0) for one in seen])
    yield _Part(names, tuple(np.asarray(one[:, names].any(axis=1)) for one in seen))
    for at, side in enumerate(sides):
        for one in side.knows.values():
            narrow = names & one.any(axis=0)
            partners = [np.asarray(other[:, narrow].any(axis=1)) for other in seen]
            partners[at] = np.asarray(one[:, narrow].all(axis=1))
            yield _Part(narrow, tuple(partners))


def _score(sides: Sequence[_Side], part: _Part) -> int:
    """Count the cells that are known in every window compared; none where a side has none."""
    cells = []
    for side, partners in zip(sides, part.partners, strict=True):
        good = {one for one, known in side.knows.items() if _is_whole(known, partners, part.names)}
        whole = {slot for slot, signature in side.slots.items() if signature in good}
        size = int(partners.sum()) * int(part.names.sum())
        cells.append(size * _comparable(side.read, whole))
    return sum(cells) if all(cells) else 0


def _is_whole(known: Bools, partners: Bools, names: Bools) -> bool:
    return bool(partners.any() and names.any() and known[np.ix_(partners, names)].all())


def _comparable(read: Reads, whole: set[Slot]) -> int:
    """Count the reporter-months that are whole in each of the windows, where these are alike."""
    windows = [periods(*span, read.freq) for span in (*read.now, *read.base)]
    alike = len({len(window) for window in windows}) == 1
    rows = zip(*windows, strict=True) if alike else [[day] for day in read.periods]
    who = {reporter for _flow, reporter, _day in whole}
    return sum(
        all((read.flow, reporter, day) in whole for day in days)
        for days in rows
        for reporter in who
    )


def _whole(sides: Sequence[_Side], part: _Part, grid: Grid) -> tuple[set[Slot], dict[Slot, str]]:
    """Return the slices that know all of the part, and what the others lack."""
    whole: set[Slot] = set()
    lacks: dict[Slot, str] = {}
    for side, partners in zip(sides, part.partners, strict=True):
        poor: dict[Signature, str] = {}
        for signature, one in side.knows.items():
            if not _is_whole(one, partners, part.names):
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
    sides: Sequence[_Side], part: _Part
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


def _unions(reads: Sequence[Reads], slices: Slices) -> tuple[Gap, ...]:
    """Name the unions left out beside too few of their members."""
    if all(read.reporters for read in reads):
        return ()
    return tuple(
        gap for union, members in slices.unions.items() if (gap := gaps.union(union, members))
    )


def _reached(side: _Side, grid: Grid) -> States:
    """Return the most that any slice of a side knows of each partner and name."""
    return np.asarray(np.max([grid.matrix(one, side.read.partners) for one in side.knows], axis=0))


def _partners(sides: Sequence[_Side], part: _Part, grid: Grid) -> Iterator[Gap]:
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


def _goods(
    sides: Sequence[_Side],
    part: _Part,
    grid: Grid,
    halves: Halves,
) -> Iterator[Gap]:
    published = [side for side in sides if side.slots]
    if not published:
        return
    best = np.min([_reached(side, grid).max(axis=0) for side in published], axis=0)
    held = np.max([grid.states[[*one]].max(axis=0) for side in published for one in side.knows],
                  axis=0)  # fmt: skip
    gone = np.flatnonzero(~part.names)
    total = len(grid.names)
    reasons: tuple[tuple[Reason, Bools], ...] = (
        # Where nothing of these partners was asked for, the gap of the partners says so.
        ("not asked for", (best == UNASKED) & ((held == UNASKED) | best.any())),
        ("only coarser", best == COARSER),
        # Where a side is not published at all, its months say so.
        ("not in all months", (best >= PART) & (len(published) == len(sides))),
    )
    for reason, is_so in reasons:
        names = [grid.names[at] for at in gone if is_so[at]]
        if names:
            yield gaps.goods(names, total, reason)
    for name in _chosen(grid, part.names):
        if name in halves:
            yield gaps.half(name, halves[name])
    if seen := _chosen(grid, part.names & _national(sides, grid)):
        yield gaps.national(seen, int(part.names.sum()))
    if torn := _chosen(grid, part.names & _torn(published, grid)):
        yield gaps.revisions(torn)


def _chosen(grid: Grid, which: Bools) -> list[str]:
    return [grid.names[at] for at in np.flatnonzero(which)]


def _torn(sides: Sequence[_Side], grid: Grid) -> Bools:
    """Return the headings that some slice gives in two revisions, neither of which knows it all."""
    wide = np.array([len(name) < SUBHEADING for name in grid.names], dtype=bool)
    found = np.zeros(len(grid.names), dtype=bool)
    for signature in {one for side in sides for one in side.knows}:
        if grid.is_doubled(signature):
            found |= wide & ~grid.in_one_revision(signature)
    return found


def _national(sides: Sequence[_Side], grid: Grid) -> Bools:
    """Return the names that some slice knows by the national codes of a table only."""
    found = np.zeros(len(grid.names), dtype=bool)
    for side in sides:
        for one in side.knows:
            found |= (grid.matrix(one, side.read.partners) == NATIONAL).any(axis=0)
    return found
