"""Behind: the stored rows that each figure reads, and no others, with what gives it again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from entrepot.months import periods
from entrepot.publish.brief import FigureEvidence
from entrepot.question.missing import name_windows
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from entrepot.months import Span
    from entrepot.reads import Reads
    from entrepot.study.books import Books
    from entrepot.study.runs import Run

PLACES = ("Reporters", "Partners", "Countries", "Country")
"""Kinds of parameters that hold countries."""
ROWS = "behind"
FIRST = 50
"""Rows of a figure that a page shows; all of them are in the file of rows."""
ORDER = "reporter, flow, partner, period, product, source"
SHOWN = "reporter, flow, partner, period, product, value_usd, status, vintage, file"
Side = Literal["", "value", "base", "export", "import"]
SIDES: tuple[Side, ...] = ("value", "base", "export", "import")


@dataclass(frozen=True)
class FigureReads:
    """What one figure reads: a run, or one side of it, or what of it is of one product.

    `side` is the role of the figure's column where this names one window or one book; everything
    else, such as a ratio, rests on all that its run reads.
    """

    run: Run
    side: Side = ""
    key: str = ""

    @classmethod
    def of(cls, run: Run, show: str) -> FigureReads:
        """Return what a shown column rests on: "value_usd", or "854231.value_usd" of one row."""
        key, _dot, name = show.rpartition(".")
        roles = {column.name: column.role for column in run.measure.returns.columns}
        return cls(run, next((side for side in SIDES if side == roles[name]), ""), key)

    @property
    def product(self) -> str:
        """The product that it is of, if it is of one."""
        return self.key if self.key[:1].isdigit() else ""

    def spans(self, read: Reads) -> tuple[Span, ...]:
        """Return the windows of a read that it rests on; none where it does not rest on it."""
        if not read.is_counted or (self.side in ("export", "import") and self.side != read.flow):
            return ()
        if self.side == "base":
            return read.base
        return read.now if self.side == "value" else read.spans


class RowsBehind:
    """The rows behind a study's figures, in a table of the session, told apart by figure.

    `figures` says what each figure rests on, by its name, once they are answered.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._con = books.workspace.engine.own.con
        self._conditions: dict[Any, str] = {}
        self.figures: dict[str, Sequence[FigureReads]] = {}

    @cached_property
    def table(self) -> str:
        """The session's table of the stored rows that the study's own basket counts."""
        return self._books.selection.tables.fetch(ROWS, self._books.rows())

    def condition(self, owns: Iterable[FigureReads]) -> str:
        """Return the SQL that is true of the rows that a figure reads."""
        return " or ".join(dict.fromkeys(self._one(own) for own in owns)) or "false"

    def _one(self, own: FigureReads) -> str:
        key = (id(own.run.measure), str(sorted(own.run.params.items())), own.side, own.key)
        if key not in self._conditions:
            self._conditions[key] = self._told(own)
        return self._conditions[key]

    def _told(self, own: FigureReads) -> str:
        known, compared = self._books.known(own.run), self._books.compared(own.run)
        sides = []
        for read in self._books.reads(own.run):
            days = {day for span in own.spans(read) for day in periods(*span, read.freq)}
            slots = [(who, day) for flow, who, day in compared if flow == read.flow and day in days]
            gone = {who for flow, _who, dropped in known.dropped if flow == read.flow
                    for who in dropped}  # fmt: skip
            partners = [who for who in read.partners if who not in gone]
            partners = [own.key] if own.key in partners else partners
            told = [f"flow = {quoted(read.flow)}", _slots(slots)]
            told += [f"partner in ({_texts(partners)})"] if read.partners else []
            sides += [" and ".join(told)] if slots else []
        names = {own.product} & {*known.names} if own.product else known.names
        if not sides or not names:
            return "false"
        either = " or ".join(f"({side})" for side in sides)
        return f"(counted_as in ({_texts(names)}) and ({either}))"

    def evidence(self, owns: Sequence[FigureReads], command: str) -> FigureEvidence:
        """Return what a figure rests on: its runs in words, its rows by window and vintage."""
        where = self.condition(owns)
        counted = self._con.execute(
            f"select vintage, file, period, count(*) from {self.table} where {where} group by all"
        ).fetchall()
        first = self._con.execute(
            f"select {SHOWN} from {self.table} where {where} order by {ORDER} limit {FIRST}"
        )
        return FigureEvidence(
            measure=" and ".join(dict.fromkeys(called(own.run) for own in owns)),
            filter=tuple(line for own in owns for line in _filter(own.run, self._books)),
            windows=tuple(self._windows(owns, [(day, count) for *_one, day, count in counted])),
            files=tuple(sorted({(vintage, file) for vintage, file, *_rest in counted})),
            rows=sum(count for *_rest, count in counted),
            first=tuple(first.to_arrow_table().to_pylist()),
            command=command,
        )

    def _windows(
        self, owns: Sequence[FigureReads], counted: Iterable[tuple[date, int]]
    ) -> list[tuple[str, int]]:
        """Return how many rows are of each side of a comparison, the years apart."""
        counts: dict[date, int] = {}
        for day, count in counted:
            counts[day] = counts.get(day, 0) + count
        reads = [(own, read) for own in owns for read in self._books.reads(own.run)]
        spans = dict.fromkeys(span for own, read in reads for span in own.spans(read))
        freqs = {read.freq for _own, read in reads}
        found = []
        for span in sorted(spans):
            days = {day for freq in freqs for day in periods(*span, freq)}
            found.append((name_windows([span]), sum(counts.get(day, 0) for day in days)))
        return found


