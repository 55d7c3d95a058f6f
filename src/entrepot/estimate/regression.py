"""Regression: what every estimator takes, what it drops before it starts, what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from entrepot.errors import EntrepotError
from entrepot.estimate._absorb import Absorber, Floats, Places, crossed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CONVENTION = "clustered, times G/(G-1) and (N-1)/(N-K); Student's t with G-1 degrees of freedom"
"""How standard errors and intervals are made, in words that every output prints."""

_RANK = 1e-6
"""Part of a regressor's size below which nothing is left of it; the solver is exact to 1e-10."""


@dataclass(frozen=True, slots=True)
class Design:
    """A regression to run: one entry of each array per observation.

    `outcome` and each of `regressors` are numbers, `effects` are codes of any type, one array per
    fixed effect (`crossed` makes those of combinations), `cluster` codes of what may share shocks.
    """

    outcome: Floats
    regressors: Mapping[str, Floats]
    effects: Mapping[str, NDArray[Any]]
    cluster: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a regression found, with what it rests on.

    Arrays have one entry per regressor, `vcov` has shape (regressors, regressors). Variances are
    robust to any dependence within clusters, times G/(G-1) and (N-1)/(N-K): G clusters, N rows and
    K `parameters`, the default of R's fixest and of pyfixest. Intervals have 95% and p-values are
    of Student's t with G-1 degrees of freedom. With few clusters, or few treated ones, both are
    too small: use `score_bootstrap` or `randomisation`.

    `parameters` counts regressors and levels of effects, less one for each effect after the first;
    an effect whose levels each lie within one cluster counts as 1, since its levels add nothing to
    a sum over clusters. Without effects the constant counts. Where rows are no more than
    parameters, nothing is left to tell errors by and they are NaN.

    `rows` are the observations used. `singletons` were alone in a level of an effect and
    `separated` had an outcome of 0 throughout one, which a Poisson model fits with minus infinity:
    both say nothing about the coefficients and are left out. `levels` counts the levels of each
    effect that remain, `clusters` the clusters. `deviance` is that of the model, in units of the
    outcome (for least squares, the sum of squared residuals); `iterations` how often it was
    reweighted.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats
    vcov: Floats
    rows: int
    singletons: int
    separated: int
    clusters: int
    parameters: int
    levels: dict[str, int]
    deviance: float
    iterations: int

    def table(self) -> list[dict[str, Any]]:
        """Return one row per regressor."""
        columns = (self.estimate, self.se, self.ci_low, self.ci_high, self.p_value)
        keys = ("estimate", "se", "ci_low", "ci_high", "p_value")
        return [
            {"name": name, **{key: float(c[at]) for key, c in zip(keys, columns, strict=True)}}
            for at, name in enumerate(self.names)
        ]

    def wald(self, *names: str) -> float:
        """Return the p-value of all named coefficients being 0: F with clusters - 1 below.

        Raises:
            EntrepotError: A name is not in the fit, or clusters are too few to test so many.
        """
        if missing := sorted({*names} - {*self.names}):
            raise EntrepotError(
                f"estimate: no coefficient {missing[0]!r}; expected some of {', '.join(self.names)}"
            )
        if not 0 < len(names) < self.clusters:
            raise EntrepotError(
                f"estimate: {len(names)} coefficients cannot be tested with {self.clusters} "
                "clusters; test at least one and fewer than there are clusters"
            )
        at = [self.names.index(name) for name in names]
        value = self.estimate[at] @ np.linalg.pinv(self.vcov[np.ix_(at, at)]) @ self.estimate[at]
        return float(stats.f.sf(value / len(at), len(at), self.clusters - 1))


@dataclass(frozen=True, slots=True)
class Sample:
    """The observations an estimator works on, in the order of its absorber.

    `y` has shape (rows,), `x` (rows, regressors); `kept` are their places in the design.
    """

    names: tuple[str, ...]
    y: Floats
    x: Floats
    effects: dict[str, Places]
    cluster: Places
    absorber: Absorber
    kept: Places
    singletons: int
    separated: int

    @property
    def clusters(self) -> int:
        """How many clusters are left."""
        return int(self.cluster.max()) + 1

    @property
    def parameters(self) -> int:
        """How many parameters a fit has, as `Fit` counts them."""
        levels = [
            1 if _is_within(codes, self.cluster) else int(codes.max()) + 1
            for codes in self.effects.values()
        ]
        return len(self.names) + sum(levels) - max(len(levels) - 1, 0) + (not levels)

    def without(self, name: str) -> Sample:
        """Return the sample with one regressor left out."""
        at = [place for place, other in enumerate(self.names) if other != name]
        return replace(self, names=tuple(self.names[i] for i in at), x=self.x[:, at])

    def fit(self, x: Floats, residual: Floats, **found: Any) -> Fit:
        """Return a fit from the weighted regressors less effects and the residuals.

        `x` less the effects has shape (rows, regressors); `residual` times weight is its score.
        """
        weights, beta = found["weights"], found["beta"]
        bread = np.linalg.pinv(x.T @ (weights[:, None] * x))
        score = self.by_cluster(x * (weights * residual)[:, None])
        count = self.clusters
        # As a square its diagonal is never below zero, which the plain product may be by rounding.
        half = score @ bread
        rows, used = len(self.y), self.parameters
        freedom = (rows - 1) / (rows - used) if rows > used else np.nan
        vcov = count / (count - 1) * freedom * (half.T @ half)
        se: Floats = np.sqrt(np.diag(vcov))
        reach = stats.t.ppf(0.975, count - 1) * se
        p_value = 2 * stats.t.sf(np.abs(beta) / np.where(se > 0, se, np.nan), count - 1)
        sizes = {name: int(codes.max()) + 1 for name, codes in self.effects.items()}
        return Fit(
            *(self.names, beta, se, beta - reach, beta + reach, p_value, vcov),
            *(rows, self.singletons, self.separated, count, used, sizes),
            *(float(found["deviance"]), found["iterations"]),
        )

    def by_cluster(self, columns: Floats) -> Floats:
        """Return the sums of columns over each cluster, of shape (clusters, columns)."""
        sums = [np.bincount(self.cluster, column, self.clusters) for column in columns.T]
        found: Floats = np.array(sums, dtype=np.float64).reshape(-1, self.clusters).T
        return found


