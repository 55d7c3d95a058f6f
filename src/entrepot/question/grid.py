"""Grid: for which partners and goods of a question the vintages behind a slice speak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.harmonise.products import revision_of
from entrepot.store.known import SUBHEADING, TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from entrepot.store.known import Kind

    States = NDArray[np.int8]
    Bools = NDArray[np.bool_]

UNASKED, COARSER, PART, NATIONAL, KNOWN = range(5)
_RANK = {
    "unasked": UNASKED,
    "coarser": COARSER,
    "part": PART,
    "national": NATIONAL,
    "known": KNOWN,
}
Signature = tuple[int, ...]
"""The kinds that speak for a slice, by their place."""


@dataclass(frozen=True)
class Grid:
    """What each kind of slice knows of the names that a basket counts.

    `links` are (HS revision, code, name), as `harmonise.products.links` gives them; None asks for
    every subheading.
    """

    kinds: Sequence[Kind]
    links: tuple[tuple[str, str, str], ...] | None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names counted, sorted; one that stands for every subheading where none is named."""
        if self.links is None:
            return ("",)
        return tuple(sorted({name for _revision, _code, name in self.links}))

    @cached_property
    def _codes(self) -> dict[str | None, dict[str, tuple[str, ...]]]:
        """Per HS revision, and over all of them, the codes of each name."""
        found: dict[str | None, dict[str, set[str]]] = {}
        for revision, code, name in self.links or ():
            for key in (revision, None):
                found.setdefault(key, {}).setdefault(name, set()).add(code)
        return {
            key: {name: tuple(sorted(codes)) for name, codes in names.items()}
            for key, names in found.items()
        }

    @cached_property
    def states(self) -> States:
        """How each kind speaks for each name: shape (kinds, names).

        Many kinds differ in what is not asked about, so that most rows are worked out once.
        """
        codes = {code for _hs, code, _name in self.links or ()}
        stems = {code[:size] for code in codes for size in range(2, len(code))}
        made: dict[object, list[int]] = {}
        rows = []
        for kind in self.kinds:
            bare = kind.bare & stems if self.links is not None else kind.bare
            key = (kind.products, kind.depths, bare, frozenset(self._revisions(kind)))
            if key not in made:
                made[key] = [self._state(kind, name) for name in self.names]
            rows.append(made[key])
        return np.array(rows, dtype=np.int8).reshape(len(self.kinds), len(self.names))

    def _revisions(self, kind: Kind) -> set[str | None]:
        return {revision_of(name) for name in kind.classifications} - {None}

    def is_doubled(self, signature: Signature) -> bool:
        """Whether a slice is written in more than one HS revision."""
        return (
            len(set[str | None]().union(*(self._revisions(self.kinds[p]) for p in signature))) > 1
        )

    def in_one_revision(self, signature: Signature) -> Bools:
        """Return for each name whether all that speak for it do so in one revision at least."""
        each = [self._revisions(self.kinds[place]) for place in signature]
        is_silent = self.states[[*signature]] == UNASKED
        alike = [
            np.array([not told or revision in told for told in each])[:, None] | is_silent
            for revision in {*each[0]}.union(*each)
        ]
        return np.asarray(np.logical_or.reduce([one.all(axis=0) for one in alike]))

    def _state(self, kind: Kind, name: str) -> int:
        if self.links is None:
            return self._everything(kind)
        return min(_RANK[kind.product(code)] for code in self.codes(kind, name))

    def _everything(self, kind: Kind) -> int:
        if kind.products is not None:
            return PART if kind.products else UNASKED
        deep = not kind.depths or max(kind.depths) >= SUBHEADING
        return KNOWN if deep and not any(len(c) < SUBHEADING for c in kind.bare) else COARSER

    @cached_property
    def _alike(self) -> list[int]:
        """For each kind the first one that knows the same: many differ in what is not asked."""
        first: dict[tuple[object, ...], int] = {}
        is_wide = any(len(name) < SUBHEADING for name in self.names)
        alike = []
        for place, kind in enumerate(self.kinds):
            row = self.states[place]
            part = (kind.products, kind.depths, kind.bare) if (row == PART).any() else None
            written = frozenset(self._revisions(kind)) if is_wide else None
            alike.append(first.setdefault((row.tobytes(), kind.partners, part, written), place))
        return alike

    def plain(self, signature: Signature) -> Signature:
        """Return a signature that knows the same of the question, the same for all that do."""
        found = self._plain.get(signature)
        if found is None:
            found = self._plain[signature] = tuple(sorted({self._alike[at] for at in signature}))
        return found

    @cached_property
    def _plain(self) -> dict[Signature, Signature]:
        return {}

    def codes(self, kind: Kind, name: str) -> tuple[str, ...]:
        """Return the codes behind a name in the HS revisions that a kind is written in."""
        told = [
            self._codes[r][name] for r in self._revisions(kind) if name in self._codes.get(r, {})
        ]
        return tuple(sorted({code for codes in told for code in codes})) or self._codes[None][name]

    def chosen(self, which: Bools) -> list[str]:
        """Return the names of which something is so."""
        return [self.names[at] for at in np.flatnonzero(which)]

    def matrix(self, signature: Signature, partners: Sequence[str]) -> States:
        """Return how a slice's vintages speak for each partner and name; they complete each other.

        Shape (partners, names); without partners one row stands for all of them.
        """
        best = np.zeros((max(len(partners), 1), len(self.names)), dtype=np.int8)
        for place in signature:
            kind = self.kinds[place]
            spoken: Bools = np.array(
                [kind.partner(who) for who in partners] or [kind.partners is None]
            )
            best = np.maximum(best, np.where(spoken[:, None], self.states[place][None, :], 0))
        return best

    def under(self, signature: Signature, name: str) -> frozenset[str]:
        """Return the codes held of a name that is known in part only."""
        held: set[str] = set()
        at, every = self.names.index(name), self.links is None
        for place in signature:
            kind = self.kinds[place]
            if self.states[place, at] != PART:
                continue
            codes = (TOTAL,) if every else self.codes(kind, name)
            held |= {
                one
                for code in codes
                for one in kind.under(code)
                if kind.product(one) == "known" and (len(one) >= SUBHEADING or not every)
            }
        return frozenset(code if len(name) >= SUBHEADING else code[:SUBHEADING] for code in held)
