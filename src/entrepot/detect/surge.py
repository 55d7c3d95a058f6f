"""Surge: did a leg of the route grow beyond what its controls did?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._rows import basis, name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._leg import Leg
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers


@detector(
    reference="Triple difference over product, pair and date as in EBRD WP 276 (2023); placebo "
    "distribution after Abadie, Diamond and Hainmueller (2010); Anscombe (1948) for counts"
)
def surge(evidence: ScanLegs) -> list[Finding]:
    """Find legs that carry more than their past and their controls explain.

    expected = mean of two years before x growth of the same product to other countries x growth
    of the same pair over unlisted products. excess = recorded - expected, signed, of the months
    published; its interval holds nine of ten placebos, and puts from nothing to twice the others
    into the unpublished months. Assumes that controls are not diverted themselves: where many are,
    expected is too high and the excess too low. The sentence names them, and gives the plain rise
    against the same months of the year before beside.

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
    panel, to = evidence.panel, name(evidence.panel.scan.destination)
    since = panel.months[evidence.at]

    def explain(j: int, k: int, said: Numbers) -> str:
        who = name(panel.thirds[j])
        what = f"The coalition recorded exports of {panel.products[k]} to {who} worth"
        if series == "onward_exports":
            what = f"{who} recorded exports of {panel.products[k]} to {to} worth"
        told = phrases.together(
            f"{what} {usd(said.recorded_usd)} since {since}",
            phrases.beyond(said, basis(leg, who, to, j, k, is_out=destination is not None)),
            phrases.largest(said),
            phrases.plain(said, since),
        )
        return f"{told}."

    first = onset(evidence.clean(series, evidence.at), leg.shift, evidence.at, evidence.length)
    return rows(
        "surge",
        evidence,
        leg.found.p,
        leg.amounts,
        first,
        explain,
        origin=origin,
        destination=destination,
    )
