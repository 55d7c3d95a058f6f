"""Origins: how much of what went on can and must have come from each member of a coalition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import EntrepotError
from entrepot.months import later
from entrepot.question.selection import Selection
from entrepot.reads import Reads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from entrepot.engine import Engine
    from entrepot.estimate.attribution_bounds import Bounds
    from entrepot.harmonise.products import Basket
    from entrepot.months import Span
    from entrepot.reference.goods import GoodsList
    from entrepot.store.snapshot import Snapshot

TOGETHER = "together"
"""All members as one origin: the bounds of single members do not add up."""
ASKED = ("third", "coalition", "destination", "first", "last", "lag")


@dataclass(frozen=True, slots=True)
class Origins:
    """What went from the third country to the destination in `months`, by where it came from.

    `rows` has product, origin, low_usd (what must have come from there, all other recorded inflow
    being too little) and high_usd (what can have), for TOGETHER and each member with any inflow
    that can have gone on; `totals` the same over all products. See
    `estimate.attribution_bounds` for what they assume. `note` says where the books do not balance,
    or, where there are no bounds, why not.
    """

    months: Span
    rows: tuple[dict[str, Any], ...]
    totals: tuple[dict[str, Any], ...]
    note: str
    is_known: bool = True

    def beside(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands beside a row of `mass_balance` or `attribution` in a file.

        Beside a member its own bounds; beside a product those of all origins, as a text.
        """
        own = [one for one in self.rows if one["product"] == row["product"]]
        told: dict[str, Any] = {}
        if "origin" in row:
            (mine,) = [one for one in own if one["origin"] == row["origin"]] or [
                dict.fromkeys(("low_usd", "high_usd"), 0.0 if own else None)
            ]
            told = {"origin_low_usd": mine["low_usd"], "origin_high_usd": mine["high_usd"]}
        else:
            told = {"origins": "; ".join(
                f"{one['origin']} {one['low_usd']:.12g} to {one['high_usd']:.12g}" for one in own
            ) or None}  # fmt: skip
        return told | {"origins_note": self.note or None}


def has_origins(params: Mapping[str, Any]) -> bool:
    """Whether a run of a measure balances what came from a coalition with what went on."""
    return all(name in params for name in ASKED)


def origins(
    engine: Engine,
    snapshot: Snapshot,
    goods: GoodsList | None,
    params: Mapping[str, Any],
    *,
    sources: Sequence[str] = (),
    basket: Basket = "as-listed",
) -> Origins:
    """Bound, from the third country's own books, what each member's goods can be of what went on.

    The months are those of the window and the lag after it. Never refuses: what stands in the way
    is the note. It takes the place of the session's selection, so it comes before any other.

    Args:
        engine: The session that holds the snapshot's views.
        snapshot: What is known on the day.
        goods: The goods.
        params: The parameters of `mass_balance` or `attribution`, groups replaced by countries.
        sources: Which source to take where several hold the same reporter.
        basket: Which codes stand for the goods in older revisions.
    """
    try:
        months = params["first"], later(params["last"], params["lag"])
        return _bounded(engine, snapshot, goods, params, months, sources, basket)
    except ImportError:
        why = "bounds need scipy: install entrepot[estimate]"
    except EntrepotError as error:
        why = str(error)
    return Origins((params["first"], params["last"]), (), (), f"not known: {why}", is_known=False)


def _bounded(
    engine: Engine,
    snapshot: Snapshot,
    goods: GoodsList | None,
    params: Mapping[str, Any],
    months: Span,
    sources: Sequence[str],
    basket: Basket,
) -> Origins:
    from entrepot.estimate.attribution_bounds import attribution_bounds, read_books

    third, members = params["third"], tuple(params["coalition"])
    reads = [Reads(flow, (third,), (), (months,)) for flow in ("import", "export")]
    selection = Selection(engine, snapshot, goods, [reads], sources=sources, basket=basket)
    known = selection.known(reads)
    if known.gaps:
        words = "; ".join(dict.fromkeys(gap.text for gap in known.gaps))
        return Origins(months, (), (), f"not known: {words}", is_known=False)
    products = tuple(sorted(known.names))
    books = read_books(
        selection.rows(reads),
        third=third,
        destination=params["destination"],
        origins={TOGETHER: members, **{member: (member,) for member in members}},
        products=products,
        first=months[0],
        last=months[1],
    )
    found = attribution_bounds(**books)
    rows = tuple(
        {"product": product, "origin": origin, "low_usd": low, "high_usd": high}
        for place, product in enumerate(products)
        for origin, low, high in _each(found, place)
    )
    totals = tuple(
        {"origin": row["origin"], "low_usd": row["low_usd"], "high_usd": row["high_usd"]}
        for row in found.rows()
        if row["high_usd"] > 0 or row["origin"] == TOGETHER
    )
    return Origins(months, rows, totals, found.statement)


def _each(found: Bounds, place: int) -> list[tuple[str, float, float]]:
    sides = zip(found.origins, found.low[:, place], found.high[:, place], strict=True)
    return [(origin, float(low), float(high)) for origin, low, high in sides
            if high > 0 or origin == TOGETHER]  # fmt: skip
