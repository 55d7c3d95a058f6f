"""Lots: which files become one vintage, and what that vintage speaks for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from entrepot.store.vintages import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    import duckdb

    from entrepot.contracts import Query
    from entrepot.intake.orders import Order
    from entrepot.intake.rows import Item

Slice = tuple[str, str, str, str]
"""Reporter, freq, flow and period, as a query writes them."""


@dataclass(frozen=True, slots=True)
class Lot:
    """The files of one source published on one day, which become one vintage.

    `asked` is what the questions behind them speak for together, None where no question is known.
    `dated` is whether their day is known, rather than that of this run for want of another.
    """

    source: str
    published: date
    items: tuple[Item, ...]
    asked: Scope | None = None
    dated: bool = True

    @property
    def slices(self) -> set[Slice]:
        """The slices that were asked for, answered with rows or not."""
        return {
            piece for item in self.items if item.delivery.asked for piece in of(item.delivery.asked)
        }


def of(query: Query) -> Iterator[Slice]:
    """Give the slices that a query asks for; none where it names no reporter."""
    return product(query.reporters, (query.freq,), query.flows, query.periods)


def group(order: Order, items: Iterable[Item]) -> list[Lot]:
    """Group files by source, day of publication and what was asked; oldest first.

    Answers about the same partners that together ask for the same products in every slice speak
    for all those products; where they do not, each set of products is a vintage of its own, so
    that none hides rows it was not asked for.
    """
    groups: dict[tuple[str, date, tuple[str, ...] | None], list[Item]] = defaultdict(list)
    for item in items:
        known = item.delivery
        day = _day(order, item) or order.today
        partners = known.asked.partners if known.asked else None
        groups[(item.reading.source or order.name, day, partners)].append(item)
    lots = [
        Lot(source, day, tuple(part), scope, all(_day(order, item) for item in part))
        for (source, day, partners), found in groups.items()
        for scope, part in _by_products(partners, found)
    ]
    return sorted(lots, key=lambda lot: (lot.published, lot.source, str(lot.asked)))


def _day(order: Order, item: Item) -> date | None:
    """The day that a person, the publisher or the file gives, or that of its arrival."""
    known = item.delivery
    return order.published or known.published or item.reading.published or known.arrived


def _by_products(
    partners: tuple[str, ...] | None, items: list[Item]
) -> Iterator[tuple[Scope | None, list[Item]]]:
    if partners is None:
        yield None, items
        return
    asked = [(item, item.delivery.asked) for item in items if item.delivery.asked]
    together: dict[Slice, set[str]] = defaultdict(set)
    whole: set[Slice] = set()
    for _item, query in asked:
        for piece in of(query):
            together[piece] |= set(query.products)
            if not query.products:
                whole.add(piece)
    unions = {None if piece in whole else frozenset(names) for piece, names in together.items()}
    if len(unions) == 1:
        (names,) = unions
        yield _scope(names, partners), items
        return
    apart: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item, query in asked:
        apart[query.products].append(item)
    for products, part in apart.items():
        yield _scope(frozenset(products) or None, partners), part


def _scope(products: Iterable[str] | None, partners: tuple[str, ...]) -> Scope:
    return Scope(
        products=None if products is None else tuple(sorted(products)),
        partners=tuple(sorted(partners)) or None,
        declared=True,
        asked=products is not None,
    )


def scope(order: Order, lot: Lot, con: duckdb.DuckDBPyConnection) -> Scope:
    """Return what the lot speaks for: as asked, as declared by user or files, or what was seen.

    Args:
        order: What is taken in.
        lot: The files.
        con: Connection with the relation `staged`, the lot's rows.
    """
    if order.scope == "whole":
        return Scope(declared=True)
    if lot.asked is not None:
        return lot.asked
    readings = [item.reading for item in lot.items]
    told = all(reading.products and reading.partners for reading in readings)
    sides = {}
    for side in ("products", "partners"):
        if told and order.scope is None:
            names = {name for reading in readings for name in getattr(reading, side)}
        else:
            rows = con.execute(f"select distinct {side[:-1]} from staged").fetchall()
            names = {name for (name,) in rows}
        sides[side] = tuple(sorted(names))
    return Scope(sides["products"], sides["partners"], told or order.scope == "part")
