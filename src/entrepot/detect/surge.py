"""Surge: did a leg of the route grow beyond what its controls did?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import Leg, ScanLegs
    from entrepot.findings import Finding


@detector(
    reference="Triple difference over product, pair and date as in EBRD WP 276 (2023); placebo "
    "distribution after Abadie, Diamond and Hainmueller (2010); Anscombe (1948) for counts"
)
def surge(evidence: ScanLegs) -> list[Finding]:
    """Find legs that carry more than their past and their controls explain.

    expected = mean of two years before x growth of the same product to other countries x growth
    of the same pair over unlisted products. The excess is value less expected, each reporter's
    unpublished months taken to be like its others; its interval holds nine of ten placebos, and
    puts from nothing to twice that into the unpublished months. Assumes that controls are not
    diverted themselves: where many are, expected is too high and the excess too low.

    Args:
        evidence: The scan's legs.

    Returns:
        Up to two rows per third country and product: coalition to third country (no destination),
        third country to destination (no origin). None where too little is published.
    """
    into, onward = evidence.inflow, evidence.outflow
    return [
        *_leg(evidence, into, "coalition_exports", origin="coalition"),
        *_leg(evidence, onward, "onward_exports", destination=evidence.panel.scan.destination),
    ]


def _leg(
    evidence: ScanLegs,
    leg: Leg,
    series: str,
    *,
    origin: str | None = None,
    destination: str | None = None,
) -> list[Finding]:
    panel, shift = evidence.panel, leg.shift
    excess, low, high = leg.excess
    to = name(panel.scan.destination)

    def explain(j: int, k: int) -> str:
        who = name(panel.thirds[j])
        what = f"The coalition recorded exports of {panel.products[k]} to {who} worth"
        if series == "onward_exports":
            what = f"{who} recorded exports of {panel.products[k]} to {to} worth"
        return (
            f"{what} {usd(shift.value[j, k])} since {panel.months[evidence.at]}, where its past "
            f"and its controls suggest {usd(shift.expected[j, k])}: {usd(excess[j, k])} beyond "
            f"({usd(low[j, k])} to {usd(high[j, k])})."
        )

    first = onset(evidence.clean(series, evidence.at), shift, evidence.at, evidence.length)
    return rows(
        "surge",
        evidence,
        leg.found.p,
        (excess, low, high),
        first,
        explain,
        origin=origin,
        destination=destination,
    )
