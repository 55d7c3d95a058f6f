"""Amounts: what lies beyond the expected in dollars, with what is unpublished and unknown.

A p-value looks at a window without its season and at published months only. An amount is for all
that crossed the border: the season goes back in, and unpublished months may hold anything between
nothing and twice what the published ones do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ends = tuple[Floats, Floats, Floats]

SLACK = 0.005
"""How much wider an interval is made at each end: publishers round, and convert at mean rates.
Chosen by hand."""


def season(series: Floats, cleaned: Floats) -> Floats:
    """Return by how much the months of a window make a product's trade larger: (1, products).

    The window's total over all third countries with its season by that without; one where nothing
    was traded.
    """
    whole, flat = (np.nansum(values, axis=(0, 2)) for values in (series, cleaned))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(flat > 0, whole / flat, 1.0))[None, :]


def whole(series: Floats, unseen: Floats) -> Ends:
    """Return what a window held at least, likely and at most, from the months published of it.

    `unseen` is the months of the window over those published. Unpublished months hold nothing, as
    much as the others, or twice as much: the last ones are missing, when a route is at its height.
    """
    seen = np.nansum(series, axis=2)
    return seen, seen * unseen, seen * (2 * unseen - 1)


def excess(held: Ends, expected: Ends) -> Ends:
    """Return an estimate and the ends of its interval, none of them below zero.

    estimate = likely - expected
    low = (likely - most expected) x least / likely: the published part of it, less `SLACK`
    high = most - least expected, and `SLACK` more
    nan stays nan.

    Args:
        held: What the window held at least, likely and at most.
        expected: Its counterfactual: middle, low and high.
    """
    least, likely, most = held
    middle, low, high = expected
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(likely != 0, least / likely, 1.0)
    return (
        np.maximum(likely - middle, 0),
        np.maximum(likely - high, 0) * part * (1 - SLACK),
        np.maximum(most - low, 0) * (1 + SLACK),
    )
