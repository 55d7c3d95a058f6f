"""Legs: true shipments from one country to the next, and the ordinary trade of the demo world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.demo.places import (
    COALITION,
    DEMAND,
    G7,
    HUBS,
    MONTHS,
    NUMBER,
    OTHERS,
    SUPPLY,
    TURKEY_FIVE,
    WAR,
    Bools,
    Floats,
    Ints,
    month,
    numbers,
)
from entrepot.demo.products import (
    CODES,
    IS_CARVED,
    IS_CHIP,
    IS_LISTED,
    IS_OIL_DEMAND,
    IS_STEEL,
    PRICES,
    PRODUCTS,
    ramp,
)

PARTS = ("base", "chip boom", "oil boom", "price", "diverted", "ghost")
BASE, CHIP, OIL, PRICE, DIVERTED, GHOST = range(len(PARTS))


@dataclass(frozen=True, slots=True)
class Legs:
    """One row per exporter, importer, product, maker and part; `usd` has a column per month.

    `usd` is FOB. `maker` made the goods: an importer that records origin books them there.
    `arrives` is the share that the importer ever records.
    """

    exporter: Ints
    importer: Ints
    product: Ints
    maker: Ints
    part: Ints
    arrives: Floats
    usd: Floats

    def __len__(self) -> int:
        return len(self.exporter)

    def take(self, rows: Bools) -> Legs:
        """Return the rows that a mask selects."""
        return Legs(*(getattr(self, name)[rows] for name in self.__slots__))

    def between(self, exporters: list[str] | str, importers: list[str] | str) -> Bools:
        """Return which rows go from any of the exporters to any of the importers."""
        return np.isin(self.exporter, numbers(exporters)) & np.isin(
            self.importer, numbers(importers)
        )


def join(*legs: Legs) -> Legs:
    """Return all rows of several sets of legs."""
    return Legs(
        *(np.concatenate([getattr(part, name) for part in legs]) for name in Legs.__slots__)
    )


# exporters, importers, listed codes, controls, level of trade relative to supply times demand
#
# Who and how many are chosen by hand: all 50 codes where a published sum is planted (Turkey,
# China and Hong Kong to Russia, Turkey to the five, the G7 to Turkey), fewer elsewhere so that
# the world is made in seconds. Levels only set the pairs against each other: `plant` scales what
# has a published sum, and no study checks the rest.
_PAIRS: tuple[tuple[list[str], list[str], int, int, float], ...] = (
    (G7, ["TUR"], 50, 12, 1.0),
    (sorted(set(COALITION) - set(G7)), ["TUR"], 8, 6, 1.0),
    (COALITION, sorted(set(HUBS) - {"TUR"}), 7, 4, 1.0),
    (COALITION, ["RUS"], 14, 10, 1.0),
    (["CHN"], ["RUS"], 50, 40, 3.0),
    (["HKG"], ["RUS"], 50, 10, 1.5),
    (["TUR"], ["RUS", *TURKEY_FIVE], 50, 20, 0.4),
    (["SRB", "ARM", *TURKEY_FIVE], ["RUS"], 18, 12, 1.5),
    (["ARE", "IND"], ["RUS"], 18, 12, 0.4),
    (["BLR"], ["RUS", "KAZ"], 18, 14, 3.0),
    (["CHN"], [*HUBS, "BLR", "TJK", "TKM"], 20, 14, 1.5),
    (["HKG"], sorted(set(HUBS) - {"HKG"}), 10, 6, 0.5),
    (OTHERS, ["RUS"], 9, 5, 0.3),
    ("CHN USA DEU JPN KOR TWN".split(), OTHERS, 6, 5, 1.0),
    ("THA MYS SGP VNM".split(), "TUR KAZ ARE IND".split(), 6, 3, 0.4),
    (HUBS, "DEU USA CHN IND BRA".split(), 4, 3, 0.3),
    (["RUS"], "KAZ BLR ARM KGZ UZB AZE TJK".split(), 9, 9, 1.0),
    (["ARE"], "IND KAZ ARM GEO AZE UZB".split(), 6, 4, 0.6),
    ("DEU USA JPN NLD".split(), "FRA GBR POL CHN".split(), 8, 6, 1.0),
)

# Entrepots, so that sender and maker differ somewhere. Plausible, not estimated.
# Exporters that sell mostly what others made, and who made it.
_RESELLERS = {"HKG": "CHN TWN KOR USA", "ARE": "USA DEU CHN", "SGP": "MYS TWN USA"}

_PERMANENT_GAPS = {("CHN", "KGZ"): 0.25, ("CHN", "TJK"): 0.4, ("LTU", "KAZ"): 0.32}
"""Share recorded on arrival, before the war as after it. China and Kyrgyzstan were $4.1bn apart
in 2016 (KGZ-1); Lithuania and Kazakhstan stood at 9 of 28 before the war (FT-14)."""


def ordinary(rng: np.random.Generator) -> tuple[Legs, Floats]:
    """Return trade without diversion, and the direct trade with Russia that the war ended."""
    exporter, importer, product, level = _relations(rng)
    normal = level[:, None] * _shape(rng, exporter, importer, level)
    kept = _after_sanctions(exporter, importer, product)
    usd = normal * kept
    booms = {
        # Innocent rises, so that a detector can be wrong; their heights are by hand: 45% more
        # chips in the shortage of 2021, 120% more for the oil fields of two neighbours.
        CHIP: np.where(IS_CHIP[product][:, None], ramp("2020-09", "2021-08", "2022-09", 0.45), 0),
        OIL: np.where(
            (IS_OIL_DEMAND[product] & np.isin(importer, numbers(["KAZ", "AZE"])))[:, None],
            ramp("2022-04", "2023-03", "2024-10", 1.2),
            0,
        ),
        PRICE: PRICES[product] - 1,
    }
    arrives = np.ones(len(level))
    for (seller, buyer), share in _PERMANENT_GAPS.items():
        arrives[(exporter == NUMBER[seller]) & (importer == NUMBER[buyer])] = share
    columns = (exporter, importer, product, _makers(rng, exporter))
    base = Legs(*columns, np.full(len(level), BASE), arrives, usd)
    extra = []
    for part, height in booms.items():
        legs = Legs(*columns, np.full(len(level), part), arrives, usd * height)
        extra.append(legs.take(np.asarray(height.any(axis=1))))
    return join(base, *extra), normal - usd


def _relations(rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Floats]:
    """Draw which pair trades which products, and its mean USD a month."""
    # By hand: five times the trade in codes that HS2022 divided, so that the basket chosen shows.
    size = rng.lognormal(0, 0.8, PRODUCTS) * np.where(IS_CARVED, 5, 1)
    columns: list[tuple[Ints, Ints, Ints, Floats]] = []
    for sellers, buyers, n_listed, n_controls, scale in _PAIRS:
        one, other = np.meshgrid(numbers(sellers), numbers(buyers), indexing="ij")
        differ = one.ravel() != other.ravel()
        sellers_at, buyers_at = one.ravel()[differ], other.ravel()[differ]
        # Gumbel noise on log weights: the top n are a draw without replacement.
        score = np.log(size) + rng.gumbel(size=(len(sellers_at), PRODUCTS))
        rank_listed = (-np.where(IS_LISTED, score, -np.inf)).argsort(axis=1).argsort(axis=1)
        rank_rest = (-np.where(IS_LISTED, -np.inf, score)).argsort(axis=1).argsort(axis=1)
        chosen = np.where(IS_LISTED, rank_listed < n_listed, rank_rest < n_controls)
        pair, product = np.nonzero(chosen)
        weight = size[product] * rng.lognormal(0, 0.7, len(pair))
        total = np.bincount(pair, weights=weight)
        level = 1e6 * scale * (SUPPLY[sellers_at] * DEMAND[buyers_at])[pair]
        columns.append((sellers_at[pair], buyers_at[pair], product, level * weight / total[pair]))
    exporter, importer, product, level = (
        np.concatenate([row[i] for row in columns]) for i in range(4)
    )
    key = (exporter * 100 + importer) * 1000 + product
    _, first = np.unique(key, return_index=True)
    return exporter[first], importer[first], product[first], level[first]


def _makers(rng: np.random.Generator, exporter: Ints) -> Ints:
    maker = exporter.copy()
    for reseller, makers in _RESELLERS.items():
        rows = np.flatnonzero(exporter == NUMBER[reseller])
        maker[rows] = rng.choice(numbers(makers.split()), len(rows))
    return maker


def _shape(rng: np.random.Generator, exporter: Ints, importer: Ints, level: Floats) -> Floats:
    """Return each relation's course around its mean: growth, season, noise, silence, lumps."""
    rows, at = len(level), np.arange(MONTHS)
    pair = exporter * 100 + importer
    # All by hand: growth of 1 to 5% a year, a season of 10% and 12% more in December, noise with
    # a sigma of 0.9 at a thousand dollars a month and 0.6 at a million, and the more empty months
    # the smaller the relation.
    growth = (0.03 + 0.02 * np.sin(pair * 12.9898))[:, None]
    season = 1 + 0.1 * np.sin(2 * np.pi * (at + 1.7 * exporter[:, None]) / 12)
    season = season + 0.12 * (at % 12 == 11)
    sigma = np.clip(0.9 - 0.1 * np.log10(level / 1e3), 0.2, 0.9)[:, None]
    noise = np.exp(sigma * rng.standard_normal((rows, MONTHS)) - sigma**2 / 2)
    active = np.clip(0.1 + 0.17 * np.log10(np.maximum(level, 1e3) / 1e3), 0.12, 1.0)
    lumpy = rng.random(rows) < 0.12
    active = np.where(lumpy, np.minimum(active, 0.15), active)
    # Pairs with planted monthly sums trade something every month, so that any sum can be reached.
    steady = (exporter == NUMBER["CHN"]) & (importer == NUMBER["RUS"])
    active = np.where(steady, 1.0, active)
    turkish = (exporter == NUMBER["TUR"]) & np.isin(importer, numbers(["RUS", *TURKEY_FIVE]))
    active = np.where(turkish, np.maximum(active, 0.3), active)[:, None]
    trades = rng.random((rows, MONTHS)) < active
    course: Floats = (1 + growth) ** ((at - 60) / 12) * season * noise * trades / active
    return course


