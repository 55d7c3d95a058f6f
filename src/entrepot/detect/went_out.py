"""Went out: does a country's own books alone show more of a good to the destination than before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._counterfactual import BASE, thin
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers


@detector(
    reference="Difference over date and product in one pair's trade, as in EBRD WP 276 (2023); the "
    "pair's unlisted goods as negative controls after Lipsitch, Tchetgen Tchetgen and Cohen "
    "(Epidemiology 2010); Anscombe (1948) for counts",
    alone=True,
    stands_in_for="diversion",
)
def went_out(evidence: ScanLegs) -> list[Finding]:
    """Find listed goods of which a third country's own books send the destination more than before.

    expected = mean of two years before x growth of the same product to everybody else, where the
    books hold that, x growth of the same pair over unlisted products; then moved to what unlisted
    goods of the same chapters and like size show. excess = recorded - expected, signed. The score
    is the smaller of two: with the window's largest months, one in twelve, and without them. p is
    the share of those unlisted goods with as large a score, or that of all goods of the chapters at
    placebo dates if that is larger. Assumes that unlisted goods are not diverted themselves; where
    many are, p is too large.

    A scan runs it where nobody of the coalition reports. It says nothing of where the goods were
    made or came from.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and listed product whose exports to the destination can be
        judged, with no origin. Recorded and expected are of the published months; the interval of
        the excess puts from nothing to twice the others into the unpublished ones.
    """
    panel, leg, at = evidence.panel, evidence.alone, evidence.at
    series, length = panel["onward_exports"], evidence.length
    before, window = series[:, :, max(0, at - BASE) : at], series[:, :, evidence.window]
    past, published = np.nansum(before, axis=2), np.isfinite(window).sum(axis=2)
    others = panel["other_exports"]
    held = np.nansum(others[:, :, max(0, at - BASE) : at + length], axis=2) > 0
    sold_elsewhere = held & ~thin(others, at, length)
    to, since = name(panel.scan.destination), panel.months[at]

    def explain(j: int, k: int, said: Numbers) -> str:
        who = name(panel.thirds[j])
        controls = [
            "of the same product to everybody else" if sold_elsewhere[j, k] else "",
            f"of unlisted goods to {to}" if leg.is_paired[j] else "",
        ]
        moved = " and ".join(one for one in controls if one)
        basis = " from its own months before"
        basis += f", moved as its exports {moved} moved" if moved else ""
        told = phrases.together(
            f"{usd(said.recorded_usd)} of {panel.products[k]} went out from {who} to {to} since "
            f"{since}, in {(window[j, k] > 0).sum()} of {published[j, k]} published months, after "
            f"{usd(past[j, k])} in the {before.shape[2]} months before",
            phrases.beyond(said, basis),
            phrases.largest(said),
            phrases.plain(said, since),
        )
        return f"{told}."

    return rows(
        "went_out",
        evidence,
        leg.found.p,
        leg.amounts,
        onset(series, leg.shift, at, length),
        explain,
        destination=panel.scan.destination,
    )
