"""Parties: the names of a shipment against the lists, and what a match makes of it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from entrepot.errors import visible
from entrepot.reference import countries
from entrepot.screen.names import words
from entrepot.screen.records import Reason
from entrepot.screen.shipments import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.screen.lists.stored import ListVintage
    from entrepot.screen.match._types import Hit, Matcher, Party
    from entrepot.screen.records import Shipment

ASK, STOP = 0.82, 0.95
"""Scores from which a name is asked about, and from which a shipment stops: see the benchmark."""
KEPT = 50_000
"""Parties whose matches are remembered: files name the same ones again and again."""
SHOWN = 3


class Parties:
    """A matcher and the lists it stands on."""

    def __init__(
        self, matcher: Matcher | None, lists: Sequence[ListVintage], ask: float = ASK
    ) -> None:
        self.matcher, self.lists, self.ask = matcher, tuple(lists), ask
        self._known: OrderedDict[Party, Sequence[Hit]] = OrderedDict()

    def reasons(self, one: Shipment) -> list[Reason]:
        """Return what the lists say of each party of a shipment."""
        if self.matcher is None:
            says = (
                "No sanctions list is in the store: no party was looked up. `entrepot party take "
                "FILE` takes one."
            )
            return [Reason("party", "cannot say", 20, says)]
        if not one.parties:
            return [Reason("party", "cannot say", 20, "The row names no party.")]
        found = [
            self._reason(role, party, hit, one)
            for role, party in one.parties
            for hit in self._hits(party)[:SHOWN]
        ]
        if not found:
            names = ", ".join(role for role, _party in one.parties)
            says = (
                f"No entry of {len(self.lists)} lists is like the {names} (from {self.ask:g} on)."
                if self.lists
                else f"No entry is like the {names} (from {self.ask:g} on)."
            )
            behind = (("lists", " ".join(x.id for x in self.lists)), ("matcher", self.matcher.name))
            found = [Reason("party", "pass", 0, says, behind)]
        return found

    def _hits(self, party: Party) -> Sequence[Hit]:
        if party not in self._known:
            assert self.matcher is not None
            self._known[party] = self.matcher.match(party, least=self.ask, most=SHOWN)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[party]

    def _reason(self, role: str, party: Party, hit: Hit, one: Shipment) -> Reason:
        entry = hit.entry
        is_late = bool(entry.since and one.day and entry.since > one.day.isoformat())
        stops = (hit.by == "number" or hit.score >= STOP) and not _is_common(party, hit)
        told = (
            [f"score {hit.score:.2f}"] if hit.by == "name" else [f"the same number, {hit.matched}"]
        )
        if entry.countries:
            told.append(f"listed with {', '.join(map(countries.name, entry.countries[:3]))}")
        if party.country and entry.countries and party.country not in entry.countries:
            told.append(f"the row says {countries.name(party.country)}")
        if entry.programmes:
            told.append(f"programme {', '.join(entry.programmes[:3])}")
        if entry.since:
            told.append(
                f"listed since {entry.since}" + (", after the day of shipment" if is_late else "")
            )
        named = shown(party.name) if party.name else "with a number"
        met = shown(hit.matched if hit.by == "name" else entry.name)
        says = f"The {role} {named} is like {met}: {'; '.join(told)}."
        points = round(35 + 40 * max(0.0, hit.score - self.ask) / (1.001 - self.ask))
        points = 95 if hit.by == "number" else 85 if stops else points
        behind = (
            ("list", entry.list), ("entry", entry.id), ("name", visible(entry.name)),
            ("score", hit.score), ("vintage", entry.vintage),
            ("matcher", self.matcher.name if self.matcher else ""),
        )  # fmt: skip
        return Reason("party", "stop" if stops else "ask", points, says, behind)


def _is_common(party: Party, hit: Hit) -> bool:
    """Whether a name is all that meets, and one that others may well have.

    A person's first and last name without the country; a name with another country; a ship's name,
    which companies have too.
    """
    if hit.by == "number":
        return False
    places = hit.entry.countries
    if hit.entry.kind in ("vessel", "aircraft"):
        return True
    if party.country and places and party.country not in places:
        return True
    is_short = len(words(party.name)) < (3 if hit.entry.kind == "person" else 2)
    return is_short and not (party.country and party.country in places)
