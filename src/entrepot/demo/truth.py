"""Truth: what was planted, as tables that no store ever holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from entrepot.demo import figures
from entrepot.demo.legs import BASE, CHIP, DIVERTED, GHOST, OIL, PARTS, PRICE, Legs
from entrepot.demo.places import (
    COVERED,
    ISO3,
    NUMBER,
    PLACES,
    REVISION,
    REVISIONS,
    SHOWN,
    Floats,
    Ints,
    day,
    month,
)
from entrepot.demo.products import CODES

if TYPE_CHECKING:
    from entrepot.demo.plant import Planted
    from entrepot.demo.routes import Chains

CENT = 0.01


def truth(planted: Planted) -> dict[str, pa.Table]:
    """Return the planted world as tables, months 2015-01 to 2024-12, values FOB in USD.

    * legs       every true shipment by exporter, importer, product, maker, part and month;
                 `arrives` is the share the importer ever records
    * diversion  goods sent on: bought by `intermediary` from `supplier` in `period`, exported to
                 `destination` `lag_months` later; `ghost_usd` of it never arrives there
    * ghost      diverted exports that never arrive where they are booked to
    * lost       direct trade with Russia that would have been without the war
    * booms      real demand and prices on top of ordinary trade
    * gaps       pairs whose importer never recorded all of ordinary trade, before the war either
    * switches   first month of each HS revision per reporter
    * coverage   which reporter's month exists in the latest files
    * figures    the published figures the world is calibrated to
    """
    legs = planted.legs
    vanishing = legs.take(np.isin(legs.part, [DIVERTED, GHOST]) & (legs.arrives < 1))
    booms = legs.take(np.isin(legs.part, [CHIP, OIL, PRICE]))
    normal = planted.ordinary.take(planted.ordinary.part == BASE)
    return {
        "legs": _long(legs, legs.usd),
        "diversion": _diversion(planted.chains),
        "ghost": _long(vanishing, vanishing.usd * (1 - vanishing.arrives[:, None])),
        "lost": _long(normal, planted.lost),
        "booms": _long(booms, booms.usd),
        "gaps": _gaps(legs),
        "switches": _switches(),
        "coverage": _coverage(),
        "figures": _figures(),
    }


def _names(values: Any, index: Ints) -> pa.Array:
    return pa.array(list(map(str, values))).take(pa.array(index))


def _periods(index: Ints) -> pa.Array:
    last = int(index.max(initial=SHOWN))
    return pa.array([day(at) for at in range(last + 1)]).take(pa.array(index))


def _long(legs: Legs, usd: Floats) -> pa.Table:
    row, at = np.nonzero(usd[:, :SHOWN] >= CENT)
    return pa.table(
        {
            "exporter": _names(ISO3, legs.exporter[row]),
            "importer": _names(ISO3, legs.importer[row]),
            "product": _names(CODES, legs.product[row]),
            "maker": _names(ISO3, legs.maker[row]),
            "part": _names(PARTS, legs.part[row]),
            "period": _periods(at),
            "arrives": pa.array(legs.arrives[row]),
            "value_usd": pa.array(usd[row, at]),
        }
    )


def _diversion(chains: Chains) -> pa.Table:
    inflow = chains.inflow[:, :SHOWN]
    row, at = np.nonzero(inflow >= CENT)
    bought = inflow[row, at]
    sold = bought * (1 + chains.markup[row])
    return pa.table(
        {
            "maker": _names(ISO3, chains.maker[row]),
            "supplier": _names(ISO3, chains.supplier[row]),
            "intermediary": _names(ISO3, chains.intermediary[row]),
            "destination": _names(ISO3, chains.destination[row]),
            "product": _names(CODES, chains.product[row]),
            "period": _periods(at),
            "lag_months": pa.array(chains.lag[row]),
            "onward_period": _periods(at + chains.lag[row]),
            "inflow_usd": pa.array(bought),
            "onward_usd": pa.array(sold),
            "ghost_usd": pa.array(sold * chains.ghost[row]),
        }
    )


def _gaps(legs: Legs) -> pa.Table:
    """Pairs whose importer never records part of ordinary trade, war or no war."""
    rows = (legs.part == BASE) & (legs.arrives < 1)
    pairs = np.unique(
        np.stack([legs.exporter[rows], legs.importer[rows], legs.arrives[rows]]), axis=1
    )
    return pa.table(
        {
            "exporter": _names(ISO3, pairs[0].astype(np.int64)),
            "importer": _names(ISO3, pairs[1].astype(np.int64)),
            "arrives": pa.array(pairs[2]),
        }
    )


def _switches() -> pa.Table:
    first = np.array([[int(np.argmax(row == rev)) for rev in (1, 2)] for row in REVISION])
    reporter = np.repeat(np.arange(len(PLACES)), 2)
    known = np.asarray(COVERED.any(axis=1))[reporter]
    revision = np.tile([1, 2], len(PLACES))
    return pa.table(
        {
            "reporter": _names(ISO3, reporter[known]),
            "classification": _names(REVISIONS, revision[known]),
            "period": _periods(first.ravel()[known]),
        }
    )


def _coverage() -> pa.Table:
    place, at = np.indices((len(PLACES), SHOWN))
    place, at = place.ravel(), at.ravel()
    last = np.array([month(p.until) if p.until else -1 for p in PLACES])
    silent = np.isin(place, [NUMBER["RUS"], NUMBER["BLR"]])
    why = np.select(
        [COVERED[place, at], last[place] < 0, at <= last[place], silent], [0, 1, 2, 3], default=4
    )
    words = ["reported", "never reports", "hole", "silent", "not yet published"]
    return pa.table(
        {
            "reporter": _names(ISO3, place),
            "period": _periods(at),
            "status": _names(words, why),
        }
    )


def _figures() -> pa.Table:
    """The calibrated figures: id in the list of published figures, what, and value."""
    return pa.table(
        {
            "figure": ["FT-1", "FT-2", "FT-3", "FT-4", "FT-5", "FT-6", "BB-1"],
            "value": [
                sum(figures.TURKEY_SOLD_2023.values()),
                sum(figures.TURKEY_SOLD_2022.values()),
                sum(figures.TURKEY_SOLD_MEAN.values()),
                figures.TURKEY_SOLD_2023["KAZ"],
                figures.KAZAKHSTAN_BOUGHT,
                figures.TURKEY_BOUGHT,
                figures.CHINA_SHARE,
            ],
            "unit": [*["USD m"] * 6, "share"],
        }
    )
