"""Absorb: fixed effects of many levels, taken out of columns by weighted least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from entrepot.errors import EntrepotError

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_MOST = 20_000
"""Steps of conjugate gradients after which effects count as too weakly connected."""


class Absorber:
    """The effects of a regression; `weigh` it, then take them out of as many columns as needed.

    The effect with the most levels is solved in closed form, group by group. What is left are the
    normal equations of all others, which conjugate gradients solve, scaled by their diagonal;
    columns are solved side by side. `rows` sorts by the largest effect: outcomes and regressors
    come in that order.
    """

    def __init__(self, effects: Sequence[Places], count: int) -> None:
        ordered = sorted(effects, key=lambda codes: -int(codes.max(initial=0)))
        largest = ordered[0] if ordered else np.zeros(count, dtype=np.int64)
        self.rows: Places = np.argsort(largest, kind="stable")
        codes = largest[self.rows]
        is_first = np.diff(codes, prepend=-1) > 0
        self._starts = np.flatnonzero(is_first)
        self._group = np.cumsum(is_first) - 1
        places, levels = [], 0
        for effect in ordered[1:]:
            places.append(effect[self.rows] + levels)
            levels += int(effect.max()) + 1
        # 32-bit places halve the memory that each step of the solver reads.
        columns = np.array(places, dtype=np.int32).reshape(len(places), count).T.ravel()
        ends = np.arange(count + 1, dtype=np.int32) * len(places)
        self._levels = sparse.csr_array((np.ones(len(columns)), columns, ends), (count, levels))
        self.weigh(np.ones(count))

    def weigh(self, weights: Floats) -> None:
        """Set the weight of each row, above 0."""
        self._weights = weights[:, None]
        self._mass = np.add.reduceat(self._weights, self._starts)
        mass = np.asarray(self._levels.T @ weights)[:, None]
        # A level without rows in this sample has no mass: its coefficient stays at 0.
        self._scale = np.divide(1.0, mass, out=np.zeros_like(mass), where=mass > 0)

    def residuals(
        self, columns: Floats, start: Floats | None = None, exact: float = 1e-10
    ) -> tuple[Floats, Floats]:
        """Return what the effects leave of columns, and the coefficients of all but the largest.

        Args:
            columns: Shape (rows, columns).
            start: Coefficients of a similar problem, which save steps.
            exact: Size of the error to stop at, in parts of each column's own size.

        Raises:
            EntrepotError: The effects are so weakly connected that the solver does not end.
        """
        size = np.sqrt((self._weights * columns**2).sum(axis=0))
        inner = self._within(columns)
        found = np.zeros((self._levels.shape[1], columns.shape[1])) if start is None else start
        if self._levels.shape[1]:
            found = self._solve(inner, found, exact * np.where(size > 0, size, 1.0))
            inner = inner - self._within(np.asarray(self._levels @ found))
        return inner, found

    def _within(self, columns: Floats) -> Floats:
        means = np.add.reduceat(self._weights * columns, self._starts) / self._mass
        inner: Floats = columns - means[self._group]
        return inner

    def _normal(self, columns: Floats) -> Floats:
        normal: Floats = np.asarray(self._levels.T @ (self._weights * columns))
        return normal

    def _solve(self, inner: Floats, found: Floats, limit: Floats) -> Floats:
        def times(coefficients: Floats) -> Floats:
            return self._normal(self._within(np.asarray(self._levels @ coefficients)))

        rest = self._normal(inner) - times(found)
        step = scaled = self._scale * rest
        size = (rest * scaled).sum(axis=0)
        for _count in range(_MOST):
            is_open = size > limit**2
            if not is_open.any():
                return found
            moved = times(step)
            bend = (step * moved).sum(axis=0)
            length = np.where(is_open, size / np.where(bend > 0, bend, 1.0), 0.0)
            found, rest = found + length * step, rest - length * moved
            scaled = self._scale * rest
            before, size = size, (rest * scaled).sum(axis=0)
            step = scaled + np.where(before > 0, size / np.where(before > 0, before, 1), 0.0) * step
        raise EntrepotError(
            f"estimate: the fixed effects did not converge in {_MOST:,} steps; expected effects "
            "that share rows: drop periods or products with hardly any trade"
        )


def crossed(*columns: NDArray[np.generic]) -> Places:
    """Return one code per combination of values, 0 to the number of combinations less 1.

    `crossed(exporter, period)` is an exporter-by-period effect; of one column it gives its codes.
    """
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        code = np.unique(code * len(values) + place.reshape(-1), return_inverse=True)[1].reshape(-1)
    return code
