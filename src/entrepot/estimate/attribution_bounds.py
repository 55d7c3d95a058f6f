"""Attribution bounds: how much of an outflow could and must come from each origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import CoverageError, EntrepotError
from entrepot.estimate._mixing import UNEXPLAINED, UNPLACED, Floats, Mixing
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pyarrow as pa
    from ibis.expr.types import Table
    from numpy.typing import NDArray

_NOISE = 1e-7
"""HiGHS keeps constraints to 1e-7 of the scaled amounts; less than that is not an amount."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What could and must come from each origin, in the unit of the inputs.

    `low` and `high` have shape (origins, products); `outflow`, `unexplained` and `unplaced` one
    number per product. `unexplained` is the part of all exports that nothing recorded covers;
    `unplaced` the part of the inflow that neither left nor fits the bounds on use and stock.
    """

    origins: tuple[str, ...]
    low: Floats
    high: Floats
    outflow: Floats
    unexplained: Floats
    unplaced: Floats

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per origin, summed over products, with a statement of what is amiss."""
        totals = {
            "outflow_usd": float(self.outflow.sum()),
            "unexplained_usd": float(self.unexplained.sum()),
            "unplaced_usd": float(self.unplaced.sum()),
            "statement": self.statement,
        }
        lows, highs = self.low.sum(axis=1).tolist(), self.high.sum(axis=1).tolist()
        return [
            {"origin": origin, "low_usd": low, "high_usd": high} | totals
            for origin, low, high in zip(self.origins, lows, highs, strict=True)
        ]

    @property
    def statement(self) -> str:
        """Say where the books do not balance; empty where they do."""
        words = []
        if self.unexplained.any():
            words.append(
                f"exports exceed what came in by {self.unexplained.sum():,.0f} (products: "
                f"{np.count_nonzero(self.unexplained)}): made at home, in stock before the first "
                "month, or never recorded on entry"
            )
        if self.unplaced.any():
            words.append(
                "inflow exceeds exports and the bounds on use and stock by "
                f"{self.unplaced.sum():,.0f} (products: {np.count_nonzero(self.unplaced)}): the "
                "bounds are too tight, or exports were never recorded"
            )
        return "; ".join(words)


def attribution_bounds(
    inflows: Mapping[str, Floats],
    *,
    total: Floats,
    outflow: Floats,
    elsewhere: Floats,
    markup: float = 0.0,
    domestic: Floats | float | None = None,
    stock: Floats | float | None = None,
) -> Bounds:
    """Bound how much of a third country's exports to a destination comes from each origin.

    For each product and origin: stock(t) = stock(t-1) + inflow(t) + value added(t) - to the
    destination(t) - elsewhere(t) - used at home(t), nothing below zero; a month's exports are the
    sum over origins. `high` is the most of an origin that can have reached the destination, `low`
    the least: above 0 only where all other recorded goods together cannot cover what went. Goods
    may leave in any order and after any time. First the part of the exports that nothing covers is
    made as small as possible; the bounds hold given that. They hold for the books as they are:
    inflow that nobody recorded can stand for any origin, and so can stock from before the first
    month, so begin some months before the exports of interest, and enter goods made at home as an
    origin.

    Args:
        inflows: What came from each origin or group of origins (they may overlap), by name, each
            of shape (products, months).
        total: What came from everywhere, the same shape.
        outflow: What went to the destination, the same shape.
        elsewhere: What went anywhere else, the same shape.
        markup: Largest rise in price between entry and exit: 0.1 if what cost $1 may leave as
            $1.10. Leave at 0 for kilograms.
        domestic: Most that is used at home in a month, for all or in the same shape; None: any.
        stock: Most that is held at a month's end, likewise.

    Returns:
        The bounds per origin and product. They add up over products; over origins they do not,
        since all lows or all highs need not hold at once: ask for a group of origins instead.

    Raises:
        EntrepotError: Shapes differ, an amount is negative or missing, or an origin exceeds the
            total.
    """
    shape = _shape([total, outflow, elsewhere, *inflows.values()])
    books = np.array([np.asarray(book, dtype=np.float64) for book in (total, outflow, elsewhere)])
    own = np.array([*inflows.values()], dtype=np.float64).reshape(-1, *shape)
    limits = {"used": domestic, "stock": stock}
    tables = [np.broadcast_to(x, shape) for x in limits.values() if x is not None]
    _check(own, books, markup, tables)
    # Scaled amounts add up to 1, so that HiGHS' tolerances are parts of a product's trade.
    scale = np.maximum(books.sum(axis=(0, 2)), np.finfo(float).tiny)
    amounts = np.stack([np.zeros(shape), *books, *tables], axis=1) / scale[:, None, None]
    mixing = Mixing(shape[1], markup, tuple(k for k, limit in limits.items() if limit is not None))
    unexplained, unplaced, least = _slack(mixing, amounts)
    low, high = _sides(mixing, amounts, own / scale[:, None], least)
    return Bounds(
        tuple(inflows),
        low * scale,
        np.maximum(low, high) * scale,
        books[1].sum(axis=1),
        unexplained * scale,
        unplaced * scale,
    )


def _slack(mixing: Mixing, amounts: Floats) -> tuple[Floats, Floats, Floats]:
    """Return what stays unexplained and unplaced at the least, and how much both may be."""
    anything = np.full(len(amounts), mixing.months + 1.0)
    least, found = mixing.solve(amounts, mixing.slack, anything)
    unexplained, unplaced = (
        _amount(found @ mixing.weights(*kinds)) for kinds in (UNEXPLAINED, UNPLACED)
    )
    return unexplained, unplaced, least + 1e-9 * (least > 0)


