"""Ghost trade: did more leave for a country, with no more arriving there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers


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
    no evidence. recorded is the gap itself, exports less imports without freight, in the months
    that both sides published; expected is what it was to be, recorded less excess.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and product; none where the country does not publish imports.
    """
    leg, panel = evidence.ghost, evidence.panel
    window = slice(evidence.at, evidence.at + evidence.length)
    both = np.isfinite(evidence.plain_gap[:, :, window])
    sent, arrived = (
        np.where(both, panel[series][:, :, window], 0).sum(axis=2)
        for series in ("coalition_exports", "reported_imports")
    )

    def explain(j: int, k: int, said: Numbers) -> str:
        who = name(panel.thirds[j])
        told = phrases.together(
            f"The coalition recorded exports of {panel.products[k]} to {who} worth "
            f"{usd(sent[j, k])} since {panel.months[evidence.at]} and {who} imports of "
            f"{usd(arrived[j, k])} from it: a gap of {usd(said.recorded_usd)}, freight apart",
            phrases.beyond(said, " from its own gap before"),
            phrases.largest(said),
        )
        return f"{told}."

    first = onset(
        evidence.clean("coalition_exports", evidence.at), leg.shift, evidence.at, evidence.length
    )
    return rows(
        "ghost_trade",
        evidence,
        leg.found.p,
        leg.amounts,
        first,
        explain,
        origin="coalition",
    )
