"""PPML: Poisson pseudo-maximum likelihood with fixed effects of many levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from entrepot.errors import EntrepotError
from entrepot.estimate._separation import check_separation
from entrepot.estimate.regression import sample

if TYPE_CHECKING:
    from entrepot.estimate._absorb import Floats
    from entrepot.estimate.regression import Design, Fit, Sample

_MOST = 100
_SETTLED = (
    1e-9  # relative change of the deviance; one more step follows, and steps converge squared
)


@dataclass(frozen=True, slots=True)
class Reweighted:
    """The state of a Poisson fit at its end: coefficients, fitted values, regressors less effects.

    `mu` and `x` are in units of the outcome's mean, in the order of the sample.
    """

    beta: Floats
    mu: Floats
    x: Floats
    deviance: float
    iterations: int


def ppml(design: Design) -> Fit:
    """Regress an outcome of 0 or more on regressors and fixed effects, the mean being exponential.

    E[y] = exp(x b + effects): the estimator of the gravity literature (Santos Silva and Tenreyro
    2006). A coefficient b multiplies the mean by exp(b); zeros count, and the outcome need not be
    Poisson, since only its mean must be right. Solved by weighted least squares on a working
    outcome, over again with new weights (as ppmlhdfe does: Correia, Guimaraes and Zylkin 2020).

    Args:
        design: The regression.

    Returns:
        The fit, with the observations that it had to leave out.

    Raises:
        EntrepotError: An outcome is negative, a number is missing, nothing is left, fewer than two
            clusters are, a regressor is a combination of the effects and the others, or separated:
            no positive outcome tells it from them.
    """
    found = sample(design, counts=True)
    check_separation(found)
    end, mean = reweight(found), found.y.mean()
    return found.fit(
        end.x,
        (found.y / mean - end.mu) / end.mu,
        weights=end.mu,
        beta=end.beta,
        deviance=end.deviance * mean,
        iterations=end.iterations,
    )


def reweight(found: Sample) -> Reweighted:
    """Fit a Poisson model on a sample; it may have no regressor.

    Raises:
        EntrepotError: The deviance does not settle.
    """
    y = found.y / found.y.mean()
    mu = (y + 1) / 2
    eta, last, start = np.log(mu), np.inf, None
    # The first steps are far from the end: there is no use in solving them to the last digit.
    exact, is_last = 1e-4, False
    for count in range(1, _MOST + 1):
        found.absorber.weigh(mu)
        working = eta + y / mu - 1
        left, start = found.absorber.residuals(
            np.column_stack([working, found.x]), start, exact=exact
        )
        root = np.sqrt(mu)
        beta = np.linalg.lstsq(left[:, 1:] * root[:, None], left[:, 0] * root, rcond=None)[0]
        moved = working - (left[:, 0] - left[:, 1:] @ beta)
        eta, mu, deviance = _step(y, eta, moved, last)
        change = abs(last - deviance) / (0.1 + deviance)
        if is_last:
            return Reweighted(beta, mu, _again(found, mu, start), deviance, count)
        is_last = change < _SETTLED and exact <= 1e-9
        exact = min(exact, max(1e-9, 1e-3 * change)) if not is_last else 1e-10
        last = deviance
    raise EntrepotError(
        f"ppml: the deviance still changes after {_MOST} steps; expected it to settle: drop "
        "regressors or effects with few positive outcomes"
    )


def _again(found: Sample, mu: Floats, start: Floats) -> Floats:
    found.absorber.weigh(mu)
    return found.absorber.residuals(found.x, start[:, 1:])[0]


def _step(y: Floats, eta: Floats, moved: Floats, last: float) -> tuple[Floats, Floats, float]:
    """Take a step, or a half, a quarter and so on of it, until the deviance does not grow."""
    for _count in range(30):
        with np.errstate(over="ignore", invalid="ignore"):
            mu = np.exp(moved)
            deviance = 2 * float((xlogy(y, y) - y * moved - y + mu).sum())
        if deviance <= last * (1 + 1e-6):
            break
        moved = (eta + moved) / 2
    # Weights must stay above 0; a fitted value this small is 0 in every sum.
    mu = np.maximum(mu, 1e-14)
    return np.log(mu), mu, deviance
