"""Posterior: how likely a cell is a route, given its evidence and how many routes there are.

One number ranks and carries the error rate. The weights were fitted on invented worlds with routes
over one to eight suppliers (`bench/detection/fit.py`; the passport stands in the file itself). How
many routes this scan holds is not taken from those worlds but from the scan: Saerens, Latinne and
Decaestecker (2002), so that where nothing stands out nothing is flagged. But it is never taken to
be more than `SHARE` of theirs: a scan unlike them could talk itself into a world of routes.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from entrepot.detect._evidence import NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FILE = "diversion-weights.toml"
STEPS, STILL = 1000, 1e-9
"""Steps of the estimation of a share, and the change at which it ends."""
FIRST = 1.0
"""Routes that a scan is taken to hold beside what its cells show: one, which is what whoever scans
asks for. Without it a single route among hundreds of cells could never be found. Each more costs
alarms where nothing leads: in a hundred worlds without routes 1 raises 3, 2 raises 8, 4 raises 13.
It costs the lone route: one clear route among 300 cells has a q of .19, at 4 it would have .08.
Worlds with many routes give the same (docs/explanation/chosen-numbers.md)."""
SHARE = 0.75
"""Part of the fitted worlds' share of routes that a scan is taken to hold at most. Measured on
fitted worlds left out in turn: the part `left_out` of the weights' file has false share and recall
at q < 0.1 for this and other parts. Without a bound the false share is larger than q says, as the
share is learned from the cells it judges."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What turns evidence into the log odds of a route.

    odds = intercept + weights . (min(evidence, most) - mean) / sd, at a share `prior` of routes.
    `most` is infinite but for what a country's other goods say: no more than it said anywhere in
    the fitted worlds but for one cell in a hundred. `null` are the log odds that `share` of the
    cells of worlds without routes reach.
    """

    mean: Floats
    sd: Floats
    weight: Floats
    most: Floats
    intercept: float
    prior: float
    null: Floats
    share: Floats
    passport: dict[str, Any]

    def odds(self, evidence: Floats) -> Floats:
        """Return log odds at the fitted share of routes; evidence (..., `NAMES`)."""
        held = np.minimum(evidence, self.most)
        return np.asarray(((held - self.mean) / self.sd) @ self.weight + self.intercept)

    def p(self, odds: Floats) -> Floats:
        """Return how rarely a cell of worlds without routes has log odds as large.

        Log-linear between the stated shares, and not below the smallest of them; nan stays nan.
        """
        logs = np.interp(odds, self.null, np.log(self.share))
        return np.where(np.isfinite(odds), np.exp(logs), np.nan)


@cache
def weights() -> Weights:
    """Return the fitted weights."""
    text = resources.files("entrepot.detect").joinpath("data", FILE).read_text("utf-8")
    held = tomllib.loads(text)
    rows = {row["name"]: row for row in held["evidence"]}
    mean, sd, weight = (
        np.array([rows[name][key] for name in NAMES]) for key in ("mean", "sd", "weight")
    )
    most = np.array([rows[name].get("most", np.inf) for name in NAMES])
    null = held["null"]
    return Weights(
        mean, sd, weight, most, held["intercept"], held["prior"],
        np.array(null["log_odds"]), np.array(null["share"]), held["passport"],
    )  # fmt: skip


def posterior(odds: Floats, prior: float, most: float | None = None) -> Floats:
    """Return the probability of a route in each cell, the share of routes learned from all cells.

    From the fitted share on, share = (sum of posteriors at that share + FIRST) / (cells + FIRST),
    never above `most` (`SHARE`) times the fitted one, until it is still. nan where the odds are.
    """
    known = np.isfinite(odds)
    made = np.full(odds.shape, np.nan)
    if not known.any():
        return made
    fitted, share = expit(odds[known]), prior
    for _step in range(STEPS):
        route, none = fitted * share / prior, (1 - fitted) * (1 - share) / (1 - prior)
        found = route / (route + none)
        new = min(
            (float(found.sum()) + FIRST) / (len(found) + FIRST),
            (SHARE if most is None else most) * prior,
        )
        if abs(new - share) < STILL:
            break
        share = new
    made[known] = found
    return made


def false_share(chance: Floats) -> Floats:
    """Return the q-value of each cell: the mean of 1 - posterior over all as likely or likelier.

    That is the share of false ones among them to be expected. nan where the posterior is.
    """
    known = np.isfinite(chance)
    made = np.full(chance.shape, np.nan)
    values = chance[known]
    order = np.argsort(-values, kind="stable")
    running = np.cumsum(1 - values[order]) / np.arange(1, len(values) + 1)
    # Equal ones are flagged together or not at all.
    ends = np.searchsorted(-values[order], -values, side="right") - 1
    made[known] = running[ends]
    return made
