"""Ghost trade: did more leave for a country, with no more arriving there?"""

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
    reference="Chupilkin, Javorcik, Peeva and Plekhanov (CEPR DP20097, 2025) on exports that never "
    "arrive; the change of a gap, not its level, after Fisman and Wei (2004)"
)
def ghost_trade(evidence: ScanLegs) -> list[Finding]:
    """Find exports that grew while the records of their arrival did not.

    excess = (coalition_exports - reported_imports) less the same of what was expected of both,
    imports without freight; the smaller of two: the coalition's exports and the imports from it,
    everybody's exports and all imports, since a country that books goods by origin shows only the
    first. A gap that was always there does not count. Months that the country did not publish are
    no evidence.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and product; none where the country does not publish imports.
    """
    leg, panel = evidence.ghost, evidence.panel
    excess, low, high = leg.excess
    window = slice(evidence.at, evidence.at + evidence.length)
    arrived = np.nansum(panel["reported_imports"][:, :, window], axis=2)

    def explain(j: int, k: int) -> str:
        who = name(panel.thirds[j])
        return (
            f"The coalition recorded exports of {panel.products[k]} to {who} worth "
            f"{usd(leg.shift.value[j, k])} since {panel.months[evidence.at]} and {who} imports of "
            f"{usd(arrived[j, k])} from it: the gap grew by {usd(excess[j, k])} "
            f"({usd(low[j, k])} to {usd(high[j, k])}) beyond the earlier one."
        )

    first = onset(
        evidence.clean("coalition_exports", evidence.at), leg.shift, evidence.at, evidence.length
    )
    return rows(
        "ghost_trade",
        evidence,
        leg.found.p,
        (excess, low, high),
        first,
        explain,
        origin="coalition",
    )
