"""Slices: which months of whom are published, by whom, and by which vintages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.question.grid import UNASKED, Grid
from entrepot.question.sources import choose, unions
from entrepot.store.small import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import duckdb

    from entrepot.question.grid import Signature
    from entrepot.question.sources import Book
    from entrepot.reads import Reads
    from entrepot.store.snapshot import Snapshot

Places = dict["Book", dict["date", "Signature"]]


@dataclass(frozen=True)
class Slices:
    """The slices that a set of reads looks at, of one source per reporter and flow.

    `found` gives, per reporter and flow, each published period with the kinds that speak for it.
    `unions` are the reporters left out because their members report too.
    """

    found: Places
    source: dict[Book, str]
    unions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def signatures(self) -> frozenset[Signature]:
        """Every set of kinds that speaks for a slice."""
        return frozenset(one for periods in self.found.values() for one in periods.values())

    def reporters(self, flow: str) -> tuple[str, ...]:
        """Return who published anything of a flow, unions beside their members left out."""
        return tuple(sorted(who for who, other in self.found if other == flow
                            and who not in self.unions))  # fmt: skip

    def asked(self, read: Reads) -> tuple[str, ...]:
        """Return whose books a read needs: those named, or everyone's but the destination's own."""
        if read.reporters:
            return tuple(dict.fromkeys(read.reporters))
        return tuple(who for who in self.reporters(read.flow) if who not in read.partners[:1])


def slices(
    con: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    reads: Sequence[Reads],
    grid: Grid,
    preferred: Sequence[str] = (),
) -> Slices:
    """Return the slices that reads look at.

    Args:
        con: Connection with the snapshot's tables.
        snapshot: What is known on the day.
        reads: What is asked; all of one freq.
        grid: What the kinds know of the goods.
        preferred: Which source to take where several hold the same reporter.

    Raises:
        CoverageError: Two sources hold the same reporter's flow and none is preferred.
    """
    held: dict[tuple[str, str, str], dict[date, Signature]] = defaultdict(dict)
    for source, reporter, flow, period, kinds in _rows(con, snapshot.view, reads):
        if any(_looks_at(one, reporter, flow) for one in reads):
            held[source, reporter, flow][period] = tuple(kinds)
    books: dict[Book, set[str]] = defaultdict(set)
    able: dict[Book, set[str]] = defaultdict(set)
    for source, reporter, flow in held:
        books[reporter, flow].add(source)
    for (source, reporter, flow), periods in held.items():
        if len(books[reporter, flow]) == 1:
            continue
        for one in reads:
            if one.optional or not _looks_at(one, reporter, flow):
                continue
            alike = {grid.plain(periods[day]) for day in one.periods if day in periods}
            if any((grid.matrix(told, one.partners) > UNASKED).any() for told in alike):
                able[reporter, flow].add(source)
    if not preferred:  # what only stands beside an answer is left out where it would be a guess
        answered = [one for one in reads if not one.optional]
        books = {
            book: sources
            for book, sources in books.items()
            if len(sources) == 1 or any(_looks_at(one, *book) for one in answered)
        }
    chosen = choose(books, preferred, able)
    found = {book: held[source, *book] for book, source in chosen.items()}
    return Slices(found, chosen, unions(who for who, _flow in found))


def _rows(
    con: duckdb.DuckDBPyConnection, view: str, reads: Sequence[Reads]
) -> list[tuple[str, str, str, date, list[int]]]:
    """Return what is published of the flows, months and reporters that reads look at."""
    days = [day for one in reads for day in one.periods]
    if not days:
        return []
    who = _reporters(reads)
    theirs = "" if who is None else f"and reporter in (select unnest({texts(sorted(who))}))"
    return con.execute(
        f"""select source, reporter, flow, period, kinds from {view}_known
        where freq in (select unnest({texts([reads[0].freq])}))
            and flow in (select unnest({texts(sorted({one.flow for one in reads}))}))
            and period between date '{min(days)}' and date '{max(days)}' {theirs}
        order by all"""
    ).fetchall()


def _reporters(reads: Iterable[Reads]) -> set[str] | None:
    """Return everybody that reads name; None where one of them takes whoever reports."""
    found: set[str] = set()
    for one in reads:
        if not one.reporters:
            return None
        found |= {*one.reporters}
    return found


def _looks_at(read: Reads, reporter: str, flow: str) -> bool:
    return read.flow == flow and (not read.reporters or reporter in read.reporters)
