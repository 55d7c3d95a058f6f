"""Onset: the month from which a series lies at another level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._counterfactual import Shift

    Floats = NDArray[np.float64]


def onset(series: Floats, shift: Shift, at: int, length: int) -> NDArray[np.int64]:
    """Return the place of the first month of the new level, -1 where nothing is above.

    The month m that makes (mean from m to the end - expected a month) x sqrt(months from m) the
    largest: the likelihood-ratio estimate of one upward step of unknown date.

    Args:
        series: Deseasoned values (thirds, products, months), nan where unpublished.
        shift: The window's total against its counterfactual.
        at: Place of the window's first month.
        length: Months of the window.
    """
    window = series[:, :, at : at + length]
    published = np.isfinite(window)
    months = np.maximum(published.sum(axis=2, keepdims=True), 1)
    beyond = np.where(published, window - shift.expected[:, :, None] / months, 0.0)
    after = np.cumsum(beyond[:, :, ::-1], axis=2)[:, :, ::-1]
    count = np.cumsum(published[:, :, ::-1], axis=2)[:, :, ::-1]
    gain = after / np.sqrt(np.maximum(count, 1))
    gain = np.where(np.isfinite(gain), gain, -np.inf)
    best = np.argmax(gain, axis=2)
    top = np.take_along_axis(gain, best[:, :, None], axis=2)[:, :, 0]
    return np.where(top > 0, best + at, -1)
