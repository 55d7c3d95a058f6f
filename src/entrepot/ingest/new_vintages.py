"""New vintages: which files become one, and what it speaks for."""

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
    from entrepot.ingest.batch import Batch
    from entrepot.ingest.parsing import ParsedFile

Slice = tuple[str, str, str, str]
"""Reporter, freq, flow and period, as a query writes them."""


@dataclass(frozen=True, slots=True)
class NewVintage:
    """The files of one source published on one day, which become one vintage.

    `asked` is what the questions behind them speak for together, None where no question is known.
    `dated` is whether their day is known, rather than that of this run for want of another.
    """

    source: str
    published: date
    parsed: tuple[ParsedFile, ...]
    asked: Scope | None = None
    dated: bool = True

    @property
    def slices(self) -> set[Slice]:
        """The slices that were asked for, answered with rows or not."""
        return {piece for one in self.parsed if one.file.asked for piece in of(one.file.asked)}


def of(query: Query) -> Iterator[Slice]:
    """Give the slices that a query asks for; none where it names no reporter."""
    return product(query.reporters, (query.freq,), query.flows, query.periods)


def group(batch: Batch, parsed: Iterable[ParsedFile]) -> list[NewVintage]:
    """Group files by source, day of publication and what was asked; oldest first.

    Answers about the same partners that together ask for the same products in every slice speak
    for all those products; where they do not, each set of products is a vintage of its own, so
    that none hides rows it was not asked for.
    """
    groups: dict[tuple[str, date, tuple[str, ...] | None], list[ParsedFile]] = defaultdict(list)
    for one in parsed:
        known = one.file
        day = _day(batch, one) or batch.today
        partners = known.asked.partners if known.asked else None
        groups[(one.reading.source or batch.name, day, partners)].append(one)
    new = [
        NewVintage(source, day, tuple(part), scope, all(_day(batch, one) for one in part))
        for (source, day, partners), found in groups.items()
        for scope, part in _by_products(partners, found)
    ]
    return sorted(new, key=lambda one: (one.published, one.source, str(one.asked)))


def _day(batch: Batch, one: ParsedFile) -> date | None:
    """The day that a person, the publisher or the file gives, or that of its arrival."""
    known = one.file
    return batch.published or known.published or one.reading.published or known.arrived


def _by_products(
    partners: tuple[str, ...] | None, parsed: list[ParsedFile]
) -> Iterator[tuple[Scope | None, list[ParsedFile]]]:
    if partners is None:
        yield None, parsed
        return
    asked = [(one, one.file.asked) for one in parsed if one.file.asked]
    together: dict[Slice, set[str]] = defaultdict(set)
    whole: set[Slice] = set()
    for _one, query in asked:
        for piece in of(query):
            together[piece] |= set(query.products)
            if not query.products:
                whole.add(piece)
    unions = {None if piece in whole else frozenset(names) for piece, names in together.items()}
    if len(unions) == 1:
        (names,) = unions
        yield _scope(names, partners), parsed
        return
    apart: dict[tuple[str, ...], list[ParsedFile]] = defaultdict(list)
    for one, query in asked:
        apart[query.products].append(one)
    for products, part in apart.items():
        yield _scope(frozenset(products) or None, partners), part


def _scope(products: Iterable[str] | None, partners: tuple[str, ...]) -> Scope:
    return Scope(
        products=None if products is None else tuple(sorted(products)),
        partners=tuple(sorted(partners)) or None,
        declared=True,
        asked=products is not None,
    )


def scope(batch: Batch, new: NewVintage, con: duckdb.DuckDBPyConnection) -> Scope:
    """Return what a new vintage speaks for: as asked, as declared by user or files, or as seen.

    Args:
        batch: What is taken in.
        new: Its files.
        con: Connection with the relation `staged`, the rows of that vintage.
    """
    if batch.scope == "whole":
        return Scope(declared=True)
    if new.asked is not None:
        return new.asked
    readings = [one.reading for one in new.parsed]
    told = all(reading.products and reading.partners for reading in readings)
    sides = {}
    for side in ("products", "partners"):
        if told and batch.scope is None:
            names = {name for reading in readings for name in getattr(reading, side)}
        else:
            rows = con.execute(f"select distinct {side[:-1]} from staged").fetchall()
            names = {name for (name,) in rows}
        sides[side] = tuple(sorted(names))
    return Scope(sides["products"], sides["partners"], told or batch.scope == "part")