def _sides(mixing: Mixing, amounts: Floats, own: Floats, spare: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most of each origin that can have reached the destination."""
    low, high = np.zeros((2, *own.shape[:2]))
    origin, product = np.nonzero(own.any(axis=2) & amounts[:, 2].any(axis=1))
    cases = amounts[product]
    cases[:, 0] = own[origin, product]
    cases[:, 1] = np.maximum(cases[:, 1] - cases[:, 0], 0.0)
    sent = mixing.weights("sent own")
    low[origin, product] = mixing.solve(cases, sent, spare[product])[0]
    high[origin, product] = -mixing.solve(cases, -sent, spare[product])[0]
    return _amount(low), _amount(high)


def _amount(found: Floats) -> Floats:
    amount: Floats = np.where(found > _NOISE, found, 0.0)
    return amount


def _check(own: Floats, books: Floats, markup: float, limits: Sequence[Floats]) -> None:
    wrong = ""
    if not all(np.isfinite(x).all() and (x >= 0).all() for x in (own, books, *limits)):
        wrong = "an amount is negative or missing; leave out months that were not published"
    elif (own > books[0] * (1 + 1e-9)).any():
        wrong = "an origin exceeds the total; add it to the total"
    elif not markup >= 0:
        wrong = f"a markup of {markup} was given; expected 0 or more"
    if wrong:
        raise EntrepotError(f"attribution_bounds: {wrong}")


def _shape(tables: Sequence[Floats]) -> tuple[int, ...]:
    shapes = {np.shape(table) for table in tables}
    if len(shapes) != 1 or len(*shapes) != 2:
        raise EntrepotError(
            f"attribution_bounds: tables of shape {', '.join(map(str, sorted(shapes)))} were "
            "given; expected one shape, products by months"
        )
    return shapes.pop()


def read_books(
    flows: Table,
    *,
    third: str,
    destination: str,
    origins: Mapping[str, Sequence[str]],
    products: Sequence[str],
    first: str,
    last: str,
) -> dict[str, Any]:
    """Read what `attribution_bounds` needs from the third country's own books, in USD.

    Args:
        flows: Monthly flows of the third country, all products or the basket plus presence rows.
        third: The country that goods may pass through.
        destination: Where they must not go.
        origins: Partners by the name of the origin or group they count under.
        products: Which codes, as they stand in `flows`; one row of each table, sorted.
        first: First month, as 2022-09: some months before the exports of interest.
        last: Last month.

    Returns:
        The arguments `inflows`, `total`, `outflow` and `elsewhere`, of shape (products, months).

    Raises:
        CoverageError: A month is missing from the third country's imports or exports, or an
            origin is a sum of countries.
        UnknownCodeError: An origin is neither a country nor an area.
    """
    if sums_of := [x for who in origins.values() for x in who if countries.is_aggregate(x)]:
        raise CoverageError(
            f"attribution_bounds: {sums_of[0]} sums countries, which are not counted twice; name "
            "its members"
        )
    months, codes = _months(first, last), np.array(sorted({*products}))
    sums = _sums(flows, third, codes.tolist(), months)
    flow, partner, product = (
        np.array(sums[name].to_pylist(), dtype=str) for name in ("flow", "partner", "product")
    )
    at = np.searchsorted(np.array(months), np.array(sums["period"].to_pylist(), dtype=object))
    for side in ("import", "export"):
        if absent := {*range(len(months))} - {*at[flow == side].tolist()}:
            raise CoverageError(
                f"attribution_bounds: {third} published no {side}s for {months[min(absent)]:%Y-%m} "
                f"and {len(absent) - 1} more of {len(months)} months; choose months that are there"
            )
    counts = product != ""
    row, usd = np.searchsorted(codes, product), sums["value_usd"].to_numpy()

    def table(where: NDArray[np.bool_]) -> Floats:
        found = np.zeros((len(codes), len(months)))
        rows = where & counts
        np.add.at(found, (row[rows], at[rows]), usd[rows])
        return found

    came, went = flow == "import", flow == "export"
    return {
        "inflows": {
            name: table(came & np.isin(partner, list(members))) for name, members in origins.items()
        },
        "total": table(came),
        "outflow": table(went & (partner == destination)),
        "elsewhere": table(went & (partner != destination)),
    }


def _sums(flows: Table, third: str, products: list[str], months: list[date]) -> pa.Table:
    """Sum by flow, partner, product and period; "" stands for what only shows a month is there."""
    from ibis import _, ifelse

    # Totals over partners would count every shipment twice.
    areas = [code for code in countries.areas() if countries.is_aggregate(code)]
    is_wanted = _.product.isin(products) & ~_.partner.isin(areas)
    return (
        flows.filter(
            _.freq == "M",
            _.reporter == third,
            _.flow.isin(["import", "export"]),
            _.period.between(months[0], months[-1]),
        )
        .mutate(product=ifelse(is_wanted, _.product, ""))
        .group_by("flow", "partner", "product", "period")
        .agg(value_usd=_.value_usd.sum())
        .to_pyarrow()
    )


def _months(first: str, last: str) -> list[date]:
    try:
        months = np.arange(first, np.datetime64(last, "M") + 1, dtype="datetime64[M]")
    except ValueError:
        months = np.array([], dtype="datetime64[M]")
    if not len(months):
        raise CoverageError(
            f"attribution_bounds: {first} to {last} is no window; write months as 2022-09"
        )
    found: list[date] = months.astype("datetime64[D]").tolist()
    return found
