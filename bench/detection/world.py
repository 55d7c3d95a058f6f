"""World: invented monthly trade in which some goods take another way, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detection import _books, _plan, _routes, _trade
from detection._plan import COALITION, COUNTRIES, LISTED, MONTHS, OLDER, PRODUCTS, THIRDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detection._plan import Decoys
    from detection._routes import Routes
    from detection._trade import Legs

TRUTH = pa.schema(
    {
        "kind": pa.string(),
        "is_diversion": pa.bool_(),
        "origin": pa.string(),
        "intermediary": pa.string(),
        "destination": pa.string(),
        "product": pa.string(),
        "hop": pa.int64(),
        "first_month": pa.date32(),
        "multiple": pa.float64(),
        "diverted_usd": pa.float64(),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an analyst asks of a world.

    `older` gives for a listed code of HS2022 the number its goods had in HS2017, other goods with
    it. `until` is the last month of the world; reporters publish it late or not at all.
    """

    destination: str
    since: date
    until: date
    listed: tuple[str, ...]
    older: Mapping[str, str]
    coalition: tuple[str, ...]
    thirds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Published flows, the truth behind them, and the question.

    `flows` has the columns of `schema.FLOWS`. `truth` has one row per planted origin, intermediary
    and product, and one without origin per decoy. `diverted_usd` is the FOB value that left the
    origin from `since` on, 0 for decoys; both countries of a multi-hop route carry it (`hop` 1 and
    2), so it must not be summed over hops. `multiple` is null where a cell starts from nothing.
    `delay` counts the months until a reporter publishes a month.
    """

    flows: pa.Table
    truth: pa.Table
    question: Question
    delay: Mapping[str, int]

    def known(self, last: date) -> World:
        """Return the world as published by the end of a month; the truth stays whole."""
        count = last.year * 12 + last.month
        months = pc.add(
            pc.multiply(pc.year(self.flows["period"]), 12), pc.month(self.flows["period"])
        )
        wait = pa.array([self.delay[name] for name in COUNTRIES])
        place = pc.index_in(self.flows["reporter"], pa.array(COUNTRIES))
        shown = pc.less_equal(pc.add(months, wait.take(place.combine_chunks())), count)
        return replace(
            self, flows=self.flows.filter(shown), question=replace(self.question, until=last)
        )


def make(
    seed: int, *, effect: bool = True, suppliers: tuple[int, int] = (1, 3), lumps: float = 1.0
) -> World:
    """Make a world; the same seed gives the same rows.

    Args:
        seed: Start of all randomness.
        effect: False for the placebo world: the same draws without the planted routes. Its flows
            differ from the other's in nothing else, decoys included.
        suppliers: How many of the coalition the goods of one route come from, at least and at most.
        lumps: How many times as large a usual shipment is, so that as many times fewer are sent.
    """
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(10)]
    eco = _plan.economy(streams[0])
    eco = replace(eco, shipment=lumps * eco.shipment)
    false = _plan.decoys(streams[1], eco)
    cells = _trade.cells(streams[2], eco)
    legs = _trade.ordinary(streams[3], eco, false, cells)
    how = _books.habits(streams[4], eco.since)
    rows = [_books.book(streams[5], legs, how)]
    planted = None
    if effect:
        plan = _routes.routes(streams[6], eco, false, _trade.inflow(cells), suppliers)
        planted = _trade.diverted(streams[7], eco, plan)
        rows.append(_books.book(streams[9], planted, how))
    truth = _false_rows(false) + ([] if planted is None else _true_rows(plan, planted))
    return World(
        flows=_books.publish(streams[8], rows, how),
        truth=pa.Table.from_pylist(truth, TRUTH),
        question=Question(
            destination=COUNTRIES[_plan.GOAL],
            since=_day(eco.since),
            until=_day(MONTHS - 1),
            listed=LISTED,
            older={code: OLDER[code] for code in LISTED if code in OLDER},
            coalition=COALITION,
            thirds=THIRDS,
        ),
        delay=dict(zip(COUNTRIES, how.delay.tolist(), strict=True)),
    )


def _day(month: int) -> date:
    return date(_plan.FIRST_YEAR + month // 12, month % 12 + 1, 1)


def _true_rows(plan: Routes, legs: Legs) -> list[dict[str, object]]:
    """Return one row per route and origin with any goods; two per multi-hop route."""
    bought = legs.where(legs.exporter < _plan.OURS)
    cell, place = np.unique(bought.route * _plan.OURS + bought.origin, return_inverse=True)
    usd = np.bincount(place, bought.usd)
    start = np.full(len(cell), MONTHS)
    np.minimum.at(start, place, bought.month)
    rows = []
    for one, value, month in zip(cell.tolist(), usd.tolist(), start.tolist(), strict=True):
        route, origin = divmod(one, _plan.OURS)
        through = [plan.first[route], plan.second[route]]
        for hop, country in enumerate((c for c in through if c >= 0), start=1):
            rows.append(
                {
                    "kind": _routes.KINDS[plan.kind[route]],
                    "is_diversion": True,
                    "origin": COALITION[origin],
                    "intermediary": COUNTRIES[country],
                    "destination": COUNTRIES[_plan.GOAL],
                    "product": PRODUCTS[plan.product[route]],
                    "hop": hop,
                    "first_month": _day(month),
                    "multiple": None if np.isnan(plan.multiple[route]) else plan.multiple[route],
                    "diverted_usd": value,
                }
            )
    return rows


def _false_rows(false: Decoys) -> list[dict[str, object]]:
    return [
        {
            "kind": kind,
            "is_diversion": False,
            "origin": None,
            "intermediary": COUNTRIES[country],
            "destination": COUNTRIES[_plan.GOAL],
            "product": PRODUCTS[product],
            "hop": 1,
            "first_month": _day(start),
            "multiple": None if np.isnan(multiple) else multiple,
            "diverted_usd": 0.0,
        }
        for kind, country, product, start, multiple in false.rows
    ]
