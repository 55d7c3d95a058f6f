"""Routes: the diversion that is planted, one row per intermediary and listed product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detection._plan import COUNT, FIRST_THIRD, GOAL, LIST, MONTHS, OURS, Economy, Floats, Ints

if TYPE_CHECKING:
    from detection._plan import Decoys

KINDS = ("route", "ghost", "multi-hop")
SMALLEST = 4_000.0
"""USD a month of ordinary inflow below which no cell is chosen, unless it starts from nothing."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Planted routes. Shapes: R routes, T months, `expected` (R, 8 origins, T) in 2016 USD.

    `second` is the country that a multi-hop route passes on to, -1 otherwise. `multiple` is what
    the inflow grows by, null where the cell starts from nothing. `lag` counts months between a
    leg and the next, `markup` what each adds to the price, and `seen` is the part of the onward
    goods that anybody's books show.
    """

    kind: Ints
    first: Ints
    second: Ints
    product: Ints
    multiple: Floats
    lag: Ints
    markup: Floats
    seen: Floats
    expected: Floats


def routes(
    rng: np.random.Generator,
    eco: Economy,
    false: Decoys,
    inflow: Floats,
    suppliers: tuple[int, int],
) -> Routes:
    """Plant 6 to 10% of the listed cells of the plausible neighbours.

    A planted cell is never a decoy, but the second country of a multi-hop route may be one.
    `inflow` (8 origins, C, K) is the ordinary trade of a month in 2016; `suppliers` are how many of
    the coalition a route's goods come from, at least and at most.
    """
    first, product, multiple = _chosen(rng, eco, false, inflow.sum(axis=0))
    count = len(first)
    kind = rng.choice(3, count, p=[0.6, 0.2, 0.2])
    level = _levels(rng, inflow.sum(axis=0), first, product, multiple)
    origins = _origins(rng, inflow[:, first, product].T, suppliers)
    return Routes(
        kind=kind,
        first=first,
        second=np.where(kind == 2, _onward(rng, eco, first), -1),
        product=product,
        multiple=multiple,
        lag=rng.integers(0, 4, count),
        markup=rng.uniform(1.05, 1.35, count),
        seen=rng.uniform(0.75, 1.0, count),
        expected=level[:, None, None]
        * origins[:, :, None]
        * _ramps(rng, eco.since, count)[:, None, :],
    )


def _chosen(
    rng: np.random.Generator, eco: Economy, false: Decoys, usual: Floats
) -> tuple[Ints, Ints, Floats]:
    """Return country, product and multiple of each cell; every seventh starts from nothing."""
    free = np.zeros(usual.shape, dtype=bool)
    free[np.ix_(eco.near, np.arange(LIST))] = True
    for _kind, country, product, *_rest in false.rows:
        free[country, product] = False
    appetite = np.exp(rng.normal(0, 1.0, len(usual)))[:, None] / np.sqrt(eco.distance[:, [GOAL]])
    count = int(rng.uniform(0.06, 0.10) * len(eco.near) * LIST)
    new = _pick(rng, np.where(free & (usual == 0), appetite, 0), count * 15 // 100)
    old = _pick(rng, np.where(free & (usual >= SMALLEST), appetite, 0), count - len(new))
    multiple = np.exp(rng.uniform(np.log(1.3), np.log(5), count))
    multiple[len(old) :] = np.nan
    where, what = np.divmod(np.concatenate([old, new]), COUNT)
    return where, what, multiple[: len(where)]


def _levels(
    rng: np.random.Generator, usual: Floats, first: Ints, product: Ints, multiple: Floats
) -> Floats:
    """Return USD a month at full size: a multiple of the usual, or a common cell's from nothing."""
    common = usual[FIRST_THIRD:GOAL, :LIST]
    level = np.median(common[common > SMALLEST]) * np.exp(rng.normal(0, 0.8, len(first)))
    return np.where(np.isnan(multiple), level, (multiple - 1) * usual[first, product])


def _pick(rng: np.random.Generator, weight: Floats, count: int) -> Ints:
    chance = weight.ravel() / weight.sum()
    most = min(count, int(np.count_nonzero(chance)))
    return np.asarray(rng.choice(int(chance.size), most, replace=False, p=chance))


def _onward(rng: np.random.Generator, eco: Economy, first: Ints) -> Ints:
    second = rng.choice(eco.near, len(first))
    following = eco.near[(np.searchsorted(eco.near, second) + 1) % len(eco.near)]
    return np.where(second == first, following, second)


def _origins(rng: np.random.Generator, usual: Floats, suppliers: tuple[int, int]) -> Floats:
    """Split each route over some origins, the usual suppliers first."""
    fewest, most = suppliers
    score = np.log(usual + 100) + rng.gumbel(0, 1, usual.shape)
    rank = np.argsort(np.argsort(-score, axis=1), axis=1)
    share = rng.random((len(usual), OURS)) + 0.2
    share[rank >= rng.integers(fewest, most + 1, (len(usual), 1))] = 0
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _ramps(rng: np.random.Generator, since: int, count: int) -> Floats:
    """Reach the full level 0 to 12 months after `since`; every seventh route fades after a year."""
    full = rng.integers(0, 13, (count, 1))
    begin = np.floor(full * rng.random((count, 1)))
    months = np.arange(MONTHS) - since
    rise = np.where(
        months >= full, 1.0, np.clip((months - begin + 1) / (full - begin + 1), 0, 1)
    ) * (months >= begin)
    fades = rng.random((count, 1)) < 1 / 7
    return np.asarray(np.where(fades & (months > full + 12), 0.15, rise))
