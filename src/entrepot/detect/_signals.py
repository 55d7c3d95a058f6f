"""Signals: what moved in every listed cell at one date, each as a score and in USD.

Each signal looks at one leg in one way; none of them knows how rare its score is, which is what
placebo dates tell (`_evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._counterfactual import BASE, deseasoned, growth, root_score
from entrepot.detect._suppliers import HABIT, gaps, largest, strongest, suppliers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._counterfactual import Shift
    from entrepot.detect._legs import ScanLegs

    Floats = NDArray[np.float64]

LATEST = 4
"""Months after which goods that come in and go on are no longer looked for. By hand."""
SHORTEST = 12
"""Months in which the way out must be published to say whether it follows the way in."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Scores of one date by name, their sizes in usual shipments, and USD beyond the expected.

    All arrays are (thirds, listed products), nan where a signal cannot be judged.

    * way_in, way_out          the coalition's exports to it, its own to the destination
    * way_out_net              the same less what fell in the same heading: a changed label is none
    * mass_in                  the coalition's exports in kg
    * onto_others, from_others its exports to other third countries, and theirs to it
    * supplier, supplier_mass  the reporter of the coalition that rose most beyond the others
    * gap                      the reporter whose exports arrive least, by its own mirror ratio
    * gap_sum                  all reporters' gaps over their noise together
    * total_gap                the coalition's exports less the country's records, as totals
    * echo                     whether the way out follows the way in, month by month
    """

    scores: dict[str, Floats]
    sizes: dict[str, Floats]
    usd: dict[str, Floats]


def signals(legs: ScanLegs, at: int, *, listed: bool = True) -> Signals:
    """Return the signals of a date, the scan's own or a placebo's.

    Those of unlisted products leave out what single suppliers did: a panel holds that of the
    listed ones alone.
    """
    into = legs.inward(at, listed=listed)
    out = _onward(legs, at, into, listed=listed)
    return Signals(into.scores | out.scores, into.sizes | out.sizes, into.usd | out.usd)


def inward(legs: ScanLegs, at: int, *, listed: bool = True) -> Signals:
    """Return the signals that are the same whatever the destination: the way in and the gaps."""
    panel = legs.panel
    kept = panel.is_listed if listed else ~panel.is_listed
    controls = legs.clean("coalition_exports", at)
    totals = {
        "way_in": controls,
        "mass_in": legs.clean("coalition_exports_kg", at),
        "from_others": legs.clean("all_exports", at) - controls,
    }
    shifts = {name: legs.shift(one, at) for name, one in totals.items()}
    found = Signals({}, {}, {})
    _put(found, shifts, kept)
    sent, beyond, noise = legs.gap(at)
    found.scores["total_gap"] = (beyond / noise)[:, kept]
    found.sizes["total_gap"] = sent.shipments[:, kept]
    if listed:
        _by_supplier(found, legs, at, shifts)
    return found


def _onward(legs: ScanLegs, at: int, into: Signals, *, listed: bool) -> Signals:
    """Return the signals of what third countries recorded as their own exports.

    Of those that published any alone: the others' are nan, and cost nothing.
    """
    panel, rows = legs.panel, legs.publishing
    kept = panel.is_listed if listed else ~panel.is_listed
    controls = legs.clean("coalition_exports", at)[rows]
    went = deseasoned(panel["onward_exports"][rows], at)
    totals = {
        "way_out": went,
        "onto_others": panel["third_exports"][rows] / legs.season("coalition_exports", at),
    }
    shifts = {name: legs.shift(one, at) for name, one in totals.items()}
    found = Signals({}, {}, {})
    _put(found, shifts, kept)
    found.scores["way_out_net"] = _net(shifts["way_out"], panel.products)[:, kept]
    months = slice(max(0, at - BASE), at + legs.length)
    found.scores["echo"] = echo(controls[:, kept, months], went[:, kept, months])
    spread = Signals(*(
        {name: _spread(one, rows, len(panel.thirds)) for name, one in part.items()}
        for part in (found.scores, found.sizes, found.usd)
    ))  # fmt: skip
    spread.sizes["way_out_net"] = spread.sizes["way_out"]
    spread.sizes["echo"] = into.sizes["way_in"]
    return spread


def _put(found: Signals, shifts: dict[str, Shift], kept: NDArray[np.bool_]) -> None:
    for name, one in shifts.items():
        found.scores[name] = one.score[:, kept]
        found.sizes[name] = one.shipments[:, kept]
        found.usd[name] = ((one.value - one.expected) * one.unseen)[:, kept]


def _spread(values: Floats, rows: NDArray[np.int64], count: int) -> Floats:
    """Put rows of values at their places among so many; nan elsewhere."""
    made = np.full((count, values.shape[1]), np.nan)
    made[rows] = values
    return made


def _by_supplier(found: Signals, legs: ScanLegs, at: int, shifts: dict[str, Shift]) -> None:
    """Add what single reporters of the coalition did; nan where none sent any listed good."""
    panel, length, listed = legs.panel, legs.length, legs.panel.is_listed
    found.sizes.update(dict.fromkeys(("supplier", "gap", "gap_sum"), found.sizes["way_in"]))
    found.sizes["supplier_mass"] = found.sizes["mass_in"]
    if not panel.suppliers:
        silent = np.full_like(found.sizes["way_in"], np.nan)
        found.scores.update(dict.fromkeys(("supplier", "supplier_mass", "gap", "gap_sum"), silent))
        found.usd["supplier"] = silent
        return
    controls = legs.clean("coalition_exports", at)
    factor = growth(controls, legs.controls(at), panel, at, length)[:, listed]
    usual = legs.season("coalition_exports", at)[listed].astype(np.float32)
    # Whole panels of a dozen suppliers: no month after the window, none before what is looked at.
    end, start = at + length, max(0, at - HABIT)
    exports, mass = (one[..., :end] / usual[:, :end] for one in panel.by_supplier[:2])
    imports = panel.by_supplier[2][..., start:end] / usual[:, start:end]
    sent, kg = (
        suppliers(one, factor, shifts[name].size[:, listed], at, length)
        for one, name in ((exports, "way_in"), (mass, "mass_in"))
    )
    found.scores["supplier"], found.scores["supplier_mass"] = map(strongest, (sent.score, kg.score))
    rise = np.where(np.isfinite(sent.score), sent.value - sent.usual, -np.inf)
    found.usd["supplier"] = np.maximum(rise.max(axis=0), 0)
    gap, noise = gaps(exports[..., start:], imports, sent, factor, at - start, length)
    gap[~np.isfinite(sent.score)] = np.nan
    found.scores["gap"] = largest(gap / noise)
    is_known = np.isfinite(gap)
    total, spread = (np.where(is_known, one, 0).sum(axis=0) for one in (gap, noise**2))
    found.scores["gap_sum"] = np.where(is_known.any(axis=0), total / np.sqrt(spread + 1), np.nan)


def _net(one: Shift, products: tuple[str, ...]) -> Floats:
    """Return the score of a rise less the falls of other codes of its heading."""
    heading = np.array([code[:4] for code in products])
    same = (heading[:, None] == heading[None, :]) & ~np.eye(len(products), dtype=bool)
    falls = np.minimum(np.nan_to_num(one.value - one.expected), 0) @ same.astype(float)
    left = np.maximum(np.minimum(one.value, np.maximum(one.value + falls, one.expected)), 0)
    return np.where(one.value > one.expected, root_score(left, one.expected, one.size), one.score)


def echo(came: Floats, went: Floats) -> Floats:
    """Return how closely the way out follows the way in: Fisher's z of the best lag.

    The correlation of roots of months, the way in as the mean of two months, over lags of none to
    `LATEST` months; nan where the way out is published in fewer than a year of months.
    """
    into, out = np.sqrt(np.nan_to_num(came)), np.sqrt(went)
    into = (np.concatenate([np.zeros_like(into[..., :1]), into[..., :-1]], axis=-1) + into) / 2
    best = np.full(into.shape[:2], -1.0)
    for lag in range(LATEST + 1):
        x, y = into[..., : into.shape[-1] - lag], out[..., lag:]
        known = np.isfinite(y)
        count = np.maximum(known.sum(axis=-1), 1)[..., None]
        x, y = (np.where(known, one, 0.0) for one in (x, y))
        x, y = (np.where(known, one - one.sum(-1, keepdims=True) / count, 0.0) for one in (x, y))
        norm = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1) + 1e-9)
        found = (x * y).sum(axis=-1) / norm
        best = np.maximum(best, np.where(count[..., 0] > SHORTEST, found, -1))
    return np.where(best > -1, np.arctanh(np.clip(best, -0.99, 0.99)), np.nan)
