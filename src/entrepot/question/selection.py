"""Selection: the rows that answer runs of measures, at one level, from one source each."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.errors import CoverageError
from entrepot.harmonise.products import BASKETS, Basket, coded, links
from entrepot.months import periods
from entrepot.question import withheld
from entrepot.question.grid import Grid
from entrepot.question.held import Held
from entrepot.question.known import halves_of, known
from entrepot.question.present import Present
from entrepot.question.slices import slices
from entrepot.question.tables import Tables
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ibis.expr.types import Table

    from entrepot.engine import Engine
    from entrepot.months import Span
    from entrepot.question.gaps import Gap
    from entrepot.question.known import Halves, Known
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
        engine: The session that holds the snapshot's views.
        snapshot: What is known on the day.
        goods: The goods; None is every subheading there is.
        runs: The reads of each run that may be asked for.
        sources: Which source to take where several hold the same reporter, the first one first.
        basket: Which codes stand for the goods in older revisions, unless a run says otherwise.
    """

    def __init__(
        self,
        engine: Engine,
        snapshot: Snapshot,
        goods: GoodsList | None,
        runs: Sequence[Sequence[Reads]],
        *,
        sources: Sequence[str] = (),
        basket: Basket = "as-listed",
    ) -> None:
        self.engine, self.snapshot, self.goods, self.basket = engine, snapshot, goods, basket
        self._reads = [read for run in runs for read in run]
        self._preferred = sources
        self._known: dict[tuple[Basket, tuple[Reads, ...]], Known] = {}
        self.tables = Tables(engine)
        self._views: dict[str, str] = {}
        self._halves: dict[Basket, Halves] = {}

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
        own, grid = self.engine.own.con, self._grids[self.basket]
        return slices(own, self.snapshot, self._reads, grid, self._preferred)

    @cached_property
    def held(self) -> Held:
        """The stored rows that the runs look at."""
        slots = Present(self.engine, self.slices, self.freq, self.tables)
        return Held(self.engine, self.snapshot, self.goods, self._reads, self.slices, slots)

    def known(self, reads: Sequence[Reads], basket: Basket | None = None) -> Known:
        """Return which part of a run can be answered, and what is missing from it."""
        key = (basket or self.basket, tuple(reads))
        if key not in self._known:
            grid = self._grids[key[0]]
            if key[0] not in self._halves:
                self._halves[key[0]] = halves_of(self.slices, grid)
            found = known(reads, self.slices, grid, self._halves[key[0]])
            told = [
                withheld.with_broader(gap, self.held.everything, reads, self.held.evaluate)
                if gap.reason == "only coarser"
                else gap
                for gap in found.gaps
            ]
            self._known[key] = replace(found, gaps=(*told, *self._withheld(reads, found)))
        return self._known[key]

    def _withheld(self, reads: Sequence[Reads], what: Known) -> list[Gap]:
        found = self.slices.found
        places = {place for flow, who, day in what.whole for place in found[who, flow][day]}
        kinds = [self.snapshot.kinds[place] for place in places]
        told: list[Gap] = []
        stems = withheld.stems(kinds, () if self.goods is None else self.held.codes)
        if not stems and not withheld.is_any(kinds):
            return []
        evaluate = self.held.evaluate
        rows = withheld.with_summed(self.held.everything, reads, self.held.adding())
        if stems:
            told += withheld.torn(rows, stems, evaluate)
        if withheld.is_any(kinds):
            if self.goods is not None and not self.held.adds_total:
                rows = coded(rows, self.held.codes)
            told += withheld.counted(rows, evaluate)
        return told

    def rows(self, reads: Sequence[Reads], basket: Basket | None = None) -> Table:
        """Return the flows that a run sees, with a presence row per slice that counts.

        The columns are those of `schema.FLOWS`; a product stands under the name that the basket
        counts it by.
        """
        self.point(reads, basket)
        return self.engine.table(VIEW)

    def point(self, reads: Sequence[Reads], basket: Basket | None = None) -> None:
        """Let the view `selection` show the flows that a run sees.

        Its SQL is put together from names of tables: writing it by Ibis would cost more than a run.
        """
        which = basket or self.basket
        what = self.known(reads, which)
        if self.goods is None:
            tables = [self._view("subheadings", self.held.subheadings)]
        else:
            tables = [self.held.counted(which)]
        if any(read.has_controls for read in reads):
            tables.append(self._view("controls", self.held.controls))
        present = self._present(reads, what)
        where = " and ".join(self._seen(reads, what, which, present)) or "true"
        columns = ", ".join(FLOWS.names)
        parts = [f"select {columns} from {table} t where {where}" for table in tables]
        parts.append(f"select {columns} from {present}_rows")
        self.engine.show(VIEW, " union all ".join(parts))

    def _view(self, name: str, table: Table) -> str:
        if name not in self._views:
            self._views[name] = self.tables.view(name, table)
        return self._views[name]

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
            same = " and ".join(f"p.{key} = t.{key}" for key in ("reporter", "flow", "period"))
            found.append(f"exists (select 1 from {present} p where {same})")
        return found

    def _is_all(self, reads: Sequence[Reads], what: Known) -> bool:
        """Whether no slice of the selection has to be left out of a run."""
        loose = any(not read.reporters for read in reads) and self.slices.unions
        return not (what.lacks or loose)

    def _present(self, reads: Sequence[Reads], what: Known) -> str:
        """The slices that count, as a table of the session; `<name>_rows` are their rows."""
        if self._is_all(reads, what):
            return self.held.slots.name(self.held.slots.published, what.limited)
        optional = [read for read in reads if read.optional]
        counted = {*what.whole} | {
            (read.flow, who, day)
            for read in optional
            for who in self.slices.asked(read)
            for day in self.slices.found.get((who, read.flow), {})
            if (read.flow, who, day) not in what.lacks
        }
        return self.held.slots.name(frozenset(counted), what.limited)

    @cached_property
    def traded(self) -> set[tuple[str, date]]:
        """The (product, month) pairs with a row in the selection's own basket."""
        own = self.held.counted(self.basket)
        found = self.engine.run(f"select distinct product, period from {own}")
        return {*zip(*(found[name].to_pylist() for name in found.column_names), strict=True)}

    def codes_in(self, windows: Iterable[Span]) -> set[str]:
        """Return the products with any row in the windows, whoever the partner."""
        wanted = {day for window in windows for day in periods(*window, self.freq)}
        return {product for product, day in self.traded if day in wanted}


def _texts(names: Iterable[str]) -> str:
    return ", ".join("'" + name.replace("'", "''") + "'" for name in sorted({*names}))
