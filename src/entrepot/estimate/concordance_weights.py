"""Concordance weights: which part of an old code became which new one, by reporters that switched.

A reporter that published one year in one HS revision and the next in another shows both sides of
each split. Lukaszuk and Torun, Harmonizing the Harmonized System (SEPS 2022-12), and after them
the Harvard Growth Lab, fit weights to that by constrained least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import nnls
from scipy.sparse.csgraph import connected_components

from entrepot.errors import CoverageError

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

LARGEST = 1000
"""Links of the largest component that is solved: dense algebra on 1,000 takes seconds."""
WORST = 0.05
"""Largest standard error of a weight that counts as known. A small code that shares its targets
with large ones drowns in their noise, and its weight with it."""
_PULL = 1e-4
"""Weight of equal shares against a column of trade of length 1: decides only what trade leaves
open, and moves what trade decides by the square of it."""
_PENALTY = 30.0
_PASSES = 8
"""Shares are held to sum to 1 by a penalty whose error each pass adds back, a thousandth stays."""
_RANK = 1e-2
"""Smallest singular value, against columns of length 1, that tells two codes apart: below it,
noise of a percent decides."""


@dataclass(frozen=True, slots=True, eq=False)
class EstimatedWeights:
    """Estimated weights, with what they rest on.

    `links` has one row per link: source, target, weight, se, identified, component. Identified
    means that no other weights fit equally well and that se, the standard error (infinite where
    there is none), is at most WORST. A weight that is not identified means nothing.

    `components` has one row per component of codes that share links: component, sources, targets,
    links, identified, reporters, residual_share (part of the trade that the fitted weights place
    under another code than reporters did; null if nothing was fitted) and solved (false where the
    component has more than LARGEST links, no reporter traded in it, or the solver gave up).
    """

    links: pa.Table
    components: pa.Table

    @property
    def weights(self) -> pa.Table:
        """Source, target and weight of codes whose links are all identified.

        Of the other codes only their intervals are known.
        """
        source = np.asarray(self.links["source"].to_pylist(), dtype=object)
        open_sources = set(source[~np.asarray(self.links["identified"])])
        known = pa.array([code not in open_sources for code in source], pa.bool_())
        return self.links.select(["source", "target", "weight"]).filter(known)


def concordance_weights(links: pa.Table, before: pa.Table, after: pa.Table) -> EstimatedWeights:
    """Estimate the weights of links from reporters that switched revision on time.

    Minimise ||Y - XB||² with B >= 0 and rows that sum to 1: X and Y are what each reporter traded
    per source and per target code, B is zero off the links. Each component of linked codes is a
    problem of its own. Y is scaled to X per reporter and component, so that growth from year to
    year is not taken for a change of code. It assumes that goods kept their shares between the two
    years and that all reporters split alike; residual_share says how far that fails.

    Args:
        links: Columns source and target: the links that may have weight. HS2017-HS2022 has one
            component of 11,000 links, tied together by electronic waste and display modules (8549,
            8524, 852990); leave those targets out, and it falls into parts that can be solved.
        before: Columns reporter, product (a source) and value_usd, as the function `switched` of
            `harmonise.concordance` gives them.
        after: The same with targets. Codes without links are left out on both sides.

    Returns:
        Weights with what is identified, and one row per component.

    Raises:
        CoverageError: No reporter, one with only one side, or an amount that is negative or null.
    """
    problem = _Problem(links)
    x, y = problem.trade(before, after)
    parts = [problem.part(number, x, y) for number in range(problem.count)]
    weight, se = np.ones((2, links.num_rows))
    identified = np.ones(links.num_rows, dtype=bool)
    for at, found in parts:
        weight[at], se[at], identified[at] = found.weight, found.se, found.identified
    table = pa.table(
        {
            "source": links["source"],
            "target": links["target"],
            "weight": weight,
            "se": se,
            "identified": identified,
            "component": problem.component,
        }
    )
    rows = [
        {"component": number, **found.row} | {"identified": int(found.identified.sum())}
        for number, (_at, found) in enumerate(parts)
    ]
    return EstimatedWeights(table, pa.Table.from_pylist(rows, schema=_COMPONENTS))


_COMPONENTS = pa.schema(
    [(name, "int64") for name in ("component", "sources", "targets", "links", "identified")]
    + [("reporters", "int64"), ("residual_share", "float64"), ("solved", "bool")]
)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    weight: Floats
    se: Floats
    identified: NDArray[np.bool_]
    row: dict[str, Any]


class _Problem:
    """The links as places in the matrices of trade, with the component of each."""

    def __init__(self, links: pa.Table) -> None:
        self.sources, self.source = _places(links["source"])
        self.targets, self.target = _places(links["target"])
        size = len(self.sources) + len(self.targets)
        graph = sparse.coo_array(
            (np.ones(links.num_rows), (self.source, len(self.sources) + self.target)),
            shape=(size, size),
        )
        self.count, label = connected_components(graph, directed=False)
        self.component: Places = label[self.source].astype(np.int64)
        order = np.argsort(self.component, kind="stable")
        self.members = np.split(order, np.cumsum(np.bincount(self.component))[:-1])

    def trade(self, before: pa.Table, after: pa.Table) -> tuple[Floats, Floats]:
        """Return both sides as matrices of reporters times codes.

        Raises:
            CoverageError: No reporter, one with only one side, or an amount negative or null.
        """
        sides = [set(side["reporter"].to_pylist()) for side in (before, after)]
        if not sides[0] or sides[0] != sides[1]:
            odd = sorted(sides[0] ^ sides[1])
            raise CoverageError(
                "concordance_weights: "
                + (f"{', '.join(odd)} with one side only" if odd else "no reporter")
                + "; give reporters with trade before and after the switch"
            )
        reporters = {name: place for place, name in enumerate(sorted(sides[0]))}
        return _matrix(before, reporters, self.sources), _matrix(after, reporters, self.targets)

    def part(self, number: int, x: Floats, y: Floats) -> tuple[Places, _Block]:
        """Return one component's links and what is known of them."""
        at = self.members[number]
        sources, source = np.unique(self.source[at], return_inverse=True)
        targets, target = np.unique(self.target[at], return_inverse=True)
        x, y = x[:, sources], y[:, targets]
        both = (x.sum(axis=1) > 0) & (y.sum(axis=1) > 0)
        x, y = x[both], y[both]
        row: dict[str, Any] = {
            "sources": len(sources),
            "targets": len(targets),
            "links": len(at),
            "reporters": len(x),
            "residual_share": None,
            "solved": False,
        }
        equal = 1 / np.bincount(source)[source]
        nothing = _Block(equal, np.where(equal == 1, 0.0, np.inf), equal == 1, row)
        if not len(x) or len(at) > LARGEST:
            return at, nothing
        y = y * (x.sum(axis=1) / y.sum(axis=1))[:, None]
        length = np.linalg.norm(x, axis=0)
        column = x / np.where(length > 0, length, 1.0)
        weight = _fit(column, y, length, source, target) if len(at) > len(sources) else equal
        if weight is None:
            return at, nothing
        shares = np.zeros((len(sources), len(targets)))
        shares[source, target] = weight
        residual = y - x @ shares
        se = _errors(column, residual, length, source, target)
        known = _identified(column, source, target) & (se <= WORST)
        row |= {"residual_share": float(np.abs(residual).sum() / (2 * y.sum())), "solved": True}
        return at, _Block(weight, se, known, row)


