"""Unit value: did goods become dearer on this route than on the others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot import phrases
from entrepot.contracts import detector
from entrepot.detect._amounts import Amounts, months
from entrepot.detect._counterfactual import BASE, LEAST
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._placebo import Calibrated
    from entrepot.findings import Finding, Numbers

    Floats = NDArray[np.float64]
    Sums = tuple[Floats, Floats, NDArray[np.int64]]

FEWEST = 3
"""Months with a mass that base and window need each: one consignment has no usual price. By
hand; the median of two is their mean."""


@detector(
    reference="Relative unit values by destination as in BOFIT DP 3/2024; placebo distribution "
    "after Abadie, Diamond and Hainmueller (2010)"
)
def unit_value(evidence: ScanLegs) -> list[Finding]:
    """Find legs whose USD per kg rose beyond that of the same product elsewhere.

    statistic = ln(USD per kg after / before) on the leg less the same of the coalition's exports
    of the product to the other third countries (for the way out: to all); above zero the route
    became dearer. With m = exp(statistic less its median placebo), expected = recorded / m: the
    same mass at prices that moved as elsewhere; the excess is what the price alone adds. Counts,
    recorded too, only records that give a mass. A mix of goods within the code
    that shifts looks like a price, and so does a mix of reporters.

    Args:
        evidence: The scan's legs.

    Returns:
        Up to two rows per third country and product, one per leg. None where base or window has
        fewer than three months with a mass, or where nobody else's unit value is known. The first
        month is null: prices are compared over whole windows.
    """
    panel = evidence.panel
    sent = (panel["coalition_exports_priced"], panel["coalition_exports_kg"])
    onward = (panel["onward_exports_priced"], panel["onward_exports_kg"])
    return [
        *_leg(evidence, sent, None, origin="coalition"),
        *_leg(evidence, onward, sent, destination=panel.scan.destination),
    ]


def _leg(
    evidence: ScanLegs,
    own: tuple[Floats, Floats],
    others: tuple[Floats, Floats] | None,
    origin: str | None = None,
    destination: str | None = None,
) -> list[Finding]:
    panel, at, length = evidence.panel, evidence.at, evidence.length
    found = evidence.calibrated(
        [_against(own, others, one, length) for one in (at, *evidence.places)]
    )
    statistic, _ = _against(own, others, at, length)
    after, before = _sums(*own, at, at + length), _sums(*own, max(0, at - BASE), at)
    amounts = _amounts(evidence, own, statistic, found, after)
    a_month = min(at, BASE) / length

    def explain(j: int, k: int, said: Numbers) -> str:
        value, mass = (after[i][j, k] / before[i][j, k] for i in (0, 1))
        leg = f"The coalition's exports of {panel.products[k]} to {name(panel.thirds[j])}"
        if destination:
            leg = f"{name(panel.thirds[j])}'s exports of {panel.products[k]} to {name(destination)}"
        return (
            f"{leg} cost {value / mass:.2f} times as much per kg since {panel.months[at]} as "
            f"before, on other routes {value / mass / np.exp(statistic[j, k]):.2f} times; a month "
            f"they carry {value * a_month:.2f} times the value and {mass * a_month:.2f} times the "
            f"mass: {usd(said.recorded_usd)} with a mass; at prices that moved as elsewhere "
            f"{phrases.beyond(said)}."
        )

    return rows(
        "unit_value",
        evidence,
        found.p,
        amounts,
        np.full(statistic.shape, -1),
        explain,
        origin=origin,
        destination=destination,
    )


def _amounts(
    evidence: ScanLegs,
    own: tuple[Floats, Floats],
    statistic: Floats,
    found: Calibrated,
    after: Sums,
) -> Amounts:
    """Return the value with a mass, and what it were at prices that moved as elsewhere."""
    window = slice(evidence.at, evidence.at + evidence.length)
    value, mass = (one[:, evidence.panel.is_listed, window] for one in own)
    both = (value > 0) & (mass > 0)
    low, centre, high = (
        after[0] * np.exp(null - statistic) for null in (found.low, found.middle, found.high)
    )
    price = (centre / after[1])[:, evidence.panel.is_listed]
    return Amounts(
        after[0],
        centre,
        after[0] - high,
        after[0] - low,
        np.full(centre.shape, np.nan),
        months(
            np.where(both, value - mass * price[:, :, None], np.nan),
            both.sum(axis=2),
            evidence.panel.is_listed,
        ),
    )


def _against(
    own: tuple[Floats, Floats], others: tuple[Floats, Floats] | None, at: int, length: int
) -> tuple[Floats, Floats]:
    """Return the statistic and how many months of base and window it rests on."""
    spans = ((max(0, at - BASE), at), (at, at + length))
    (old, less, few), (value, mass, many) = (_sums(*own, *span) for span in spans)
    rest = [_rest(_sums(*(others or own), *span), alone=others is None) for span in spans]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(value / mass) - np.log(old / less)
        statistic = change - np.log(rest[1] / rest[0])
        months = 1 / (1 / few + 1 / many)
    is_thin = (few < FEWEST) | (many < FEWEST)
    for start, end in spans:
        is_thin |= np.isfinite(own[0][:, :, start:end]).mean(axis=2) < LEAST
    statistic[is_thin] = np.nan
    return statistic, np.asarray(np.nan_to_num(months))


def _sums(usd: Floats, kg: Floats, start: int, end: int) -> Sums:
    """Return value, mass and number of the months that have both."""
    value, mass = usd[:, :, start:end], kg[:, :, start:end]
    both = (value > 0) & (mass > 0)
    return value.sum(axis=2, where=both), mass.sum(axis=2, where=both), both.sum(axis=2)


def _rest(sums: Sums, *, alone: bool) -> Floats:
    """Return the unit value of all countries, each without itself where `alone`; nan for none."""
    value, mass, count = (one.sum(axis=0, keepdims=True) for one in sums)
    if alone:
        value, mass, count = value - sums[0], mass - sums[1], count - sums[2]
    return np.asarray(np.divide(value, mass, out=np.full(value.shape, np.nan), where=count > 0))
