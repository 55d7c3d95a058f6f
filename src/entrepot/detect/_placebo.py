"""Placebo: how often a statistic this large comes from dates and countries where nothing happened.

The null distribution is that of the same statistic at earlier dates, for cells of like size. Its
centre and spread are then moved to those of all cells at the date in question, listed or not: a
war moves everybody's trade, and what moves everybody is no sign of diversion (the empirical null
of Efron 2004). Only beyond the 95th percentile is a curve fitted, to tell far from very far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._counterfactual import BASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 6
"""Classes of size, chosen by hand: 3 or 12 of them change one to three findings in twenty."""
SHORTEST = 12  # months of base that a placebo date needs
STEP = 3
MOST = 12
"""By hand: dates every month, every sixth, or at most six of them find as many
(docs/explanation/chosen-numbers.md)."""
TAIL = 0.95
"""Where the fit begins, by hand: 0.9 and 0.98 rank the same."""
SPREAD = (0.7, 3.0)
"""How much wider the bulk of the cells may be than the null's. By hand, and not reached; held at 1,
the p-values of placebo worlds fail their test (docs/explanation/chosen-numbers.md)."""
FURTHEST = 20
"""How many times rarer than the rarest placebo a fitted tail may call anything. By hand: a
ranking must tell far from farther, and no error rate may rest on what nobody saw; 1 and 100
find the same."""
ENOUGH = 50
"""Placebo cells without which nothing is judged. By hand: see `calibrate`."""
ENOUGH_MOVED = 30
"""Cells that it takes to say how a date's own cells have moved. By hand: a median and a percentile
of fewer are chance."""
LEVEL = 0.9
"""The stated coverage of excess intervals."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One-sided p-values of a statistic and, per cell, the null's 5th, 50th and 95th percentile.

    Arrays have the shape of the statistic; nan where the cell is not judged.
    """

    p: Floats
    low: Floats
    middle: Floats
    high: Floats
    placebo_p: tuple[Floats, ...]


def dates(since: int, length: int) -> list[int]:
    """Return the places of placebo months: whole windows before `since` with a full base.

    At most a dozen, three months apart or further, the latest first. Where no month has a full
    base before it, a year will do: early dates know little of their past and look wild.
    """
    latest = since - length
    found = list(range(latest, BASE - 1, -STEP)) or list(range(latest, SHORTEST - 1, -STEP))
    if len(found) > MOST:
        found = [found[round(i * (len(found) - 1) / (MOST - 1))] for i in range(MOST)]
    return found


def calibrate(
    actual: Floats,
    size: Floats,
    placebos: Sequence[Floats],
    sizes: Sequence[Floats],
    *,
    like: NDArray[np.bool_] | None = None,
    controls: NDArray[np.bool_] | None = None,
    classes: int = BINS,
) -> Calibrated:
    """Return p-values of a statistic from its placebos.

    p = (1 + number of placebos as large) / (1 + number of placebos), within a size class, with a
    generalised Pareto tail beyond the 95th percentile (Hosking and Wallis 1987).

    Args:
        actual: The statistic at the date in question, listed and unlisted cells; nan if untested.
        size: What classes are made by, larger or smaller; shape of `actual`.
        placebos: The statistic at placebo dates.
        sizes: Their sizes.
        like: The cells of `actual` to whose centre and spread the null is moved; None for none.
        controls: The cells to which its percentiles are moved instead, in classes that hold enough
            of them: what was to be expected must not move with the cells that may be routes.
        classes: How many classes of size.
    """
    pool = np.concatenate([p[np.isfinite(p)] for p in placebos]) if placebos else np.empty(0)
    scale = np.concatenate([s[np.isfinite(p)] for p, s in zip(placebos, sizes, strict=True)]
                           ) if placebos else np.empty(0)  # fmt: skip
    shape = actual.shape
    p, low, mid, high = (np.full(shape, np.nan) for _ in range(4))
    back = [np.full(one.shape, np.nan) for one in placebos]
    # With fewer than 50, or 20 in a class below, the smallest p is 1/51 or 1/21, and among
    # hundreds of cells none could stand out: not judged is the truer answer.
    if len(pool) < ENOUGH:
        return Calibrated(p, low, mid, high, tuple(back))
    edges = np.unique(np.quantile(scale, np.linspace(0, 1, classes + 1)[1:-1]))
    here, there = np.digitize(size, edges), np.digitize(scale, edges)
    for kind in range(len(edges) + 1):
        null = np.sort(pool[there == kind])
        cells = (here == kind) & np.isfinite(actual)
        if len(null) < 20:
            continue
        centre, spread = (0.0, 1.0) if like is None else moved(null, actual[cells & like])
        middle = float(np.median(null))
        shifted = middle + (actual[cells] - middle - centre) / spread
        p[cells] = survival(null, shifted)
        if controls is not None and (cells & controls).sum() >= ENOUGH_MOVED:
            centre, spread = moved(null, actual[cells & controls])
        mid[cells] = middle + centre
        low[cells] = middle + centre + spread * (np.quantile(null, (1 - LEVEL) / 2) - middle)
        high[cells] = middle + centre + spread * (np.quantile(null, (1 + LEVEL) / 2) - middle)
        for one, scales, found in zip(placebos, sizes, back, strict=True):
            mine = (np.digitize(scales, edges) == kind) & np.isfinite(one)
            found[mine] = survival(null, one[mine])
    return Calibrated(p, low, mid, high, tuple(back))


def moved(null: Floats, cells: Floats) -> tuple[float, float]:
    """Return how far the bulk of the cells lies from the null's, and how much wider it is.

    Width is measured below the median: above it lie the cells we are looking for.
    """
    # The 15th percentile is one standard deviation below the median of a normal.
    if len(cells) < ENOUGH_MOVED:
        return 0.0, 1.0
    below = [np.subtract(*np.quantile(x, [0.5, 0.15])) for x in (cells, null)]
    centre = float(np.median(cells) - np.median(null))
    return centre, float(np.clip(below[0] / below[1], *SPREAD)) if below[1] > 0 else 1.0


def survival(null: Floats, values: Floats) -> Floats:
    """Return the part of a sorted null that is as large as each value, its tail fitted."""
    count = len(null)
    at_least = count - np.searchsorted(null, values, side="left")
    p = (1 + at_least) / (1 + count)
    edge = int(np.ceil(TAIL * count))
    over = null[edge:] - null[edge - 1]
    if len(over) < 20 or over.mean() <= 0:
        return np.asarray(p)
    far = values > null[edge - 1]
    p[far] = (len(over) + 1) / (count + 1) * _pareto(over, values[far] - null[edge - 1])
    return np.asarray(np.maximum(p, 1 / (FURTHEST * (count + 1))))


def _pareto(over: Floats, values: Floats) -> Floats:
    """Return the survival of a generalised Pareto fitted by probability-weighted moments."""
    # 0.35 is the plotting position of Hosking and Wallis (1987). Below 0 the tail would end,
    # above 0.5 it would have no variance: neither can be read from twenty values.
    rank = (np.arange(1, len(over) + 1) - 0.35) / len(over)
    a0, a1 = over.mean(), float(np.mean((1 - rank) * np.sort(over)))
    shape = 2 - a0 / (a0 - 2 * a1) if a0 > 2 * a1 else 0.0
    shape = float(np.clip(shape, 0.0, 0.5))
    width = a0 * (1 - shape)
    if shape < 1e-6:
        return np.asarray(np.exp(-values / width))
    return np.asarray((1 + shape * values / width) ** (-1 / shape))


def adjusted(p: Floats) -> Floats:
    """Return Benjamini and Hochberg's q-values over all finite p-values of an array."""
    q = np.full(p.shape, np.nan)
    found = np.isfinite(p)
    values = p[found]
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    stepped = np.minimum.accumulate(values[order] * len(values) / ranks)
    back = np.empty_like(stepped)
    back[order] = np.minimum(stepped, 1.0)
    q[found] = back
    return q
