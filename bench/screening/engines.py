"""The matchers that are compared: ours, plain edit distance, and nomenklatura's where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.screen.match._types import Hit
from entrepot.screen.match.plain import Plain

if TYPE_CHECKING:
    from entrepot.screen.match._types import Entry, Party


class EditDistance:
    """What a spreadsheet add-in does: letters in common over letters, lower case, every name."""

    name = "edit distance"

    def __init__(self, entries: list[Entry]) -> None:
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        self._extract, self._scorer = process.extract, Levenshtein.normalized_similarity
        self._names = [name.casefold() for e in entries for name in e.names]
        self._entries = [e for e in entries for _name in e.names]

    def match(self, party: Party, *, least: float = 0.0, most: int = 5) -> list[Hit]:
        found = self._extract(party.name.casefold(), self._names, scorer=self._scorer,
                              score_cutoff=max(least, 0.4), limit=most)  # fmt: skip
        return [Hit(self._entries[at], score, name) for name, score, at in found]


def engines(entries: list[Entry], only: str = "") -> list[object]:
    """Return those that can run here, ours first."""
    found: list[object] = [Plain(entries)]
    if only == "plain":
        return found
    try:
        found.append(EditDistance(entries))
        from entrepot.screen.match.nomenklatura import Nomenklatura

        found += [Nomenklatura(entries, name) for name in ("logic-v1", "logic-v2")]
    except Exception as error:
        print(f"not run: {error}")
    return found
