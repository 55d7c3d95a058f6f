"""Suppliers: what each reporter of the coalition sent on its own, beside what the others did.

A total hides the one supplier that moved: demand at home grows every supplier's exports, a route
grows those of a few. And a gap between two books is small or large by the habits of one pair, so
that each reporter has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.detect._counterfactual import BASE, LEAST, PRIOR, root_score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Reals = NDArray[np.floating[Any]]

HABIT = 48
"""Months before a date from which a pair's mirror ratio is learned: as many as a history has."""
SHRUNK = 4.0
"""Usual shipments that the ratio of the pair counts for in that of one of its products. By hand."""
EQUAL = 2.0
"""Countries, or products, of unchanged ratio that a median of the window's ratios begins with, so
that one or two cells cannot speak for all. By hand."""
STEADY = 0.05
"""Part of a flow by which two books that agree differ at least: freight and rates. By hand."""
FEW, NARROW = 5.0, 0.05
"""Cells, and their dispersion, that a pair's own dispersion is pulled to. By hand."""
FURTHEST = 12.0
"""A score beyond which a rise is no rarer: keeps exponentials finite."""


@dataclass(frozen=True, slots=True)
class Suppliers:
    """By reporter, third country and product: mean months of base and window, and the rest.

    `usual` and `value` are totals over the window's published months, expected and recorded;
    `score` is nan where too little is known.
    """

    usual: Floats
    value: Floats
    score: Floats
    size: Floats


def suppliers(series: Reals, factor: Floats, size: Floats, at: int, length: int) -> Suppliers:
    """Compare each reporter's window with its own base, moved as the others moved.

    expected = mean of the base x months x `factor` x max(1, growth of the other reporters to the
    same country and product beyond theirs), that growth pulled to 1 by two usual shipments.

    Args:
        series: Deseasoned values (reporters, thirds, products, months), nan where unpublished.
        factor: Growth of product and pair by the controls (thirds, products).
        size: Usual shipments of the total (thirds, products).
        at: Place of the window's first month.
        length: Months of the window.
    """
    before, after, months = halves(series, at, length)
    usual, value = before * factor * months, after * months
    own = _sizes(series[..., :at], size)
    known_usual, known = np.nan_to_num(usual), np.nan_to_num(value)
    rest = known.sum(axis=0) - known + 2 * own
    others = rest / (known_usual.sum(axis=0) - known_usual + 2 * own)
    score = root_score(value, usual * np.maximum(1, others), own)
    score[(known_usual == 0) & (known == 0)] = np.nan
    return Suppliers(usual, value, score, own)


def strongest(score: Floats) -> Floats:
    """Return log of the mean over reporters of exp(max(score, 0)^2 / 2), nan where none is known.

    The likelihood ratio of a rise of one unknown supplier against none.
    """
    known = np.isfinite(score)
    rise = np.minimum(np.maximum(np.nan_to_num(score), 0), FURTHEST)
    total = np.where(known, np.exp(rise**2 / 2), 0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, np.log(np.where(count > 0, total, 1) / np.maximum(count, 1)), np.nan)


def largest(values: Floats) -> Floats:
    """Return the largest over reporters, nan where none is known."""
    known = np.isfinite(values)
    return np.where(known.any(axis=0), np.where(known, values, -np.inf).max(axis=0), np.nan)


