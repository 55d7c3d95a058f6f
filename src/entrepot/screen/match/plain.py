"""Plain: a matcher without libraries, from words as they sound and how rare they are.

score = (1 - c) dice + c cover, less what numbers and countries speak against it. Words are paired
one to one, each pair worth its likeness times the mean weight of its two words; dice is twice the
sum of the pairs over the weights of all words of both names, cover the sum over the weights of the
shorter name. c is `PERSON` for persons, who leave names out, and `OTHERS` for the rest. Cover
stands in only where at least two words meet, so that one word is no match for a name of three.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from entrepot.screen.match._types import Hit
from entrepot.screen.match.index import Index
from entrepot.screen.names import fold, identifiers, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.screen.match._types import Entry, Party

PERSON, OTHERS = 0.5, 0.2
CUT = 0.8
"""What "tech" is worth as "technology", where the longer word is a common one."""
COMMON = 0.7
"""Weight up to which a word is common."""
INITIAL = 0.7
"""What a letter is worth as the first of a word."""
WEAK = 0.95
"""What an alias that its publisher calls weak is worth."""
OTHER_NUMBER = 0.85
"""What is left where both names have numbers, and others."""
OTHER_COUNTRY = 0.97
"""What is left where both have countries, and others: companies move, and lists are short."""
MOST_WORDS = 24


class Plain:
    """The matcher that is always there; see the module for its score."""

    name = "plain"

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.index = Index(entries)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self.index.entries):
            for number in entry.identifiers:
                self._numbers[number].append(at)

    def match(self, party: Party, *, least: float = 0.0, most: int = 5) -> list[Hit]:
        """Return the entries that a party may be: see `Matcher.match`."""
        best: dict[int, Hit] = {}
        for number in dict.fromkeys((*party.identifiers, *identifiers(party.name))):
            for at in self._numbers.get(number, ()):
                best.setdefault(at, Hit(self.index.entries[at], 1.0, number, "number"))
        asked = self.index.known(words(party.name)[:MOST_WORDS])
        for place in self.index.near(asked) if asked else ():
            name = self.index.names[place]
            entry = self.index.entries[name.entry]
            part = OTHERS if entry.kind and entry.kind != "person" else PERSON
            score = self._score(asked, name.words, part) * (WEAK if name.weak else 1.0)
            score = round(score * _country(party, entry), 4)
            held = best.get(name.entry)
            if score >= least and (held is None or score > held.score):
                best[name.entry] = Hit(entry, score, name.text)
        order = sorted(best.values(), key=lambda h: (-h.score, h.entry.list, h.entry.id))
        return order[:most]

    def _score(self, asked: tuple[str, ...], held: tuple[str, ...], part: float) -> float:
        if fold("".join(asked)) == fold("".join(held)):
            return 1.0
        weight = self.index.weight
        pairs = self._paired(asked, held)
        met = sum(share * (weight(one) + weight(other)) / 2 for share, one, other in pairs)
        ours, theirs = sum(map(weight, asked)), sum(map(weight, held))
        dice = 2 * met / (ours + theirs)
        cover = min(1.0, met / min(ours, theirs)) if len(pairs) > 1 else dice
        score = (1 - part) * dice + part * cover
        if len(pairs) == 1 and 1 in (len(asked), len(held)):
            score *= pairs[0][0]  # a word alone that is only alike is another word
        numbers = [{w for w in side if w.isdigit()} for side in (asked, held)]
        if all(numbers) and not numbers[0] & numbers[1]:
            score *= OTHER_NUMBER
        return score

    def _paired(
        self, asked: tuple[str, ...], held: tuple[str, ...]
    ) -> list[tuple[float, str, str]]:
        """Pair words one to one, the most alike and rarest first."""
        weight, options = self.index.weight, []
        for here, one in enumerate(asked):
            like = self.index.like(one)
            for there, other in enumerate(held):
                share = like.get(other, 0.0)
                if not share and one[0] == other[0]:
                    share = self._short(one, other)
                if share:
                    worth = share * (weight(one) + weight(other)) / 2
                    options.append((-worth, here, there, share))
        seen_here: set[int] = set()
        seen_there: set[int] = set()
        pairs = []
        for _worth, here, there, share in sorted(options):
            if here not in seen_here and there not in seen_there:
                seen_here.add(here)
                seen_there.add(there)
                pairs.append((share, asked[here], held[there]))
        return pairs

    def _short(self, one: str, other: str) -> float:
        """What a word is worth as another's first letter, or as a common one's first letters."""
        short, long = sorted((one, other), key=len)
        if len(short) == 1:
            return INITIAL
        is_cut = len(short) > 2 and long.startswith(short)
        return CUT if is_cut and self.index.weight(long) <= COMMON else 0.0


def _country(party: Party, entry: Entry) -> float:
    if not party.country or not entry.countries or party.country in entry.countries:
        return 1.0
    return OTHER_COUNTRY