def again(run: Run, books: Books, place: Sequence[str]) -> str:
    """Return the command that gives a run's numbers again, in the words of the study.

    Args:
        run: What to give again.
        books: The study's.
        place: Options that say where to read, as `--demo`.
    """
    study, kept = books.study, books.workspace
    words = ["entrepot", "measure", "run", called(run)]
    for name, value in run.params.items():
        if value is not None and value != run.measure.params[name].default and value != ():
            words += [f"--{name.replace('_', '-')}", _spoken(value)]
    if run.measure.goods:
        words += ["--goods", ",".join(books.goods.codes) if study.codes else study.goods]
    words += ["--basket", study.basket] if study.basket != "as-listed" else []
    for source in books.sources or study.sources:
        words += ["--source", source]
    words += [*place, *(["--as-of", f"{kept.as_of}"] if kept.as_of else [])]
    return shlex.join(words)


def called(run: Run) -> str:
    """Return the name of a run's measure."""
    return run.measure.run.__name__


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _filter(run: Run, books: Books) -> list[tuple[str, str]]:
    """Return the parameters of a run in words, with the members of groups by name."""
    told = [("goods", f"{books.goods.title}, basket {books.basket}")]
    for name, value in books.resolve(run).items():
        if value is None or value == ():
            continue
        if run.measure.kind(name) in PLACES:
            codes = value if isinstance(value, tuple) else (value,)
            told.append((name, ", ".join(countries.name(code) for code in codes)))
        else:
            told.append((name, _spoken(value)))
    return told


def _slots(slots: Iterable[tuple[str, date]]) -> str:
    """Return the SQL of reporters and months, said once for reporters with the same months."""
    months: dict[str, set[date]] = {}
    for who, day in slots:
        months.setdefault(who, set()).add(day)
    alike: dict[frozenset[date], list[str]] = {}
    for who, days in months.items():
        alike.setdefault(frozenset(days), []).append(who)
    found = (
        f"reporter in ({_texts(whos)}) and period in ({_texts(map(str, days))})"
        for days, whos in alike.items()
    )
    return f"({' or '.join(found)})"


def _texts(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in sorted(names))


def quoted(name: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + name.replace("'", "''") + "'"