def sample(design: Design, *, counts: bool) -> Sample:
    """Check a design and leave out what says nothing about its coefficients.

    Args:
        design: The regression.
        counts: Whether levels in which every outcome is 0 are left out, as a Poisson model needs.

    Raises:
        EntrepotError: Lengths differ, a number is missing, nothing is left, fewer than two clusters
            are, or a regressor is a combination of the effects and the others.
    """
    y, columns = _numbers(design, counts)
    effects = {name: crossed(np.asarray(codes)) for name, codes in design.effects.items()}
    kept, singletons, separated = _drop(y, effects, counts)
    if not len(kept):
        raise EntrepotError(
            f"estimate: of {len(y)} observations {singletons} are alone in a level of an effect "
            f"and {separated} have no outcome above 0 in one, so none is left; use fewer effects"
        )
    left = {name: crossed(codes[kept]) for name, codes in effects.items()}
    absorber = Absorber([*left.values()], len(kept))
    kept = kept[absorber.rows]
    left = {name: codes[absorber.rows] for name, codes in left.items()}
    cluster = crossed(np.asarray(design.cluster)[kept])
    if cluster.max() < 1:
        raise EntrepotError(
            "estimate: all observations are in one cluster; expected two or more: choose a finer "
            "cluster"
        )
    made = Sample(
        *(tuple(design.regressors), y[kept], columns[kept], left, cluster, absorber, kept),
        *(singletons, separated),
    )
    if name := redundant(made.names, made.x, absorber):
        raise EntrepotError(
            f"estimate: {name!r} is a combination of the fixed effects and the regressors before "
            "it; expected variation of its own: drop it or an effect"
        )
    return made


def _is_within(effect: Places, cluster: Places) -> bool:
    """Whether every level of an effect lies within one cluster."""
    pairs = effect.astype(np.int64) * (int(cluster.max()) + 1) + cluster
    return len(np.unique(pairs)) == int(effect.max()) + 1


def _numbers(design: Design, counts: bool) -> tuple[Floats, Floats]:
    y = np.asarray(design.outcome, dtype=np.float64)
    parts = {**design.regressors, **design.effects, "cluster": design.cluster}
    if wrong := [name for name, part in parts.items() if np.shape(part) != (len(y),)]:
        raise EntrepotError(
            f"estimate: {wrong[0]!r} has shape {np.shape(parts[wrong[0]])}; expected one entry for "
            f"each of {len(y)} outcomes"
        )
    columns = np.array([*design.regressors.values()], dtype=np.float64).reshape(-1, len(y)).T
    if not (np.isfinite(y).all() and np.isfinite(columns).all()):
        raise EntrepotError(
            "estimate: an outcome or regressor is missing or infinite; leave out what was not "
            "published"
        )
    if counts and (y < 0).any():
        raise EntrepotError(f"ppml: an outcome is {y.min():g}; expected 0 or more")
    return y, columns


def _drop(y: Floats, effects: Mapping[str, Places], counts: bool) -> tuple[Places, int, int]:
    """Return the places to keep, and how many were singletons and how many separated.

    Leaving out a row may leave another alone, so it goes on until nothing changes.
    """
    kept, singletons, separated = np.arange(len(y)), 0, 0
    while True:
        before = len(kept)
        for codes in effects.values():
            if counts:
                keep = np.bincount(codes[kept], y[kept], codes.max() + 1)[codes[kept]] > 0
                separated += len(kept) - int(keep.sum())
                kept = kept[keep]
            keep = np.bincount(codes[kept], minlength=codes.max() + 1)[codes[kept]] > 1
            singletons += len(kept) - int(keep.sum())
            kept = kept[keep]
        if len(kept) in (before, 0):
            return kept, singletons, separated


def redundant(names: tuple[str, ...], x: Floats, absorber: Absorber) -> str | None:
    """Return the first regressor of which effects and earlier regressors leave nothing."""
    size = np.linalg.norm(x, axis=0)
    left = absorber.residuals(x)[0] / np.where(size > 0, size, 1.0)
    for place, name in enumerate(names):
        if np.linalg.norm(left[:, place]) <= _RANK:
            return name
        ahead = left[:, place] / np.linalg.norm(left[:, place])
        left[:, place + 1 :] -= np.outer(ahead, ahead @ left[:, place + 1 :])
    return None
