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
    from entrepot.detect._routes import Routes
    from entrepot.findings import Finding, Numbers

    Ends = tuple[float | None, float | None]


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
        held = (said.excess_usd, said.excess_high_usd)
        one = known(found.usd["supplier"][j, k])
        if one is not None and one > 0 and held[0] is not None and held[0] <= 0:
            held = (one, max(one, held[1] or one))
            came += f"; of its suppliers one alone recorded {usd(one)} more than its own past"
        if found.in_only[j, k]:
            return f"{came}. What became of it no record says."
        onward, went = _onward(evidence, found, j, k, names)
        return f"{came}. Onward, {onward}. {_compatible(held, went)}."

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


def _onward(
    evidence: ScanLegs, found: Routes, j: int, k: int, months: tuple[str, ...]
) -> tuple[str, Ends]:
    """Return the way on of a cell in words, and the middle and upper end of its excess."""
    panel = evidence.panel
    who, pair = name(panel.thirds[j]), PAIRS[found.pair[j, k]]
    if pair == "onto_others":
        least = known(found.usd["onto_others"][j, k])
        return f"{phrases.more(least)} than expected went to other third countries", (least, least)
    leg = evidence.ghost if pair == "gap" else evidence.outflow
    went = leg.amounts.numbers(j, k, months)
    sent = f"the gap to the records of {who} was {usd(went.recorded_usd)}"
    if pair != "gap":
        to = name(panel.scan.destination)
        sent = f"{who} recorded exports of it to {to} worth {usd(went.recorded_usd)}"
    return f"{sent}; {phrases.beyond(went)}", (went.excess_usd, went.excess_high_usd)


def _compatible(came: Ends, went: Ends) -> str:
    """Return how much may have been sent on: never more than either leg has beyond the expected."""
    middle, upper = (
        0.0 if one is None or other is None else min(one, other)
        for one, other in zip(came, went, strict=True)
    )
    if middle > 0:
        return f"Compatible with up to {usd(middle)} sent on"
    least = "No amount lies beyond the expected on both legs"
    return f"{least}; their ranges leave room for {usd(upper)}" if upper > 0 else least
