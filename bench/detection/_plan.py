"""Plan: who trades what in an invented world, what disturbs it and what is planted in it.

Every number below is invented; nothing is estimated from real records.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.reference import goods

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_YEAR, MONTHS, YEARS = 2016, 96, 8
NEW_CODES = 72
"""Month number of January 2022, when HS2022 starts."""

COALITION = tuple("USA DEU JPN KOR GBR FRA ITA NLD".split())
THIRDS = tuple(
    "CHN HKG TUR ARE KAZ KGZ ARM GEO UZB AZE SRB IND VNM THA MYS SGP IDN PHL MNG TJK TKM MDA ISR "
    "EGY SAU QAT KWT OMN JOR LBN MAR TUN DZA ZAF KEN NGA GHA ETH BRA ARG CHL COL PER MEX URY PAN "
    "CRI DOM PAK BGD LKA NPL KHM BHR MUS".split()
)
"""Codes without a meaning: each seed draws anew which of them lie near, are hubs or divert."""
COUNTRIES = (*COALITION, *THIRDS, "RUS")
OURS, FIRST_THIRD, GOAL = len(COALITION), len(COALITION), len(COUNTRIES) - 1
NEAR = 24
"""Third countries near enough to the destination to be plausible intermediaries."""

_GOODS = goods.load("chpl-2024-02").goods
LISTED = tuple(good.code for good in _GOODS)
OLDER = {
    **{good.code: good.hs2017 for good in _GOODS if good.hs2017 != good.code},
    **dict.fromkeys(("852581", "852582", "852583"), "852580"),
    **dict.fromkeys(("854141", "854142", "854143"), "854140"),
    "852491": "901380",
}
"""Code of HS2022 -> the number its goods had before; unlisted siblings share some of them."""


def _siblings() -> tuple[str, ...]:
    """Return four unlisted codes under each listed heading, the split ones among them."""
    found = {code for code in OLDER if code not in LISTED}
    taken = {*LISTED, *OLDER, *OLDER.values()}
    for heading in sorted({code[:4] for code in LISTED}):
        free = [f"{heading}{end}" for end in ("11", "19", "31", "39", "61", "79", "81", "99")]
        found |= set([code for code in free if code not in taken][:4])
    return tuple(sorted(found))


PRODUCTS = (*LISTED, *_siblings())
COUNT = len(PRODUCTS)
LIST = len(LISTED)


@dataclass(frozen=True, slots=True)
class Economy:
    """What all trade obeys. Shapes: C countries, K products, T months.

    `pull` is the part of a flow that exporter (C, K) and importer (C, K) bring, `distance` is
    (C, C), `shipment` the usual size in USD and `dear` the USD per kg of each product (K,).
    `season` (K, T) and `mood` (C, T) multiply quantities, `price` (K, T) multiplies values.
    """

    since: int
    push: Floats
    pull: Floats
    distance: Floats
    shipment: Floats
    dear: Floats
    season: Floats
    mood: Floats
    price: Floats
    near: Ints

    def expected(self, exporter: Ints, importer: Ints, product: Ints) -> Floats:
        """Return USD a month in 2016 by gravity, before each cell's own luck."""
        flow: Floats = self.push[exporter, product] * self.pull[importer, product]
        return flow / self.distance[exporter, importer]


def economy(rng: np.random.Generator) -> Economy:
    """Draw sizes that span five orders of magnitude, seasons, shocks, booms and a pandemic."""
    count = len(COUNTRIES)
    size = np.exp(rng.normal(0, 1.1, count))
    size[:OURS] *= 6
    size[GOAL] = 12
    place = rng.normal(0, 1, (count, 2))
    place[GOAL] = 0
    distance = 0.4 + np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    maker = np.where(rng.random((count, COUNT)) < 0.08, 8.0, 0.15)
    maker[:OURS] = 2.5
    taste = np.exp(rng.normal(0, 0.8, (count, COUNT)))
    worth = 70 * np.exp(rng.normal(0, 1.2, COUNT))
    skill = np.exp(rng.normal(0, 0.9, (count, COUNT)))
    order = np.argsort(distance[GOAL, FIRST_THIRD:GOAL] * np.exp(rng.normal(0, 0.2, len(THIRDS))))
    return Economy(
        since=int(rng.integers(66, 79)),
        push=size[:, None] ** 0.8 * maker * skill * worth,
        pull=size[:, None] ** 0.9 * taste * 4,
        distance=distance**1.5,
        shipment=20_000 * np.exp(rng.normal(0, 0.8, COUNT)),
        dear=60 * np.exp(rng.normal(0, 1.3, COUNT)),
        season=_season(rng),
        mood=_mood(rng, count),
        price=_price(rng),
        near=FIRST_THIRD + np.sort(order[:NEAR]),
    )


def _season(rng: np.random.Generator) -> Floats:
    month = np.arange(MONTHS) % 12
    phase, depth = rng.integers(0, 12, COUNT), rng.uniform(0, 0.35, COUNT)
    wave = 1 + depth[:, None] * np.cos((month - phase[:, None]) * np.pi / 6)
    return np.asarray(wave * np.where(month == 7, 0.85, 1.0))


