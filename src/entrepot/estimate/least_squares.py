"""Least squares: a linear regression with fixed effects of many levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.estimate.regression import sample

if TYPE_CHECKING:
    from entrepot.estimate.regression import Design, Fit


def least_squares(design: Design) -> Fit:
    """Regress an outcome on regressors and fixed effects by least squares.

    y = x b + effects + e. With an outcome of 0 and 1 a coefficient is a change in probability, in
    parts of 1 (0.2: twenty percentage points), and fitted values may leave 0 to 1.

    Args:
        design: The regression.

    Returns:
        The fit; `separated` is 0, since a linear model needs no outcome above 0.

    Raises:
        EntrepotError: A number is missing, nothing is left, fewer than two clusters are, or a
            regressor is a combination of the effects and the others.
    """
    found = sample(design, counts=False)
    left, _coefficients = found.absorber.residuals(np.column_stack([found.y, found.x]))
    y, x = left[:, 0], left[:, 1:]
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ beta
    return found.fit(
        x, rest, weights=np.ones(len(y)), beta=beta, deviance=rest @ rest, iterations=1
    )
