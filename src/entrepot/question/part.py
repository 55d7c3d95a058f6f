"""Part: the widest part of a question that the store can answer, in months that compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.months import periods
from entrepot.question.grid import NATIONAL, PART, UNASKED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from entrepot.question.grid import Bools, Grid, Signature
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads

Slot = tuple[str, str, "date"]
"""A flow, a reporter and a period."""


@dataclass(frozen=True)
class Side:
    """One read: its published slices by what speaks for them, and what each of those knows."""

    read: Reads
    slots: dict[Slot, Signature]
    knows: dict[Signature, Bools]

    @property
    def any(self) -> Bools:
        """Which partners and names any slice knows."""
        return np.asarray(np.logical_or.reduce([*self.knows.values()]))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the question: which names, and which partners of each side."""

    names: Bools
    partners: tuple[Bools, ...]


def side_of(read: Reads, slices: Slices, grid: Grid, halves: Collection[str]) -> Side:
    """Return what a read finds published, and what each slice knows; `halves` count as known."""
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
    return Side(read, slots, knows or {(): grid.matrix((), read.partners) > UNASKED})


def widest(sides: Sequence[Side]) -> Part:
    """Return the part of which the most cells can be compared."""
    return max(_parts(sides), key=lambda one: _score(sides, one))


def _parts(sides: Sequence[Side]) -> Iterator[Part]:
    """Give the parts that may be the answerable one: the widest, then what one slice knows."""
    seen = [side.any for side in sides]
    names = np.logical_and.reduce([one.any(axis=0) for one in seen])
    yield Part(names, tuple(np.asarray(one[:, names].any(axis=1)) for one in seen))
    for at, side in enumerate(sides):
        for one in side.knows.values():
            narrow = names & one.any(axis=0)
            partners = [np.asarray(other[:, narrow].any(axis=1)) for other in seen]
            partners[at] = np.asarray(one[:, narrow].all(axis=1))
            yield Part(narrow, tuple(partners))


def _score(sides: Sequence[Side], part: Part) -> int:
    """Count the cells that are known in every window compared; none where a side has none."""
    cells = []
    for side, partners in zip(sides, part.partners, strict=True):
        good = {one for one, known in side.knows.items() if is_whole(known, partners, part.names)}
        whole = {slot for slot, signature in side.slots.items() if signature in good}
        size = int(partners.sum()) * int(part.names.sum())
        cells.append(size * _comparable(side.read, whole))
    return sum(cells) if all(cells) else 0


def is_whole(known: Bools, partners: Bools, names: Bools) -> bool:
    """Return whether all of these partners and names are known, and there are any."""
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
