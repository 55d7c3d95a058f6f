"""What a matcher is given and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: a person, company, bank or ship.

    `names` are the name and its good aliases, `weak` those that the publisher calls weak;
    `countries` are ISO alpha-3 codes, `identifiers` numbers as `names.identifier` gives them,
    `since` the day of listing where the list says it. `vintage` names the stored file.
    """

    list: str
    id: str
    kind: str
    names: tuple[str, ...]
    weak: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    since: str = ""
    programmes: tuple[str, ...] = ()
    vintage: str = ""

    @property
    def name(self) -> str:
        """The name that the list gives first."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands in a row: a name, and what else the row says of it."""

    name: str
    country: str = ""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that a party may be: `score` from 0 to 1, and the name or number that met."""

    entry: Entry
    score: float
    matched: str
    by: str = "name"


class Matcher(Protocol):
    """An engine. Its hits are the best first, and of equal ones in the order of list and id."""

    name: str

    def match(self, party: Party, *, least: float = 0.0, most: int = 5) -> Sequence[Hit]:
        """Return the entries that a party may be, with at least this score."""
