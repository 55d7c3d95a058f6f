"""Diversion: do the legs of a route move together, as goods sent on would make them?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._amounts import known
from entrepot.detect._onset import onset
from entrepot.detect._routes import PAIRS, routes
from entrepot.detect._rows import basis, name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers


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
    much, the larger of the two. Recorded, expected and excess are those of the way in: the
    coalition's exports, or, where goods came over a second country, those of everybody else; the
    origin is null then.

    Ways on that name no destination count only where the coalition's own exports of listed goods
    to the destination fell: else nothing ties them to it. Where they fell and none of the three
    can be judged, a row says what came in and that no record shows its way on; where no way on is
    recorded to a destination that is free, there is no row.

    Args:
        evidence: The scan's legs.

    Returns:
        One row per third country and listed product whose way in can be judged. The excess is
        value compatible with diversion, not proof of it.
    """
    panel, into = evidence.panel, evidence.inflow
    found, since = routes(evidence), panel.months[evidence.at]
    names = panel.months[evidence.at : evidence.at + evidence.length]
    is_second = found.pair == PAIRS.index("from_others")
    amounts = into.amounts
    if is_second.any():
        amounts = amounts.where(is_second, evidence.transfers.amounts)

    def explain(j: int, k: int, said: Numbers) -> str:
        who, to, what = name(panel.thirds[j]), name(panel.scan.destination), panel.products[k]
        by = "Other third countries" if is_second[j, k] else "The coalition"
        leg = evidence.transfers if is_second[j, k] else into
        came = (
            f"{by} recorded exports of {what} to {who} worth {usd(said.recorded_usd)} since "
            f"{since}; {phrases.beyond(said, basis(leg, who, to, j, k, is_out=False))}"
        )
        came = phrases.together(came, phrases.largest(said), phrases.plain(said, since))
        if found.in_only[j, k]:
            return f"{came}. What became of it no record says."
        if PAIRS[found.pair[j, k]] == "onto_others":
            least = known(found.usd["onto_others"][j, k])
            onward = f"{phrases.more(least)} than expected went to other third countries"
        elif PAIRS[found.pair[j, k]] == "gap":
            gap = evidence.ghost.amounts.numbers(j, k, names)
            least = gap.excess_usd
            grew = f"the gap to the records of {who} was {usd(gap.recorded_usd)}"
            onward = f"{grew}; {phrases.beyond(gap)}"
        else:
            went = evidence.outflow.amounts.numbers(j, k, names)
            least = went.excess_usd
            sent = f"{who} recorded exports of it to {to} worth {usd(went.recorded_usd)}"
            onward = f"{sent}; {phrases.beyond(went)}"
        return f"{came}. Onward, {onward}. {_compatible(said.excess_usd, least)}."

    exports = evidence.clean("coalition_exports", evidence.at)
    first = onset(exports, into.shift, evidence.at, evidence.length)
    made = rows(
        "diversion",
        evidence,
        found.p,
        amounts,
        first,
        explain,
        origin="coalition",
        destination=panel.scan.destination,
        score=found.score,
        q=found.q,
    )
    second = {
        (panel.thirds[j], panel.products[k]) for j, k in zip(*is_second.nonzero(), strict=True)
    }
    return [replace(row, origin=None) if row.cell in second else row for row in made]


def _compatible(came: float | None, went: float | None) -> str:
    """Return how much may have been sent on: never more than either leg has beyond the expected."""
    least = 0.0 if came is None or went is None else min(came, went)
    if least <= 0:
        return "No amount lies beyond the expected on both legs"
    return f"Compatible with up to {usd(least)} sent on"
