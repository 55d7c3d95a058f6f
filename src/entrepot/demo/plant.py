"""Plant: ordinary trade and diversion brought together so that the published figures come out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from entrepot.demo import figures
from entrepot.demo.legs import Legs, join, ordinary
from entrepot.demo.places import (
    COVERED,
    G7,
    ISO3,
    MONTHS,
    NUMBER,
    REVISION,
    TURKEY_FIVE,
    WAR,
    Bools,
    Floats,
    Ints,
    month,
)
from entrepot.demo.products import COUNTS_45, IN_45, TIER_4B
from entrepot.demo.routes import Chains, divert, join_chains, send_on, vanish

AFTER_2021 = np.arange(MONTHS) >= month("2022-01")
FROM_WAR = np.arange(MONTHS) >= WAR
_TRANSIT_GHOST = {"KAZ": 0.7, "KGZ": 0.5, "UZB": 0.4, "AZE": 0.3, "GEO": 0.3}
"""Share of Turkey's transit to each that never arrives; invented, largest where FT-5 is."""


@dataclass(frozen=True, slots=True)
class Planted:
    """All legs, the chains of diversion, the direct trade lost, and the CIF margins per pair."""

    legs: Legs
    chains: Chains
    ordinary: Legs
    lost: Floats
    margins: Floats


def plant(rng: np.random.Generator) -> Planted:
    """Return the demo world's true trade, calibrated to the published figures."""
    base, lost = ordinary(rng)
    margins = rng.uniform(0.02, 0.10, (len(ISO3), len(ISO3)))
    sells = figures.turkey_sells(rng)
    base = _turkey_before_2022(base)
    base = _turkey_from_2022(base, sells, margins)
    turkish = _turkish_chains(rng, base, sells)
    chains = join_chains(*turkish, *_hub_chains(rng, turkish))
    ghosts = [
        vanish(rng, to, figures.noisy(rng, figures.course(path), 0.15))
        for to, path in figures.GHOST.items()
    ]
    base = _turkey_buys(base, chains, margins)
    base = _china_sells(rng, base, chains)
    # A second hop starts from goods that the first already brought: count that leg once.
    brought = np.isin(chains.supplier, [NUMBER["TUR"]])
    arriving = chains.arriving().take(~brought)
    legs = join(base, arriving, chains.leaving(), *ghosts)
    return Planted(legs, chains, base, lost, margins)


def counted(reporter: Ints, product: Ints) -> Bools:
    """Return where a reporter's record of a product bears a number of the 45-code list."""
    return np.asarray(COUNTS_45[REVISION[reporter], product[:, None]])


def _scaled(legs: Legs, rows: Bools, factor: Floats | float) -> Legs:
    usd = legs.usd.copy()
    usd[rows] *= factor
    return replace(legs, usd=usd)


def _turkey_before_2022(base: Legs) -> Legs:
    """FT-3: Turkey's exports to Russia and the five, mean of January to September 2015-21."""
    for partner, mean in figures.TURKEY_SOLD_MEAN.items():
        rows = base.between("TUR", partner)
        usd = np.where(counted(base.exporter[rows], base.product[rows]), base.usd[rows], 0)
        now = usd[:, figures.JAN_SEP_2015_21].sum() / figures.BASE_YEARS
        base = _scaled(base, rows, np.where(AFTER_2021, 1.0, mean * 1e6 / now))
    return base


def _turkey_from_2022(base: Legs, sells: dict[str, Floats], margins: Floats) -> Legs:
    """FT-1, FT-4, FT-5: ordinary Turkish exports, all of the sum before the war, a part after."""
    turkey = NUMBER["TUR"]
    for partner, path in sells.items():
        rows = base.between("TUR", partner) & IN_45[base.product]
        level = path[month("2022-01") : WAR].mean() * 1.02 ** ((np.arange(MONTHS) - WAR) / 12)
        if partner == "KAZ":
            cif = 1 + margins[turkey, NUMBER["KAZ"]]
            level = np.full(MONTHS, figures.KAZAKHSTAN_BOUGHT * 1e6 / 9 / cif)
        target = np.where(FROM_WAR, np.minimum(level, 0.8 * path), path)
        base = _summing_to(base, rows, target)
        rows_4b = base.between("TUR", partner) & TIER_4B[base.product]
        base = _summing_to(base, rows_4b, 0.4 * _turkish_4b(path))
    return base


def _turkish_4b(path: Floats) -> Floats:
    return path * figures.SHARE_4B["TUR"] / (1 - figures.SHARE_4B["TUR"])


def _summing_to(base: Legs, rows: Bools, target: Floats) -> Legs:
    """Scale rows to the target in each month from 2022 on in which they trade at all."""
    now = base.usd[rows].sum(axis=0)
    factor = np.divide(target, now, out=np.ones(MONTHS), where=now > 0)
    return _scaled(base, rows, np.where(AFTER_2021, factor, 1.0))


