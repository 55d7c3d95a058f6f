"""Diversion: do the legs of a route move together, as goods sent on would make them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows, usd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._evidence import Evidence

    Floats = NDArray[np.float64]


@detector(
    reference="Mass balance of facts E10: in from the coalition, out to the destination, same "
    "product; evidence composite null of Dai, Stanford and LeBlanc (JASA 2020)"
)
def diversion(evidence: Evidence) -> list[dict[str, Any]]:
    """Find products whose flow through a third country rose on both sides.

    p_value: how rarely the way in, and the way out or the arrivals that stayed away, both move as
    much where at most one of them has a reason to: demand at home moves the first alone, own
    production the second (`Evidence.joint_p`). score adds what the country's other listed goods
    did, and ranks. The excess is that of the way out where it is the stronger sign, else of the
    gap: value compatible with diversion, not proof of it. Two unrelated rises in one cell look
    the same as a diversion.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and product of which a way in and a way onward can be judged.
    """
    panel = evidence.panel
    into, out = evidence.inflow, evidence.outflow
    p_out = np.nan_to_num(out.found.p, nan=1.0)
    by_out = p_out <= np.nan_to_num(evidence.ghost.found.p, nan=1.0)
    amounts = tuple(
        np.where(by_out & np.isfinite(a), a, b)
        for a, b in zip(out.excess, evidence.ghost.excess, strict=True)
    )

    def explain(j: int, k: int) -> str:
        who, to = name(panel.thirds[j]), name(panel.scan.destination)
        sides = (
            f"{usd(into.excess[0][j, k])} more of {panel.products[k]} than expected went from the "
            f"coalition to {who} since {panel.months[evidence.at]}"
        )
        if by_out[j, k]:
            onward = f"{usd(out.excess[0][j, k])} more from there to {to}"
        else:
            onward = f"{who}'s own records do not show it arriving"
        low, high = amounts[1][j, k], amounts[2][j, k]
        return f"{sides}, and {onward}: compatible with {usd(low)} to {usd(high)} sent on."

    first = onset(panel["sent"], into.shift, evidence.at, evidence.length)
    return rows(
        "diversion",
        evidence,
        evidence.joint_p,
        (amounts[0], amounts[1], amounts[2]),
        first,
        explain,
        origin="coalition",
        destination=panel.scan.destination,
        score=evidence.joint_score,
    )
