"""Leg: one way of looking at every cell of a scan, and its amounts in dollars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect import _amounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Amounts, Ends
    from entrepot.detect._counterfactual import Shift
    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._placebo import Calibrated

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of looking at every cell: its shifts, how rare they are, and the USD beyond.

    `expected` is the counterfactual of the whole window: middle, low and high. `beyond` is the
    plain difference from what was expected, without season; it and `shifts` hold the date first
    and then each placebo. `others` counts, per cell, the other countries whose trade in the same
    product the counterfactual was moved with, 0 where it was all products'; `is_paired` says of
    which countries unlisted goods moved it too.
    """

    shifts: tuple[Shift, ...]
    found: Calibrated
    expected: Ends
    amounts: Amounts
    beyond: tuple[Floats, ...]
    others: NDArray[np.int64]
    is_paired: Bools

    @property
    def excess(self) -> Ends:
        """The estimate of what lies beyond the expected, and the ends of its interval; signed."""
        return self.amounts.excess, self.amounts.low, self.amounts.high

    @property
    def shift(self) -> Shift:
        """The shift at the date."""
        return self.shifts[0]


def amounts_of(legs: ScanLegs, name: str, here: Shift, expected: Ends) -> Amounts:
    """Return the amounts of a series whose months were compared with its past and the controls.

    Args:
        legs: Those of the scan.
        name: The series.
        here: Its shift at the date.
        expected: Its counterfactual of the whole window: middle, low and high.
    """
    series, listed = legs.series(name), legs.panel.is_listed
    sums = held(legs, name, here.unseen)
    part = _amounts.part(sums, here.unseen)
    window = series[:, listed, legs.window]
    seen = expected[0] / (here.unseen * season_of(legs, name))
    by_month = (seen / np.isfinite(series[:, :, legs.window]).sum(axis=2))[:, listed]
    return _amounts.Amounts(
        sums[0],
        expected[0] * part,
        *_amounts.interval(sums, expected, part),
        _amounts.before(series, legs.at, legs.length) * part,
        _amounts.months(
            window - by_month[:, :, None] * legs.seasons(name)[listed],
            _amounts.full(legs.panel, window, legs.at, ours=name == "coalition_exports"),
            listed,
        ),
    )


def against(
    legs: ScanLegs, name: str, expected: Floats, ends: tuple[Floats, Floats], by_month: Floats
) -> Amounts:
    """Return the amounts of a detector with an expectation of its own.

    Args:
        legs: Those of the scan.
        name: The series.
        expected: What was expected of the published months, (thirds, products).
        ends: Of the interval of the excess.
        by_month: Value less expected by month of the window, of the listed products.
    """
    series, listed = legs.panel[name], legs.panel.is_listed
    window = series[:, :, legs.window]
    made_up = np.nansum(window, axis=2)
    least = held(legs, name, np.ones(made_up.shape))[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(made_up > 0, least / made_up, 1.0)
    ours = name.startswith("coalition")
    full = _amounts.full(legs.panel, window[:, listed], legs.at, ours=ours)
    return _amounts.Amounts(
        made_up * part,
        expected * part,
        ends[0] * part,
        ends[1] * part,
        _amounts.before(series, legs.at, legs.length) * part,
        _amounts.months(by_month, full, listed),
    )


def held(legs: ScanLegs, name: str, unseen: Floats) -> Ends:
    """What the window held: of the coalition, each reporter's months by its own goods."""
    if name == "coalition_exports" and legs.at == legs.panel.since:
        return legs.panel.whole
    return _amounts.whole(legs.series(name)[:, :, legs.window], unseen)


def gap_amounts(
    legs: ScanLegs, excess: Floats, sums: Ends, expected: Ends, part: Floats
) -> Amounts:
    """Return the gap of the months that both sides published, and what it was to be.

    Args:
        legs: Those of the scan.
        excess: Of the months that both published.
        sums: What the gap grew by over the window at least, likely and at most.
        expected: What it was to grow by: middle, low and high.
        part: The published part of the window.
    """
    gaps = legs.plain_gap
    window = gaps[:, :, legs.window]
    recorded = np.where(np.isfinite(excess), np.nansum(window, axis=2), np.nan)
    listed = legs.panel.is_listed
    usual = (recorded - excess)[:, listed] / np.isfinite(window[:, listed]).sum(axis=2)
    return _amounts.Amounts(
        recorded,
        recorded - excess,
        *_amounts.interval(sums, expected, part),
        _amounts.before(gaps, legs.at, legs.length),
        _amounts.months(
            window[:, listed] - usual[:, :, None],
            _amounts.full(legs.panel, window[:, listed], legs.at),
            listed,
        ),
    )


def season_of(legs: ScanLegs, name: str) -> Floats:
    """Return by how much its season makes the months published of a window larger."""
    seen = np.isfinite(legs.series(name)[:, :, legs.window])
    total = np.einsum("jkt,kt->jk", seen, legs.seasons(name))
    return np.asarray(np.where(seen.any(axis=2), total / seen.sum(axis=2).clip(1), 1.0))
