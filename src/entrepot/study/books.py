"""Books: a study's runs on what the store knows, once per basket."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ibis import _

from entrepot.errors import StudyError
from entrepot.harmonise.products import BASKETS, PRESENCE, Basket, links
from entrepot.months import periods
from entrepot.question.answer import books, without_zeros
from entrepot.question.selection import VIEW, Selection
from entrepot.question.words import resolved
from entrepot.schema import FLOWS
from entrepot.study.behind import RowsBehind
from entrepot.study.listed import listed
from entrepot.study.runs import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ibis.expr.types import Table

    from entrepot.contracts import Measure
    from entrepot.question.known import Known
    from entrepot.question.part import Slot
    from entrepot.reads import Reads
    from entrepot.reference.goods import GoodsList
    from entrepot.study.estimates import Made
    from entrepot.study.question import Study
    from entrepot.study.runs import Run
    from entrepot.workspace import Workspace

Row = dict[str, Any]


@dataclass
class Books:
    """The study's rows, selected once, and what is known of each of its runs."""

    study: Study
    workspace: Workspace
    sources: Sequence[str] = ()
    _runs: dict[tuple[str, Basket], list[Row]] = field(default_factory=dict, init=False)
    _queries: dict[str, str] = field(default_factory=dict, init=False)

    @cached_property
    def goods(self) -> GoodsList:
        """The study's goods list, or the codes of it that the study asks for."""
        return listed(self.study)

    @cached_property
    def reporting(self) -> list[tuple[str, str, str]]:
        """Who reports which flow how often, anywhere in the store."""
        return books(self.workspace.engine, self.workspace.snapshot)

    def resolve(self, run: Run) -> dict[str, Any]:
        """Return the parameters of a run with the names of groups replaced by their countries."""
        return resolved(run.measure, run.params, self.reporting)

    def reads(self, run: Run) -> tuple[Reads, ...]:
        """Return which records a run rests on."""
        return tuple(run.measure.reads(**self.resolve(run)))

    @cached_property
    def selection(self) -> Selection:
        """The rows of all the study's runs, read from the store once."""
        return Selection(
            self.workspace.engine,
            self.workspace.snapshot,
            self.goods,
            [self.reads(run) for run in runs(self.study)],
            sources=self.sources or self.study.sources,
            basket=self.basket,
        )

    def named(self, run: Run, kind: str) -> set[str]:
        """Return the countries of the parameter of a kind; without one, those that a run reads."""
        if name := run.measure.first(kind):
            return {*self.resolve(run)[name]}
        read = [read for read in self.reads(run) if not read.optional]
        of = (one.reporters if kind == "Reporters" else one.partners for one in read)
        return {who for names in of for who in names}

    def known(self, run: Run) -> Known:
        """Return which part of a run the store can answer under the study's own basket."""
        return self.selection.known(self.reads(run))

    def compared(self, run: Run) -> frozenset[Slot]:
        """Return the slices that count in a run: of windows compared, those known in all of them.

        As (flow, reporter, period), over every window.
        """
        whole = self.known(run).whole
        found: set[Slot] = set()
        for read in self.reads(run):
            windows = [periods(*span, read.freq) for span in read.spans]
            alike = len({len(days) for days in windows}) == 1
            for days in zip(*windows, strict=True) if alike else ((day,) for day in read.periods):
                for who in {who for flow, who, _day in whole if flow == read.flow}:
                    slots = {(read.flow, who, day) for day in days}
                    found |= slots if slots <= whole else set()
        return frozenset(found)

    @cached_property
    def behind(self) -> RowsBehind:
        """The stored rows behind the study's figures, told apart by figure."""
        return RowsBehind(self)

    @property
    def own(self) -> Table:
        """The selected rows of the study's own basket."""
        return self.workspace.engine.table(self.selection.held.counted(self.basket))

    @cached_property
    def basket(self) -> Basket:
        """The study's own basket.

        Raises:
            StudyError: There is no such basket.
        """
        for basket in BASKETS:
            if basket == self.study.basket:
                return basket
        raise StudyError(
            f"study {self.study.name}: no basket is called {self.study.basket!r}; "
            f"there are: {', '.join(BASKETS)}"
        )

    def run(self, run: Run, basket: Basket | None = None) -> list[Row]:
        """Return a measure's rows under a basket: the study's own, unless another is named.

        The expression is written once and its SQL runs against each basket that is asked for:
        writing it costs ten times more than running it.
        """
        which = basket or self.basket
        key = f"{id(run.measure)} {sorted(run.params.items())}"
        if (key, which) not in self._runs:
            reads, engine = self.reads(run), self.workspace.engine
            self.selection.point(reads, which)
            if key not in self._queries:
                self._queries[key] = engine.compile(
                    self._expression(run.measure, self.resolve(run))
                )
            rows = engine.run(self._queries[key]).to_pylist()
            known = self.selection.known(reads, which)
            self._runs[key, which] = without_zeros(rows, run.measure, known, reads)
        return self._runs[key, which]

    def _expression(self, measure: Measure[Any], params: dict[str, Any]) -> Table:
        goods = {measure.goods: self.products} if measure.goods else {}
        return measure(self.workspace.engine.table(VIEW), **goods, **params)

    @cached_property
    def products(self) -> tuple[str, ...]:
        """Every name under which any basket counts products; a basket's rows have its own only."""
        names = {name for basket in BASKETS for _hs, _code, name in links(self.goods, basket)}
        return tuple(sorted(names))

    def rows(self) -> Table:
        """Return the stored rows behind the headline basket, each with the name it counts under."""
        return self.selection.held.matched(self.basket).drop("hs")

    def codes_in(self, runs: Iterable[Reads], *, base: bool) -> set[str]:
        """Return the products with any row in the windows measured, or in those compared with."""
        windows = {span for read in runs for span in (read.base if base else read.now)}
        return self.selection.codes_in(windows)

    @cached_property
    def estimates(self) -> dict[str, Made]:
        """What the study's estimators found, each on a connection of its own."""
        from entrepot.study.estimates import make

        return {asked.name: make(asked, self) for asked in self.study.estimate}

    def counts(self) -> dict[str, int]:
        """Return how many stored rows of each vintage are behind the brief, each counted once."""
        found = [one.found for one in self.estimates.values() if one.found is not None]
        if not found:
            own = self.own.filter(_.product != PRESENCE)
            counted = self.workspace.rows(own.group_by("vintage").agg(rows=_.count()))
            return {row["vintage"]: row["rows"] for row in counted}
        import pyarrow as pa

        keys = [column.name for column in FLOWS.grain] + ["vintage"]
        held = [self.workspace.arrow(self.rows().select(*keys))]
        held += [one.selection.engine.arrow(one.stored().select(*keys)) for one in found]
        each = pa.concat_tables(held).group_by(keys).aggregate([])
        told = each.group_by("vintage").aggregate([([], "count_all")])
        return dict(zip(*(told[name].to_pylist() for name in told.column_names), strict=True))
