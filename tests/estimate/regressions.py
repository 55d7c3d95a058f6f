"""Regressions solved the slow way: every effect a column of its own, no weights left implicit."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog


def dummies(effects):
    columns = [np.ones((len(effects[0]), 1))] if effects else []
    return np.hstack([*columns, *(codes[:, None] == np.unique(codes) for codes in effects)])


def basis(matrix):
    """Return columns that span the same space and are independent."""
    left, values, _ = np.linalg.svd(matrix, full_matrices=False)
    return left[:, values > 1e-9 * values.max()]


def dense(y, x, effects, cluster, *, poisson):
    """Return coefficients and clustered standard errors of the first columns, by Newton steps."""
    whole = np.hstack([x, basis(dummies(effects))])
    beta = np.zeros(whole.shape[1])
    beta[x.shape[1] :] = np.linalg.lstsq(
        whole[:, x.shape[1] :], np.full(len(y), np.log(y.mean()) if poisson else 0), rcond=None
    )[0]
    for _step in range(25):
        mean = np.exp(whole @ beta) if poisson else whole @ beta
        weight = mean if poisson else np.ones(len(y))
        bread = np.linalg.inv(whole.T @ (weight[:, None] * whole))
        beta = beta + bread @ (whole.T @ (y - mean))
    groups = np.unique(cluster, return_inverse=True)[1].reshape(-1)
    scores = np.zeros((groups.max() + 1, whole.shape[1]))
    np.add.at(scores, groups, whole * (y - mean)[:, None])
    count = len(scores)
    nested = [code for code in effects if len({*zip(code.tolist(), cluster.tolist(), strict=True)})
              == len({*code.tolist()})]  # fmt: skip
    free = [len({*code.tolist()}) for code in effects if not any(code is one for one in nested)]
    used = x.shape[1] + max(sum(free) + len(nested) - (len(effects) - 1), 1)
    factor = count / (count - 1) * (len(y) - 1) / (len(y) - used)
    vcov = factor * bread @ scores.T @ scores @ bread
    return beta[: x.shape[1]], np.sqrt(np.diag(vcov))[: x.shape[1]]


def is_separated(y, x, effects):
    """Whether the sum of some regressors and effects is 0 where y is, but moves one coefficient.

    By its definition, as linear programmes: z = xb + effects is 0 where y > 0, at most 0 where
    y = 0, and below it somewhere; a coefficient takes part if it is not 0 in one such z.
    """
    whole = np.hstack([x, basis(dummies(effects))])
    positive = y > 0
    zero = whole[~positive]
    for place in range(x.shape[1]):
        for sign in (-1, 1):
            aim = np.zeros(whole.shape[1])
            aim[place] = sign
            found = linprog(
                aim,
                A_ub=zero,
                b_ub=np.zeros(len(zero)),
                A_eq=whole[positive],
                b_eq=np.zeros(positive.sum()),
                bounds=[(-1, 1)] * whole.shape[1],
            )
            if found.fun < -1e-7:
                return True
    return False


def world(seed, *, exporters=3, importers=6, products=4, months=8, effect=0.5, zeros=0.3):
    """Return an invented panel: outcome, treatment, another regressor, effects, clusters."""
    random = np.random.default_rng(seed)
    shape = (exporters, importers, products, months)
    i, j, k, t = (axis.ravel() for axis in np.indices(shape))
    treated = ((j < 2) & (k < products // 2) & (t >= months // 2)).astype(float)
    other = random.normal(size=len(i))
    cell = (i * importers + j) * products + k
    log = random.normal(size=cell.max() + 1)[cell] + 0.3 * random.normal(size=months)[t]
    mean = np.exp(log + effect * treated + 0.2 * other)
    y = mean * random.gamma(2, 0.5, len(i)) * (random.random(len(i)) >= zeros)
    effects = {
        "cell": cell,
        "importer-month": j * months + t,
        "product-month": k * months + t,
        "exporter-month": i * months + t,
    }
    return y, {"treated": treated, "other": other}, effects, j * products + k
