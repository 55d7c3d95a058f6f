"""Trade: what crosses borders in an invented world, as lumps of shipments by cell and month."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from detection._plan import (
    COUNT,
    COUNTRIES,
    FIRST_THIRD,
    GOAL,
    LIST,
    MONTHS,
    OURS,
    YEARS,
    Bools,
    Economy,
    Floats,
    Ints,
)

if TYPE_CHECKING:
    from detection._plan import Decoys
    from detection._routes import Routes

SPREAD = 0.9
"""Standard deviation of the log of one shipment's value around the usual of its cell."""


@dataclass(frozen=True, slots=True)
class Legs:
    """Goods that left `exporter` for `importer` in a month: one row per cell and month with any.

    `usd` is FOB and `origin` the country that made them. Where `hidden` the importer books
    nothing. `route` is the planted route, -1 for ordinary trade.
    """

    exporter: Ints
    importer: Ints
    product: Ints
    month: Ints
    usd: Floats
    kg: Floats
    origin: Ints
    hidden: Bools
    route: Ints

    def __len__(self) -> int:
        return len(self.usd)

    def where(self, keep: Any) -> Legs:
        """Return the rows of a mask or of positions."""
        return Legs(**{one.name: getattr(self, one.name)[keep] for one in fields(self)})


def join(parts: list[Legs]) -> Legs:
    """Return all rows of several."""
    return Legs(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Legs)}
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """Ordinary trade to draw: who, to whom, what, expected USD a month in 2016, whose goods."""

    exporter: Ints
    importer: Ints
    product: Ints
    usd: Floats
    origin: Ints

    def where(self, keep: Any) -> Cells:
        return Cells(**{one.name: getattr(self, one.name)[keep] for one in fields(self)})


def cells(rng: np.random.Generator, eco: Economy) -> Cells:
    """Draw the expected size of every cell that matters, and of one in twenty of the others.

    A third of the suppliers never sell to a country, and every eighth third country buys a product
    from nobody in the coalition.
    """
    grid = np.indices((len(COUNTRIES), len(COUNTRIES), COUNT), dtype=np.int64).reshape(3, -1)
    sells, buys = grid[0], grid[1]
    studied = (sells < OURS) & (buys >= FIRST_THIRD) | (buys == GOAL)
    keep = (studied | (rng.random(sells.size) < 1 / 20)) & (sells != buys) & (sells != GOAL)
    unbought = rng.random((len(COUNTRIES), COUNT)) < 1 / 8
    unbought[GOAL] = False
    keep &= (rng.random(sells.size) > 1 / 3) & ~(unbought[buys, grid[2]] & (sells < OURS))
    sells, buys, product = grid[:, keep]
    usd = eco.expected(sells, buys, product) * np.exp(rng.normal(0, 1.3, len(sells)))
    third = (sells >= FIRST_THIRD) & (buys != GOAL) & (rng.random(len(sells)) < 0.3)
    passed = (sells < OURS) & (rng.random(len(sells)) < 0.12)
    other = rng.integers(0, OURS, len(sells))
    return Cells(sells, buys, product, usd, np.where(third | passed, other, sells))


def inflow(all_cells: Cells) -> Floats:
    """Return expected USD a month from each coalition country (8, C, K)."""
    ours = all_cells.where(all_cells.exporter < OURS)
    table = np.zeros((OURS, len(COUNTRIES), COUNT))
    table[ours.exporter, ours.importer, ours.product] = ours.usd
    return table


def ordinary(rng: np.random.Generator, eco: Economy, false: Decoys, all_cells: Cells) -> Legs:
    """Draw the trade that would be there without diversion, decoys included."""
    fall = _fall(rng, eco.since)
    size = eco.shipment[all_cells.product] * np.clip(all_cells.usd / 2e4, 0.05, 1e3) ** 0.35
    alive = all_cells.usd * MONTHS > size / 3
    chosen, size = all_cells.where(alive), size[alive]
    rate = (chosen.usd / size)[:, None] * eco.season[chosen.product] * eco.mood[chosen.importer]
    rate *= np.repeat(_luck(rng, len(size)), 12, axis=1)
    ours, goal = chosen.exporter < OURS, chosen.importer == GOAL
    bought, sold = ours & ~goal & (chosen.importer >= OURS), ~ours & goal
    rate[bought] *= false.inflow[chosen.importer[bought], chosen.product[bought]]
    rate[sold] *= false.onward[chosen.exporter[sold], chosen.product[sold]]
    rate[ours & goal] *= fall[chosen.product[ours & goal]]
    legs = join([_legs(rng, eco, chosen, rate, size), _fresh(rng, eco, false)])
    third = np.where(legs.importer == GOAL, legs.exporter, legs.importer)
    legs.usd[:] *= false.dearer[third, legs.product, legs.month]
    return _relabelled(rng, legs, false)


