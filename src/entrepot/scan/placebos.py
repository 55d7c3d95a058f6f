"""Placebos: the same look at destinations that no controls bind, and what it finds there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._routes import routes
from entrepot.findings import BAR, Placebo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.detect._destinations import Destinations
    from entrepot.detect._legs import ScanLegs

COUNT = 5
"""Destinations that a scan looks at beside its own, by hand: each costs a way out."""


def placebos(legs: ScanLegs, others: Destinations, names: Iterable[str]) -> tuple[Placebo, ...]:
    """Return what other destinations give, in the order of their names.

    The way in is the scan's own; see `Destinations.like` for which names are like its destination.
    """
    found = []
    for seen in others.panels(legs.panel, names):
        with np.errstate(all="ignore"):
            there = routes(legs.toward(seen), placebo_dates=False)
        judged = np.isfinite(there.q) & ~there.in_only
        cells, flagged = int(judged.sum()), int((there.q[judged] <= BAR).sum())
        found.append(Placebo(seen.scan.destination, cells, flagged))
    return tuple(found)
