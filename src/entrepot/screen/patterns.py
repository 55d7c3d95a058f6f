"""Patterns: what BIS and FinCEN ask to look for at the importer's level, where a file has history.

Reference: FinCEN and BIS supplemental joint alert FIN-2023-Alert004 (19 May 2023): a company that
never had such goods before 24 February 2022, or whose purchases leapt after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from entrepot.screen.goods import is_priority, listings
from entrepot.screen.shipments import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.screen.records import Shipment

INVASION = date(2022, 2, 24)
MULTIPLE = 3.0
"""Times its earlier pace at which purchases leap: the scan's and ifo's rule of thumb."""
LEAST_MONTHS, LEAST_SEEN = 6, 3
"""Months of history, and months with a shipment among them, before a pace means anything."""
SHARE = 0.3
"""Part of an importer's earlier value that makes a supplier or bank its main one."""


@dataclass(slots=True)
class Importer:
    """What a file holds of one importer: its first day, value by month, and with whom."""

    first: date
    months: dict[str, float] = field(default_factory=dict)
    listed_before: bool = False
    others: dict[tuple[str, str], tuple[str, date, float]] = field(default_factory=dict)


class History:
    """The importers of a file, from all of its rows, in whichever order they stand."""

    def __init__(self, shipments: Iterable[Shipment], today: date) -> None:
        self._importers: dict[str, Importer] = {}
        self.first: date | None = None
        self.codes: set[str] = set()
        for one in shipments:
            if one.code:
                self.codes.add(one.code[:6])
            if one.day is not None:
                self.first = min(self.first or one.day, one.day)
                self._add(one, one.day, today)

    def _add(self, one: Shipment, day: date, today: date) -> None:
        name = one.party("importer") or one.party("consignee")
        if not name:
            return
        key = key_of(name)
        held = self._importers.setdefault(key, Importer(day))
        held.first = min(held.first, day)
        month, value = f"{day:%Y-%m}", one.value or 0.0
        held.months[month] = held.months.get(month, 0.0) + value
        if day < INVASION and is_priority(listings(one, today)):
            held.listed_before = True
        for role in ("exporter", "bank"):
            if other := one.party(role):
                told, last, total = held.others.get((role, key_of(other)), (other, day, 0.0))
                held.others[role, key_of(other)] = (min(told, other), max(last, day), total + value)

    def says(self, one: Shipment, *, is_listed: bool) -> list[tuple[str, int]]:
        """Return the patterns that a shipment is part of: (sentence, points)."""
        held = self._importers.get(key_of(one.party("importer") or one.party("consignee")))
        if held is None or one.day is None or self.first is None:
            return []
        found = []
        if self.first < INVASION <= one.day and is_listed:
            since = f"the file begins on {self.first}"
            before = "before 24 February 2022"
            if held.first >= INVASION:
                says = f"The importer has no shipment {before}, its first is of {held.first}"
                found.append((f"{says} ({since})", 35))
            elif not held.listed_before:
                found.append((f"The importer had none of the listed goods {before} ({since})", 30))
        if told := _leap(held, one.day):
            found.append((told, 30))
        return found


def _leap(held: Importer, day: date) -> str:
    """Say that the months around a shipment hold a multiple of the pace before, if they do.

    The three months that end with the shipment's, against the mean of all months before them; and
    whether a main supplier or bank was last seen in those before.
    """
    start = day.year * 12 + day.month - 3
    counted = {int(m[:4]) * 12 + int(m[5:]) - 1: value for m, value in held.months.items()}
    end = start + 2
    before = {at: value for at, value in counted.items() if at < start}
    if len(before) < LEAST_SEEN or start - min(before) < LEAST_MONTHS:
        return ""
    pace = sum(before.values()) / (start - min(before))
    now = sum(value for at, value in counted.items() if start <= at <= end) / 3
    if pace <= 0 or now < MULTIPLE * pace:
        return ""
    told = f"The importer's shipments of three months are {now / pace:.1f} times its pace before"
    total = sum(before.values())
    gone = [
        (name, role, last)
        for (role, _key), (name, last, value) in sorted(held.others.items())
        if value >= SHARE * total and last.year * 12 + last.month - 1 < start
    ]
    if gone:
        name, role, last = gone[0]
        word = "supplier" if role == "exporter" else "bank"
        told += f"; a main {word}, {name[:60]}, was last seen on {last}"
    return told