def _mood(rng: np.random.Generator, count: int) -> Floats:
    """Growth, a slump from March to August 2020, and booms of all goods in one third of them."""
    months = np.arange(MONTHS)
    growth = np.exp(rng.normal(0.03, 0.03, (count, 1)) * months / 12)
    slump = 1 - rng.uniform(0.05, 0.4, (count, 1)) * ((months >= 50) & (months < 56))
    start = rng.integers(54, 84, (count, 1))
    end = start + rng.choice([12, 24, 99], (count, 1))
    size = np.where(rng.random((count, 1)) < 0.33, rng.uniform(1.4, 3, (count, 1)), 1.0)
    size[[*range(OURS), GOAL]] = 1
    boom = np.where((months >= start) & (months < end), size, 1.0)
    return np.asarray(growth * slump * boom)


def _price(rng: np.random.Generator) -> Floats:
    """A slow random walk, and a lasting shock of up to 2.5 times in every fifth product."""
    walk = np.exp(np.cumsum(rng.normal(0.001, 0.01, (COUNT, MONTHS)), axis=1))
    start = rng.integers(48, 90, (COUNT, 1))
    size = np.where(rng.random((COUNT, 1)) < 0.2, rng.uniform(0.6, 2.5, (COUNT, 1)), 1.0)
    return np.asarray(walk * np.where(np.arange(MONTHS) >= start, size, 1.0))


@dataclass(frozen=True, slots=True)
class Decoys:
    """What looks like diversion and is none.

    `inflow` and `onward` (C, K, T) multiply the quantities that a third country buys from the
    coalition and sells to the destination, `dearer` (C, K, T) the values of both. `fresh` (C, K, T)
    is USD a month of its own goods, or of goods from outside the coalition, that it sells to the
    destination on top. `relabel` holds
    (country, from product, to product, share, first month). `rows` says it for the truth, as
    (kind, country, product, first month, multiple).
    """

    inflow: Floats
    onward: Floats
    dearer: Floats
    fresh: Floats
    relabel: tuple[tuple[int, int, int, float, int], ...]
    rows: tuple[tuple[str, int, int, int, float], ...]


def decoys(rng: np.random.Generator, eco: Economy) -> Decoys:
    """Draw surges of real demand, home-made exports, price rises and changed labels.

    After `since` the destination also buys more of everything from everybody (`onward`), and opens
    trade with new suppliers of goods that never saw the coalition (`fresh`, kind new-supplier).
    """
    shape = (len(COUNTRIES), COUNT, MONTHS)
    months = np.arange(MONTHS)
    inflow, onward, dearer, fresh = (*np.ones((3, *shape)), np.zeros(shape))
    late = np.clip((months - eco.since) / 6, 0, 1)
    onward *= 1 + late * rng.lognormal(-1.0, 0.7, (len(COUNTRIES), 1, 1))
    rows: list[tuple[str, int, int, int, float]] = []
    relabel: list[tuple[int, int, int, float, int]] = []
    for kind, count in (("surge", 110), ("home-made", 80), ("both", 25), ("price", 45)):
        for country, product in _cells(rng, eco, count):
            start, most = eco.since + int(rng.integers(-3, 13)), rng.uniform(np.log(1.3), np.log(5))
            rise = np.exp(most * np.clip((months - start) / rng.integers(1, 7), 0, 1))
            for table in _moved(kind, inflow, onward, dearer):
                table[country, product] *= rise
            rows.append((kind, country, product, start, float(np.exp(most))))
    for country, product in _cells(rng, eco, 130):
        start, level = eco.since + int(rng.integers(0, 13)), np.exp(rng.normal(np.log(2e4), 1.3))
        rise = np.clip((months - start + 1) / rng.integers(1, 10), 0, 1)
        fresh[country, product] += level * rise
        rows.append(("new-supplier", country, product, start, np.nan))
    for country, product in _cells(rng, eco, 45):
        family = [k for k in range(LIST, COUNT) if PRODUCTS[k][:4] == PRODUCTS[product][:4]]
        pair = (product, int(rng.choice(family)))
        start, share = eco.since + int(rng.integers(-3, 10)), rng.uniform(0.4, 0.95)
        relabel.append((country, *(pair if rng.random() < 0.5 else pair[::-1]), share, start))
        rows.append(("code-switch", country, product, start, np.nan))
    return Decoys(inflow, onward, dearer, fresh, tuple(relabel), tuple(rows))


def _moved(kind: str, inflow: Floats, onward: Floats, dearer: Floats) -> tuple[Floats, ...]:
    return {
        "surge": (inflow,),
        "home-made": (onward,),
        "both": (inflow, onward),
        "price": (dearer,),
    }[kind]


def _cells(rng: np.random.Generator, eco: Economy, count: int) -> list[tuple[int, int]]:
    """Pick third countries and listed products: half of them near, where diversion hides too."""
    far = np.arange(FIRST_THIRD, GOAL)
    where = np.where(rng.random(count) < 0.5, rng.choice(eco.near, count), rng.choice(far, count))
    return sorted(set(zip(where.tolist(), rng.integers(0, LIST, count).tolist(), strict=True)))
