"""Break date: from which month on does a leg run at another level?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._counterfactual import NOISE
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd
from entrepot.months import number
from entrepot.reference import events

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._counterfactual import Shift
    from entrepot.detect._leg import Leg
    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NEAR = 2
"""Months between a break and an event that is named with it; orders take weeks to be shipped."""


@detector(
    reference="Largest step of unknown date: Andrews (Econometrica 1993), its distribution from "
    "the same maximum at placebo dates"
)
def break_date(evidence: ScanLegs) -> list[Finding]:
    """Find the month from which a leg runs above what its past and its controls explain.

    statistic = max over months m of (mean from m to the end - expected a month) x sqrt(months from
    m) / noise of a month, that of the whole window where no such mean lies above; noise^2 =
    shipment x (expected + 3/8 shipment) + NOISE^2 expected^2. One step up that lasts to the end is
    assumed: of several it dates the strongest. An event within two months is named as near; it is
    no cause.

    Args:
        evidence: The scan's legs.

    Returns:
        Up to two rows per third country and product, one per leg; the first month is null where
        nothing lies above. The excess is that of `surge`. None where too little is published.
    """
    to = evidence.panel.scan.destination
    return [
        *_leg(evidence, evidence.inflow, "coalition_exports", origin="coalition"),
        *_leg(evidence, evidence.outflow, "onward_exports", destination=to),
    ]


def _leg(
    evidence: ScanLegs,
    leg: Leg,
    series: str,
    origin: str | None = None,
    destination: str | None = None,
) -> list[Finding]:
    panel, at, length = evidence.panel, evidence.at, evidence.length
    made = []
    for one, moved in zip((at, *evidence.places), leg.shifts, strict=True):
        made.append((*_step(evidence.clean(series, one), moved, one, length), moved.shipments))
    found = evidence.calibrated([(statistic, size) for statistic, _first, size in made])
    first = made[0][1]

    def explain(j: int, k: int, said: Numbers) -> str:
        who, what = name(panel.thirds[j]), panel.products[k]
        route = f"the coalition's exports of {what} to {who}"
        if destination:
            route = f"{who}'s exports of {what} to {name(panel.scan.destination)}"
        if first[j, k] < 0:
            return (
                f"No month since {panel.months[at]} starts a higher level of {route}: "
                f"{usd(said.recorded_usd)} since then; {phrases.beyond(said)}."
            )
        after = slice(first[j, k], at + length)
        mean = float(np.nanmean(panel[series][j, k, after]))
        return (
            f"From {panel.months[first[j, k]]} on {route} run at {usd(mean)} a month: the largest "
            f"step since {panel.months[at]}, {_near(panel.months[first[j, k]])}. Since "
            f"{panel.months[at]} they come to {usd(said.recorded_usd)}; {phrases.beyond(said)}."
        )

    return rows(
        "break_date",
        evidence,
        found.p,
        leg.amounts,
        first,
        explain,
        origin=origin,
        destination=destination,
    )


def _step(series: Floats, moved: Shift, at: int, length: int) -> tuple[Floats, Ints]:
    """Return the largest standardised step of the window and its first month."""
    first = onset(series, moved, at, length)
    window = series[:, :, at : at + length]
    usual = moved.expected * moved.unseen / length
    is_after = np.isfinite(window) & (np.arange(at, at + length) >= first[:, :, None])
    beyond = np.where(is_after, window - usual[:, :, None], 0.0).sum(axis=2)
    gain = beyond / np.sqrt(np.maximum(is_after.sum(axis=2), 1))
    noise = np.sqrt(moved.size * (usual + 0.375 * moved.size) + NOISE**2 * usual**2)
    statistic = gain / noise
    statistic[~np.isfinite(moved.score)] = np.nan
    return statistic, first


def _near(month: str) -> str:
    """Return the dated event nearest to the start of a month, at most two months away."""
    start = date.fromisoformat(f"{month}-01")
    close = [
        event
        for event in events.table(breaks_only=True)
        if event.kind != "convention" and _apart(event.date, start) <= NEAR
    ]
    if not close:
        return "with no dated event within two months"
    event = min(close, key=lambda one: abs(one.date - start) / timedelta(days=1))
    return f"near {event.date}: {event.what}"


def _apart(one: date, other: date) -> int:
    return abs(number(one) - number(other))
