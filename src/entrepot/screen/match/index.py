"""Index: the names of all entries by their words, so that a party meets few of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from entrepot.screen.names import alike, fold, skeleton, slack, words

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
KEPT = 60
"""Names that are compared word by word, of those that share the most."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry: its place, its text, and its words."""

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
            Name(at, text, words(text), weak)
            for at, entry in enumerate(self.entries)
            for texts, weak in ((entry.names, False), (entry.weak, True))
            for text in texts
        ]
        counts = Counter(one for name in self.names for one in {*map(fold, name.words)})
        self.vocabulary = sorted({word for name in self.names for word in name.words})
        self._places = {word: at for at, word in enumerate(self.vocabulary)}
        top = np.log(1 + max(len(self.names), 1))
        self._weights = {
            word: max(LIGHT, float(np.log(1 + len(self.names) / count) / top))
            for word, count in counts.items()
        }
        self._sums = np.array([sum(map(self.weight, name.words)) for name in self.names])
        self._postings = self._posted()
        self._written = _Near(self.vocabulary)
        self._sounding = _Near([fold(word) for word in self.vocabulary])
        self._bones: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.vocabulary):
            self._bones[skeleton(fold(word))].append(at)
        self._joined: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self.names):
            self._joined[_joined(name.words)].append(at)
        self._parted = {_joined(pair): pair for name in self.names for pair in pairwise(name.words)}
        self.like = lru_cache(1 << 15)(self._like)

    def weight(self, word: str) -> float:
        """Return the weight of a word; one that no name has is as rare as can be."""
        return self._weights.get(fold(word), 1.0)

    def _posted(self) -> list[NDArray[np.int32]]:
        found: list[list[int]] = [[] for _ in self.vocabulary]
        for at, name in enumerate(self.names):
            for word in {*name.words}:
                found[self._places[word]].append(at)
        return [np.array(places, dtype=np.int32) for places in found]

    def _like(self, word: str) -> dict[str, float]:
        """Return the words of the lists that are like this one, and how much."""
        found = {word: 1.0} if word in self._places else {}
        if word.isdigit() or not word.isascii():
            return found
        sound = fold(word)
        near = {
            *self._written.to(word),
            *self._sounding.to(sound),
            *self._bones.get(skeleton(sound), ()),
        }
        for at in sorted(near):
            other = self.vocabulary[at]
            if other not in found and (share := alike(word, other)) >= LEAST_ALIKE:
                found[other] = share
        return found

    def known(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return words as the lists part them, where they were written together or apart."""
        found: list[str] = []
        for word in asked:
            whole = found[-1] + word if found else ""
            if whole in self._places and not {found[-1], word} <= self._places.keys():
                found[-1] = whole
            elif word in self._places or len(word) < 6:
                found.append(word)
            else:
                bare = next((word[len(f) :] for f in GLUED if word.startswith(f)), word)
                kept = bare if bare in self._places else word
                found += self._parted.get(_joined((kept,)), (kept,))
        return tuple(found)

    def near(self, asked: tuple[str, ...]) -> list[int]:
        """Return the places of the names that share the most with some words."""
        found = {*self._joined.get(_joined(asked), ())}
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


class _Near:
    """Which words may be within `slack` edits of a word, by the pairs of letters they share."""

    def __init__(self, texts: Sequence[str]) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(texts):
            for pair in _pairs(text):
                found[pair].append(at)
        self._sizes = np.array([len(text) for text in texts], dtype=np.int32)
        self._held = {pair: np.array(places, dtype=np.int32) for pair, places in found.items()}

    def to(self, text: str) -> list[int]:
        """Return the places of words that may be near."""
        shared = np.zeros(len(self._sizes), dtype=np.int32)
        for pair in _pairs(text):
            if pair in self._held:
                shared[self._held[pair]] += 1
        edits = slack(len(text))
        # An edit spoils two of a word's pairs, three where letters are swapped; two swaps are rare.
        spoilt = 2 * edits + (edits > 0)
        least = np.maximum(np.maximum(self._sizes, len(text)) + 1 - spoilt, 1)
        fit = (shared >= least) & (abs(self._sizes - len(text)) <= edits)
        found: list[int] = np.flatnonzero(fit).tolist()
        return found


def _joined(words: Sequence[str]) -> str:
    """Return words as they sound, written together."""
    return fold("".join(words))


@lru_cache(1 << 16)
def _pairs(word: str) -> tuple[str, ...]:
    padded = f"^{word}$"
    return tuple({padded[at : at + 2] for at in range(len(padded) - 1)})
