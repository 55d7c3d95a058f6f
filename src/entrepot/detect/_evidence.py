"""Evidence: what every listed cell shows, comparable between cells, products and countries.

Scores of `_signals` are made comparable by placebo dates: each becomes the normal deviate of how
rare it is among cells of like size at dates when nothing had begun. Pairs of legs are their
smaller one; a leg that cannot be judged is 0, neither for nor against. The null is not moved to the
date's own cells, as that of single legs is (`_placebo`): where half of a scan's cells are routes,
that would take the routes for the weather.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from entrepot.detect._placebo import BINS, survival
from entrepot.detect._signals import signals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._signals import Signals

    Floats = NDArray[np.float64]

LIKE = 1.2
"""Standard deviation, in logs, of what two legs of one route differ by: lags, markups, what
stays. By hand."""
MOST = 3.0
"""How much one good can say of the others of its country; echoes likewise. By hand."""
RAREST, COMMONEST = 1e-7, 1 - 1e-3
"""Between what a deviate is read from a p-value: -3.1 to 5.2."""
FULL = 400
"""Placebo cells that a class of size has at least where there are several: fewer have no tail."""
ENOUGH, ENOUGH_ALIKE = 50, 20
"""Placebo cells, in all and in a class of size, without which nothing is judged: see `_placebo`."""

NAMES = (
    *("way_out_net", "mass_in", "onto_others", "supplier_mass", "supplier_rise", "way_out_rise"),
    *("gap_rise", "gap_beyond", "gap_sum", "echo", "echo_of_pair"),
    *("way_out_unknown", "gap_unknown"),
    *("in_and_out", "in_and_out_like", "in_and_gap", "in_and_total_gap"),
    *("in_and_onto_others", "from_others_and_out", "strongest_pair"),
    *("country_pairs", "country_supplier"),
)
"""The evidence of a cell, in the order of its weights: see `evidence`."""
UNNAMED = ("gap", "gap_sum", "total_gap", "onto_others")
"""Ways on that name no destination: nothing ties them to one that controls do not bind."""


def every(legs: ScanLegs, *, bound: bool, placebo_dates: bool = True) -> tuple[Floats, ...]:
    """Return the evidence of the scan's date, then of each placebo date where these are asked for.

    Shapes (thirds, listed products, evidence); see `NAMES`. No date is compared with itself. Where
    the window leaves no placebo date, unlisted products at the date itself stand in: they share
    its turbulence, and what is special to listed goods remains; single suppliers then say nothing.
    """
    if not legs.places:
        unlisted = signals(legs, legs.at, listed=False)
        return (evidence(legs.signals(legs.at), [unlisted], bound=bound),)
    made = [legs.signals(at) for at in (legs.at, *legs.places)]
    return tuple(
        evidence(one, [other for other in made[1:] if other is not one], bound=bound)
        for one in (made if placebo_dates else made[:1])
    )


def evidence(here: Signals, placebos: Sequence[Signals], *, bound: bool) -> Floats:
    """Return the evidence of a date: (thirds, listed products, `NAMES`).

    Args:
        here: The signals of the date.
        placebos: Those of placebo dates, which say how rare they are.
        bound: Whether controls bind the destination; else `UNNAMED` ways on say nothing of it.
    """
    z = {name: _deviates(name, here, placebos) for name in here.scores}
    if not bound:
        z |= {name: np.full_like(z[name], np.nan) for name in UNNAMED}
    known = {name: np.nan_to_num(one) for name, one in z.items()}
    rise = {name: np.maximum(one, 0) for name, one in known.items()}
    usd = {name: np.maximum(np.nan_to_num(one), 0) for name, one in here.usd.items()}
    into = np.maximum(rise["supplier"], rise["way_in"])
    out_alike = _alike(usd["way_in"], usd["way_out"])
    likeness = np.maximum(out_alike, _alike(usd["supplier"], usd["way_out"]))
    pair = np.minimum(into, rise["way_out"])
    gap = np.minimum(into, rise["gap"])
    onto = np.minimum(into, rise["onto_others"]) * _alike(usd["way_in"], usd["onto_others"])
    through = np.minimum(rise["from_others"], rise["way_out"]) * _alike(
        usd["from_others"], usd["way_out"]
    )
    like = pair * likeness
    found = {
        **{name: known[name] for name in ("way_out_net", "mass_in", "onto_others")},
        **{name: known[name] for name in ("supplier_mass", "gap_sum", "echo")},
        "supplier_rise": rise["supplier"],
        "way_out_rise": rise["way_out"],
        "gap_rise": rise["gap"],
        "gap_beyond": np.maximum(rise["gap"] - 2, 0),
        "echo_of_pair": rise["echo"] * np.minimum(like, MOST),
        "way_out_unknown": np.isnan(z["way_out"]).astype(float),
        "gap_unknown": np.isnan(z["gap"]).astype(float),
        "in_and_out": pair,
        "in_and_out_like": like,
        "in_and_gap": gap,
        "in_and_total_gap": np.minimum(into, rise["total_gap"]),
        "in_and_onto_others": onto,
        "from_others_and_out": through,
        "strongest_pair": np.maximum.reduce([like, gap, onto, through]),
        "country_pairs": _elsewhere(like),
        "country_supplier": _elsewhere(rise["supplier"]),
    }
    return np.stack([found[name] for name in NAMES], axis=-1)


def _alike(one: Floats, other: Floats) -> Floats:
    """Return how like two amounts are: 1 where equal, exp(-(log ratio)^2 / 2 LIKE^2)."""
    ratio = np.log(np.maximum(other, 1) / np.maximum(one, 1))
    return np.asarray(np.exp(-(ratio**2) / (2 * LIKE**2)))


def _elsewhere(found: Floats) -> Floats:
    """Return the mean of a country's other listed goods, each at most `MOST`."""
    held = np.minimum(found, MOST)
    count = max(found.shape[1] - 1, 1)
    return np.asarray((held.sum(axis=1, keepdims=True) - held) / count)


def _deviates(name: str, here: Signals, placebos: Sequence[Signals]) -> Floats:
    """Return the normal deviate of how rare each score is among placebo cells of like size."""
    score, size = here.scores[name], here.sizes[name]
    made = np.full(score.shape, np.nan)
    held = [one for one in placebos if name in one.scores]
    pool, scale = (
        np.concatenate([np.empty(0), *(getattr(one, what)[name].ravel() for one in held)])
        for what in ("scores", "sizes")
    )
    kept = np.isfinite(pool) & np.isfinite(scale)
    pool, scale = pool[kept], scale[kept]
    if len(pool) < ENOUGH:
        return made
    classes = min(BINS, max(1, len(pool) // FULL))
    edges = np.unique(np.quantile(scale, np.linspace(0, 1, classes + 1)[1:-1]))
    kinds, there = np.digitize(np.nan_to_num(size), edges), np.digitize(scale, edges)
    for kind in range(len(edges) + 1):
        null, cells = np.sort(pool[there == kind]), (kinds == kind) & np.isfinite(score)
        if len(null) >= ENOUGH_ALIKE:
            made[cells] = -ndtri(np.clip(survival(null, score[cells]), RAREST, COMMONEST))
    return made
