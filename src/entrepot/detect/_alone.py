"""Alone: a third country's exports to the destination, judged by its own books and no others.

Without the coalition's exports nobody else's growth can be a control. The country's own unlisted
goods of the same chapters are: at the same date, to the same destination, in the same books.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect import _amounts
from entrepot.detect._counterfactual import compared, controlled, own_growth, root_score
from entrepot.detect._leg import Leg
from entrepot.detect._placebo import Calibrated, calibrate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Amounts, Ends
    from entrepot.detect._counterfactual import Shift
    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

CLASSES = 3
"""Classes of size. Measured on India's exports to Russia, as is what follows: with 2 the smallest
p-values of unlisted goods are too small, with 4 the largest of the listed no longer stand out
(docs/explanation/one-countrys-books.md)."""
ENOUGH = 300
"""Unlisted goods from which a country has a null of its own, a hundred in a class; below, those of
all countries are taken together. By hand."""
LEFT_OUT = 12
"""One month in so many is left out of a window, the largest: one consignment is no change. Without
it p-values below .01 come twice as often as they should."""
CHAPTER = 2


def alone(legs: ScanLegs) -> Leg:
    """Return the way out against the country's past and its own other goods.

    Its p is the larger of two: among unlisted goods of the listed goods' chapters at the date, and
    among all goods of them at placebo dates, where the history holds any. `expected` is the middle
    of those unlisted goods. No season is taken out: two years are compared, and unlisted goods have
    the same months.
    """
    panel, length = legs.panel, legs.length
    series, elsewhere = panel["onward_exports"], panel["other_exports"]
    places = (legs.at, *legs.places)
    shifts = tuple(
        compared(series, own_growth(series, elsewhere, panel, at, length), at, length)
        for at in places
    )
    scores = [_steady(series, one, at, length) for one, at in zip(shifts, places, strict=True)]
    sizes = [one.shipments for one in shifts]
    here, free = shifts[0], ~panel.is_listed
    near = like_listed(panel)
    found = _unlisted(scores[0], sizes[0], free & near)
    usual = _unlisted(here.score, sizes[0], free & near)
    p = np.fmax(found.p, _dates(scores, sizes, near))
    judged = Calibrated(p, usual.low, usual.middle, usual.high, ())
    ends = (usual.middle, usual.low, usual.high)
    middle, low, high = (here.at(end) * here.unseen for end in ends)
    beyond = tuple((one.value - one.expected) * one.unseen for one in shifts)
    _others, is_paired = controlled(series, elsewhere, panel, legs.at, length)
    amounts, none = _amounts_of(legs, here, (middle, low, high)), np.zeros(p.shape, dtype=np.int64)
    return Leg(shifts, judged, (middle, low, high), amounts, beyond, none, is_paired)


def _amounts_of(legs: ScanLegs, here: Shift, expected: Ends) -> Amounts:
    """Return the amounts of the months published, each to hold as much as the others."""
    series, listed = legs.panel["onward_exports"], legs.panel.is_listed
    window = series[:, :, legs.window]
    published = np.isfinite(window).sum(axis=2)
    by_month = (expected[0] / legs.length)[:, listed, None]
    return _amounts.Amounts(
        here.value,
        expected[0] / here.unseen,
        *_amounts.interval(_amounts.whole(window, here.unseen), expected, 1 / here.unseen),
        _amounts.before(series, legs.at, legs.length),
        _amounts.months(window[:, listed] - by_month, published[:, listed], listed),
    )


def _steady(series: Floats, moved: Shift, at: int, length: int) -> Floats:
    """Return the smaller of a score and that without the window's largest months."""
    window = np.sort(np.nan_to_num(series[:, :, at : at + length]), axis=2)
    most = max(1, length // LEFT_OUT) if length > 1 else 0
    published = length / moved.unseen
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = window[:, :, : length - most].sum(axis=2) * published / (published - most)
    rest[published <= most] = np.nan
    return np.asarray(np.minimum(moved.score, root_score(rest, moved.expected, moved.size)))


def like_listed(panel: ScanPanel) -> Bools:
    """Return the products of chapters that hold listed ones; all where too few are unlisted."""
    chapters = np.array([product[:CHAPTER] for product in panel.products])
    near = np.isin(chapters, np.unique(chapters[panel.is_listed]))
    enough = (near & ~panel.is_listed).sum() >= 20 * CLASSES
    return near if enough else np.ones_like(near)


def _unlisted(score: Floats, size: Floats, free: Bools) -> Calibrated:
    """Weigh every cell among the unlisted goods of its own country, or of all countries."""

    def weigh(rows: slice) -> Calibrated:
        null = np.where(free[None, :], score[rows], np.nan)
        return calibrate(score[rows], size[rows], [null], [size[rows]], classes=CLASSES)

    found = weigh(slice(None))
    for j in np.flatnonzero(np.isfinite(score[:, free]).sum(axis=1) >= ENOUGH):
        own = weigh(slice(j, j + 1))
        for name in ("p", "low", "middle", "high"):
            getattr(found, name)[j] = getattr(own, name)[0]
    return found


def _dates(scores: list[Floats], sizes: list[Floats], near: Bools) -> Floats:
    """Return p among the goods of the same chapters at placebo dates; nan where there are none."""
    here, *others = scores
    like = np.broadcast_to(near[None, :], here.shape)
    null = [np.where(like, one, np.nan) for one in others]
    return calibrate(here, sizes[0], null, sizes[1:], like=like, classes=CLASSES).p
