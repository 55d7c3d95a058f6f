"""Workspace: the one place where stages meet; it composes them and does no arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot import config
from entrepot.errors import CoverageError
from entrepot.parts import detectors, estimators, materials, measures, part, sources
from entrepot.publish.mark import mark_of
from entrepot.store.vintages import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.backends.sql import SQLBackend
    from ibis.expr.types import Table

    from entrepot.ask import Answer
    from entrepot.detect._panel import Scan
    from entrepot.engine import Engine
    from entrepot.fetch import Fetched, Plan, Progress, Received
    from entrepot.harmonise.products import Basket
    from entrepot.ingest import ScopeWord
    from entrepot.months import Span
    from entrepot.publish.brief import Brief
    from entrepot.publish.mark import Mark
    from entrepot.question.answer import Measured
    from entrepot.question.estimate import Estimate
    from entrepot.question.selection import Selection
    from entrepot.reads import Reads
    from entrepot.scan.run import Scanned
    from entrepot.status import SourceStatus
    from entrepot.store.compacted import Segment
    from entrepot.store.snapshot import Snapshot
    from entrepot.store.vintages import Vintage
    from entrepot.study import Study

DAYS = 4
"""Other days of a store that stay open beside it: a brief compares with two."""


class Workspace:
    """A store, and the connection that reads it as of a day: where Python users start.

    Args:
        store: The store's folder, which is made when something is taken in, or the address of a
            bucket, as s3://bucket/prefix; None means the configured one.
        as_of: Only what was known on this day.
        engine: What evaluates the rows: `duckdb` in this process, `sc://host:port` of a Spark
            Connect server, or `spark` in this machine; None is `ENTREPOT_ENGINE`, else DuckDB.

    Raises:
        EngineError: No engine has such an address.
    """

    def __init__(
        self,
        store: Path | str | None = None,
        *,
        as_of: date | None = None,
        engine: str | None = None,
    ) -> None:
        chosen = config.place(store) if isinstance(store, str) else store
        self.store = Store(config.store_path(chosen))
        self.as_of = as_of
        self._address = config.engine_address(engine)

    def __repr__(self) -> str:
        day = f" as of {self.as_of}" if self.as_of else ""
        return f"<Workspace {self.store.path}{day}>"

    @cached_property
    def own(self) -> Backend:
        """DuckDB in this process, which knows who published what when, whatever the engine."""
        from entrepot.engine import local

        return local(self.store.path)

    @cached_property
    def engine(self) -> Engine:
        """The session that evaluates rows, with the view of the flows known on the day.

        Raises:
            EngineError: Nobody answers at its address, something is not installed, or it does not
                see every row of the store.
        """
        from entrepot.engine import open_engine

        engine = open_engine(self._address, self.own)
        engine.hold(self.snapshot)
        return engine

    @property
    def con(self) -> SQLBackend:
        """The Ibis connection of the engine, with the session's temporary tables."""
        return self.engine.backend

    def again(self, as_of: date | None = None) -> Workspace:
        """Return a workspace of the same store and engine with a session of its own.

        Args:
            as_of: The day; None is that of this workspace.
        """
        return Workspace(self.store.path, as_of=as_of or self.as_of, engine=self._address)

    def _forget(self) -> None:
        """Let what was read of the store be read again."""
        for name in ("snapshot", "engine", "_days"):
            self.__dict__.pop(name, None)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The vintages known on the day, and the view of their flows."""
        from entrepot.store.audit import verified
        from entrepot.store.snapshot import snapshot

        vintages = self.store.vintages()
        verified(*vintages)
        return snapshot(self.own.con, vintages, as_of=self.as_of)

    def on(self, day: date) -> Workspace:
        """Return the store as known on another day; the last few are kept open."""
        found = self._days.pop(day, None) or self.again(day)
        self._days[day] = found
        while len(self._days) > DAYS:
            del self._days[next(iter(self._days))]
        return found

    @cached_property
    def _days(self) -> dict[date, Workspace]:
        return {}

    @property
    def day(self) -> str:
        """The day as known on which answers stand: the one chosen, or that of the last vintage."""
        days = [vintage.published.isoformat() for vintage in self.snapshot.vintages]
        return str(self.as_of or max(days, default=""))

    def mark(self, vintages: Collection[str] | None = None) -> Mark:
        """Return what stands in every file and picture made from this.

        Args:
            vintages: The ids of those with rows in it; None means all there are.
        """
        known = self.snapshot.vintages
        used = [one for one in known if vintages is None or one.id in vintages]
        return mark_of(used, synthetic=self.snapshot.is_synthetic, as_of=self.day)

    @property
    def flows(self) -> Table:
        """Every flow known on the day, in the columns of `schema.FLOWS`."""
        return self.engine.table(self.snapshot.view)

    @property
    def slices(self) -> Table:
        """Who published what when: one row per source, reporter, freq, flow and period."""
        return self.engine.table(f"{self.snapshot.view}_slices")

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """Evaluate an expression into plain rows."""
        rows: list[dict[str, Any]] = self.arrow(table).to_pylist()
        return rows

    def ingest(
        self,
        source: str,
        files: Iterable[Path],
        *,
        published: date | None = None,
        scope: ScopeWord | None = None,
        mapping: Mapping[str, Any] | None = None,
        synthetic: bool = False,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> list[Vintage]:
        """Take publishers' files in, all or none; return the new vintages.

        Files already in the store are passed over. See `ingest.Batch` for the parameters.

        Raises:
            EntrepotError: With one line that names the file and the next step; the store is
                unchanged.
        """
        from entrepot.ingest import Batch, InputFile, ingest

        batch = Batch(
            name=source,
            source=part(sources(), "source", source),
            files=tuple(InputFile(path) for path in files),
            today=datetime.now(tz=UTC).date(),
            published=published,
            scope=scope,
            mapping=mapping,
            synthetic=synthetic,
        )
        made = ingest(self.store, batch, progress)
        self._forget()
        return made

    def compact(self, progress: Callable[[str], None] = lambda _text: None) -> list[Segment]:
        """Write the rows of many vintages again into few sorted files; no answer changes.

        See `store.compact.compact`.

        Raises:
            StoreError: A vintage is not as written, the disk is full, or another process compacts.
        """
        from entrepot.store.compact import compact

        made = compact(self.store, progress)
        self._forget()
        return made

    def lacking(self, wanted: Plan) -> Plan:
        """Return a plan without what the store holds, before any index is asked."""
        from entrepot.fetch import short
        from entrepot.store.holdings import holdings

        return short(wanted, holdings(self.store.vintages(), wanted.source))

    def fetch(self, wanted: Plan, watch: Progress, *, fresh: bool = False) -> Fetched:
        """Ask a publisher for what a plan wants and the store does not hold, and take it in.

        See `fetch.fetch`; a release that the store holds already is not asked for again.

        Raises:
            EntrepotError: With one line; the store is unchanged, and what was answered is kept
                for the next run.
        """
        from entrepot import fetch
        from entrepot.store.holdings import holdings

        held = None if fresh else holdings(self.store.vintages(), wanted.source)
        source = part(sources(), "source", wanted.source)
        found = fetch.fetch(self.store, source, wanted, watch, held=held, fresh=fresh)
        self._forget()
        return found

    def fetch_material(self, name: str, watch: Progress) -> tuple[Received, ...]:
        """Fetch the files of a material into the store; one it holds already changes nothing.

        See `fetch.material`.

        Raises:
            EntrepotError: With one line; the store is unchanged.
        """
        from entrepot import fetch

        return fetch.material(self.store, name, part(materials(), "material", name), watch)

    def status(self, watch: Progress, *, ask: bool) -> list[SourceStatus]:
        """Return what is stored on the day of each source and reporter, and published by now.

        See `status.status`.
        """
        from entrepot.status import status
        from entrepot.store.known import told

        words = told(self.own.con, self.snapshot.view, self.snapshot.kinds)
        return status(self.store, sources(), watch, ask=ask, told=words, as_of=self.as_of)

    def scan(
        self,
        question: Scan,
        names: Iterable[str] = (),
        *,
        sources: Sequence[str] = (),
        placebos: int | None = None,
        step: Callable[[str], None] = lambda _text: None,
    ) -> Scanned:
        """Run detectors, all unless some are named, on what is known on the day.

        See `scan.scan`.

        Args:
            question: What to look for.
            names: Detectors to run; none runs all.
            sources: Which source to take where several hold the same reporter.
            placebos: How many other destinations to look at in the same way; None is as many as
                `entrepot scan` takes.
            step: Takes what is being done now, in a few words.

        Raises:
            RegistryError: No detector has that name.
            CoverageError: The store lacks the months, the coalition or the goods; two sources
                hold the same reporter; or two levels or revisions of one cell disagree.
        """
        from entrepot.scan.run import reads, scan, spoken

        found = detectors()
        chosen = {name: part(found, "detector", name) for name in names} or found
        self.refuse_empty()
        step("choosing the rows")
        selection = self.selection(reads(question, self.held), sources=sources)
        told = spoken(selection, question)
        held = selection.held.subheadings
        made = scan(held, question, self.arrow, chosen, told, count=placebos, step=step)
        synthetic = self.snapshot.is_synthetic
        return replace(made, stored=selection.held.kept, synthetic=synthetic)

    def selection(self, reads: Sequence[Reads], *, sources: Sequence[str] = ()) -> Selection:
        """Return the rows of every subheading that reads look at, at one level, of one source."""
        from entrepot.question.selection import Selection

        return Selection(self.engine, self.snapshot, None, [reads], sources=sources)

    def arrow(self, table: Table) -> pa.Table:
        """Evaluate an expression into an Arrow table."""
        return self.engine.arrow(table)

    @property
    def held(self) -> Span:
        """The first and last month that anybody published.

        Raises:
            CoverageError: The store holds no monthly figures.
        """
        ends = self.own.con.execute(
            f"""select strftime(min(period), '%Y-%m'), strftime(max(period), '%Y-%m')
            from {self.snapshot.view}_known where freq = 'M'"""
        ).fetchone()
        if not ends or ends[0] is None:
            raise CoverageError(
                f"store {self.store.path}: holds no monthly figures; this needs months: ingest or "
                "fetch some (annual figures are answered with --freq A)"
            )
        return ends[0], ends[1]

    def measure(
        self,
        name: str,
        /,
        *,
        sources: Sequence[str] = (),
        basket: Basket = "as-listed",
        **given: Any,
    ) -> Measured:
        """Run a measure on what is known on the day, and say what is missing from its answer.

        Args:
            name: The measure.
            sources: Which source to take where several hold the same reporter.
            basket: Which codes stand for the goods in older revisions.
            given: Its parameters, in people's words or as values: `reporters="Turkey, eu27"`,
                `goods="8542.31"` or `"chpl-2023-09"`, `months="2022Q1"`.

        Raises:
            RegistryError: No measure has that name.
            StudyError: A parameter is unknown or missing, or a word is not understood.
            CoverageError: Nothing of what is asked is known, or it is known twice.
        """
        from entrepot.question.answer import answer
        from entrepot.question.words import read

        found = part(measures(), "measure", name)
        asked = read(name, found, given, newest=self.newest)
        self.refuse_empty()
        return answer(
            *(self.engine, self.snapshot, name, found, asked), sources=sources, basket=basket
        )

    def estimate(
        self,
        name: str,
        *,
        sources: Sequence[str] = (),
        basket: Basket = "as-listed",
        **given: Any,
    ) -> Estimate:
        """Run an estimator on what is known on the day, and say what is missing from its rows.

        Args:
            name: The estimator.
            sources: Which source to take where several hold the same reporter.
            basket: Which codes stand for the goods in older revisions.
            given: Its parameters, in people's words or as values.

        Raises:
            RegistryError: No estimator has that name, or SciPy is not installed.
            StudyError: A parameter is unknown or missing, or a word is not understood.
            CoverageError: Nothing of what is asked is known, or nothing is there to compare with.
            EntrepotError: The design cannot be fitted.
        """
        from entrepot.question.estimate import estimate
        from entrepot.question.words import read

        found = part(estimators(), "estimator", name)
        asked = read(name, found, given, newest=self.newest)
        self.refuse_empty()
        return estimate(
            *(self.engine, self.snapshot, name, found, asked), sources=sources, basket=basket
        )

    def ask(self, goods: str, **words: Any) -> Answer:
        """Answer one question in people's words, as `entrepot ask` does.

        The answer has `sentence`, `rows`, `gaps` (what is not known), `brief`, `stored()` (the rows
        behind it), `to_arrow()` and `to_pandas()`; a notebook shows it as a page.

        Args:
            goods: Codes, a list, a tier, the path of a CSV, or "all".
            words: `sender` and `receiver`, or `reporter` and `partner` with `flow`; `months`, `by`,
                `base`, `mirror`, `freq`, `top`, `basket`, `sources`. See `ask.Words`.

        Raises:
            EntrepotError: A word is not understood, or nothing of what is asked is known.
        """
        from entrepot.ask import ask, words_of

        return ask(words_of(goods, words), self)

    def brief(self, study: str | Study, *, sources: Sequence[str] = ()) -> Brief:
        """Answer a study, as `entrepot brief` does; nothing is written.

        The brief has `headline`, `figures`, `claims`, `breakdowns` and `evidence`; a notebook shows
        it as a page.

        Args:
            study: A study that ships, the path of one, or one made in Python.
            sources: Which source to take where several hold the same reporter.

        Raises:
            StudyError: There is no such study, or it asks for something that does not exist.
            CoverageError: The store is empty, or can answer nothing of the study.
        """
        from entrepot.study.brief import brief

        return brief(study, self, sources=sources)

    @property
    def newest(self) -> date | None:
        """The newest month that anybody published; None in an empty store."""
        found = self.own.con.execute(
            f"select max(period) from {self.snapshot.view}_known where freq = 'M'"
        ).fetchone()
        day: date | None = found[0] if found else None
        return day

    def refuse_empty(self) -> None:
        """Refuse a store of which nothing is known on the day.

        Raises:
            CoverageError: Always then, with the next step.
        """
        if not self.snapshot.vintages:
            raise CoverageError(
                f"store {self.store.path}: nothing is known as of {self.as_of or 'today'}; ingest "
                "or fetch files first (`entrepot study fetch NAME`), try --demo, or drop --as-of"
            )
