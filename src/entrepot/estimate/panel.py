"""Panel: monthly exports by exporter, importer and product as arrays, recorded zeros included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import CoverageError, DuplicateError
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    import pyarrow as pa
    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from entrepot.estimate._absorb import Floats, Places

    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Panel:
    """One entry of each array per exporter, importer, product and month that its exporter reported.

    `exporter`, `importer`, `product` and `month` are places in `exporters`, `importers`, `products`
    and `months`, which are sorted. `value_usd` is 0 where the exporter published the month and
    recorded nothing. Months that an exporter did not publish, and cells whose value it withheld,
    are not there: `unpublished` counts the exporter-months, `withheld` the cells. Unless
    `all_cells`, a flow between two countries in a product is there if it was ever recorded.
    `dropped` are exporters left out of a pool because a month of theirs is not published.
    """

    exporters: tuple[str, ...]
    importers: tuple[str, ...]
    products: tuple[str, ...]
    months: tuple[date, ...]
    exporter: Places
    importer: Places
    product: Places
    month: Places
    value_usd: Floats
    unpublished: int
    withheld: int
    all_cells: bool
    dropped: tuple[str, ...] = ()

    def without(self, products: Collection[str]) -> Panel:
        """Return the panel without some products."""
        kept = np.array([name not in products for name in self.products], dtype=bool)
        at = kept[self.product]
        return replace(
            self,
            products=tuple(np.array(self.products)[kept].tolist()),
            product=(np.cumsum(kept) - 1)[self.product[at]],
            **{name: getattr(self, name)[at] for name in (*_PLACES, "value_usd")},
        )


_PLACES = ("exporter", "importer", "month")
POOL = "pool"
"""Name of the one exporter of a pooled panel."""


def read_panel(
    flows: Table,
    *,
    exporters: Sequence[str],
    importers: Sequence[str],
    products: Sequence[str],
    first: str,
    last: str,
    all_cells: bool = False,
    pooled: bool = False,
) -> Panel:
    """Read recorded exports and the zeros between them.

    Args:
        flows: Monthly flows, all products or the basket plus presence rows: a month in which an
            exporter recorded anything is one that it published.
        exporters: Reporters whose exports are read.
        importers: Partners: those that may be intermediaries and those to compare them with.
        products: Codes as they stand in `flows`, the sanctioned and those to compare them with; of
            one length, or trade counts twice.
        first: First month, as 2019-01.
        last: Last month.
        all_cells: Whether flows that were never recorded are zeros, too. `extensive_margin` needs
            them; a Poisson model would drop them.
        pooled: Whether the exporters are added up into one. Those that did not publish every month
            are then left out; what one of them withheld is withheld of the sum.

    Returns:
        The panel.

    Raises:
        CoverageError: The window is none, an importer is a sum of countries, no exports are there,
            or no exporter of a pool published every month.
        DuplicateError: Two sources give exports of one exporter.
    """
    if sums := [code for code in (*exporters, *importers) if countries.is_aggregate(code)]:
        raise CoverageError(f"panel: {sums[0]} sums countries; name its members")
    months = _months(first, last)
    axes = (_axis(exporters), _axis(importers), _axis(products))
    sums_of = _sums(flows, axes, months)
    _check_sources(sums_of)
    names = [_place(sums_of[key], axis) for key, axis in zip(_KEYS, axes, strict=True)]
    month = np.searchsorted(np.array(months), np.array(sums_of["period"].to_pylist(), dtype=object))
    published = np.zeros((len(axes[0]), len(months)), dtype=bool)
    published[names[0], month] = True
    counts = np.array(sums_of["product"].to_pylist(), dtype=str) != ""
    value = np.nan_to_num(sums_of["value_usd"].to_numpy().astype(np.float64))[counts]
    value[sums_of["unknown"].to_numpy()[counts].astype(bool)] = np.nan
    at = [places[counts] for places in (*names, month)]
    if not (value > 0).any():
        raise CoverageError(
            f"panel: no export by {', '.join(axes[0])} from {first} to {last} in the flows; ingest "
            "them or change the window"
        )
    gone: tuple[str, ...] = ()
    if pooled:
        axes, at, value, published, gone = _pool(axes, at, value, published)
    return replace(_dense(axes, months, at, value, published, all_cells), dropped=gone)


Axes = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

_KEYS = ("reporter", "partner", "product")


def _dense(
    axes: Axes,
    months: tuple[date, ...],
    at: list[Places],
    value: Floats,
    published: Bools,
    all_cells: bool,
) -> Panel:
    """Spread recorded values over every published month of each cell."""
    shape = tuple(len(axis) for axis in axes)
    code = np.ravel_multi_index(tuple(at[:3]), shape)
    cells, row = np.unique(code, return_inverse=True)
    if all_cells:
        cells, row = np.arange(np.prod(shape)), code
    table = np.zeros((len(cells), len(months)))
    table[row.reshape(-1), at[3]] = value
    exporter, importer, product = np.unravel_index(cells, shape)
    is_there = published[exporter] & ~np.isnan(table)
    cell, month = np.nonzero(is_there)
    return Panel(
        *axes,
        months,
        *(exporter[cell], importer[cell], product[cell], month),
        value_usd=table[cell, month],
        unpublished=int((~published).sum()),
        withheld=int(np.isnan(table).sum()),
        all_cells=all_cells,
    )


def _pool(
    axes: Axes, at: list[Places], value: Floats, published: Bools
) -> tuple[Axes, list[Places], Floats, Bools, tuple[str, ...]]:
    """Add up the exporters that published every month; return also who did not."""
    whole: Bools = np.asarray(published.all(axis=1), dtype=bool)
    gone = tuple(name for name, is_whole in zip(axes[0], whole, strict=True) if not is_whole)
    if not whole.any():
        raise CoverageError(
            f"panel: none of {', '.join(axes[0])} published every month, so there is no sum to "
            "follow; choose other months, or do not pool"
        )
    kept = whole[at[0]]
    keys = np.ravel_multi_index(
        tuple(places[kept] for places in at[1:]),
        (len(axes[1]), len(axes[2]), published.shape[1]),
    )
    cells, row = np.unique(keys, return_inverse=True)
    # A sum that lacks what one exporter withheld is NaN, as a withheld cell is.
    total: Floats = np.bincount(row.reshape(-1), value[kept], len(cells)).astype(np.float64)
    places = np.unravel_index(cells, (len(axes[1]), len(axes[2]), published.shape[1]))
    first = np.zeros(len(cells), dtype=np.int64)
    pool: Axes = ((POOL,), axes[1], axes[2])
    return pool, [first, *places], total, np.ones((1, published.shape[1]), dtype=bool), gone


def _sums(flows: Table, axes: Axes, months: tuple[date, ...]) -> pa.Table:
    """Sum by cell and month; product "" stands for what only shows that a month was published."""
    from ibis import _, ifelse

    exporters, importers, products = axes
    is_wanted = _.product.isin(products) & _.partner.isin(importers)
    return (
        flows.filter(
            _.freq == "M",
            _.flow == "export",
            _.reporter.isin(exporters),
            _.period.between(months[0], months[-1]),
        )
        .mutate(
            product=ifelse(is_wanted, _.product, ""),
            partner=ifelse(is_wanted, _.partner, importers[0]),
        )
        .group_by("source", "reporter", "partner", "product", "period")
        .agg(value_usd=_.value_usd.sum(), unknown=_.value_usd.isnull().any())
        .to_pyarrow()
    )


def _check_sources(sums: pa.Table) -> None:
    pairs = {*zip(sums["reporter"].to_pylist(), sums["source"].to_pylist(), strict=True)}
    reporters = sorted(reporter for reporter, _source in pairs)
    if twice := [a for a, b in pairwise(reporters) if a == b]:
        sources = sorted(source for reporter, source in pairs if reporter == twice[0])
        raise DuplicateError(
            f"panel: {' and '.join(sources)} both give exports of {twice[0]}, expected one source; "
            "filter the flows"
        )


def _axis(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))


def _place(column: Any, axis: tuple[str, ...]) -> Places:
    names = np.array([name or axis[0] for name in column.to_pylist()], dtype=str)
    return np.searchsorted(np.array(axis), names)


def _months(first: str, last: str) -> tuple[date, ...]:
    try:
        months = np.arange(first, np.datetime64(last, "M") + 1, dtype="datetime64[M]")
    except ValueError:
        months = np.array([], dtype="datetime64[M]")
    if not len(months):
        raise CoverageError(f"panel: {first} to {last} is no window; write months as 2019-01")
    return tuple(months.astype("datetime64[D]").tolist())
