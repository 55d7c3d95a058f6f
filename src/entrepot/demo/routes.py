"""Routes: planted diversion, from maker through third countries to Russia, and its true amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.demo.legs import DIVERTED, GHOST, Legs
from entrepot.demo.places import COALITION, MONTHS, NUMBER, SUPPLY, WAR, Floats, Ints, numbers
from entrepot.demo.products import IN_45, PRODUCTS, TIER_4B

LAGS = 4
"""Goods leave a third country 0 to 3 months after they came."""


@dataclass(frozen=True, slots=True)
class Chains:
    """One row per maker, supplier, intermediary, destination and product: goods sent on.

    `onward` is what the intermediary exports (FOB, USD, a column per month); it bought the same
    goods `lag` months before for less by `markup`. `ghost` is the share of `onward` that never
    arrives at the destination named in the intermediary's books.
    """

    maker: Ints
    supplier: Ints
    intermediary: Ints
    destination: Ints
    product: Ints
    lag: Ints
    markup: Floats
    ghost: Floats
    onward: Floats

    @property
    def inflow(self) -> Floats:
        """What the intermediary bought, in the month it came."""
        at = np.arange(MONTHS) + self.lag[:, None]
        later = np.take_along_axis(self.onward, np.minimum(at, MONTHS - 1), axis=1)
        bought: Floats = np.where(at < MONTHS, later, 0.0) / (1 + self.markup[:, None])
        return bought

    def arriving(self) -> Legs:
        """Return the legs from supplier to intermediary."""
        return self._legs(self.supplier, self.intermediary, np.ones(len(self.lag)), self.inflow)

    def leaving(self) -> Legs:
        """Return the legs from intermediary to destination."""
        return self._legs(self.intermediary, self.destination, 1 - self.ghost, self.onward)

    def _legs(self, exporter: Ints, importer: Ints, arrives: Floats, usd: Floats) -> Legs:
        part = np.full(len(exporter), DIVERTED)
        return Legs(exporter, importer, self.product, self.maker, part, arrives, usd)


def join_chains(*chains: Chains) -> Chains:
    """Return all rows of several sets of chains."""
    return Chains(
        *(np.concatenate([getattr(part, name) for part in chains]) for name in Chains.__slots__)
    )


def divert(
    rng: np.random.Generator,
    *,
    through: str,
    to: str,
    sums: Floats,
    sums_4b: Floats,
    ghost: float = 0.0,
    n_products: int = 16,
) -> Chains:
    """Return chains whose onward exports add up to `sums` (45 codes) and `sums_4b` a month.

    Sums before the war or of zero and less plant nothing.
    """
    parts = [_draw(rng, IN_45, n_products, sums), _draw(rng, TIER_4B, 3, sums_4b)]
    maker, product, lag, onward = (np.concatenate([part[i] for part in parts]) for i in range(4))
    rows = len(maker)
    return Chains(
        maker=maker,
        supplier=maker,
        intermediary=np.full(rows, NUMBER[through]),
        destination=np.full(rows, NUMBER[to]),
        product=product,
        lag=lag,
        markup=rng.uniform(0.1, 0.35, rows),
        ghost=np.full(rows, ghost),
        onward=onward,
    )


def send_on(rng: np.random.Generator, chains: Chains, to: str) -> Chains:
    """Return a second hop: what arrived at the end of `chains` goes on to another country."""
    rows = len(chains.lag)
    lag = rng.integers(0, LAGS, rows)
    markup = rng.uniform(0.05, 0.2, rows)
    arrived = chains.onward * (1 - chains.ghost[:, None])
    at = np.arange(MONTHS) - lag[:, None]
    earlier = np.take_along_axis(arrived, np.maximum(at, 0), axis=1)
    return Chains(
        maker=chains.maker,
        supplier=chains.intermediary,
        intermediary=chains.destination,
        destination=np.full(rows, NUMBER[to]),
        product=chains.product,
        lag=lag,
        markup=markup,
        ghost=np.zeros(rows),
        onward=np.where(at >= 0, earlier, 0.0) * (1 + markup[:, None]),
    )


def vanish(rng: np.random.Generator, to: str, sums: Floats) -> Legs:
    """Return exports of the coalition to a country that never records them."""
    maker, product, _, usd = _draw(rng, IN_45, 15, sums)
    rows = len(maker)
    return Legs(
        exporter=maker,
        importer=np.full(rows, NUMBER[to]),
        product=product,
        maker=maker,
        part=np.full(rows, GHOST),
        arrives=np.zeros(rows),
        usd=usd,
    )


def _draw(
    rng: np.random.Generator, allowed: np.ndarray, n_products: int, sums: Floats
) -> tuple[Ints, Ints, Ints, Floats]:
    """Draw makers, products, lags and a course per chain that add up to `sums` from the war on."""
    makers = numbers(COALITION)
    score = np.where(allowed, rng.gumbel(size=PRODUCTS), -np.inf)
    products = np.argsort(-score)[:n_products]
    choice = np.log(SUPPLY[makers]) + rng.gumbel(size=(n_products, len(makers)))
    picked = np.argsort(-choice, axis=1)[:, :3]
    maker, product = makers[picked].ravel(), np.repeat(products, 3)
    rows = len(maker)
    lag = rng.integers(0, LAGS, rows)
    weight = rng.lognormal(0, 0.8, rows) * SUPPLY[maker]
    weather = rng.lognormal(0, 0.45, (rows, MONTHS)) * (rng.random((rows, MONTHS)) < 0.7)
    # One chain trades every month from the first, so that any sum can be reached.
    lag[0], weather[0] = 0, np.maximum(weather[0], 0.5)
    open_from = WAR + lag[:, None]
    course = weight[:, None] * weather * (np.arange(MONTHS) >= open_from)
    total = course.sum(axis=0)
    usd = course * np.divide(np.maximum(sums, 0), total, out=np.zeros(MONTHS), where=total > 0)
    return maker, product, lag, usd
