"""Peers: the rules that people use today, as scores per third country and listed product.

Whatever a rule leaves open is decided in its favour: old product numbers are chained to the new
ones, silent months are left out of means, ties go to the larger trade, and of all variants of a
rule the one that does best over the seeds counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from detection._plan import Bools, Floats
    from detection.world import Question, World

THRESHOLDS = {
    "year-on-year > 30%": 1.3,
    "year-on-year > 100%": 2.0,
    "post/pre mean > 3": 3.0,
    "z-score > 2": 2.0,
    "ifo red flag > 50": 50.0,
}
"""Rule -> what its ratio must exceed. The factor of 50 is ifo's of October 2023."""
LEGS = ("in", "out", "either", "both", "product")


@dataclass(frozen=True, slots=True)
class Panel:
    """Monthly USD by third country (J), listed product (K) and month (T); null where silent.

    `bought` (8, J, K, T) is what each coalition country says it sold, `sold` (J, K, T) what the
    third country says it sold to the destination, `exports` and `imports` (J, K, T) its trade with
    the world. `since` is the number of the first month after the break.
    """

    bought: Floats
    sold: Floats
    exports: Floats
    imports: Floats
    since: int


@dataclass(frozen=True, slots=True)
class Rated:
    """One rule on one leg: `score` and `flagged` per cell (J, K)."""

    score: Floats
    flagged: Bools


def panel(world: World) -> Panel:
    """Read the listed goods of a world into arrays."""
    ask = world.question
    first = pc.min(world.flows["period"]).as_py()
    keys, spoke = _read(world, first)
    rows = [*_bridged(ask, keys)]
    ours, goal = len(ask.coalition), len(spoke) - 1
    count = len(ask.thirds), len(ask.listed), spoke.shape[1]

    def total(shape: tuple[int, ...], pick: Any) -> Floats:
        out = np.zeros(shape)
        for product, (r, p, m, x, v) in rows:
            keep, place = pick(r, p, x)
            np.add.at(out[..., product, :], (*(at[keep] for at in place), m[keep]), v[keep])
        return out

    def third(at: Any) -> Bools:
        return np.asarray((at >= ours) & (at < goal))

    bought = total((ours, *count), lambda r, p, x: (x & (r < ours) & third(p), (r, p - ours)))
    sold = total(count, lambda r, p, x: (x & third(r) & (p == goal), (r - ours,)))
    exports = total(count, lambda r, _p, x: (x & third(r), (r - ours,)))
    imports = total(count, lambda r, _p, x: (~x & third(r), (r - ours,)))
    bought[~np.broadcast_to(spoke[:ours, None, None], bought.shape)] = np.nan
    for one in (sold, exports, imports):
        one[~np.broadcast_to(spoke[ours:goal, None], one.shape)] = np.nan
    return Panel(bought, sold, exports, imports, _months(first, ask.since))


def _read(world: World, first: date) -> tuple[list[Any], Bools]:
    """Return the columns of rows with a listed or older number, and who had any row in a month.

    Columns: reporter, partner, month since `first`, is it an export, USD, is it in HS2022, and the
    place of the number in `_codes`. Months of silence are (countries, T).
    """
    ask, table = world.question, world.flows
    who = (*ask.coalition, *ask.thirds, ask.destination)
    reporter, partner = _place(table["reporter"], who), _place(table["partner"], who)
    month = np.asarray(
        pc.add(pc.multiply(pc.year(table["period"]), 12), pc.month(table["period"]))
    ) - (first.year * 12 + first.month)
    spoke = np.zeros((len(who), _months(first, ask.until) + 1), dtype=bool)
    spoke[reporter, month] = True
    is_export = np.asarray(pc.equal(table["flow"], "export"))
    new = np.asarray(pc.equal(table["classification"], "HS2022"))
    usd, code = np.asarray(table["value_usd"]), _place(table["product"], _codes(ask))
    keys = (reporter, partner, month, is_export, usd, new, code)
    return [key[code >= 0] for key in keys], spoke


def _codes(ask: Question) -> list[str]:
    return sorted({*ask.listed, *ask.older.values()})