def _after_sanctions(exporter: Ints, importer: Ints, product: Ints) -> Floats:
    """Return the share of normal trade left: the coalition stops selling listed goods to Russia."""
    hit = np.isin(exporter, numbers(COALITION)) & (importer == NUMBER["RUS"])
    # By hand: what licences leave of listed goods, and of all others.
    floor = np.where(IS_LISTED[product], 0.02, 0.45)[:, None]
    fall = np.interp(np.arange(MONTHS), [WAR - 1, WAR + 2], [1.0, 0.0])
    share: Floats = np.where(hit[:, None], floor + (1 - floor) * fall, 1.0)
    return share


def prices_paid(exporter: Ints, importer: Ints, product: Ints) -> Floats:
    """Return the price of each relation and month, 1 in 2015: Russia pays China more than others.

    The mark-up is in the unit value: value is what it is, mass is less. BOFIT finds +87% from
    2021 to 2024 for controlled goods (BOF-3), twice the price for ball bearings (BOF-1) and four
    times for tapered roller bearings (BOF-2).
    """
    path = np.clip((np.arange(MONTHS) - WAR) / (month("2024-01") - WAR), 0, 1)
    height = np.where(IS_STEEL[product], 1.0, 0.87)
    height = np.where(CODES[product] == "848220", 3.0, height)
    row = np.isin(exporter, numbers(["CHN", "HKG"])) & (importer == NUMBER["RUS"])
    height = np.where(row & IS_LISTED[product], height, 0.0)
    paid: Floats = PRICES[product] * (1 + height[:, None] * path)
    return paid
