"""Restricted: a regression without the effect in question, and the scores that speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from entrepot.estimate.ppml import reweight

if TYPE_CHECKING:
    from entrepot.estimate._absorb import Floats
    from entrepot.estimate.regression import Sample

Model = Literal["ppml", "least_squares"]

_EXACT = 1e-8  # of a column's size: a rank among other sets needs no more, and many columns cost


@dataclass(frozen=True, slots=True)
class Restricted:
    """A fit under "no effect": weights, outcome less fitted value, and controls less effects.

    Arrays have one entry per observation of the sample, `controls` one column per regressor.
    """

    sample: Sample
    weights: Floats
    rest: Floats
    controls: Floats

    def efficient(self, columns: Floats) -> Floats:
        """Return what effects and controls leave of columns, in the weights of the fit."""
        self.sample.absorber.weigh(self.weights)
        left, _coefficients = self.sample.absorber.residuals(columns, exact=_EXACT)
        root = np.sqrt(self.weights)[:, None]
        slope = np.linalg.lstsq(self.controls * root, left * root, rcond=None)[0]
        found: Floats = left - self.controls @ slope
        return found

    def scores(self, columns: Floats) -> Floats:
        """Return the efficient scores of columns summed by cluster, (clusters, columns)."""
        return self.sample.by_cluster(self.efficient(columns) * self.rest[:, None])


def restrict(found: Sample, model: Model) -> Restricted:
    """Fit a sample that has only the controls."""
    if model == "ppml":
        end = reweight(found)
        return Restricted(found, end.mu, found.y / found.y.mean() - end.mu, end.x)
    ones = np.ones(len(found.y))
    found.absorber.weigh(ones)
    left, _coefficients = found.absorber.residuals(np.column_stack([found.y, found.x]))
    y, x = left[:, 0], left[:, 1:]
    return Restricted(found, ones, y - x @ np.linalg.lstsq(x, y, rcond=None)[0], x)
