"""Goods: which lists a shipment's code was on, on its day, and whether its words fit its code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from entrepot.reference import goods as lists
from entrepot.reference._files import records
from entrepot.screen.names import latin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from entrepot.reference.goods import Good, GoodsList
    from entrepot.screen.records import Shipment

PRIORITY = ("chpl-2023-05", "chpl-2023-09", "chpl-2024-02")
"""Versions of the common high priority list; each holds until the next one."""
EU = "eu-russia-2023-02"
REVISIONS = (("2022-01-01", "HS2022"), ("2017-01-01", "HS2017"), ("2012-01-01", "HS2012"))
SUBHEADING = 6


@dataclass(frozen=True, slots=True)
class Listing:
    """A listed good that a code is, may be, or once was.

    `how` is "is" where the code is the listed one or finer, "holds" where it is broader, "was"
    where the list's code had this number in an earlier revision. `in_force` is whether the list
    covered it on the day.
    """

    list: str
    title: str
    since: str
    good: Good
    how: str
    in_force: bool

    @property
    def tier(self) -> str:
        """The tier, as "1" or "3.A"."""
        return self.good.tier


def listings(shipment: Shipment, today: date) -> tuple[Listing, ...]:
    """Return what a shipment's code is on, the newest version of each list that counts."""
    if not shipment.code:
        return ()
    day = (shipment.day or today).isoformat()
    return _listed(
        shipment.code, shipment.revision or revision_on(day), bool(shipment.revision), day
    )


def is_priority(listed: Iterable[Listing]) -> bool:
    """Whether a code is on the common high priority list, then or later."""
    return any(one.how == "is" and one.list != EU for one in listed)


def revision_on(day: str) -> str:
    """Return the HS revision that customs used on a day."""
    return next((name for first, name in REVISIONS if day >= first), "HS2007")


@cache
def _listed(code: str, revision: str, is_stated: bool, day: str) -> tuple[Listing, ...]:
    found = [*_of(_version(day), code, revision, is_stated, day)]
    found += _of(EU, code, revision, is_stated, day)
    return tuple(found)


def _version(day: str) -> str:
    """The version in force, the first one before there was any."""
    return max((n for n in PRIORITY if lists.load(n).published <= day), default=PRIORITY[0])


def _of(name: str, code: str, revision: str, is_stated: bool, day: str) -> list[Listing]:
    listed, six = lists.load(name), code[:SUBHEADING]
    found = []
    for good in listed.goods:
        how = _how(listed, good, six, revision, is_stated)
        if how:
            since = good.since or (listed.published if name == PRIORITY[0] else _first(good.code))
            found.append(Listing(name, listed.title, since, good, how, since <= day))
    exact = [one for one in found if one.how == "is"]
    return exact or found


@cache
def _first(code: str) -> str:
    """The day of the first version of the priority list that has a code."""
    return next((lists.load(n).published for n in PRIORITY if code in lists.load(n).codes), "")


def _how(listed: GoodsList, good: Good, six: str, revision: str, is_stated: bool) -> str:
    older = {"HS2017": good.hs2017, "HS2012": good.hs2012}
    number = good.code if revision >= listed.classification else older.get(revision, good.hs2012)
    if len(six) < SUBHEADING:
        return "holds" if number.startswith(six) else ""
    if six == number:
        return "is" if number == good.code or good.hs2017_class != "carved" else "was"
    # People go on to write old numbers for years; only a stated revision rules that out.
    return "was" if not is_stated and six in older.values() and six != good.code else ""


@cache
def _hints() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    return tuple(
        (
            re.compile(rf"\b(?:{row['words']})", re.IGNORECASE),
            tuple(row["codes"].split()),
            row["goods"],
        )
        for row in records("goods_words")
    )


def hints(shipment: Shipment) -> list[tuple[str, tuple[str, ...]]]:
    """Return listed goods that a description names and its code is not in: (goods, headings)."""
    text = latin(shipment.description[:1000])
    found = []
    for pattern, codes, named in _hints() if text else ():
        if pattern.search(text) and not any(
            shipment.code.startswith(one) or (shipment.code and one.startswith(shipment.code))
            for one in codes
        ):
            found.append((named, codes))
    return found
