"""Rows: cells of arrays into findings; their sentences are each detector's own `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._amounts import known
from entrepot.detect._placebo import adjusted
from entrepot.findings import Finding
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from entrepot.detect._amounts import Amounts
    from entrepot.detect._leg import Leg
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Numbers

    Floats = NDArray[np.float64]

SMALLEST_P = 1e-12
"""A score is a logarithm, and rounding can leave a p-value of zero."""


def rows(
    detector: str,
    evidence: ScanLegs,
    p: Floats,
    amounts: Amounts,
    onset: NDArray[np.int64],
    explain: Callable[[int, int, Numbers], str],
    *,
    origin: str | None = None,
    destination: str | None = None,
    score: Floats | None = None,
    q: Floats | None = None,
) -> list[Finding]:
    """Return one finding per listed cell that has a p-value, or a score where that is given.

    Args:
        detector: Its name.
        evidence: What it looked at.
        p: p-values (thirds, products).
        amounts: Recorded, expected and the interval, of the same shape.
        onset: Place of the first month, -1 where none.
        explain: Gives the sentence for a cell from its numbers, those of the row.
        origin: Whose goods.
        destination: Where they may end.
        score: What findings are ranked by, -log10 p unless given.
        q: Their q-values, Benjamini and Hochberg's over all of p unless given.
    """
    panel = evidence.panel
    tested = np.where(panel.is_listed[None, :], p, np.nan)
    q = adjusted(tested) if q is None else q
    window = panel.months[evidence.at : evidence.at + evidence.length]
    found = []
    ranked = tested if score is None else np.where(panel.is_listed[None, :], score, np.nan)
    for j, k in zip(*np.nonzero(np.isfinite(ranked)), strict=True):
        said = amounts.numbers(j, k, window)
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
                p_value=known(tested[j, k]),
                q_value=known(q[j, k]),
                recorded_usd=said.recorded_usd,
                expected_usd=said.expected_usd,
                excess_usd=said.excess_usd,
                excess_low_usd=said.excess_low_usd,
                excess_high_usd=said.excess_high_usd,
                before_usd=said.before_usd,
                months_above=said.months_above,
                months_published=said.months_published,
                months_window=said.months_window,
                first_month=panel.months[onset[j, k]] if onset[j, k] >= 0 else None,
                explanation=explain(j, k, said),
            )
        )
    return found


def name(code: str) -> str:
    """Return a country's short English name."""
    return countries.name(code)


def basis(leg: Leg, who: str, to: str, j: int, k: int, *, is_out: bool) -> str:
    """Return from what a leg was to be expected, in words that follow "expected"."""
    others, sent = int(leg.others[j, k]), "the coalition's " if is_out else ""
    what = f"of the same product to {others} other countries" if others else "of all products"
    own = f"{who}'s exports of unlisted goods to {to}" if is_out else f"of unlisted goods to {who}"
    also = f" and {own}" if leg.is_paired[j] else ""
    return f" from its own months before, moved as {sent}exports {what}{also} moved"
