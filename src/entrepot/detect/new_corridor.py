"""New corridor: does a good now go where none of it went before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.contracts import detector
from entrepot.detect._counterfactual import BASE, LEAST
from entrepot.detect._leg import against
from entrepot.detect._placebo import BINS, LEVEL, survival
from entrepot.detect._rows import name, rows
from entrepot.money import usd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs
    from entrepot.findings import Finding, Numbers

    Floats = NDArray[np.float64]

SOON = 6
OFTEN = 2
"""Trade in two of the first six months is a relationship, one month may be one consignment.
After the importer flags of BIS and FinCEN (2023), which name no numbers; these are by hand."""
ENOUGH = 50
"""Empty placebo cells without which nothing is judged. As in `_placebo`: with fewer, p could not
be small."""


@detector(
    reference="Country and product form of the importer flags of BIS and FinCEN (2022-23), no "
    "trade before and a new one after; extensive margin as in ifo (2023)",
    alone=True,
)
def new_corridor(evidence: ScanLegs) -> list[Finding]:
    """Find legs that carry a good for the first time.

    statistic = value / mean of the product's base cells with any, where nothing was recorded in up
    to two years before and something in at least two of the first six months; 0 where it was not.
    Its placebos are cells as empty at earlier dates, classed by how likely they were to fill:
    share of countries with the product x share of products the country had. p = share of them
    that opened x share of the opened, of all classes, with as large a statistic. Assumes that an
    empty cell was published as such; a code that nobody had before is `code_switch`'s. A corridor
    that opens later than the sixth month is not found.

    Args:
        evidence: The scan's legs.

    Returns:
        Up to two rows per third country and product, one per leg that opened; q-values count all
        that could have. The excess is the recorded value itself, its low end that value less the
        95th percentile of its placebos.
    """
    return [
        *_leg(evidence, "coalition_exports", origin="coalition"),
        *_leg(evidence, "onward_exports", destination=evidence.panel.scan.destination),
    ]


def _leg(
    evidence: ScanLegs,
    series: str,
    origin: str | None = None,
    destination: str | None = None,
) -> list[Finding]:
    panel, at, length = evidence.panel, evidence.at, evidence.length
    made = [_opened(panel[series], one, length) for one in (at, *evidence.places)]
    here, *placebos = made
    if not placebos:
        placebos = [(np.where(panel.is_listed[None, :], np.nan, here[0]), here[1])]
    p, usual = _rarity(here, placebos)
    window = panel[series][:, :, at : at + length]
    value = np.nansum(window, axis=2)
    base = panel[series][:, :, max(0, at - BASE) : at]
    ends = value - usual * _shipment(base), value
    amounts = against(evidence, series, np.zeros_like(value), ends, window[:, panel.is_listed])
    first = np.where(here[0] > 0, np.argmax(window > 0, axis=2) + at, -1)
    to = name(panel.scan.destination)

    def explain(j: int, k: int, said: Numbers) -> str:
        who, what = name(panel.thirds[j]), panel.products[k]
        leg = f"The coalition recorded no exports of {what} to {who}"
        if series == "onward_exports":
            leg = f"{who} recorded no exports of {what} to {to}"
        return (
            f"{leg} in the {min(at, BASE)} months before {panel.months[at]}, and "
            f"{usd(said.recorded_usd)} since, in {said.months_above} of {length} months."
        )

    tested = rows(
        "new_corridor",
        evidence,
        p,
        amounts,
        first,
        explain,
        origin=origin,
        destination=destination,
    )
    return [row for row in tested if row.first_month]


def _opened(series: Floats, at: int, length: int) -> tuple[Floats, Floats]:
    """Return the statistic, nan where the cell was not empty or is not known, and its chance."""
    base, window = series[:, :, max(0, at - BASE) : at], series[:, :, at : at + length]
    is_known = np.isfinite(base).mean(axis=2) >= LEAST
    is_known &= np.isfinite(window).mean(axis=2) >= LEAST
    had = np.nansum(base, axis=2) > 0
    spread = had.mean(axis=0, keepdims=True)
    opened = (window[:, :, :SOON] > 0).sum(axis=2) >= OFTEN
    statistic = np.where(opened, np.nansum(window, axis=2) / _shipment(base), 0.0)
    statistic[had | ~is_known | (spread == 0)] = np.nan
    return statistic, spread * had.mean(axis=1, keepdims=True)


def _shipment(base: Floats) -> Floats:
    """Return a product's mean over the months of the base that hold any; nan where none does.

    It looks at no later month, since a corridor that opens would be measured by itself.
    """
    held = base > 0
    total, count = base.sum(axis=(0, 2), where=held), held.sum(axis=(0, 2))
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _rarity(
    here: tuple[Floats, Floats], placebos: list[tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return p-values and the upper end of what placebos of a class reach.

    Most placebos are zero: the tail is fitted to those that opened alone.
    """
    (statistic, chance) = here
    p, usual = np.full(statistic.shape, np.nan), np.full(statistic.shape, np.nan)
    pool, scale = (
        np.concatenate([one[i][np.isfinite(one[0])] for one in placebos]) for i in (0, 1)
    )
    if len(pool) < ENOUGH:
        return p, usual
    opened = np.sort(pool[pool > 0])
    larger = survival(opened, statistic.ravel()).reshape(p.shape) if len(opened) else 1.0
    edges = np.unique(np.quantile(scale, np.linspace(0, 1, BINS + 1)[1:-1]))
    kinds, there = np.digitize(chance, edges), np.digitize(scale, edges)
    for kind in range(len(edges) + 1):
        null = pool[there == kind]
        share = (1 + (null > 0).sum()) / (1 + len(null))
        p = np.where(kinds == kind, share * larger, p)
        usual[kinds == kind] = np.quantile(null, (1 + LEVEL) / 2) if len(null) else np.nan
    p = np.where(statistic > 0, p, 1.0)
    p[np.isnan(statistic)] = np.nan
    return p, usual