def _turkish_chains(rng: np.random.Generator, base: Legs, sells: dict[str, Floats]) -> list[Chains]:
    """Return what Turkey passes on: to Russia, and to the five, where a part never arrives."""
    chains = []
    for partner, path in sells.items():
        left = {}
        for name, among, sums in (("45", IN_45, path), ("4b", TIER_4B, _turkish_4b(path))):
            rows = base.between("TUR", partner) & among[base.product]
            left[name] = np.where(FROM_WAR, sums - base.usd[rows].sum(axis=0), 0)
        chains.append(
            divert(
                rng,
                through="TUR",
                to=partner,
                sums=left["45"],
                sums_4b=left["4b"],
                ghost=_TRANSIT_GHOST.get(partner, 0.0),
                n_products=25 if partner == "RUS" else 12,
            )
        )
    return chains


def _hub_chains(rng: np.random.Generator, turkish: list[Chains]) -> list[Chains]:
    """Return what the other third countries send on: Turkish transit and direct supplies."""
    second = {
        to: send_on(rng, chains, "RUS")
        for chains in turkish
        for to in TURKEY_FIVE
        if chains.destination[0] == NUMBER[to]
    }
    hubs = [*second.values()]
    for hub, anchors in figures.ONWARD.items():
        path = figures.noisy(rng, figures.course(anchors), 0.06)
        via_turkey = 0.0
        if hub in second:
            via_turkey = (second[hub].onward * IN_45[second[hub].product][:, None]).sum(axis=0)
        direct = np.maximum(path - via_turkey, 0.15 * path)
        hubs.append(divert(rng, through=hub, to="RUS", sums=direct, sums_4b=0.05 * path))
    return hubs


def _turkey_buys(base: Legs, chains: Chains, margins: Floats) -> Legs:
    """FT-6: Turkey's imports from the G7, CIF, before and in 2023, diverted goods among them."""
    into = chains.arriving()
    bought = 0.0
    for legs in (into, base):
        rows = legs.between(G7, "TUR")
        cif = legs.usd[rows] * (1 + margins[legs.exporter[rows], legs.importer[rows]])[:, None]
        cif *= counted(legs.importer[rows], legs.product[rows])
        if legs is into:
            bought = cif[:, figures.JAN_SEP_2023].sum()
    before = cif[:, figures.JAN_SEP_2015_21].sum() / figures.BASE_YEARS
    factors = (
        figures.TURKEY_BOUGHT_MEAN * 1e6 / before,
        (figures.TURKEY_BOUGHT * 1e6 - bought) / cif[:, figures.JAN_SEP_2023].sum(),
    )
    at = [month("2022-01"), month("2023-01")]
    path = np.exp(np.interp(np.arange(MONTHS), at, np.log(factors)))
    return _scaled(base, base.between(G7, "TUR"), path)


def _china_sells(rng: np.random.Generator, base: Legs, chains: Chains) -> Legs:
    """FT-11, FT-12 and BB-1: China's exports to Russia, after Hong Kong's and everyone else's."""
    base = _china_before_2022(base)
    total = figures.china_sells(rng)
    onward = chains.leaving().take(chains.destination == NUMBER["RUS"])
    share_4b = figures.SHARE_4B["CHN"]
    sums = total * (1 - share_4b)
    others = _reported_to_russia(base, onward)
    odds = figures.CHINA_SHARE / (1 - figures.CHINA_SHARE)
    year_end = odds * others[figures.DEC_2023].sum() - sums[figures.DEC_2023].sum()
    for months, more in ((figures.JAN_SEP_2023, 0.0), (figures.OCT_NOV_2023, year_end)):
        sums = figures.rescaled(sums, months, (odds * others[months].sum() + more) / 1e6)
    for among, path in ((IN_45, sums), (TIER_4B, total * share_4b)):
        from_hong_kong = onward.between("HKG", "RUS") & among[onward.product]
        rows = base.between("HKG", "RUS") & among[base.product]
        rest = path - onward.usd[from_hong_kong].sum(axis=0)
        own = np.minimum(base.usd[rows].sum(axis=0), 0.4 * rest)
        base = _summing_to(base, rows, own)
        base = _summing_to(base, base.between("CHN", "RUS") & among[base.product], rest - own)
    return base


def _china_before_2022(base: Legs) -> Legs:
    """Bring China's ordinary sales to the level at which its course from 2022 on begins."""
    sums = [
        base.usd[base.between(seller, "RUS") & IN_45[base.product]][:, figures.YEAR_2021].sum()
        for seller in ("HKG", "CHN")
    ]
    factor = (figures.CHINA_SOLD_2021 * 12e6 - sums[0]) / sums[1]
    return _scaled(base, base.between("CHN", "RUS"), np.where(AFTER_2021, 1.0, factor))


def _reported_to_russia(base: Legs, onward: Legs) -> Floats:
    """Return what all but China and Hong Kong report of the 45 codes to Russia, per month."""
    total = np.zeros(MONTHS)
    for legs in (base, onward):
        rows = legs.importer == NUMBER["RUS"]
        rows &= ~legs.between(["CHN", "HKG"], "RUS")
        seen = counted(legs.exporter[rows], legs.product[rows]) & COVERED[legs.exporter[rows]]
        total += (legs.usd[rows] * seen).sum(axis=0)
    return total
