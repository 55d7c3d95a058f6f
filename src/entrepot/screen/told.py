"""Told: what the statistics say of a shipment's route, as reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.findings import BAR
from entrepot.publish import words
from entrepot.reference import countries, groups
from entrepot.screen import goods
from entrepot.screen.records import Reason

if TYPE_CHECKING:
    from typing import Any

    from entrepot.screen.goods import Listing
    from entrepot.screen.records import Shipment
    from entrepot.screen.routes import KnownRoutes, Route

    Behind = tuple[tuple[str, Any], ...]

TRANSSHIP = "bis-fincen-transship-2023-15"
COALITION = "gecc-39"
FIRST_TIERS = ("1", "2")
RARE = 0.01
"""A q-value up to which a route counts for more: one in a hundred of such is chance."""


def route_reasons(one: Shipment, listed: tuple[Listing, ...], routes: KnownRoutes) -> list[Reason]:
    """Return what the statistics say of the product on this route; nothing known is said so.

    The third country is the shipment's destination, or where it leaves for the scan's destination
    itself. A scan looks at listed goods; of others only a code that shares a heading with one that
    fell is told.
    """
    if not one.destination:
        return [Reason("route", "cannot say", 25, "The row names no country of destination.")]
    where: Behind = (("command", routes.command), ("as_of", routes.as_of))
    third = one.sender if one.destination == routes.destination else one.destination
    if third in groups.members(COALITION) or not third:
        return []
    ours = [x for x in listed if x.how == "is" and x.in_force and x.list != goods.EU]
    if not ours:
        return _switched(one, third, routes, where)
    found = routes.of(third, one.code)
    if routes.why_not or found is None:
        why = routes.why_not or "the store holds no trade of this product with this country"
        what = f"{one.code[:6]} and {countries.name(third)}"
        says = f"What the statistics say of {what} is not known: {why.rstrip('.')}."
        told = [Reason("route", "cannot say", 15, says, where)]
    else:
        told = _evidence(found, routes, where)
    tiers = sorted({x.tier for x in ours} & {*FIRST_TIERS})
    if third in groups.members(TRANSSHIP) and tiers:
        says = (
            f"{countries.name(third)} is one of the 15 places that BIS and FinCEN named for "
            f"transshipment, and the good is of tier {tiers[0]}."
        )
        told.append(Reason("route", "ask", 25, says, (("list", f"groups/{TRANSSHIP}"),)))
    return told


def _switched(one: Shipment, third: str, routes: KnownRoutes, where: Behind) -> list[Reason]:
    found = routes.switched(third, one.code) if len(one.code) >= goods.SUBHEADING else None
    if found is None:
        return []
    says = f"The code shares a heading with {found.product}. {found.switch}"
    return [Reason("route", "ask", 25, says, (*where, ("cell", f"{third} {found.product}")))]


def _evidence(found: Route, routes: KnownRoutes, where: Behind) -> list[Reason]:
    behind: Behind = (
        *where,
        ("cell", f"{found.third} {found.product}"),
        ("last_month", routes.last_month),
        ("q_value", found.q_value),
        ("growth", found.growth),
        ("mirror", found.mirror),
    )
    way, around = f"{found.product} through {countries.name(found.third)}", _around(found)
    if found.q_value is not None and found.q_value <= BAR:
        says = f"{found.explanation} q = {_q(found.q_value)}.{around}"
        made = Reason("route", "ask", 60 if found.q_value <= RARE else 45, says, behind)
    elif found.q_value is not None:
        says = f"{way} does not stand out (q = {_q(found.q_value)}).{around}"
        made = Reason("route", "pass", 5, says, behind)
    else:
        why = found.untested or "it could not be judged"
        says = f"{way} is not known: {why[:1].lower()}{why[1:]}.{around}"
        made = Reason("route", "cannot say", 15, says, behind)
    return [made, *([Reason("route", "ask", 25, found.switch, behind)] if found.switch else [])]


def _q(value: float) -> str:
    return "less than 0.001" if value < 0.001 else f"{value:.3f}"


def _around(found: Route) -> str:
    """Growth, mirror and coverage in words."""
    told = []
    if found.growth is not None:
        told.append(
            f" In the last twelve months the coalition sent {words.ratio(found.growth)} what it "
            "sent in the same months a year before."
        )
    if found.mirror is not None:
        told.append(f" {words.percent(found.mirror)} of what was sent is recorded on arrival.")
    if found.months < 12:
        told.append(f" {found.months} of the last twelve months are published.")
    return "".join(told)