def _bridged(ask: Question, keys: Sequence[Any]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield each listed product with its rows; those of an older number at their usual part.

    That part chains the series: what the coalition sells a month of the new number in the first
    year with it, over what it sold of the old number in the year before. Until the new number is
    published the old one stands for it whole.
    """
    codes = _codes(ask)
    reporter, _partner, month, is_export, usd, new, code = keys
    mine = is_export & (reporter < len(ask.coalition))
    end = month.max(initial=0) + 1
    switch = month[new].min(initial=end)
    span = max(1, min(12, end - switch))
    for product, name in enumerate(ask.listed):
        rows = np.flatnonzero(code == codes.index(name))
        value = usd[rows]
        if name in ask.older:
            past = np.flatnonzero((code == codes.index(ask.older[name])) & ~new)
            after = usd[rows[mine[rows] & (month[rows] >= switch) & (month[rows] < switch + 12)]]
            before = usd[past[mine[past] & (month[past] >= switch - 12) & (month[past] < switch)]]
            chained = len(after) > 0 and len(before) > 0
            part = min(1.0, after.sum() / span / (before.sum() / 12)) if chained else 1.0
            rows, value = np.concatenate([rows, past]), np.concatenate([value, usd[past] * part])
        yield product, (*(key[rows] for key in keys[:4]), value)


def _place(column: Any, names: Sequence[str]) -> Any:
    return np.asarray(pc.index_in(column, pa.array(names)).cast(pa.int64()))


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def rate(seen: Panel) -> dict[str, dict[str, Rated]]:
    """Return rule -> variant -> scores, for every leg, window and treatment of zeros."""
    found: dict[str, dict[str, Rated]] = {rule: {} for rule in THRESHOLDS}
    for name, legs in _measured(seen):
        sizes = (*(size for _score, size in legs), legs[0][1] + legs[1][1])
        for zeros in ("new first", "new last"):
            low, high = (_without_new(score) if zeros == "new last" else score for score, _ in legs)
            scores = (low, high, np.maximum(low, high), np.minimum(low, high), _product(low, high))
            for leg, score, size in zip(LEGS, scores, (*sizes, *sizes[2:] * 2), strict=True):
                for rule, floor in THRESHOLDS.items():
                    if rule.split(" >")[0] == name[0]:
                        variant = ", ".join((leg, name[1], zeros))
                        found[rule][variant] = Rated(_untied(score, size), score > floor)
    return found


def _product(one: Floats, other: Floats) -> Floats:
    """Return the product of two ratios; last where either is, or where either fell to nothing."""
    known = (one > 0) & (other > 0)
    return np.where(known, np.where(known, one, 1) * np.where(known, other, 1), -np.inf)


def _without_new(score: Floats) -> Floats:
    return np.where(np.isposinf(score), -np.inf, score)


def _untied(score: Floats, size: Floats) -> Floats:
    """Return the order of the scores, ties broken by size; what ties in both stays tied."""
    both = np.stack([score.ravel(), size.ravel()], axis=1)
    _, rank = np.unique(both, axis=0, return_inverse=True)
    return np.asarray(rank.reshape(score.shape), dtype=np.float64)


def _measured(seen: Panel) -> Iterator[tuple[tuple[str, str], list[tuple[Floats, Floats]]]]:
    """Yield (rule, window), and for both legs the ratio and the trade after the break (J, K)."""
    since, end = seen.since, seen.sold.shape[-1]
    flows = (seen.bought, seen.sold)
    after = [_mean(one, since, end) for one in flows]
    first = [_mean(one, since, since + 12) for one in flows]
    for span, window in ((12, "12 months"), (36, "36 months"), (since, "all months")):
        before = [_mean(one, since - span, since) for one in flows]
        pair = zip(after, before, strict=True)
        yield ("post/pre mean", window), [(_over(x, y), x) for x, y in pair]
        spread = [_spread(one, since - span, since) for one in flows]
        both = zip(after, before, spread, strict=True)
        yield ("z-score", window), [(_over(x - y, s), x) for x, y, s in both]
    last_year = [_mean(one, since - 12, since) for one in flows]
    pair = zip(first, last_year, strict=True)
    yield ("year-on-year", "first year"), [(_over(x, y), x) for x, y in pair]
    yield (
        ("year-on-year", "best quarter"),
        [(_best_quarter(one, since, end), x) for one, x in zip(flows, after, strict=True)],
    )
    world = [_mean(one, since - 24, since - 12) for one in (seen.imports, seen.exports)]
    pair = zip(first, world, strict=True)
    yield ("ifo red flag", "first year"), [(_over(x, y), x) for x, y in pair]


def _mean(usd: Floats, start: int, end: int) -> Floats:
    """Mean month over the months that were reported; each supplier's own, then their sum (J, K)."""
    part = usd[..., max(start, 0) : end]
    told = np.count_nonzero(~np.isnan(part), axis=-1)
    mean = np.nansum(part, axis=-1) / np.maximum(told, 1)
    return mean if mean.ndim == 2 else np.asarray(mean.sum(axis=0))


def _spread(usd: Floats, start: int, end: int) -> Floats:
    """Standard deviation of the months; a silent supplier's month counts as its mean."""
    part = usd[..., max(start, 0) : end]
    told = np.count_nonzero(~np.isnan(part), axis=-1)
    mean = np.nansum(part, axis=-1) / np.maximum(told, 1)
    gap = np.nan_to_num(part - mean[..., None])
    if gap.ndim == 4:
        return np.asarray(gap.sum(axis=0).std(axis=-1, ddof=1))
    return np.asarray(np.sqrt((gap**2).sum(axis=-1) / np.maximum(told - 1, 1)))


def _best_quarter(usd: Floats, since: int, end: int) -> Floats:
    starts = range(since, end - 2, 3)
    pairs = [(_mean(usd, at, at + 3), _mean(usd, at - 12, at - 9)) for at in starts]
    return np.asarray(np.max([_over(now, then) for now, then in pairs], axis=0))


def _over(top: Floats, bottom: Floats) -> Floats:
    """Return the ratio; new trade is infinite, and no trade at all is last."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
    return np.where(bottom > 0, ratio, np.where(top > 0, np.inf, -np.inf))
