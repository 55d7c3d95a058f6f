"""Compact: write the rows of many vintages again, into few files that are sorted by product.

Vintages stay as they are; what is made here can be removed at any time. One source at a time, its
new vintages become a segment; smaller segments join it, so that few are left and each row is
written again only as often as the source doubles. Files hold a range of products each, so that a
sort holds `CHUNK` rows and no more, and a run that was killed goes on after the last whole file.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from entrepot.errors import StoreError
from entrepot.schema import FLOWS
from entrepot.store import compacted, disk
from entrepot.store.archive import SHORT, digest
from entrepot.store.audit import verified
from entrepot.store.compacted import FOLDER, LIVE, PAST, Covered, Pile, Segment
from entrepot.store.known import FACTS
from entrepot.store.lock import locked
from entrepot.store.manifests import MANIFEST, SLICES
from entrepot.store.paths import parquet, quoted
from entrepot.store.rowfiles import KEY, rows_known
from entrepot.store.snapshot import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from entrepot.store.vintages import Store, Vintage

CHUNK = 5_000_000
"""Rows that are sorted at once: about 1.5 GB in memory at the most."""
ROW_GROUP = 122_880
SORTED = ("product", "reporter", "partner", "flow", "period", "classification", "freq")
FEW, SMALL = 4, 1_000_000
"""Files, and rows, up to which vintages are read as fast as they are."""
GROWTH = 2
"""A segment with up to so many times the rows of those that join is written again with them."""
GRACE = 24 * 3600
"""Seconds that a segment stays after another took its place, for those who still read it."""
MEMORY = "2GB"
MANY, SECONDS = 200, 0.0006
"""Files from which on it is worth saying so, and the CPU seconds that one more costs a question."""
_WORK = ".work-"


@dataclass(frozen=True, slots=True)
class Compaction:
    """One segment to be made: the vintages that it will hold, and all there are of their source."""

    vintages: tuple[Vintage, ...]
    known: tuple[Vintage, ...]

    @property
    def source(self) -> str:
        """The one source."""
        return self.known[0].source

    @property
    def name(self) -> str:
        """Name of its folder: which slices are live depends on every vintage of the source."""
        told = [[(one.id, one.manifest) for one in some] for some in (self.vintages, self.known)]
        text = json.dumps([compacted.LAYOUT, CHUNK, *told])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def rows(self) -> int:
        """Its rows."""
        return sum(vintage.rows for vintage in self.vintages)

    @property
    def files(self) -> int:
        """The files that hold them now, in vintages."""
        return sum(len(vintage.flows) for vintage in self.vintages)


def plans(store: Store) -> list[Compaction]:
    """Return the segments that would make questions faster, one per source; empty where none would.

    Raises:
        StoreError: The store is not as written.
    """
    vintages = store.vintages()
    segments = compacted.serving(compacted.found(store.path), vintages)
    made = [
        _plan([one for one in vintages if one.source == source], segments)
        for source in sorted({vintage.source for vintage in vintages})
    ]
    return [plan for plan in made if plan]


def _plan(mine: list[Vintage], segments: Sequence[Segment]) -> Compaction | None:
    """Return what is to be made of a source's vintages, oldest first."""
    theirs = [one for one in segments if one.source == mine[0].source]
    joined = [one for one in mine if not any(segment.has(one) for segment in theirs)]
    rows = sum(one.rows for one in joined)
    if sum(len(one.flows) for one in joined) <= FEW and rows <= SMALL:
        return None
    for segment in sorted(theirs, key=lambda one: one.rows):
        if segment.rows <= GROWTH * rows:
            joined += [one for one in mine if segment.has(one)]
            rows += segment.rows
    joined.sort(key=lambda vintage: vintage.order)
    return Compaction(tuple(joined), tuple(mine))


def offer(store: Store) -> str:
    """Return a line that says what compacting would gain; "" where that is little."""
    files = sum(plan.files for plan in plans(store))
    if files < MANY:
        return ""
    return (
        f"the rows lie in {files:,} files, which costs each question some {files * SECONDS:.1f} s; "
        "`entrepot store compact` writes them into few beside the vintages"
    )


