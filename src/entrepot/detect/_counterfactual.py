"""Counterfactual: what a series would have been, from its own past and from what controls did."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]

BASE = 24
"""Months of history a window is compared with: two of each calendar month."""
LEAST = 0.7
"""The part of base and window that must be published for a cell to be judged. Chosen by hand,
and the number that matters most: at 0.5 more is found, at 0.9 half as much
(docs/explanation/chosen-numbers.md)."""
NOISE = 0.35
"""Standard deviation of a series' own growth beyond what its controls share, in logs; it sets
how large a cell must be for shipment noise to matter less, and no error rate rests on it.
Chosen by hand; 0.2 and 0.5 find the same."""
PRIOR = 6.0
"""Months that the mean of all countries counts for in a country's usual shipment. By hand: 2 or 18
change a finding or two, and coverage by 0.02 at most (docs/explanation/chosen-numbers.md)."""
GROWTH_PRIOR = 5
"""Countries that the growth of all products counts for in that of one. By hand: 2 or 15 move a
finding (docs/explanation/chosen-numbers.md)."""

FEWEST = 3
"""Countries whose median growth of a product says something. By hand: a median of two is one of
them."""
LEAST_PAIRED = 5
"""Unlisted products whose median growth says how a country's trade grew. By hand."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A series after a month against its counterfactual; all arrays are (thirds, products).

    `value` and `expected` are totals over the published months of the window, in the series' unit.
    `score` is the signed distance between them in units of shipment and growth noise together;
    nan where too little is published, or where nothing was traded before or after. `unseen` is the
    months of the window over those published: what to multiply by for the whole window.
    """

    value: Floats
    expected: Floats
    score: Floats
    size: Floats
    unseen: Floats

    @property
    def shipments(self) -> Floats:
        """The expected value in usual shipments: what makes cells comparable."""
        return self.expected / self.size

    def at(self, score: Floats) -> Floats:
        """Return the value a cell would have at a score: the inverse of the score's formula."""
        n = self.shipments
        root = np.sqrt(n + 0.375) + score / 2 * np.sqrt(1 + NOISE**2 * n)
        return np.asarray(np.maximum(np.maximum(root, 0) ** 2 - 0.375, 0) * self.size)


@dataclass(frozen=True, slots=True)
class Controls:
    """What trade that diversion does not touch did from base to window.

    `growth` is that of each product, shape (1, products); `alive` says which products were traded
    all along: a code that begins or ends has no own past.
    """

    growth: Floats
    alive: NDArray[np.bool_]


def controls_of(series: Floats, at: int, length: int) -> Controls:
    """Return what deseasoned controls (thirds, products, months) did at a date."""
    return Controls(_growth(series, at, length), _alive(series, at, length))


def root_score(value: Floats, expected: Floats, size: Floats) -> Floats:
    """Return how far a value lies from the expected, in units of shipment and growth noise.

    2 (sqrt(value / size + 3/8) - sqrt(expected / size + 3/8)) / sqrt(1 + NOISE^2 n), with size the
    usual shipment in a month and n = expected / size: Anscombe's root (1948) makes lumpy and smooth
    series comparable.
    """
    # 3/8 makes the variance of the root of a Poisson count flat.
    n = expected / size
    far = np.sqrt(value / size + 0.375) - np.sqrt(n + 0.375)
    return np.asarray(2 * far / np.sqrt(1 + NOISE**2 * n))


def deseasoned(series: Floats, since: int) -> Floats:
    """Return a series with the season of its product taken out: see `season`."""
    return np.asarray(series / season(series, since)[None])


