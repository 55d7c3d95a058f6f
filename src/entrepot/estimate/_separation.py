"""Separation: coefficients of a Poisson model that no finite number fits best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from entrepot.errors import EntrepotError
from entrepot.estimate._absorb import Absorber, crossed
from entrepot.estimate.regression import redundant

if TYPE_CHECKING:
    from entrepot.estimate.regression import Sample

_LARGEST = 20_000
"""Observations up to which linear programmes decide; above, what may be separated counts as it."""

_MOVES = 1e-6  # of a coefficient bounded by 1; HiGHS keeps constraints to 1e-7


def check_separation(found: Sample) -> None:
    """Refuse a Poisson model in which a coefficient would grow without end.

    That happens if a combination of regressors and effects is 0 wherever the outcome is above 0,
    nowhere above 0 elsewhere, and gives the coefficient a part (Correia, Guimaraes and Zylkin
    2019). First the quick test: regressors that vary beyond the effects over positive outcomes are
    safe (Santos Silva and Tenreyro 2010). Where one does not, linear programmes decide. Effects
    alone may still drive fitted values to 0, which moves no coefficient.

    Raises:
        EntrepotError: A coefficient is separated, or may be and the sample is large.
    """
    positive = np.flatnonzero(found.y > 0)
    effects = [crossed(codes[positive]) for codes in found.effects.values()]
    absorber = Absorber(effects, len(positive))
    name = redundant(found.names, found.x[positive][absorber.rows], absorber)
    if name is None:
        return
    is_large = len(found.y) > _LARGEST
    if is_large or (name := _growing(found)):
        raise EntrepotError(
            f"ppml: {name!r} is separated: where the outcome is above 0 it does not vary beyond "
            "the effects and the other regressors, "
            + ("so no finite estimate is sure to exist" if is_large else "and zeros pull it away")
            + "; drop it, or join it with another (longer periods, more countries)"
        )


def _growing(found: Sample) -> str | None:
    """Return the first regressor whose coefficient some combination moves without end."""
    count, width = found.x.shape
    dummies = [
        sparse.csr_array((np.ones(count), (np.arange(count), codes)), (count, codes.max() + 1))
        for codes in found.effects.values()
    ]
    ones = sparse.csr_array(np.ones((count, 1)))
    whole = sparse.hstack([sparse.csr_array(found.x), ones, *dummies], format="csr")
    levels = whole.shape[1] - width
    zero, positive = whole[found.y == 0], whole[found.y > 0]
    limits: Any = [(-1, 1)] * width + [(None, None)] * levels
    for place, name in enumerate(found.names):
        for sign in (-1.0, 1.0):
            aim = np.zeros(whole.shape[1])
            aim[place] = sign
            sides = {"b_ub": np.zeros(zero.shape[0]), "b_eq": np.zeros(positive.shape[0])}
            end = linprog(aim, A_ub=zero, A_eq=positive, **sides, bounds=limits, method="highs")
            if not end.success or end.fun < -_MOVES:
                return name
    return None