def _fit(
    column: Floats, y: Floats, length: Floats, source: Places, target: Places
) -> Floats | None:
    """Return the weights of least squares, or None if scipy's solver gives up.

    The unknowns are weight times length of its column.

    Columns of length 1 keep a code of small trade as exact as one of large. Codes without trade
    stay at equal parts. Penalty and added-back error are the method of multipliers.
    """
    traded = length[source] > 0
    equal = 1 / np.bincount(source)[source]
    links = np.flatnonzero(traded)
    if not len(links):
        return equal
    codes, place = np.unique(source[links], return_inverse=True)
    goal = length[codes] / np.linalg.norm(y)
    blocks, known = _compressed(column, y / np.linalg.norm(y), source[links], target[links])
    sums = np.zeros((len(codes), len(links)))
    sums[place, np.arange(len(links))] = 1.0
    matrix = np.vstack([blocks, _PULL * np.eye(len(links)), _PENALTY * sums])
    middle = _PULL * equal[links] * goal[place]
    aim, found = goal.copy(), np.zeros(len(links))
    for _pass in range(_PASSES):
        sides = np.concatenate([known, middle, _PENALTY * aim])
        try:
            found, _norm = nnls(matrix, sides, maxiter=30 * len(links))
        except RuntimeError:  # "Maximum number of iterations reached"
            return None
        aim += goal - sums @ found
    weight = equal.copy()
    weight[links] = found / (sums @ found)[place]
    return weight


