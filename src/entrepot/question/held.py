"""Held: the stored rows that a question looks at, at one level, in one revision, of one source."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from entrepot.harmonise.products import (
    BASKETS,
    coded,
    hs_revision,
    is_subheading,
    links,
    match,
    one_level,
    refuse_unbridged,
)
from entrepot.question import levels, sums, superseded
from entrepot.question.withheld import CORRECTION
from entrepot.schema import FLOWS
from entrepot.store.known import SUBHEADING, TOTAL, WORLD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ibis.expr.types import Table

    from entrepot.engine import Engine
    from entrepot.harmonise.products import Basket
    from entrepot.question.present import Present
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads
    from entrepot.reference.goods import GoodsList
    from entrepot.store.known import Kind
    from entrepot.store.snapshot import Snapshot


@dataclass
class Held:
    """The stored rows of the reporters, months and sources that some reads look at."""

    engine: Engine
    snapshot: Snapshot
    goods: GoodsList | None
    reads: Sequence[Reads]
    slices: Slices
    slots: Present

    _counted: dict[Basket, str] = field(default_factory=dict)

    def evaluate(self, table: Table) -> list[dict[str, Any]]:
        """Return the rows of an expression."""
        found = self.engine.arrow(table)
        # DuckDB adds counts up into a wider type than the expression declares.
        rows: list[dict[str, Any]] = found.cast(table.schema().to_pyarrow()).to_pylist()
        return rows

    @cached_property
    def kept(self) -> Table:
        """The stored rows at every level; corrections below zero are in no sum."""
        return self.everything.filter(_.status != CORRECTION)

    @cached_property
    def everything(self) -> Table:
        """The stored rows at every level, corrections among them, that reads count."""
        reads = [read for read in self.reads if read.is_counted]
        days = sorted({day for read in reads for day in read.periods})
        flows = self.engine.table(self.snapshot.view)
        if not days:
            return flows.limit(0)
        books = dict.fromkeys((read.flow, read.reporters) for read in reads)
        asked = [
            (_.flow == flow) & _.reporter.isin(sorted(who)) if who else _.flow == flow
            for flow, who in books
        ]
        kept = flows.filter(_.freq == self.slots.freq, _.period.isin(days), ibis.or_(*asked))
        return self._of_chosen(kept)

    def _of_chosen(self, rows: Table) -> Table:
        """Keep the source chosen for each reporter and flow."""
        chosen = self.slices.source
        first, *others = sorted({*chosen.values()}) or [""]
        if not others:
            return rows.filter(_.source == first)
        kept = sorted({f"{source} {who} {flow}" for (who, flow), source in chosen.items()})
        return rows.filter((_.source + " " + _.reporter + " " + _.flow).isin(kept))

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that any basket counts."""
        assert self.goods is not None
        return frozenset(code for b in BASKETS for _hs, code, _name in links(self.goods, b))

    @cached_property
    def listed(self) -> Table:
        """The rows of any basket's codes and of finer ones, each with the `code` it lies under."""
        assert self.goods is not None
        if self.codes == {TOTAL}:
            rows = self._current(self.kept.mutate(code=ibis.literal(TOTAL)), self.codes)
            if self.adds_total:
                told = sums.with_total(rows.drop("code"), self.slots.table(self.slots.published))
                rows = told.mutate(code=ibis.literal(TOTAL))
            else:
                rows = rows.filter(_.product == TOTAL)
        else:
            rows = self._current(coded(self.kept, self.codes), self.codes)
        return self.slots.tables.keep("listed", rows)

    def _current(self, rows: Table, codes: frozenset[str] | None) -> Table:
        """Leave out finer rows where a newer vintage speaks for their `code`."""
        kinds = self.snapshot.kinds
        rules = superseded.rules(kinds, self.slices.signatures, codes)
        return superseded.dropped(
            rows, self.engine, self.slots.tables, self.snapshot.view, kinds, rules
        )

    def _all_have(self, fact: str) -> bool:
        return all(
            getattr(self.snapshot.kinds[place], fact)
            for signature in self.slices.signatures
            for place in signature
        )

    @cached_property
    def adds_total(self) -> bool:
        """Whether all goods are asked for, and a slice leaves their total to the reader."""
        return self.codes == {TOTAL} and not self._all_have("has_total")

    @cached_property
    def asks_world(self) -> bool:
        """Whether a run asks for the world, and a slice leaves it to the reader to add up."""
        return any(WORLD in read.partners for read in self.reads) and not self._all_have(
            "has_world"
        )

    def _speaking_for_all(self) -> Table:
        """The slices that speak for every partner."""
        return self._where(lambda kinds: any(kind.partners is None for kind in kinds))

    def adding(self) -> Table:
        """The slices whose world is the sum of their partners, of some goods at least."""
        return self._where(lambda kinds: not all(kind.has_world for kind in kinds))

    def _where(self, is_so: Callable[[list[Kind]], bool]) -> Table:
        kinds = self.snapshot.kinds
        return self.slots.table(frozenset(
            (flow, who, day)
            for (who, flow), days in self.slices.found.items()
            for day, signature in days.items()
            if is_so([kinds[place] for place in signature])
        ))  # fmt: skip

    @cached_property
    def _is_mixed(self) -> bool:
        shortest = min((len(code) for code in self.codes), default=SUBHEADING)
        return levels.is_mixed(self.snapshot.kinds, self.slices.signatures, shortest)

    @cached_property
    def _is_doubled(self) -> bool:
        return levels.is_doubled(self.snapshot.kinds, self.slices.signatures)

    def counted(self, basket: Basket) -> str:
        """Name the session's table of the rows that a basket counts, under its names for them.

        Raises:
            CoverageError: Rows are in a revision that no basket has codes for, or two levels or
                revisions of one cell disagree.
        """
        if basket not in self._counted:
            self._refuse_odd()
            rows = self.matched(basket).mutate(
                product=_.counted_as, classification=_.hs.fill_null(_.classification)
            )
            name = f"basket_{basket.replace('-', '_')}"
            self._counted[basket] = self.slots.tables.keep(
                name, rows.select(*FLOWS.names)
            ).get_name()
        return self._counted[basket]

    def _refuse_odd(self) -> None:
        if self._counted:
            return
        assert self.listed is not None
        listed = self.listed.get_name()
        found = self.engine.run(f"select distinct classification from {listed}")
        names = found["classification"].to_pylist()
        if any(is_subheading(code) for code in self.codes):
            for basket in BASKETS:
                refuse_unbridged(names, basket)
        if self._is_mixed or self._is_doubled:
            levels.refuse_disagreement(
                self.listed, self.evaluate, mixed=self._is_mixed, doubled=self._is_doubled
            )

    def matched(self, basket: Basket) -> Table:
        """Return the stored rows that a basket counts, with `hs` and `counted_as`."""
        assert self.goods is not None
        rows = match(self.listed, self.goods, basket, is_mixed=self._is_mixed)
        rows = levels.one_revision(rows) if self._is_doubled else rows
        # Partners may be given at several levels: each is added up at its own.
        return sums.with_world(rows, self._speaking_for_all()) if self.asks_world else rows

    @cached_property
    def _named(self) -> Table:
        """The rows of every subheading, each counted as all goods: `counted_as` is empty."""
        rows = self.kept.filter(_.product.length() >= SUBHEADING)
        if self.slices.unions and not all(read.reporters for read in self.reads):
            rows = rows.filter(_.reporter.notin(sorted(self.slices.unions)))
        rows = self._current(rows.mutate(code=_.product.substr(0, SUBHEADING)), None)
        mixed = levels.is_mixed(self.snapshot.kinds, self.slices.signatures, SUBHEADING)
        if mixed or self._is_doubled:
            levels.refuse_disagreement(rows, self.evaluate, mixed=mixed, doubled=self._is_doubled)
        rows = one_level(rows) if mixed else rows
        return rows.drop("code").mutate(
            hs=hs_revision(_.classification), counted_as=ibis.literal("")
        )

    @cached_property
    def subheadings(self) -> Table:
        """The rows of every subheading, finer codes added under it.

        Raises:
            CoverageError: Two levels or revisions of one cell disagree.
        """
        rows = levels.one_revision(self._named) if self._is_doubled else self._named
        return rows.mutate(product=_.product.substr(0, SUBHEADING)).select(*FLOWS.names)

    @cached_property
    def controls(self) -> Table:
        """The other subheadings of the chapters of the goods."""
        chapters = sorted({code[:2] for code in self.codes})
        listed = sorted({code[:SUBHEADING] for code in self.codes})
        return self.subheadings.filter(
            _.product.substr(0, 2).isin(chapters), _.product.notin(listed)
        )
