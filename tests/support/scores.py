"""Scores: those of a regression without the effect in question, by plain algebra."""

from __future__ import annotations

import numpy as np

from estimate.regressions import basis, dummies


def by_hand(y, x, other, effects, cluster, *, poisson):
    """Return the clusters' scores: fit without x, then x less all else in the fit's weights."""
    rest = np.column_stack([other, basis(dummies(effects))])
    beta = np.zeros(rest.shape[1])
    for _step in range(40):
        mean = np.exp(rest @ beta) if poisson else rest @ beta
        weight = mean if poisson else np.ones(len(y))
        beta = beta + np.linalg.solve(rest.T @ (weight[:, None] * rest), rest.T @ (y - mean))
    net = x - rest @ np.linalg.solve(rest.T @ (weight[:, None] * rest), rest.T @ (weight * x))
    return np.bincount(cluster, net * (y - mean))
