"""Judge: the reasons of one shipment, from the lists, the statistics and its file's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import visible
from entrepot.money import usd
from entrepot.reference import countries, groups
from entrepot.reference import goods as lists
from entrepot.screen import goods
from entrepot.screen.prices import usd_per_unit
from entrepot.screen.records import Reason, RowVerdict, judged
from entrepot.screen.told import COALITION, FIRST_TIERS, route_reasons

if TYPE_CHECKING:
    from datetime import date

    from entrepot.reference.goods import Good
    from entrepot.screen.goods import Listing
    from entrepot.screen.parties import Parties
    from entrepot.screen.patterns import History
    from entrepot.screen.prices import Prices
    from entrepot.screen.records import Shipment
    from entrepot.screen.routes import KnownRoutes

CONTROLLED = "sanctioned-ru-by"
"""Countries to which listed goods may not go without a licence of the coalition's."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What shipments are judged by, all as of one day."""

    parties: Parties
    routes: KnownRoutes
    prices: Prices
    history: History
    today: date

    def verdict(self, one: Shipment) -> RowVerdict:
        """Return the verdict on one shipment; it depends on no other row's place."""
        if one.fault:
            return judged(
                one, [Reason("row", "cannot say", 30, f"The row cannot be read: {one.fault}")]
            )
        listed = goods.listings(one, self.today)
        reasons = [*_row(one), *self.parties.reasons(one), *self._goods(one, listed)]
        reasons += [*route_reasons(one, listed, self.routes), *self._price(one)]
        is_listed = goods.is_priority(listed)
        behind = (("file_begins", str(self.history.first or "")),)
        reasons += [Reason("pattern", "ask", points, f"{says}.", behind)
                    for says, points in self.history.says(one, is_listed=is_listed)]  # fmt: skip
        return judged(one, reasons)

    def _goods(self, one: Shipment, listed: tuple[Listing, ...]) -> list[Reason]:
        found = [self._listed(one, listing) for listing in _apart(listed)]
        for named, codes in goods.hints(one):
            what = f"code {one.code} is in none of them" if one.code else "the row has no code"
            found.append(
                Reason("goods", "ask", 20, f"The description names {named}; {what}. A hint only.",
                       (("list", "goods_words"), ("codes", " ".join(codes))))
            )  # fmt: skip
        if not one.code and not one.description:
            found.append(
                Reason("goods", "cannot say", 25, "The row has no code and no description.")
            )
        elif not one.code and not found:
            says = "The row has no code, and its description names no listed good that we know."
            found.append(Reason("goods", "cannot say", 20, says))
        elif one.code and not listed:
            says = f"Code {one.code} is on none of the goods lists on {one.day or self.today}."
            found.append(Reason("goods", "pass", 0, says))
        if one.day is None:
            says = f"The row has no day; the lists of {self.today} are taken."
            found.append(Reason("goods", "pass", 0, says))
        return found

    def _listed(self, one: Shipment, found: Listing) -> Reason:
        good, to = found.good, one.destination
        name = f"{found.title}, {_tier(found)}"
        behind = (
            ("list", found.list),
            ("code", good.code),
            ("tier", good.tier),
            ("since", found.since),
        )
        if found.how == "holds":
            count = sum(x.code.startswith(one.code) for x in _list(found.list))
            says = (
                f"Code {one.code} is broader than the list's: {count} codes under it are on {name}."
            )
            return Reason("goods", "ask", 30, says, behind)
        if not found.in_force:
            says = f"{good.code} is on {name}, since {found.since}: not yet on the day of shipment."
            return Reason("goods", "pass", 0, says, behind)
        if found.how == "was":
            says = f"{one.code} is the number that {good.code} ({name}) had in an earlier revision."
            return Reason("goods", "ask", 30, says, behind)
        bound = groups.members(CONTROLLED) if found.list != goods.EU else ("RUS",)
        says = f"{good.code} is on {name}, since {found.since}."
        if to in bound:
            says = f"{says[:-1]}, and goes to {countries.name(to)}."
            word, points = (
                ("ask", 60) if good.note.startswith(("Only above", "Partly")) else ("stop", 90)
            )
            return Reason("goods", word, points, f"{says} {good.note}".strip(), behind)  # type: ignore[arg-type]
        note = "; ask whether a licence is needed" if to not in groups.members(COALITION) else ""
        points = 15 if good.tier in FIRST_TIERS and note else 5
        return Reason("goods", "pass", points if note else 0, f"{says[:-1]}{note}.", behind)

    def _price(self, one: Shipment) -> list[Reason]:
        if not (one.value and one.mass_kg and len(one.code) >= 6):
            return []
        day = one.day or self.today
        if not one.currency:
            return [
                Reason("price", "pass", 0, "The price is not judged: the row names no currency.")
            ]
        rate = usd_per_unit(one.currency, day.year, day.month)
        if rate is None:
            says = f"The price is not judged: no rate of {one.currency[:3]} for {day:%Y-%m}."
            return [Reason("price", "pass", 0, says)]
        price = one.value * rate / one.mass_kg
        found = self.prices.among(one.code, one.sender, one.destination, price, day)
        if found is None:
            says = "The price is not judged: too few other routes of this product are known."
            return [Reason("price", "pass", 0, says)]
        low, middle, high = (usd(x) for x in (found.low, found.middle, found.high))
        says = (
            f"{usd(price)} a kilogram; on {found.routes:,} other routes of {one.code[:6]} in "
            f"{found.year} the middle is {middle}, and 98 in 100 lie between {low} and {high}."
        )
        behind = (("usd_per_kg", round(price, 4)), ("routes", found.routes), ("year", found.year),
                  ("as_of", self.routes.as_of))  # fmt: skip
        word, points = ("ask", 25) if found.is_outside else ("pass", 0)
        return [Reason("price", word, points, says, behind)]  # type: ignore[arg-type]


def _row(one: Shipment) -> list[Reason]:
    """What of the row could not be read: without goods, place or names there is no verdict."""
    found = []
    for fault in one.faults:
        matters = fault.split(" ", 1)[0] in (
            "code",
            "destination",
            "date",
            *("exporter", "importer", "consignee"),
        )
        found.append(Reason("row", "cannot say" if matters else "pass", 10 if matters else 0,
                            f"Not read: {visible(fault)}."))  # fmt: skip
    return found


def _apart(listed: tuple[Listing, ...]) -> list[Listing]:
    """One listing of each list and way: a heading may hold twenty codes of one."""
    return list(
        {(x.list, x.how, x.good.code if x.how != "holds" else ""): x for x in listed}.values()
    )


def _list(name: str) -> tuple[Good, ...]:
    return lists.load(name).goods


def _tier(found: Listing) -> str:
    return f"tier {found.tier}" if found.list != goods.EU else f"category {found.tier}"
