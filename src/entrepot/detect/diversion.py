"""Diversion: do the legs of a route move together, as goods sent on would make them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import detector
from entrepot.detect._onset import onset
from entrepot.detect._routes import PAIRS, routes
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding


@detector(
    reference="Both legs of a route, each against its own past and controls; posterior of a "
    "logistic weighting (bench/detection/fit.py) at the share of routes that the scan itself shows "
    "(Saerens, Latinne and Decaestecker 2002); p-values from worlds and dates without routes"
)
def diversion(evidence: ScanLegs) -> list[Finding]:
    """Find products whose flow through a third country rose on both sides.

    A route needs two legs: goods that came in, and their way on: exports to the destination, goods
    that left the coalition and never arrived, or exports to other third countries. score is the
    log10 odds that a cell is a route; q_value the expected share of false ones among all as likely.
    p_value: how rarely a cell of worlds without routes, and of dates before the scan, shows as
    much, the larger of the two. The excess is that of the way in, as the coalition recorded it:
    value compatible with diversion, not proof of it.

    Ways on that name no destination count only where the coalition's own exports of listed goods
    to the destination fell: else nothing ties them to it. Where they fell and none of the three
    can be judged, a row says what came in and that no record shows its way on; where no way on is
    recorded to a destination that is free, there is no row.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and listed product whose way in can be judged.
    """
    panel, into = evidence.panel, evidence.inflow
    found = routes(evidence)
    excess, low, high = into.excess

    def explain(j: int, k: int) -> str:
        who, to, what = name(panel.thirds[j]), name(panel.scan.destination), panel.products[k]
        since = panel.months[evidence.at]
        came = (
            f"{usd(excess[j, k])} more of {what} than expected went from the coalition to {who} "
            f"since {since}"
        )
        if found.in_only[j, k]:
            return f"{came}; what became of it no record says."
        beyond = {one: values[j, k] for one, values in found.usd.items()}
        if found.pair[j, k] == PAIRS.index("gap"):
            onward = f"the gap to the records of {who} grew by {usd(beyond['gap'])}"
        elif found.pair[j, k] == PAIRS.index("onto_others"):
            onward = f"{usd(beyond['onto_others'])} more from there to other third countries"
        elif found.pair[j, k] == PAIRS.index("from_others"):
            came = (
                f"{usd(beyond['from_others'])} more of {what} than expected went from other third "
                f"countries to {who} since {since}"
            )
            return f"{came}, and {usd(beyond['way_out'])} more from there to {to}."
        else:
            onward = f"{usd(beyond['way_out'])} more from there to {to}"
        return (
            f"{came}, and {onward}: compatible with {usd(low[j, k])} to {usd(high[j, k])} sent on."
        )

    exports = evidence.clean("coalition_exports", evidence.at)
    first = onset(exports, into.shift, evidence.at, evidence.length)
    return rows(
        "diversion",
        evidence,
        found.p,
        (excess, low, high),
        first,
        explain,
        origin="coalition",
        destination=panel.scan.destination,
        score=found.score,
        q=found.q,
    )
