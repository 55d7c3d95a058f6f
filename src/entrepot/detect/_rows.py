"""Rows: cells of arrays into findings; their sentences are each detector's own `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._placebo import adjusted
from entrepot.findings import Finding
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs

    Floats = NDArray[np.float64]

SMALLEST_P = 1e-12
"""A score is a logarithm, and rounding can leave a p-value of zero."""


def rows(
    detector: str,
    evidence: ScanLegs,
    p: Floats,
    amounts: tuple[Floats, Floats, Floats],
    onset: NDArray[np.int64],
    explain: Callable[[int, int], str],
    *,
    origin: str | None = None,
    destination: str | None = None,
    score: Floats | None = None,
) -> list[Finding]:
    """Return one finding per listed cell that has a p-value, or a score where that is given.

    Args:
        detector: Its name.
        evidence: What it looked at.
        p: p-values (thirds, products).
        amounts: Excess and its interval, of the same shape.
        onset: Place of the first month, -1 where none.
        explain: Gives the sentence for a cell.
        origin: Whose goods.
        destination: Where they may end.
        score: What findings are ranked by, -log10 p unless given.
    """
    panel = evidence.panel
    tested = np.where(panel.is_listed[None, :], p, np.nan)
    q = adjusted(tested)
    excess, low, high = amounts
    found = []
    ranked = tested if score is None else np.where(panel.is_listed[None, :], score, np.nan)
    for j, k in zip(*np.nonzero(np.isfinite(ranked)), strict=True):
        found.append(
            Finding(
                detector=detector,
                origin=origin,
                intermediary=panel.thirds[j],
                destination=destination,
                product=panel.products[k],
                score=float(
                    score[j, k] if score is not None else -np.log10(max(tested[j, k], SMALLEST_P))
                ),
                p_value=amount(tested[j, k]),
                q_value=amount(q[j, k]),
                excess_usd=amount(excess[j, k]),
                excess_low_usd=amount(low[j, k]),
                excess_high_usd=amount(high[j, k]),
                first_month=panel.months[onset[j, k]] if onset[j, k] >= 0 else None,
                explanation=explain(j, k),
            )
        )
    return found


def amount(value: float) -> float | None:
    """Return a plain number, None for nan."""
    return float(value) if np.isfinite(value) else None


def name(code: str) -> str:
    """Return a country's short English name."""
    return countries.name(code)
