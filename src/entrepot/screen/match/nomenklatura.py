"""Nomenklatura: the field's own comparison of entities, over the names that our index finds.

Needs the extra `screen` (nomenklatura, rigour and followthemoney stand on ICU). The algorithm is
logic-v2, which OpenSanctions recommends for screening; an index of ours chooses whom to compare,
because theirs wants a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import RegistryError
from entrepot.reference import countries
from entrepot.screen.match._types import Hit
from entrepot.screen.match.plain import Plain
from entrepot.screen.names import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.screen.match._types import Entry, Party

ALGORITHM = "logic-v2"
KEPT = 15
"""Names of the index that are compared; each comparison takes a millisecond."""
_SCHEMAS = {
    "person": "Person",
    "organisation": "Organization",
    "vessel": "Vessel",
    "aircraft": "Airplane",
}


class Nomenklatura:
    """The matcher of nomenklatura.

    Args:
        entries: The entries.
        algorithm: The name of one of its algorithms.

    Raises:
        RegistryError: It is not installed.
    """

    def __init__(self, entries: Sequence[Entry], algorithm: str = ALGORITHM) -> None:
        try:
            from followthemoney import model
            from nomenklatura.matching import get_algorithm
        except ImportError:
            raise RegistryError(
                "screen: nomenklatura is not installed; `make screen`, or pip install "
                "'entrepot[screen]' where ICU is; --matcher plain needs nothing"
            ) from None
        found = get_algorithm(algorithm)
        if found is None:
            raise RegistryError(f"screen: nomenklatura has no algorithm {algorithm!r}")
        self.name = f"nomenklatura {algorithm}"
        self._model, self._algorithm, self._config = model, found, found.default_config()
        self._plain = Plain(entries)
        self._made: dict[int, Any] = {}

    def match(self, party: Party, *, least: float = 0.0, most: int = 5) -> list[Hit]:
        """Return the entries that a party may be: see `Matcher.match`."""
        index = self._plain.index
        best = {
            hit.entry.id: hit for hit in self._plain.match(party, most=most) if hit.by == "number"
        }
        asked = index.known(words(party.name))
        places = [index.names[at].entry for at in index.near(asked)] if asked else []
        # It remembers what it made of an entity by its id, so no two queries may share one.
        query = self._entity(
            "LegalEntity", f"asked {party}", (party.name,), (party.country,), party.identifiers
        )
        for at in list(dict.fromkeys(places))[:KEPT]:
            entry = index.entries[at]
            if at not in self._made:
                schema = _SCHEMAS.get(entry.kind, "LegalEntity")
                self._made[at] = self._entity(schema, entry.id, entry.names, entry.countries,
                                              entry.identifiers, entry.weak)  # fmt: skip
            score = round(
                float(self._algorithm.compare(query, self._made[at], self._config).score), 4
            )
            if score >= least and score > 0:
                best.setdefault(entry.id, Hit(entry, score, entry.name))
        order = sorted(best.values(), key=lambda h: (-h.score, h.entry.list, h.entry.id))
        return order[:most]

    def _entity(
        self, schema: str, id_: str, names: Sequence[str], places: Sequence[str],
        numbers: Sequence[str], weak: Sequence[str] = (),
    ) -> Any:  # fmt: skip
        made = self._model.make_entity(schema)
        made.id = id_
        made.add("name", names, quiet=True)
        made.add("weakAlias", weak, quiet=True)
        made.add("country", [countries.table()[p]["iso2"].lower() for p in places if p], quiet=True)
        made.add("registrationNumber", numbers, quiet=True)
        return made
