"""Amounts: recorded, expected and what lies between them in dollars, with what is unpublished.

A p-value looks at a window without its season. An amount is for what crossed the border: the season
goes back in. What is recorded and expected is of the months published; only the interval of the
excess is for all months, of which the unpublished may hold nothing or twice what the others do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from entrepot.findings import Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Ends = tuple[Floats, Floats, Floats]

SLACK = 0.005
"""How much wider an interval is made at each end: publishers round, and convert at mean rates.
Chosen by hand."""
YEAR = 12


@dataclass(frozen=True, slots=True)
class Months:
    """In how many months of a window a value lies above the expected; (thirds, products).

    `published` counts the months published in full, `window` all. `share` is the part of the
    excess that its largest month holds, `largest` that month's place in the window; nan where
    there is no excess. All are nan, or -1, for products that are not listed.
    """

    above: Floats
    published: Floats
    share: Floats
    largest: Ints
    window: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of every cell (thirds, products): what was recorded, what expected, and the interval, in USD.

    `low` and `high` are the ends of the interval of the excess, `before` what the same months of
    the year before the window held; nan where it is not known.
    """

    recorded: Floats
    expected: Floats
    low: Floats
    high: Floats
    before: Floats
    months: Months

    @property
    def excess(self) -> Floats:
        """Recorded less expected, signed."""
        return self.recorded - self.expected

    def where(self, mask: Bools, other: Amounts) -> Amounts:
        """Return these amounts, but those of `other` in some cells."""

        def either(one: object, two: object) -> dict[str, Any]:
            names = [f.name for f in fields(cast("Any", one)) if f.name not in ("months", "window")]
            return {n: np.where(mask, getattr(two, n), getattr(one, n)) for n in names}

        months = replace(self.months, **either(self.months, other.months))
        return replace(self, **either(self, other), months=months)

    def numbers(self, j: int, k: int, names: tuple[str, ...]) -> Numbers:
        """Return those of one cell; `names` are the months of the window."""
        months = self.months
        largest = int(months.largest[j, k])
        return Numbers(
            recorded_usd=known(self.recorded[j, k]),
            expected_usd=known(self.expected[j, k]),
            excess_usd=known(self.excess[j, k]),
            excess_low_usd=known(self.low[j, k]),
            excess_high_usd=known(self.high[j, k]),
            before_usd=known(self.before[j, k]),
            months_above=_count(months.above[j, k]),
            months_published=_count(months.published[j, k]),
            months_window=months.window,
            largest_month=names[largest] if largest >= 0 else None,
            largest_share=known(months.share[j, k]),
        )


def known(value: float) -> float | None:
    """Return a plain number, None for nan."""
    return float(value) if np.isfinite(value) else None


def _count(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def whole(series: Floats, unseen: Floats) -> Ends:
    """Return what a window held at least, likely and at most, from the months published of it.

    `unseen` is the months of the window over those published. Unpublished months hold nothing, as
    much as the others, or twice as much: the last ones are missing, when a route is at its height.
    """
    seen = np.nansum(series, axis=2)
    return seen, seen * unseen, seen * (2 * unseen - 1)


def part(held: Ends, unseen: Floats) -> Floats:
    """Return which part of a window was published: that of its value, of its months where none."""
    least, likely, _most = held
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(likely != 0, least / likely, 1 / unseen))


def interval(held: Ends, expected: Ends, seen: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the interval of an excess, both signed, its estimate between them.

    low = likely - most expected: only the published part of it where that lies above zero;
    high = most - least expected, or the same of the published part where that is more;
    both `SLACK` further out. nan stays nan.

    Args:
        held: What the window held at least, likely and at most.
        expected: Its counterfactual: middle, low and high.
        seen: The published part of the window.
    """
    least, likely, most = held
    _middle, few, many = expected
    low, high = likely - many, np.maximum(most - few, least - few * seen)
    low = np.where(low > 0, low * seen, low)
    return low - SLACK * np.abs(low), high + SLACK * np.abs(high)


def before(series: Floats, at: int, length: int) -> Floats:
    """Return what the same months of the year before a window held: (thirds, products).

    Each calendar month counts as often as the window has published it; nan where one of them was
    not published in that year, or where there is no such year.
    """
    if at < YEAR:
        return np.full(series.shape[:2], np.nan)
    year = series[:, :, at - YEAR + np.arange(length) % YEAR]
    return np.asarray(np.where(np.isfinite(series[:, :, at : at + length]), year, 0).sum(axis=2))


def months(beyond: Floats, full: Floats, listed: Bools) -> Months:
    """Return in which months an excess arose.

    Args:
        beyond: Value less expected by month, of the listed products, nan where unpublished.
        full: How many months were published in full, of all or the listed products.
        listed: Which products are listed.
    """
    held = np.nan_to_num(beyond)
    total, largest = held.sum(axis=2), held.argmax(axis=2)
    top = np.take_along_axis(held, largest[:, :, None], axis=2)[:, :, 0]
    is_known = np.isfinite(beyond).any(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(is_known & (total > 0), top / total, np.nan)
    above = np.where(is_known, (held > 0).sum(axis=2), np.nan)
    first = np.where(np.isfinite(share), largest, -1)
    return Months(
        _spread(above, listed),
        _spread(full, listed),
        _spread(share, listed),
        np.nan_to_num(_spread(first, listed), nan=-1).astype(np.int64),
        beyond.shape[2],
    )


def full(panel: ScanPanel, series: Floats, at: int, *, ours: bool = True) -> Floats:
    """Return how many months since the scan's start are published in full, of the listed products.

    Of the coalition's exports a month is that in which every reporter with any of the cell has
    published; of a country's own records, and at other dates, one that has a value.

    Args:
        panel: Who published when.
        series: Values (thirds, listed products, months of the window).
        at: Place of the window's first month.
        ours: Whether the coalition's exports are in it.
    """
    seen = np.isfinite(series)
    if at != panel.since or not ours:
        return np.asarray(seen.sum(axis=2), dtype=float)
    has = (panel.by_origin[:, :, panel.is_listed].sum(axis=3) > 0).astype(float)
    absent = np.einsum("ojk,ot->jkt", has, (~panel.present[:, at:]).astype(float)) > 0
    whole: Floats = (seen & ~absent).sum(axis=2).astype(float)
    return whole


def _spread(values: Floats, listed: Bools) -> Floats:
    """Spread values of listed products over all of the panel's; nan elsewhere."""
    made = np.full((len(values), len(listed)), np.nan)
    made[:, listed] = values
    return made
