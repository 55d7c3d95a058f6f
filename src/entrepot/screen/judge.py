"""Judge: the reasons of one shipment, from the lists, the statistics and its file's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import visible
from entrepot.findings import BAR
from entrepot.money import usd
from entrepot.publish import words
from entrepot.reference import countries, groups
from entrepot.screen import goods
from entrepot.screen.parties import Parties
from entrepot.screen.prices import usd_per_unit
from entrepot.screen.records import Reason, Verdict, judged

if TYPE_CHECKING:
    from datetime import date

    from entrepot.screen.goods import Listing
    from entrepot.screen.patterns import History
    from entrepot.screen.prices import Prices
    from entrepot.screen.records import Shipment
    from entrepot.screen.routes import Route, Routes

TRANSSHIP = "bis-fincen-transship-2023-15"
CONTROLLED = "sanctioned-ru-by"
"""Countries to which listed goods may not go without a licence of the coalition's."""
COALITION = "gecc-39"
_FIRST_TIERS = ("1", "2")


@dataclass(frozen=True, slots=True)
class Judge:
    """What shipments are judged by, all as of one day."""

    parties: Parties
    routes: Routes
    prices: Prices
    history: History
    today: date

    def verdict(self, one: Shipment) -> Verdict:
        """Return the verdict on one shipment; it depends on no other row's place."""
        if one.fault:
            return judged(
                one, [Reason("row", "cannot say", 30, f"The row cannot be read: {one.fault}")]
            )
        listed = goods.listings(one, self.today)
        reasons = [*_row(one), *self.parties.reasons(one), *self._goods(one, listed)]
        reasons += [*self._route(one, listed), *self._price(one)]
        is_listed = any(x.how == "is" for x in listed)
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
        points = 15 if good.tier in _FIRST_TIERS and note else 5
        return Reason("goods", "pass", points if note else 0, f"{says[:-1]}{note}.", behind)

    def _route(self, one: Shipment, listed: tuple[Listing, ...]) -> list[Reason]:
        if not one.destination:
            return [Reason("route", "cannot say", 25, "The row names no country of destination.")]
        where = (("command", self.routes.command), ("as_of", self.routes.as_of))
        third = one.destination
        if third == self.routes.destination:
            third = one.sender
        if third in groups.members(COALITION) or not third:
            return []
        if not any(x.how == "is" and x.in_force and x.list != goods.EU for x in listed):
            switched = self.routes.switched(third, one.code) if len(one.code) >= 6 else None
            if switched is None:
                return []
            says = f"The code shares a heading with {switched.product}. {switched.switch}"
            return [
                Reason("route", "ask", 25, says, (*where, ("cell", f"{third} {switched.product}")))
            ]
        found = self.routes.of(third, one.code)
        if self.routes.why_not or found is None:
            why = (
                self.routes.why_not or "the store holds no trade of this product with this country"
            )
            says = f"What the statistics say of {one.code[:6]} and {countries.name(third)} is not known: {why}"
            return [Reason("route", "cannot say", 15, f"{says.rstrip('.')}.", where)]
        return self._evidence(one, found, listed, where)

    def _evidence(
        self,
        one: Shipment,
        found: Route,
        listed: tuple[Listing, ...],
        where: tuple[tuple[str, str], ...],
    ) -> list[Reason]:
        behind = (*where, ("cell", f"{found.third} {found.product}"), ("last_month", self.routes.last_month),
                  ("q_value", found.q_value), ("growth", found.growth), ("mirror", found.mirror))  # fmt: skip
        told = _around(found)
        name = countries.name(found.third)
        reasons = []
        if found.q_value is not None and found.q_value <= BAR:
            says = f"{found.explanation} q = {_q(found.q_value)}.{told}"
            reasons.append(
                Reason("route", "ask", 60 if found.q_value <= 0.01 else 45, says, behind)
            )
        elif found.q_value is not None:
            says = f"{found.product} through {name} does not stand out (q = {_q(found.q_value)}).{told}"
            reasons.append(Reason("route", "pass", 5, says, behind))
        else:
            why = found.untested or "it could not be judged"
            says = f"{found.product} through {name} is not known: {why[:1].lower()}{why[1:]}.{told}"
            reasons.append(Reason("route", "cannot say", 15, says, behind))
        if found.switch:
            reasons.append(Reason("route", "ask", 25, found.switch, behind))
        tiers = {x.tier for x in listed if x.list != goods.EU and x.how == "is"}
        if found.third in groups.members(TRANSSHIP) and tiers & {*_FIRST_TIERS}:
            says = f"{name} is one of the 15 places that BIS and FinCEN named for transshipment, and the good is of tier {min(tiers)}."
            reasons.append(Reason("route", "ask", 25, says, (("list", f"groups/{TRANSSHIP}"),)))
        return reasons

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


def _list(name: str) -> tuple[goods.Good, ...]:
    return goods.lists.load(name).goods


def _tier(found: Listing) -> str:
    return f"tier {found.tier}" if found.list != goods.EU else f"category {found.tier}"


def _q(value: float) -> str:
    return "less than 0.001" if value < 0.001 else f"{value:.3f}"


def _around(found: Route) -> str:
    """Growth, mirror and coverage in words."""
    told = []
    if found.growth is not None:
        told.append(
            f" In the last twelve months the coalition sent {words.ratio(found.growth)} what it sent in the same months a year before."
        )
    if found.mirror is not None:
        told.append(f" {words.percent(found.mirror)} of what was sent is recorded on arrival.")
    if found.months < 12:
        told.append(f" {found.months} of the last twelve months are published.")
    return "".join(told)