def compact(store: Store, progress: Callable[[str], None]) -> list[Segment]:
    """Make the segments that `plans` names; one that a killed run began is gone on with.

    Writers may take files in meanwhile: what they add is read beside the segments until the next
    run. Every answer is the same before, meanwhile and afterwards.

    Args:
        store: The store.
        progress: Takes lines of progress.

    Returns:
        The new segments.

    Raises:
        StoreError: A vintage is not as written, the disk is full, or another process compacts.
    """
    place = store.path / FOLDER
    if not store.head()[0].vintages:
        return []
    with disk.writable(store.path):
        disk.refuse_links(place)
        place.mkdir(exist_ok=True)
        with locked(place / "lock", f"compacts {store.path}"):
            wanted = plans(store)
            _clear(store, {f"{_WORK}{plan.name}" for plan in wanted})
            return [_make(store, plan, progress) for plan in wanted]


def _clear(store: Store, kept: set[str]) -> None:
    """Remove what other runs left half made, and segments that others took the place of."""
    place = store.path / FOLDER
    for left_over in place.glob(f"{_WORK}*"):
        if left_over.name not in kept:
            disk.remove(left_over)
    serving = compacted.serving(compacted.found(store.path), store.vintages())
    used = {segment.folder for segment in serving}
    for folder in compacted.folders(store.path):
        if folder not in used and time.time() - folder.stat().st_mtime > GRACE:
            disk.remove(folder)


def _make(store: Store, plan: Compaction, progress: Callable[[str], None]) -> Segment:
    place = store.path / FOLDER
    work, target = place / f"{_WORK}{plan.name}", place / plan.name
    disk.refuse_links(work, target)
    work.mkdir(exist_ok=True)
    verified(*plan.known)
    with _connection(work) as con:
        piles = _slices(con, plan, work / SLICES)
        parts = _flows(con, plan, piles, work, progress)
        _refuse_other_rows(con, plan, [work / name for name in parts])
    disk.flush(work / SLICES)
    parts[SLICES] = digest(work / SLICES).sha256
    covered = {one.id: Covered(one.manifest, one.rows) for one in plan.vintages}
    segment = Segment(plan.source, covered, piles, parts, work)
    content = compacted.render(segment)
    (work / MANIFEST).write_bytes(content)
    for stray in set(work.iterdir()) - {work / name for name in (*parts, MANIFEST)}:
        disk.remove(stray)
    disk.flush(work / MANIFEST)
    disk.flush(work)
    disk.remove(target)  # one that is not as it was written
    work.rename(target)
    disk.flush(place)
    return compacted.parse(content, target)


@contextmanager
def _connection(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute(f"set memory_limit = '{MEMORY}'")
        con.execute(f"set temp_directory = {quoted(work / 'spill')}")
        try:
            yield con
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"{work}: needs more memory than {MEMORY} ({error}); nothing was changed: run "
                "`entrepot store compact` again with fewer programs beside it"
            ) from None
        except duckdb.IOException as error:
            raise OSError(None, str(error)) from None


def _slices(con: duckdb.DuckDBPyConnection, plan: Compaction, path: Path) -> tuple[Pile, ...]:
    """Write the slices of a segment, each with its pile; make `piles` of them."""
    resolve(con, list(plan.known))
    mine = ", ".join(f"'{one.id}'" for one in plan.vintages)
    con.execute(f"""create or replace temp table piles as
        select s.vintage, {", ".join(f"s.{key}" for key in KEY.split(", "))}, s.rows,
            {", ".join(f"s.{name}" for name in FACTS)},
            case when l.vintage is null then {PAST} else {LIVE} end as pile
        from slices s left join live l using (vintage, {KEY}) where s.vintage in ({mine})""")
    con.execute(f"""copy (from piles order by vintage, {KEY}) to {quoted(path)}
        (format parquet, compression zstd)""")
    counted = {
        pile: Pile(slices, rows)
        for pile, slices, rows in con.execute("""select pile, count(*) filter (rows > 0),
            sum(rows)::bigint from piles group by pile""").fetchall()
    }
    return tuple(counted.get(pile, Pile(0, 0)) for pile in (LIVE, PAST))