def season(series: Floats, since: int) -> Floats:
    """Return the season of each product by month of the panel (products, months); 1 is none.

    A product's mean by calendar month over all third countries, relative to the year, from the
    months before `since`, pulled halfway to one: products are lumpy too. From less than two years
    no season can be told from chance, and none is taken out.
    """
    if since < BASE:
        return np.ones(series.shape[1:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        total = np.nanmean(series[:, :, :since], axis=0)
        months = np.arange(since) % 12
        means = np.stack([np.nanmean(total[:, months == m], axis=1) for m in range(12)], axis=1)
        level = np.nanmean(means, axis=1, keepdims=True)
        factor = np.where(level > 0, means / level, 1.0)
    # Half and the clip are by hand, how much they matter is not measured. Without them a product
    # whose year came in one month would have a factor of 12.
    factor = np.clip(np.nan_to_num(0.5 + 0.5 * factor, nan=1.0), 0.5, 2.0)
    return np.asarray(factor[:, np.arange(series.shape[2]) % 12])


def shift(
    series: Floats,
    controls: Floats | Controls,
    panel: ScanPanel,
    at: int,
    length: int,
    *,
    pair: bool = True,
) -> Shift:
    """Compare a window with its base months, moved as the controls moved.

    expected = mean of the base x months in the window x growth of the same product in `controls`
    x growth of the same country over unlisted products beyond those products' own.
    score: see `root_score`; growth: see `growth`, without that of the country unless `pair`.

    Args:
        series: Deseasoned values (thirds, products, months), nan where unpublished.
        controls: The same for trade that diversion does not touch, by product, or what it did.
        panel: Where the listed products and the history are.
        at: Place of the window's first month.
        length: Months of the window.
        pair: Whether to take the country's general growth out too.
    """
    moved = controls if isinstance(controls, Controls) else controls_of(controls, at, length)
    base, window = _halves(series, at, length)
    before, after = _mean(base), _mean(window)
    grown = _pair_growth(before, after, moved.growth, panel)[:, None] if pair else 1.0
    found = _against(series[:, :, :at], before, after, window, moved.growth * grown)
    found.score[:, ~moved.alive] = np.nan
    return found


def compared(series: Floats, grown: Floats, at: int, length: int) -> Shift:
    """Compare a window with its base months, moved by a growth (thirds or 1, products)."""
    base, window = _halves(series, at, length)
    return _against(series[:, :, :at], _mean(base), _mean(window), window, grown)


def _against(
    history: Floats, before: Floats, after: Floats, window: Floats, grown: Floats
) -> Shift:
    published = np.isfinite(window).sum(axis=2)
    value, expected = after * published, before * grown * published
    size = _size(history)
    score = root_score(value, expected, size)
    idle = (np.nan_to_num(before) == 0) & (np.nan_to_num(after) == 0)
    score[idle | ~np.isfinite(expected)] = np.nan
    return Shift(value, expected, score, size, window.shape[2] / np.maximum(published, 1))


def growth(series: Floats, controls: Controls, panel: ScanPanel, at: int, length: int) -> Floats:
    """Return what trade that diversion does not touch grew by, (thirds, products).

    That of the product in `controls`, times that of the country in `series` over unlisted products
    beyond those products' own.
    """
    before, after = (_mean(one) for one in _halves(series, at, length))
    pair = _pair_growth(before, after, controls.growth, panel)
    return np.asarray(controls.growth * pair[:, None])


def controlled(
    series: Floats, controls: Floats, panel: ScanPanel, at: int, length: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return what moves a counterfactual: how many other countries, and whether unlisted goods.

    The number of other countries whose trade in the same product `growth` looks at, 0 where they
    are too few and all products count instead; and per country whether it has enough unlisted
    products of its own to be moved with. Shapes (thirds, products) and (thirds,).
    """
    before, after = (np.nan_to_num(_mean(one)) for one in _halves(controls, at, length))
    used = (before > 0) & (after > 0)
    count = used.sum(axis=0)
    others = np.where(count >= FEWEST, count - used, 0)
    before, after = (np.nan_to_num(_mean(one)) for one in _halves(series, at, length))
    free = ((before > 0) & (after > 0))[:, ~panel.is_listed].sum(axis=1)
    return others.astype(np.int64), np.asarray(free >= LEAST_PAIRED)


def own_growth(series: Floats, elsewhere: Floats, panel: ScanPanel, at: int, length: int) -> Floats:
    """Return what a country's own books say its exports would have grown by: (thirds, products).

    (after + 6 shipments x G) / (before + 6 shipments) of the same product to everybody else, means
    of a month with six usual shipments spread over the base and G the country's median, 1 where its
    books do not hold them; times the growth of its unlisted exports in `series` beyond that.
    """
    sold, sells = (_mean(one) for one in _halves(elsewhere, at, length))
    pull = PRIOR / BASE * _size(elsewhere[:, :, :at])
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(sells / sold)
    weight = np.sqrt(np.nan_to_num(sold)) * np.isfinite(logs)
    usual = [
        np.exp(_median(one[w > 0], w[w > 0])) if (w > 0).any() else 1.0
        for one, w in zip(logs, weight, strict=True)
    ]
    product = (sells + pull * np.array(usual)[:, None]) / (sold + pull)
    product = np.clip(np.where(np.isfinite(product), product, 1.0), 0.2, 5.0)
    before, after = (_mean(one) for one in _halves(series, at, length))
    return np.asarray(product * _pair_growth(before, after, product, panel)[:, None])


def thin(series: Floats, at: int, length: int | None = None) -> NDArray[np.bool_]:
    """Return where too little of the base or of the window is published to judge by.

    Shape (thirds, products); the window ends with the series unless it has a length.
    """
    end = series.shape[2] if length is None else at + length
    halves = (series[:, :, max(0, at - BASE) : at], series[:, :, at:end])
    few = [np.isfinite(half).mean(axis=2) < LEAST for half in halves]
    return np.asarray(few[0] | few[1])


def _halves(series: Floats, at: int, length: int) -> tuple[Floats, Floats]:
    """Return base and window, blanked where too little of either is published."""
    base, window = series[:, :, max(0, at - BASE) : at], series[:, :, at : at + length]
    blank = thin(series, at, length)[:, :, None]
    return np.where(blank, np.nan, base), np.where(blank, np.nan, window)


def _mean(values: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(values, axis=2))


def _alive(controls: Floats, at: int, length: int) -> NDArray[np.bool_]:
    total = np.nan_to_num(controls).sum(axis=0)
    before, after = total[:, max(0, at - BASE) : at], total[:, at : at + length]
    # Four months in five, by hand; how much it matters is not measured.
    return np.asarray(((before > 0).mean(axis=1) > 0.8) & ((after > 0).mean(axis=1) > 0.8))


def _growth(controls: Floats, at: int, length: int) -> Floats:
    """Return the growth of each product in the controls, as every country's median sees it.

    The median of the countries' log growth, weights the root of the base: some of them may be
    intermediaries themselves, and a sum would take their growth for the world's. It is pulled to
    the growth of all products as if that were five more countries.
    """
    base, window = _halves(controls, at, length)
    before, after = np.nan_to_num(_mean(base)), np.nan_to_num(_mean(window))
    weight = np.sqrt(before) * (after > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(weight > 0, np.log(after / before), 0.0)
    overall = _median(logs[weight > 0], weight[weight > 0]) if (weight > 0).any() else 0.0
    found = np.full(before.shape[1], overall)
    for k in np.flatnonzero((weight > 0).sum(axis=0) >= FEWEST):
        used = weight[:, k] > 0
        share = used.sum() / (used.sum() + GROWTH_PRIOR)
        found[k] = share * _median(logs[used, k], weight[used, k]) + (1 - share) * overall
    return np.asarray(np.exp(found)[None, :])


def _pair_growth(before: Floats, after: Floats, product: Floats, panel: ScanPanel) -> Floats:
    """Return each country's growth over unlisted products beyond the products' own growth.

    A weighted median of logs, weights the root of the base: a few diverted or lumpy products do
    not move it. One where a country has fewer than five such products.
    """
    free = ~panel.is_listed
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(after[:, free] / (before[:, free] * product[:, free]))
    weight = np.sqrt(np.nan_to_num(before[:, free]))
    usable = np.isfinite(logs) & (weight > 0)
    found = np.ones(len(before))
    # The clip to a fivefold below is by hand.
    for place in np.flatnonzero(usable.sum(axis=1) >= LEAST_PAIRED):
        found[place] = np.exp(_median(logs[place, usable[place]], weight[place, usable[place]]))
    return np.clip(found, 0.2, 5.0)


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(summed, summed[-1] / 2)])


def _size(history: Floats) -> Floats:
    """Return a cell's usual shipment in a month: the mean over months that had any.

    Pulled to the product's own mean over all countries, which counts as six such months.
    """
    active = np.where(np.nan_to_num(history) > 0, 1.0, 0.0)
    value = np.nan_to_num(history)
    count = active.sum(axis=2)
    by_product = value.sum(axis=(0, 2)) / np.maximum(active.sum(axis=(0, 2)), 1)
    floor = np.median(by_product[by_product > 0]) if (by_product > 0).any() else 1.0
    by_product = np.where(by_product > 0, by_product, floor)
    return np.asarray((value.sum(axis=2) + PRIOR * by_product) / (count + PRIOR))