def _legs(
    rng: np.random.Generator, eco: Economy, chosen: Cells, rate: Floats, size: Floats
) -> Legs:
    """Draw ordinary shipments of cells at a rate a month (cells, T)."""
    cell, month, usd, kg = _shipments(rng, rate, size, chosen.product, eco)
    return Legs(
        **{name: getattr(chosen, name)[cell] for name in ("exporter", "importer", "product")},
        month=month,
        usd=usd,
        kg=kg,
        origin=chosen.origin[cell],
        hidden=np.zeros(len(cell), dtype=bool),
        route=np.full(len(cell), -1),
    )


def _fresh(rng: np.random.Generator, eco: Economy, false: Decoys) -> Legs:
    """Draw what new suppliers sell of their own."""
    country, product = np.nonzero(false.fresh.any(axis=2))
    goal, size = np.full(len(country), GOAL), eco.shipment[product]
    own = Cells(country, goal, product, size, country)
    return _legs(rng, eco, own, false.fresh[country, product] / size[:, None], size)


def _luck(rng: np.random.Generator, count: int) -> Floats:
    """Good and bad years of each cell, which last: an autoregression of 0.7 in logs."""
    walk = rng.normal(0, 0.3, (count, YEARS))
    for year in range(1, YEARS):
        walk[:, year] = 0.7 * walk[:, year - 1] + walk[:, year] * 0.71
    return np.asarray(np.exp(walk))


def _fall(rng: np.random.Generator, since: int) -> Floats:
    """What is left of direct trade with the destination: listed 5-40%, unlisted 50-80%."""
    listed = np.arange(COUNT) < LIST
    left = np.where(listed, rng.uniform(0.05, 0.4, COUNT), rng.uniform(0.5, 0.8, COUNT))[:, None]
    done = np.clip((np.arange(MONTHS) - since + 1) / rng.integers(1, 5, (COUNT, 1)), 0, 1)
    return np.asarray(1 - done * (1 - left))


def _shipments(
    rng: np.random.Generator, rate: Floats, size: Floats, product: Ints, eco: Economy
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return row, month, USD and kg of a compound Poisson process.

    The sum of n log-normal shipments is drawn at once, as a log-normal with the sum's own mean and
    variance.
    """
    number = rng.poisson(rate)
    row, month = np.nonzero(number)
    several = number[row, month]
    variance = np.log1p(np.expm1(SPREAD**2) / several)
    noise = np.sqrt(variance) * rng.standard_normal(len(row)) - variance / 2
    real = several * size[row] * np.exp(noise)
    kind = product[row]
    grade = np.exp(rng.normal(0, 0.3, len(size)))[row] * np.exp(rng.normal(0, 0.15, len(row)))
    return row, month, real * eco.price[kind, month], real / (eco.dear[kind] * grade)


def _relabelled(rng: np.random.Generator, legs: Legs, false: Decoys) -> Legs:
    """Move rows of a changed label to the other product, on both legs of the country."""
    for country, old, new, share, start in false.relabel:
        touched = (legs.importer == country) | (
            (legs.exporter == country) & (legs.importer == GOAL)
        )
        rows = np.flatnonzero(touched & (legs.product == old) & (legs.month >= start))
        legs.product[rows[rng.random(len(rows)) < share]] = new
    return legs


def diverted(rng: np.random.Generator, eco: Economy, plan: Routes) -> Legs:
    """Draw the planted goods on every leg they travel: in, between and out."""
    many, origins, months = plan.expected.shape
    product = np.repeat(plan.product, origins)
    size = eco.shipment[product]
    rate = plan.expected.reshape(-1, months) / size[:, None] * eco.season[product]
    row, month, usd, kg = _shipments(rng, rate, size, product, eco)
    route, origin = np.divmod(row, origins)
    ghost = plan.kind[route] == 1
    bought = Legs(origin, plan.first[route], product[row], month, usd, kg, origin, ghost, route)
    open_ = bought.where(~ghost & (rng.random(len(row)) < plan.seen[route]))
    hops = plan.second[open_.route] >= 0
    between = _sent_on(rng, plan, open_.where(hops), plan.second)
    out = _sent_on(rng, plan, join([open_.where(~hops), between]), np.full(many, GOAL))
    return join([bought, between, out])


def _sent_on(rng: np.random.Generator, plan: Routes, legs: Legs, to: Ints) -> Legs:
    """Return the leg after `legs`, some months later and dearer; what leaves too late is lost."""
    month = legs.month + plan.lag[legs.route] + rng.integers(0, 2, len(legs))
    usd = legs.usd * plan.markup[legs.route]
    onward = Legs(
        legs.importer, to[legs.route], legs.product, month, usd, legs.kg,
        legs.origin, np.zeros(len(legs), dtype=bool), legs.route,
    )  # fmt: skip
    return onward.where(month < MONTHS)