def _flows(
    con: duckdb.DuckDBPyConnection,
    plan: Compaction,
    piles: Sequence[Pile],
    work: Path,
    progress: Callable[[str], None],
) -> dict[str, str]:
    """Write the rows, a range of products after the other; return the files with their hashes."""
    parts = {}
    for pile in (LIVE, PAST):
        if not piles[pile].rows:
            continue
        rows = _rows(con, plan, pile)
        ranges = _ranges(con, rows)
        for number, where in enumerate(ranges):
            progress(f"{plan.source}: writing file {number + 1} of {len(ranges)}")
            stem = f"flows-{pile}-{number:04d}"
            name, sha256 = _file(con, f"select * from ({rows}) where {where}", work, stem)
            parts[name] = sha256
    return parts


def _rows(con: duckdb.DuckDBPyConnection, plan: Compaction, pile: int) -> str:
    """Return the query of the rows in a pile; makes the table of its slices."""
    con.execute(f"create or replace temp table pile_{pile} as from piles where pile = {pile}")
    whole = dict(
        con.execute(f"""select vintage, bool_and(pile = {pile}) from piles
        group by vintage having bool_or(pile = {pile})""").fetchall()
    )
    sides = []
    for is_whole, kept in ((True, ""), (False, f"pile_{pile}")):
        mine = [one for one in plan.vintages if whole.get(one.id) is is_whole]
        if files := [path for one in mine for path in one.flows]:
            sides.append((parquet(files), kept))
    return rows_known(sides, hides=False)


def _ranges(con: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
    """Return conditions that part the products of rows into ranges of about `CHUNK` rows."""
    starts = con.execute(f"""with counted as (
            select product, (sum(count(*)) over (order by product) - count(*)) // {CHUNK} as number
            from ({rows}) group by product)
        select min(product) from counted group by number order by number""").fetchall()
    edges = [start for (start,) in starts[1:]]
    texts = ["'" + edge.replace("'", "''") + "'" for edge in edges]
    return [
        " and ".join(
            [f"product >= {low}"] * bool(low) + [f"product < {high}"] * bool(high) or ["true"]
        )
        for low, high in zip(["", *texts], [*texts, ""], strict=True)
    ]


def _file(con: duckdb.DuckDBPyConnection, rows: str, work: Path, stem: str) -> tuple[str, str]:
    """Write a file, named by its hash once it is whole, or find the one of an earlier run."""
    for path in work.glob(f"{stem}-*.parquet"):
        sha256 = digest(path).sha256
        if path.stem == f"{stem}-{sha256[:SHORT]}":
            return path.name, sha256
        disk.remove(path)
    fresh = work / f"{stem}.fresh"
    con.execute(f"""copy (select {", ".join(FLOWS.names)} from ({rows})
        order by {", ".join(SORTED)}) to {quoted(fresh)}
        (format parquet, compression zstd, row_group_size {ROW_GROUP})""")
    disk.flush(fresh)
    sha256 = digest(fresh).sha256
    path = work / f"{stem}-{sha256[:SHORT]}.parquet"
    fresh.rename(path)
    return path.name, sha256


def _refuse_other_rows(
    con: duckdb.DuckDBPyConnection, plan: Compaction, paths: Sequence[Path]
) -> None:
    """Refuse a segment with more or fewer rows than the vintages say."""
    counted = dict(
        con.execute(f"select vintage, count(*) from {parquet(paths)} group by 1").fetchall()
        if paths
        else []
    )
    for vintage in plan.vintages:
        if counted.get(vintage.id, 0) != vintage.rows:
            raise StoreError(
                f"vintage {vintage.id}: {counted.get(vintage.id, 0):,} of its rows lie in its "
                f"slices, its manifest says {vintage.rows:,}; nothing was compacted: see `entrepot "
                f"vintage check {vintage.id}`"
            )