def gaps(
    exports: Reals, imports: Reals, sent: Suppliers, factor: Floats, at: int, length: int
) -> tuple[Floats, Floats]:
    """Return USD of each reporter's exports that did not arrive, and their noise.

    due = mirror ratio of reporter and country before, pulled to the product's own, x exports in
    the window's months that both published, the smaller of the same months and those one earlier
    (goods are booked late); times the median change of that ratio over the reporter's countries
    and over the country's products, never above 1, so that a changed code or habit is no gap.
    gap = min(due - recorded imports, due - what was due of the usual exports).
    noise^2 = dispersion of the pair x (shipment x (exports + usual) / 2) x ratio + a twentieth of
    the flow squared.

    Args:
        exports: The coalition's, deseasoned (reporters, thirds, products, months).
        imports: The third countries' records of them, likewise.
        sent: The reporters' rises.
        factor: Growth of product and pair by the controls (thirds, products).
        at: Place of the window's first month.
        length: Months of the window.
    """
    both = np.isfinite(exports) & np.isfinite(imports)
    past = slice(max(0, at - HABIT), at)
    left = np.where(both, exports, 0)[..., past].sum(axis=-1)
    came = np.where(both, imports, 0)[..., past].sum(axis=-1)
    size = sent.size
    ratio = np.where(left > 0, came / np.maximum(left, 1), np.nan)
    pair = _median(ratio, np.sqrt(left), axis=2, start=0.0)
    own = (came + SHRUNK * size * pair) / (left + SHRUNK * size)
    off = np.minimum((came - pair * left) ** 2 / np.maximum(size * (left + size), 1), 4)
    count = (left > 0).sum(axis=-1, keepdims=True)
    spread = (np.where(left > 0, off, 0).sum(axis=-1, keepdims=True) + NARROW * FEW) / (count + FEW)
    window = slice(at, at + length)
    earlier = np.concatenate([np.full_like(exports[..., :1], np.nan), exports[..., :-1]], axis=-1)
    arrived = np.where(both, imports, 0)[..., window].sum(axis=-1)
    same, before = (
        np.where(both & np.isfinite(one), one, 0)[..., window].sum(axis=-1)
        for one in (exports, earlier)
    )
    usual, _after, months = halves(np.where(both, exports, np.nan), at, length)
    known = np.isfinite(usual) & np.isfinite(_after)
    shipped = np.where(known, np.minimum(same, before), np.nan)
    usual = usual * factor * months
    due = own * shipped
    change = np.where(due > 0, arrived / np.maximum(due, 1), np.nan)
    weight = np.sqrt(np.where(due > 0, due, 0))
    kept = np.minimum(_median(change, weight, axis=1, start=EQUAL), 1)
    by_country = _median(change / np.maximum(kept, STEADY), weight, axis=2, start=EQUAL)
    kept = kept * np.minimum(by_country, 1)
    gap = np.minimum(due * kept - arrived, own * (shipped - usual) * kept)
    flow = shipped + usual
    noise = np.clip(spread, 0.005, 2) * (size * flow + size**2) / 2 * np.maximum(own, 0.1)
    return gap, np.sqrt(noise + (STEADY * own * flow) ** 2)


def halves(series: Reals, at: int, length: int) -> tuple[Floats, Floats, Floats]:
    """Return the mean month of base and window, and the window's published months.

    nan, nan and 0 where too little of either is published.
    """
    base, window = series[..., max(0, at - BASE) : at], series[..., at : at + length]
    counts = [np.isfinite(part).sum(axis=-1) for part in (base, window)]
    enough = (counts[0] >= LEAST * base.shape[-1]) & (counts[1] >= LEAST * length)
    before, after = (
        np.where(enough, np.nansum(part, axis=-1) / np.maximum(count, 1), np.nan)
        for part, count in zip((base, window), counts, strict=True)
    )
    return before, after, np.where(enough, counts[1], 0)


def _sizes(history: Reals, usual: Floats) -> Floats:
    active = (np.nan_to_num(history) > 0).sum(axis=-1)
    return np.asarray((np.nansum(history, axis=-1) + PRIOR * usual) / (active + PRIOR))


def _median(values: Floats, weights: Floats, *, axis: int, start: float) -> Floats:
    """Return weighted medians along an axis that is kept; 1 has the weight of `start` mean ones."""
    found, weight = (np.moveaxis(one, axis, -1) for one in (values, weights))
    weight = np.where(np.isfinite(found), weight, 0.0)
    count = np.maximum((weight > 0).sum(axis=-1, keepdims=True), 1)
    one = start * weight.sum(axis=-1, keepdims=True) / count
    found = np.concatenate([np.nan_to_num(found), np.ones_like(one)], axis=-1)
    weight = np.concatenate([weight, one + 1e-9], axis=-1)
    order = np.argsort(found, axis=-1)
    summed = np.cumsum(np.take_along_axis(weight, order, axis=-1), axis=-1)
    middle = np.argmax(summed >= summed[..., -1:] / 2, axis=-1)[..., None]
    picked = np.take_along_axis(np.take_along_axis(found, order, axis=-1), middle, axis=-1)
    return np.moveaxis(picked, -1, axis)
