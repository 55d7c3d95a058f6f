"""Selection: the rows that answer runs of measures, at one level, from one source each."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from entrepot.errors import CoverageError
from entrepot.harmonise.products import (
    BASKETS,
    Basket,
    coded,
    hs_revision,
    is_subheading,
    links,
    match,
    one_level,
    refuse_unbridged,
)
from entrepot.months import periods
from entrepot.question import levels, sums, withheld
from entrepot.question.grid import Grid
from entrepot.question.known import known
from entrepot.question.present import Present
from entrepot.question.slices import slices
from entrepot.question.withheld import CORRECTION
from entrepot.schema import FLOWS
from entrepot.store.known import SUBHEADING, TOTAL, WORLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from entrepot.months import Span
    from entrepot.question.gaps import Gap
    from entrepot.question.known import Known
    from entrepot.question.slices import Slices
    from entrepot.reads import Reads
    from entrepot.reference.goods import GoodsList
    from entrepot.store.snapshot import Snapshot

VIEW = "selection"


class Selection:
    """What several runs rest on, read from the store once.

    Measures see nothing else: rows at one level of codes and in one revision, of one source per
    reporter, with a presence row for each slice that speaks for all that a run asks.

    Args:
        con: The connection that holds the snapshot's views.
        snapshot: What is known on the day.
        goods: The goods; None is every subheading there is.
        runs: The reads of each run that may be asked for.
        sources: Which source to take where several hold the same reporter, the first one first.
        basket: Which codes stand for the goods in older revisions, unless a run says otherwise.
    """

    def __init__(
        self,
        con: Backend,
        snapshot: Snapshot,
        goods: GoodsList | None,
        runs: Sequence[Sequence[Reads]],
        *,
        sources: Sequence[str] = (),
        basket: Basket = "as-listed",
    ) -> None:
        self.con, self.snapshot, self.goods, self.basket = con, snapshot, goods, basket
        self._reads = [read for run in runs for read in run]
        self._preferred = sources
        self._known: dict[tuple[Basket, tuple[Reads, ...]], Known] = {}
        self._counted: dict[Basket, str] = {}
        self._views: set[str] = set()

    @cached_property
    def freq(self) -> str:
        """The frequency of all the runs.

        Raises:
            CoverageError: They mix monthly and annual figures.
        """
        freqs = sorted({read.freq for read in self._reads})
        if len(freqs) > 1:
            raise CoverageError(
                "a question asks for monthly and for annual figures at once; ask for one of them"
            )
        return freqs[0] if freqs else "M"

    def grid(self, basket: Basket) -> Grid:
        """Return what the kinds of slices know of the goods as a basket counts them."""
        counted = None if self.goods is None else tuple(links(self.goods, basket))
        return Grid(self.snapshot.kinds, counted)

    @cached_property
    def _grids(self) -> dict[Basket, Grid]:
        return {basket: self.grid(basket) for basket in BASKETS}

    @cached_property
    def slices(self) -> Slices:
        """Who published what, of the months and reporters that the runs look at."""
        assert self.freq
        return slices(
            self.con.con, self.snapshot, self._reads, self._grids[self.basket], self._preferred
        )

    def evaluate(self, table: Table) -> list[dict[str, Any]]:
        """Return the rows of an expression."""
        found = self.con.con.execute(self.con.compile(table)).to_arrow_table()
        # DuckDB adds counts up into a wider type than the expression declares.
        rows: list[dict[str, Any]] = found.cast(table.schema().to_pyarrow(), safe=False).to_pylist()
        return rows

    @cached_property
    def kept(self) -> Table:
        """The stored rows of the reporters, months and sources that the runs look at.

        Corrections below zero are left out of every sum, and counted by `known`.
        """
        return self._everything.filter(_.status != CORRECTION)

    @cached_property
    def _everything(self) -> Table:
        """The stored rows that the runs look at, corrections among them."""
        days = [day for read in self._reads for day in read.periods]
        flows = self.con.table(self.snapshot.view)
        if not days:
            return flows.limit(0)
        kept = flows.filter(
            _.freq == self.freq,
            _.period.between(min(days), max(days)),
            _.flow.isin(sorted({read.flow for read in self._reads})),
        )
        if all(read.reporters for read in self._reads):
            who = sorted({code for read in self._reads for code in read.reporters})
            kept = kept.filter(_.reporter.isin(who))
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
    def listed(self) -> Table:
        """The stored rows of any basket's codes and of finer ones, from one scan of the store."""
        assert self.goods is not None
        rows = coded(self.kept, self.codes).drop("code")
        if self.codes == {TOTAL} and not self._has_totals:
            rows = sums.with_total(self.kept, self._slots.table(self._slots.published))
        return self._keep("listed", rows)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that any basket counts."""
        assert self.goods is not None
        return frozenset(code for b in BASKETS for _hs, code, _name in links(self.goods, b))

    @cached_property
    def _has_totals(self) -> bool:
        return all(
            self.snapshot.kinds[place].has_total
            for signature in self.slices.signatures
            for place in signature
        )

    @cached_property
    def _asks_world(self) -> bool:
        """Whether a run asks for the world, and a slice leaves it to the reader to add up."""
        return any(WORLD in read.partners for read in self._reads) and not all(
            self.snapshot.kinds[place].has_world
            for signature in self.slices.signatures
            for place in signature
        )

    def _speaking_for_all(self) -> Table:
        """The slices that speak for every partner."""
        return self._slots.table(frozenset(
            (flow, who, day)
            for (who, flow), days in self.slices.found.items()
            for day, signature in days.items()
            if any(self.snapshot.kinds[place].partners is None for place in signature)
        ))  # fmt: skip

    @cached_property
    def _slots(self) -> Present:
        return Present(self.con, self.slices, self.freq)

    @cached_property
    def _mixed(self) -> bool:
        shortest = min((len(code) for code in self.codes), default=SUBHEADING)
        if self.codes == {TOTAL}:
            return False
        return levels.is_mixed(self.snapshot.kinds, self.slices.signatures, shortest)

    def counted(self, basket: Basket) -> str:
        """Name the session's table of the rows that a basket counts, under its names for them.

        Raises:
            CoverageError: Rows are in a revision that no basket has codes for, or two levels or
                revisions of one cell disagree.
        """
        if basket not in self._counted:
            self._refuse_odd()
            rows = self.matched(basket).mutate(
                product=_.counted_as, classification=ibis.coalesce(_.hs, _.classification)
            )
            name = f"basket_{basket.replace('-', '_')}"
            self._keep(name, rows.select(*FLOWS.names))
            self._counted[basket] = name
        return self._counted[basket]

    def _refuse_odd(self) -> None:
        if self._counted:
            return
        found = self.evaluate(self.listed.select("classification").distinct())
        names = [row["classification"] for row in found]
        if any(is_subheading(code) for code in self.codes):
            for basket in BASKETS:
                refuse_unbridged(names, basket)
        if self._mixed or self._is_doubled:
            levels.refuse_disagreement(
                self.listed, self.evaluate, mixed=self._mixed, doubled=self._is_doubled
            )

    @cached_property
    def _is_doubled(self) -> bool:
        return levels.is_doubled(self.snapshot.kinds, self.slices.signatures)

    def matched(self, basket: Basket) -> Table:
        """Return the stored rows that a basket counts, with `hs` and `counted_as`."""
        assert self.goods is not None
        rows = match(self.listed, self.goods, basket, is_mixed=self._mixed)
        rows = levels.newest_revision(rows) if self._is_doubled else rows
        # Partners may be given at several levels: each is added up at its own.
        return sums.with_world(rows, self._speaking_for_all()) if self._asks_world else rows

    def known(self, reads: Sequence[Reads], basket: Basket | None = None) -> Known:
        """Return which part of a run can be answered, and what is missing from it."""
        key = (basket or self.basket, tuple(reads))
        if key not in self._known:
            found = known(reads, self.slices, self._grids[key[0]])
            told = [
                withheld.with_broader(gap, self._everything, reads, self.evaluate)
                for gap in found.gaps
            ]
            self._known[key] = replace(found, gaps=(*told, *self._withheld(reads, found)))
        return self._known[key]

    def _withheld(self, reads: Sequence[Reads], what: Known) -> list[Gap]:
        found = self.slices.found
        places = {place for flow, who, day in what.whole for place in found[who, flow][day]}
        kinds = [self.snapshot.kinds[place] for place in places]
        told: list[Gap] = []
        if self.goods is not None and (stems := withheld.stems(kinds, self.codes)):
            told += withheld.torn(self._everything, reads, stems, self.evaluate)
        if withheld.is_any(kinds):
            rows = self._everything
            if self.goods is not None:
                rows = coded(rows, self.codes)
            told += withheld.counted(rows, reads, self.evaluate)
        return told

    def rows(self, reads: Sequence[Reads], basket: Basket | None = None) -> Table:
        """Return the flows that a run sees, with a presence row per slice that counts.

        The columns are those of `schema.FLOWS`; a product stands under the name that the basket
        counts it by.
        """
        self.point(reads, basket)
        return self.con.table(VIEW)

    def point(self, reads: Sequence[Reads], basket: Basket | None = None) -> None:
        """Let the view `selection` show the flows that a run sees.

        Its SQL is put together from names of tables: writing it by Ibis would cost more than a run.
        """
        which = basket or self.basket
        what = self.known(reads, which)
        tables = ["subheadings" if self.goods is None else self.counted(which)]
        if self.goods is None:
            self._view("subheadings", self.subheadings)
        if any(read.has_controls for read in reads):
            self._view("controls", self._controls)
            tables.append("controls")
        present = self._present(reads, what)
        where = " and ".join(self._seen(reads, what, which, present)) or "true"
        columns = ", ".join(FLOWS.names)
        parts = [f"select {columns} from {table} where {where}" for table in tables]
        parts.append(f"select {columns} from {present}_rows")
        self.con.con.execute(f"create or replace temp view {VIEW} as {' union all '.join(parts)}")

    def _view(self, name: str, table: Table) -> None:
        if name not in self._views:
            self._views.add(name)
            self.con.con.execute(f"create or replace temp view {name} as {self.con.compile(table)}")

    def _seen(self, reads: Sequence[Reads], what: Known, basket: Basket, present: str) -> list[str]:
        """Say which rows count: those of slices that speak for all that is counted."""
        found = []
        if self.goods is not None and len(what.names) < len(self._grids[basket].names):
            if any(read.has_controls for read in reads):
                gone = {*self._grids[basket].names} - {*what.names}
                found.append(f"product not in ({_texts(gone)})")
            else:
                found.append(f"product in ({_texts(what.names) or 'null'})")
        for flow, reporters, partners in what.dropped:
            theirs = f" and reporter in ({_texts(reporters)})" if reporters else ""
            found.append(f"not (flow = '{flow}' and partner in ({_texts(partners)}){theirs})")
        if not self._is_all(reads, what):
            keys = "reporter, flow, period"
            found.append(f"({keys}) in (select ({keys}) from {present})")
        return found

    def _is_all(self, reads: Sequence[Reads], what: Known) -> bool:
        """Whether no slice of the selection has to be left out of a run."""
        loose = any(not read.reporters for read in reads) and self.slices.unions
        return not (what.lacks or loose)

    def _present(self, reads: Sequence[Reads], what: Known) -> str:
        """The slices that count, as a table of the session; `<name>_rows` are their rows."""
        if self._is_all(reads, what):
            return self._slots.name(self._slots.published, what.limited)
        optional = [read for read in reads if read.optional]
        counted = {*what.whole} | {
            (read.flow, who, day)
            for read in optional
            for who in (read.reporters or self.slices.reporters(read.flow))
            for day in self.slices.found.get((who, read.flow), {})
            if (read.flow, who, day) not in what.lacks
        }
        return self._slots.name(frozenset(counted), what.limited)

    @cached_property
    def subheadings(self) -> Table:
        """The stored rows of every subheading, finer codes added under it.

        Raises:
            CoverageError: Two levels or revisions of one cell disagree.
        """
        rows = self.kept.filter(_.product.length() >= SUBHEADING, _.product != TOTAL)
        if self.slices.unions and not all(read.reporters for read in self._reads):
            rows = rows.filter(_.reporter.notin(sorted(self.slices.unions)))
        mixed, doubled = (
            levels.is_mixed(self.snapshot.kinds, self.slices.signatures, SUBHEADING),
            levels.is_doubled(self.snapshot.kinds, self.slices.signatures),
        )
        if mixed or doubled:
            levels.refuse_disagreement(rows, self.evaluate, mixed=mixed, doubled=doubled)
        if mixed:
            rows = one_level(rows.mutate(code=_.product.substr(0, SUBHEADING))).drop("code")
        rows = rows.mutate(product=_.product.substr(0, SUBHEADING))
        if doubled:
            named = rows.mutate(hs=hs_revision(_.classification), counted_as=_.product)
            rows = levels.newest_revision(named)
        return rows.select(*FLOWS.names)

    @cached_property
    def _controls(self) -> Table:
        """The other subheadings of the chapters of the goods."""
        chapters = sorted({code[:2] for code in self.codes})
        listed = sorted({code[:SUBHEADING] for code in self.codes})
        return self.subheadings.filter(
            _.product.substr(0, 2).isin(chapters), _.product.notin(listed)
        )

    def _keep(self, name: str, table: Table) -> Table:
        """Evaluate an expression into a temporary table of the session and return it."""
        sql = self.con.compile(table)
        self.con.con.execute(f'create or replace temp table "{name}" as {sql}')
        return self.con.table(name)

    @cached_property
    def traded(self) -> set[tuple[str, date]]:
        """The (product, month) pairs with a row in the selection's own basket."""
        own = self.con.table(self.counted(self.basket))
        rows = self.evaluate(own.select("product", "period").distinct())
        return {(row["product"], row["period"]) for row in rows}

    def codes_in(self, windows: Iterable[Span]) -> set[str]:
        """Return the products with any row in the windows, whoever the partner."""
        wanted = {day for window in windows for day in periods(*window, self.freq)}
        return {product for product, day in self.traded if day in wanted}


def _texts(names: Iterable[str]) -> str:
    return ", ".join("'" + name.replace("'", "''") + "'" for name in sorted({*names}))
