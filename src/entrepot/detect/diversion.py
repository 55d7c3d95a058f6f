"""Diversion: do the legs of a route move together, as goods sent on would make them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding


@detector(
    reference="Mass balance of facts E10: in from the coalition, out to the destination, same "
    "product; evidence composite null of Dai, Stanford and LeBlanc (JASA 2022)"
)
def diversion(evidence: ScanLegs) -> list[Finding]:
    """Find products whose flow through a third country rose on both sides.

    p_value: how rarely the way in, and the way out or the arrivals that stayed away, both move as
    much and balance, where at most one of them has a reason to move: demand at home moves the first
    alone, own production the second (`ScanLegs.joint_p`). score adds what the country's other
    listed goods did, and ranks. The excess is that of the way in, as the coalition recorded it:
    value compatible with diversion, not proof of it. Two unrelated rises in one cell look the same
    as a diversion, and the second country of a longer route shows only its way out.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and product whose way in can be judged; p_value is null where
        neither its way out nor its arrivals can.
    """
    panel = evidence.panel
    into, out = evidence.inflow, evidence.outflow
    p_out = np.nan_to_num(out.found.p, nan=1.0)
    by_out = p_out <= np.nan_to_num(evidence.ghost.found.p, nan=1.0)
    is_judged = np.isfinite(evidence.joint_p)
    excess, low, high = into.excess

    def explain(j: int, k: int) -> str:
        who, to = name(panel.thirds[j]), name(panel.scan.destination)
        sides = (
            f"{usd(excess[j, k])} more of {panel.products[k]} than expected went from the "
            f"coalition to {who} since {panel.months[evidence.at]}"
        )
        if not is_judged[j, k]:
            return (
                f"{sides}, and no record shows what went on to {to}: compatible with anything up "
                f"to {usd(high[j, k])} sent on."
            )
        if by_out[j, k]:
            onward = f"{usd(out.excess[0][j, k])} more from there to {to}"
        else:
            lost = evidence.ghost.excess[0][j, k]
            onward = f"the gap to the records of {who} grew by {usd(lost)}"
        return (
            f"{sides}, and {onward}: compatible with {usd(low[j, k])} to {usd(high[j, k])} sent on."
        )

    first = onset(
        evidence.clean("coalition_exports", evidence.at), into.shift, evidence.at, evidence.length
    )
    return rows(
        "diversion",
        evidence,
        evidence.joint_p,
        (excess, low, high),
        first,
        explain,
        origin="coalition",
        destination=panel.scan.destination,
        score=evidence.joint_score,
    )