def _compressed(column: Floats, y: Floats, source: Places, target: Places) -> tuple[Floats, Floats]:
    """Return the least-squares rows of all targets, each rotated to as many rows as it has links.

    A rotation changes no length, and there are far more reporters than links to a target.
    """
    rows, known = [], []
    for code in range(y.shape[1]):
        links = np.flatnonzero(target == code)
        both = np.column_stack([column[:, source[links]], y[:, code]])
        triangle: Floats = np.asarray(np.linalg.qr(both, mode="r"))
        block = np.zeros((len(triangle), len(source)))
        block[:, links] = triangle[:, :-1]
        rows.append(block)
        known.append(triangle[:, -1])
    return np.vstack(rows), np.concatenate(known)


def _identified(column: Floats, source: Places, target: Places) -> NDArray[np.bool_]:
    """Return which weights no other solution changes.

    All solutions agree on XB, so two differ per target by something that X turns to zero: a link is
    identified if nothing of that kind touches it, or if it is the only open link of its source.
    Links that only the sign of weights would decide stay open.
    """
    is_open = np.bincount(source)[source] > 1
    while is_open.any():
        still = is_open.copy()
        for code in np.unique(target[is_open]):
            links = np.flatnonzero(is_open & (target == code))
            _left, values, right = np.linalg.svd(column[:, source[links]])
            rank = int((values > _RANK).sum())
            still[links] = (right[rank:] ** 2).sum(axis=0) > _RANK
        still &= np.bincount(source[still], minlength=source.max() + 1)[source] > 1
        if (still == is_open).all():
            break
        is_open = still
    return ~is_open


def _errors(
    column: Floats, residual: Floats, length: Floats, source: Places, target: Places
) -> Floats:
    """Return the standard errors, per target as in regression, robust to unequal noise (HC3).

    HC3 divides a residual by what the reporter leaves to others, so one that decides a weight
    alone gives no false certainty. Since a source's weights sum to 1, an error is at most the
    others' together. The signs of weights, which help too, are left out. Infinite without trade.
    """
    squared = np.full(len(source), np.inf)
    for code in range(residual.shape[1]):
        links = np.flatnonzero((target == code) & (length[source] > 0))
        if 0 < len(links) < len(column):
            traded = column[:, source[links]]
            inverse = np.linalg.pinv(traded, rcond=_RANK)
            left = np.maximum(1 - np.einsum("rl,lr->r", traded, inverse), 1e-12)
            spread = (inverse * (residual[:, code] / left)) ** 2
            squared[links] = spread.sum(axis=1) / length[source[links]] ** 2
    infinite = np.isinf(squared)
    finite = np.where(infinite, 0.0, squared)
    others = np.bincount(source, finite)[source] - finite
    unknown = np.bincount(source, infinite)[source] - infinite
    best: Floats = np.sqrt(np.minimum(squared, np.where(unknown > 0, np.inf, others)))
    return best


def _places(codes: pa.ChunkedArray) -> tuple[dict[str, int], Places]:
    names, place = np.unique(codes.to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    return {str(name): number for number, name in enumerate(names)}, place.astype(np.int64)


def _matrix(side: pa.Table, reporters: dict[str, int], codes: dict[str, int]) -> Floats:
    value = side["value_usd"].cast("float64").to_numpy(zero_copy_only=False)
    if not (np.isfinite(value).all() and (value >= 0).all()):
        raise CoverageError(
            "concordance_weights: a value_usd is negative or null; leave out what was not published"
        )
    code = np.array([codes.get(name, -1) for name in side["product"].to_pylist()], dtype=np.int64)
    reporter = np.array([reporters[name] for name in side["reporter"].to_pylist()], dtype=np.int64)
    known = code >= 0
    matrix = np.zeros((len(reporters), len(codes)))
    np.add.at(matrix, (reporter[known], code[known]), value[known])
    return matrix
