"""Index: the names of all entries by their words, so that a party meets few of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from entrepot.screen.names import alike, fold, skeleton, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from entrepot.screen.match._types import Entry

LIGHT = 0.15
"""Least weight of a word, that of one in every tenth name or so."""
LEAST_ALIKE = 0.65
GLUED = ("uo", "ao", "pao", "isk", "pisk", "lk", "zao", "oao", "gmbh", "ltd", "tuo")
"""Legal forms as they sound, which may stick to a name without a blank."""
_NONE = np.zeros(0, dtype=np.int32)
KEPT = 40
"""Names that are compared word by word, of those that share the most."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry: its place, its text, and its words as they sound."""

    entry: int
    text: str
    words: tuple[str, ...]
    weak: bool


class Index:
    """Names by word; a word leads to the words that are like it.

    The weight of a word is log(1 + names / names with it) over its largest value, between `LIGHT`
    and 1: in a list of ships "shipping" says little.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.names = [
            Name(at, text, tuple(map(fold, words(text))), weak)
            for at, entry in enumerate(self.entries)
            for texts, weak in ((entry.names, False), (entry.weak, True))
            for text in texts
        ]
        counts = Counter(word for name in self.names for word in {*name.words})
        self.vocabulary = sorted(counts)
        self._places = {word: at for at, word in enumerate(self.vocabulary)}
        top = np.log(1 + max(len(self.names), 1))
        self._weights = {
            word: max(LIGHT, float(np.log(1 + len(self.names) / count) / top))
            for word, count in counts.items()
        }
        self._sums = np.array([sum(map(self.weight, name.words)) for name in self.names])
        self._sizes = np.array([len(word) for word in self.vocabulary], dtype=np.int32)
        self._postings = self._posted()
        self._pairs = self._paired()
        self._bones: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.vocabulary):
            self._bones[skeleton(word)].append(at)
        self._joined: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self.names):
            self._joined["".join(name.words)].append(at)
        self._parted = {
            "".join(pair): pair for name in self.names for pair in pairwise(name.words)
        }
        self.like = lru_cache(1 << 15)(self._like)

    def weight(self, word: str) -> float:
        """Return the weight of a word; one that no name has is as rare as can be."""
        return self._weights.get(word, 1.0)

    def _posted(self) -> list[NDArray[np.int32]]:
        found: list[list[int]] = [[] for _ in self.vocabulary]
        for at, name in enumerate(self.names):
            for word in {*name.words}:
                found[self._places[word]].append(at)
        return [np.array(places, dtype=np.int32) for places in found]

    def _paired(self) -> dict[str, NDArray[np.int32]]:
        found: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.vocabulary):
            for pair in _pairs(word):
                found[pair].append(at)
        return {pair: np.array(places, dtype=np.int32) for pair, places in found.items()}

    def _like(self, word: str) -> dict[str, float]:
        """Return the words of the lists that are like this one, and how much."""
        found = {word: 1.0} if word in self._places else {}
        if len(word) < 3 or word.isdigit() or not word.isascii():
            return found
        near = [self._pairs[pair] for pair in _pairs(word) if pair in self._pairs]
        shared = np.bincount(np.concatenate(near or [_NONE]), minlength=len(self.vocabulary))
        # Each edit spoils at most three of a word's pairs, where letters are swapped.
        edits = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        least = np.maximum(np.maximum(self._sizes, len(word)) + 1 - 3 * edits, 1)
        some = np.flatnonzero((shared >= least) & (abs(self._sizes - len(word)) <= edits))
        for at in (*some.tolist(), *self._bones.get(skeleton(word), ())):
            other = self.vocabulary[at]
            if other not in found and (share := alike(word, other)) >= LEAST_ALIKE:
                found[other] = share
        return found

    def known(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return words as the lists part them, where they were written together or apart."""
        found: list[str] = []
        for word in asked:
            joined = found[-1] + word if found else ""
            if joined in self._places and not {found[-1], word} <= self._places.keys():
                found[-1] = joined
            elif word in self._places or len(word) < 6:
                found.append(word)
            else:
                bare = next((word[len(f) :] for f in GLUED if word.startswith(f)), word)
                kept = bare if bare in self._places else word
                found += self._parted.get(kept, self._parted.get(bare, (kept,)))
        return tuple(found)

    def near(self, asked: tuple[str, ...]) -> list[int]:
        """Return the places of the names that share the most with some words."""
        found = {*self._joined.get("".join(asked), ())}
        shared = np.zeros(len(self.names))
        for word in dict.fromkeys(asked):
            one = np.zeros(len(self.names)) if len(asked) > 1 else shared
            weight = self.weight(word)
            for other, share in self.like(word).items():
                places = self._postings[self._places[other]]
                worth = share * (weight + self.weight(other)) / 2
                one[places] = np.maximum(one[places], worth)
            if one is not shared:
                shared += one
        some = np.flatnonzero(shared)
        total, sums, shared = sum(map(self.weight, asked)), self._sums[some], shared[some]
        # Half of it is what is shared of the shorter name: a person without a father's name.
        rough = 2 * shared / (sums + total) + shared / np.maximum(np.minimum(sums, total), 1e-9)
        if len(some) > KEPT:  # whatever the order of equals, the least of the best is in
            least = np.partition(rough, -KEPT)[-KEPT]
            some, rough = some[rough >= least], rough[rough >= least]
        best = some[np.argsort(-rough, kind="stable")][: 2 * KEPT]
        return [*found, *(at for at in best.tolist() if at not in found)]


@lru_cache(1 << 16)
def _pairs(word: str) -> tuple[str, ...]:
    padded = f"^{word}$"
    return tuple({padded[at : at + 2] for at in range(len(padded) - 1)})
