"""Mixing: the linear programme of goods that enter one stock and leave it for several places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from entrepot.errors import EntrepotError

Floats = NDArray[np.float64]

_KINDS = (
    *("sent own", "sent rest", "elsewhere own", "elsewhere rest"),
    *("used own", "used rest", "stock own", "stock rest"),
    *("markup own", "markup rest", "unplaced own", "unplaced rest"),
    *("unexplained sent", "unexplained elsewhere"),
)
_AT = {kind: number for number, kind in enumerate(_KINDS)}
UNPLACED = ("unplaced own", "unplaced rest")
UNEXPLAINED = ("unexplained sent", "unexplained elsewhere")
_BATCH = 20
"""Blocks solved at once: fewer cost calls, more cost HiGHS time (measured on 45 products)."""


class Mixing:
    """The programme of one origin and product; many are solved as blocks of one.

    Two kinds of goods are enough: those of the origin and all others, because goods in the same
    stock can be divided in proportion. Variables are kinds times months, in that order.
    """

    def __init__(self, months: int, markup: float, limited: tuple[str, ...]) -> None:
        self.months = months
        same = sparse.eye_array(months)
        flow = same - sparse.eye_array(months, k=-1)
        part = markup / (1 + markup)
        self.equal = self._rows(
            *[
                {
                    **{f"{kind} {who}": same for kind in ("sent", "elsewhere", "used", "unplaced")},
                    f"stock {who}": flow,
                    f"markup {who}": -same,
                }
                for who in ("own", "rest")
            ],
            *[
                {f"{kind} own": same, f"{kind} rest": same, f"unexplained {kind}": same}
                for kind in ("sent", "elsewhere")
            ],
        )
        self.slack = self.weights(*UNPLACED, *UNEXPLAINED)
        self.most = sparse.vstack(
            [
                self._rows(
                    *[{f"{kind} own": same, f"{kind} rest": same} for kind in limited],
                    *[
                        {
                            f"markup {who}": same,
                            f"sent {who}": -part * same,
                            f"elsewhere {who}": -part * same,
                        }
                        for who in ("own", "rest")
                    ],
                ),
                sparse.csr_array(self.slack[None, :]),
            ]
        )

    def weights(self, *kinds: str) -> Floats:
        """Return 1 for every month of some kinds and 0 elsewhere."""
        weights = np.zeros((len(_KINDS), self.months))
        weights[[_AT[kind] for kind in kinds]] = 1.0
        return weights.ravel()

    def _rows(self, *rows: dict[str, Any]) -> sparse.csr_array:
        nothing = sparse.csr_array((self.months, self.months))
        blocks = [[row.get(kind, nothing) for kind in _KINDS] for row in rows]
        return sparse.csr_array(sparse.block_array(blocks))

    def solve(self, amounts: Floats, weights: Floats, spare: Floats) -> tuple[Floats, Floats]:
        """Minimise weights times variables for each block; return minima and solutions.

        `amounts` has shape (blocks, 4 and more, months): own and other inflow, outflow to the
        destination and elsewhere, then the limits. `spare` bounds what stays unexplained or
        unplaced.
        """
        solutions = [
            self._solve(amounts[at : at + _BATCH], weights, spare[at : at + _BATCH])
            for at in range(0, len(amounts), _BATCH)
        ]
        found = np.concatenate([np.zeros((0, len(weights))), *solutions])
        return (found * weights).sum(axis=1), found

    def _solve(self, amounts: Floats, weights: Floats, spare: Floats) -> Floats:
        count = len(amounts)
        many = sparse.eye_array(count)
        ceiling = amounts[:, 4:].reshape(count, -1)
        nothing = np.zeros((count, 2 * self.months))
        result = linprog(
            np.tile(weights, count),
            A_ub=sparse.kron(many, self.most, format="csr"),
            b_ub=np.concatenate([ceiling, nothing, spare[:, None]], axis=1).ravel(),
            A_eq=sparse.kron(many, self.equal, format="csr"),
            b_eq=amounts[:, :4].ravel(),
            method="highs",
        )
        if not result.success:
            raise EntrepotError(
                f"attribution_bounds: HiGHS found no solution ({result.message}); report the case"
            )
        found: Floats = result.x.reshape(count, -1)
        return found
