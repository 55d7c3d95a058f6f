"""Score: how well a list of alarms finds what was planted, and how far its numbers can be trusted.

Every function takes arrays over the same cells. A cell is a third country and a listed product; a
cell that a detector did not test has score -inf and is not flagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from detection._plan import Bools, Floats


def _steps(score: Floats, true: Bools) -> tuple[Floats, Floats]:
    """Return hits and alarms so far at each distinct score, highest first.

    Cells with the same score are alarmed together, so that their order in memory cannot matter.
    """
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    hits: Floats = np.cumsum(true[order], dtype=np.float64)[ends]
    return hits, (ends + 1).astype(np.float64)


def average_precision(score: Floats, true: Bools) -> float:
    """Return sum over thresholds of precision times the recall gained there.

    0 to 1; a random order gives about the share of true cells. Null without a true cell.
    """
    if not true.any():
        return float("nan")
    hits, alarms = _steps(_finite(score), true)
    gained = np.diff(hits, prepend=0.0) / hits[-1]
    return float((gained * hits / alarms).sum())


def _finite(score: Floats) -> Floats:
    """Return the scores with infinities as numbers, as inf - inf is null and not 0."""
    return np.nan_to_num(score, nan=-1e300, posinf=1e300, neginf=-1e300)


def precision(flagged: Bools, true: Bools) -> float:
    """Return true alarms over alarms; null without an alarm. One minus it is the false share."""
    return float(true[flagged].mean()) if flagged.any() else float("nan")


def recall(flagged: Bools, true: Bools) -> float:
    """Return true alarms over true cells; null without a true cell."""
    return float(flagged[true].mean()) if true.any() else float("nan")


def recall_at_false_alarms(score: Floats, true: Bools, allowed: float) -> float:
    """Return the highest recall of a threshold with at most so many false alarms.

    Cells that were not tested are never alarmed. 0 if even the first threshold has more.
    """
    hits, alarms = _steps(_finite(score), true)
    levels = np.unique(_finite(score))[::-1]
    fair = (alarms - hits <= allowed) & (levels > -1e300)
    return float(hits[fair].max() / hits[-1]) if fair.any() else 0.0


def uniformity(p_values: Floats) -> tuple[float, float]:
    """Return statistic and p-value of the Kolmogorov-Smirnov test against the uniform.

    Nulls are left out; both null with fewer than two values.
    """
    known = p_values[~np.isnan(p_values)]
    if len(known) < 2:
        return float("nan"), float("nan")
    found = stats.kstest(known, "uniform")
    return float(found.statistic), float(found.pvalue)


def coverage(low: Floats, high: Floats, value: Floats) -> float:
    """Return the share of intervals that hold their value; null where there is no interval."""
    known = ~np.isnan(low) & ~np.isnan(high)
    if not known.any():
        return float("nan")
    return float(((low <= value) & (value <= high))[known].mean())


def days_to_detection(
    starts: Sequence[date], ends: Sequence[date], flagged: Sequence[Bools]
) -> tuple[float, float]:
    """Return the share of routes found and the median days from their start until then.

    Args:
        starts: First month of each route, first day.
        ends: Last day of each run, in order.
        flagged: For each run, whether it flags each route.

    A run before a route's start cannot find it. Days are whole steps of the runs, so read them as
    "at most". Null days if no route is found.
    """
    days = []
    for place, start in enumerate(starts):
        waits = [
            (end - start).days
            for end, found in zip(ends, flagged, strict=True)
            if found[place] and end > start
        ]
        days += waits[:1]
    share = len(days) / len(starts) if starts else float("nan")
    return share, float(np.median(days)) if days else float("nan")
