"""Routes: of each listed cell, whether it can be a route, and how likely it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from entrepot.detect._evidence import ENOUGH, NAMES, every
from entrepot.detect._placebo import survival
from entrepot.detect._posterior import false_share, posterior, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

PAIRS = ("way_out", "gap", "onto_others", "from_others")
"""The ways on that a route may take: to the destination, past the books, over a second country, or
as that second country."""
FURTHEST = 100.0
"""Beyond any evidence."""
_EVIDENCE = ("in_and_out_like", "in_and_gap", "in_and_onto_others", "from_others_and_out")
FELL = 0.7
"""What is left at most of the coalition's listed exports to a destination that its controls bind,
as a part of what their growth to everybody else would make of them. By hand."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Of every cell (thirds, products): log10 odds, p, q, the strongest pair and USD by leg.

    nan where it cannot be judged or is not listed; `pair` is a place in `PAIRS`. `usd` has what
    lies beyond the expected on each, and of the supplier that rose most. `in_only` marks cells
    whose way on nobody records: goods came in, and that is all that can be said.
    """

    score: Floats
    p: Floats
    q: Floats
    pair: NDArray[np.int64]
    usd: dict[str, Floats]
    in_only: Bools


@dataclass(frozen=True, slots=True)
class CellOdds:
    """Of every listed cell (thirds, listed products): its log odds at the fitted share of routes.

    `rare` is the share of all cells at placebo dates with odds as large, 0 where there is none.
    Both are nan where a cell cannot be judged (not `can_be`); `in_only` is that of `Routes`.
    """

    odds: Floats
    rare: Floats
    evidence: Floats
    can_be: Bools
    in_only: Bools


def weighed(legs: ScanLegs, *, bound: bool, placebo_dates: bool = True) -> CellOdds:
    """Weigh the evidence of all listed cells, and of the same cells at dates before."""
    held = weights()
    here, *placebos = every(legs, bound=bound, placebo_dates=placebo_dates)
    both, in_only = judged(legs, bound=bound)
    can_be = both | in_only
    odds = np.where(can_be, held.odds(here), np.nan)
    rare = np.where(np.isfinite(odds), 0.0, np.nan)
    if placebos:
        null = np.sort(np.concatenate([held.odds(one).ravel() for one in placebos]))
        rare = survival(null, odds.ravel()).reshape(odds.shape)
    return CellOdds(odds, rare, here, can_be, in_only)


def routes(legs: ScanLegs, *, placebo_dates: bool = True) -> Routes:
    """Weigh the evidence of all listed cells.

    Without any cell to say what is rare, the score is the smaller leg's distance from the expected,
    in units of noise, and p and q are nan. Without `placebo_dates` p is that of worlds alone.
    """
    panel, held = legs.panel, weights()
    bound = is_bound(legs)
    seen = weighed(legs, bound=bound, placebo_dates=placebo_dates)
    chance = posterior(seen.odds, held.prior)
    score = logit(np.clip(chance, 1e-12, 1 - 1e-12)) / np.log(10)
    p, q = np.fmax(held.p(seen.odds), seen.rare), false_share(chance)
    if not has_null(legs):
        score = np.where(seen.can_be, _distance(legs, bound=bound), np.nan)
        p, q = (np.full_like(p, np.nan) for _ in range(2))
    p[~seen.can_be] = np.nan
    found = legs.signals(legs.at).usd | {"gap": legs.ghost.excess[0][:, panel.is_listed]}
    ways = np.stack([seen.evidence[..., NAMES.index(one)] for one in _EVIDENCE], axis=-1)
    # The sentence is about a way on that holds an amount, where there is one.
    ways[~(np.stack([found[one] for one in PAIRS], axis=-1) > 0)] -= FURTHEST
    return Routes(
        score=_all(panel.is_listed, score),
        p=_all(panel.is_listed, p),
        q=_all(panel.is_listed, q),
        pair=_all(panel.is_listed, ways.argmax(axis=-1).astype(float)).astype(np.int64),
        usd={one: _all(panel.is_listed, found[one]) for one in (*PAIRS, "supplier")},
        in_only=_all(panel.is_listed, seen.in_only.astype(float)) == 1,
    )


def has_null(legs: ScanLegs) -> bool:
    """Return whether anything says how rare a rise is: placebo dates, or unlisted products."""
    unlisted = legs.inflow.shift.score[:, ~legs.panel.is_listed]
    return bool(legs.places) or int(np.isfinite(unlisted).sum()) >= ENOUGH


def _distance(legs: ScanLegs, *, bound: bool) -> Floats:
    scores = legs.signals(legs.at).scores
    onward = np.fmax(scores["way_out"], scores["total_gap"]) if bound else scores["way_out"]
    return np.asarray(np.where(np.isfinite(onward), np.minimum(scores["way_in"], onward),
                               np.minimum(scores["way_in"], 0)))  # fmt: skip


def judged(legs: ScanLegs, *, bound: bool) -> tuple[Bools, Bools]:
    """Return which listed cells may be routes, and of which only the way in is known.

    Both are (thirds, listed products). Something is known of what came in, and of the way on
    either exports to the destination are recorded since the scan's first month or, where controls
    bind the destination, the country's records of imports or its exports to others can be judged.
    Where they bind it and none of the three can be judged, only the way in is known.
    """
    scores = legs.signals(legs.at).scores
    came = np.isfinite(scores["way_in"]) | np.isfinite(scores["from_others"])
    window = slice(legs.at, legs.at + legs.length)
    went = legs.panel["onward_exports"][:, legs.panel.is_listed, window]
    out = np.isfinite(scores["way_out"])
    onward = out & (np.nansum(went, axis=2) > 0)
    others = np.isfinite(scores["gap"]) | np.isfinite(scores["onto_others"])
    both = came & (onward | (others & bound))
    return np.asarray(both), np.asarray(came & ~out & ~others & bound)


def is_bound(legs: ScanLegs) -> bool:
    """Return whether the coalition's exports of listed goods to the destination fell.

    What is left of them, by the growth of the same goods to everybody else, is at most `FELL`; a
    destination that never got any is not bound: nothing shows that controls keep it from goods.
    """
    panel, window = legs.panel, slice(legs.at, legs.at + legs.length)
    base = slice(max(0, legs.at - 24), legs.at)
    exports = np.nan_to_num(panel["coalition_exports"][:, panel.is_listed]).sum(axis=0)
    direct = np.nan_to_num(panel.direct[panel.is_listed])
    before, after = direct[:, base].mean(axis=1), direct[:, window].mean(axis=1)
    others = exports[:, window].mean(axis=1) / np.maximum(exports[:, base].mean(axis=1), 1)
    expected = float((before * others).sum())
    return expected > 0 and float(after.sum()) <= FELL * expected


def _all(listed: Bools, values: Floats) -> Floats:
    """Spread values of listed products over all of the panel's; nan elsewhere."""
    made = np.full((len(values), len(listed)), np.nan)
    made[:, listed] = values
    return made
