"""Randomisation: would other countries in the place of the treated show as large an effect?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import EntrepotError
from entrepot.estimate._restricted import restrict
from entrepot.estimate.regression import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from entrepot.estimate._absorb import Floats, Places
    from entrepot.estimate._restricted import Model, Restricted
    from entrepot.estimate.regression import Design

_BATCH = 8  # columns of all observations held at once


@dataclass(frozen=True, slots=True)
class Randomised:
    """A test by other assignments: the statistic, its sign that of the effect, and how rare it is.

    `units` are those that could have been treated, `assignments` how many sets of them were
    compared, the actual one included; `is_exhaustive` where they are all there are. No p-value can
    be below 1 / assignments. `others` are the statistics of the compared sets.
    """

    statistic: float
    p_value: float
    units: tuple[Any, ...]
    assignments: int
    is_exhaustive: bool
    others: Floats


def randomisation(
    design: Design,
    *,
    exposure: Floats,
    unit: NDArray[Any],
    treated: Sequence[Any],
    model: Model = "ppml",
    draws: int = 9_999,
    seed: int = 0,
) -> Randomised:
    """Test an effect on few treated units by treating others instead.

    The regressor of interest is exposure times 1[unit is treated]; leave it out of the design.
    Fit the design once, as if there were no effect; T(S) is the efficient score of a set S of
    units over the root of its squares by cluster. The score of a set is the sum of its units'
    scores, so no set is fitted again. The p-value is the share of sets of the same number with
    |T| as large (Fisher's exact test; for regressions MacKinnon and Webb 2020). It is exact where
    any set was as likely to be treated as the actual one, given the effects: where the treated
    trade unlike the others (in size, volatility, neighbours) it is only a placebo test.

    Args:
        design: The regression without the effect in question. `cluster` is what may share shocks
            and must be finer than the unit, such as unit by product.
        exposure: 1 where a treated unit is affected (after the sanctions, a sanctioned good).
        unit: What was treated, a country say, one per observation.
        treated: The units that were.
        model: What the design is fitted by.
        draws: Random sets to compare with; all sets, if they are no more.
        seed: Seed of the random sets.

    Raises:
        EntrepotError: A treated unit has no exposure of its own, no other unit has, clusters are as
            coarse as units, or the design cannot be fitted.
    """
    found = sample(design, counts=model == "ppml")
    units, place = np.unique(np.asarray(unit)[found.kept], return_inverse=True)
    own = np.asarray(exposure, dtype=np.float64)[found.kept]
    score, squares, known = _scores(restrict(found, model), own, place.reshape(-1), len(units))
    units, score, squares = units[known], score[known], squares[np.ix_(known, known)]
    chosen = _places(units, treated)
    if found.clusters <= len(units):
        raise EntrepotError(
            f"randomisation: {found.clusters} clusters for {len(units)} units; expected clusters "
            "finer than units, such as unit by product"
        )
    is_exhaustive = comb(len(units), len(chosen)) <= draws
    sets = _sets(len(units), chosen, draws if not is_exhaustive else None, seed)
    spread = np.einsum("su,uv,sv->s", sets, squares, sets, optimize=True)
    statistic = sets @ score / np.sqrt(np.where(spread > 0, spread, np.inf))
    actual = _actual(sets, chosen) if is_exhaustive else 0
    is_as_large = np.abs(statistic) >= abs(statistic[actual]) * (1 - 1e-9)
    return Randomised(
        *(float(statistic[actual]), float(is_as_large.mean()), tuple(units.tolist())),
        *(len(sets), is_exhaustive, statistic),
    )


def _scores(
    fitted: Restricted, own: Floats, place: Places, count: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return each unit's score, their products summed over clusters, and who varies at all."""
    by_cluster, left = [], []
    for first in range(0, count, _BATCH):
        batch = np.arange(first, min(first + _BATCH, count))
        columns = own[:, None] * (place[:, None] == batch)
        efficient = fitted.efficient(columns)
        size = np.sqrt((fitted.weights[:, None] * columns**2).sum(axis=0))
        rest = np.sqrt((fitted.weights[:, None] * efficient**2).sum(axis=0))
        left.append(rest > 1e-6 * np.where(size > 0, size, np.inf))
        by_cluster.append(fitted.sample.by_cluster(efficient * fitted.rest[:, None]))
    table = np.column_stack(by_cluster)
    return table.sum(axis=0), table.T @ table, np.concatenate(left)


def _places(units: NDArray[Any], treated: Sequence[Any]) -> Places:
    if absent := sorted({*treated} - {*units.tolist()}):
        raise EntrepotError(
            f"randomisation: {absent[0]!r} has no exposure that effects and regressors leave; "
            f"expected some of {', '.join(map(str, units))}"
        )
    chosen = np.flatnonzero(np.isin(units, list(treated)))
    if not 0 < len(chosen) < len(units):
        raise EntrepotError(
            f"randomisation: {len(chosen)} of {len(units)} units are treated; expected at least "
            "one and some that are not"
        )
    return chosen


def _sets(count: int, chosen: Places, draws: int | None, seed: int) -> Floats:
    """Return sets of units as rows of 0 and 1: all of the size, or the actual one and draws."""
    size = len(chosen)
    if draws is None:
        members = np.array([*combinations(range(count), size)])
    else:
        random = np.random.default_rng(seed)
        order = np.argsort(random.random((draws, count)), axis=1)[:, :size]
        members = np.vstack([chosen, order])
    sets = np.zeros((len(members), count))
    np.put_along_axis(sets, members, 1.0, axis=1)
    return sets


def _actual(sets: Floats, chosen: Places) -> int:
    return int(np.flatnonzero(sets[:, chosen].all(axis=1))[0])
