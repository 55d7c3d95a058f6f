"""Run: files are read, checked and staged, then become visible together."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot import __version__
from entrepot.errors import DuplicateError, SourceError, StoreError
from entrepot.harmonise.currency import load_rates
from entrepot.ingest.new_vintages import group, scope
from entrepot.ingest.parsing import ParsedFile, read, write
from entrepot.ingest.rates import newest_file
from entrepot.reference import rates
from entrepot.store import archive
from entrepot.store.audit import sound
from entrepot.store.checks import check_days, check_rows, check_scope
from entrepot.store.disk import writable
from entrepot.store.known import SLICE, facts, nothing
from entrepot.store.manifests import SOURCE
from entrepot.store.mending import mend
from entrepot.store.paths import parquet, quoted
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from entrepot.ingest.batch import Batch, InputFile
    from entrepot.ingest.new_vintages import NewVintage
    from entrepot.store.archive import Raw
    from entrepot.store.vintages import Store, Vintage


MEMORY = "700MB"
"""What reading may hold before it spills to disk: a file of any size passes through."""


def ingest(store: Store, batch: Batch, progress: Callable[[str], None]) -> list[Vintage]:
    """Read, check and store files; return the new vintages, oldest first.

    Files that the store already holds are passed over, so a second run changes nothing. Every
    file is read and checked, against the store as it is once no one else writes to it, before all
    become visible in one step. A vintage that is damaged is taken in again like a new one.

    Raises:
        SourceError: A file cannot be read as this source.
        DuplicateError: A cell has two values.
        RateError: A period has no exchange rate.
        ScopeError: The files could hide rows that they do not replace.
        StoreError: The store cannot be written, or nothing says whether the files are newer than
            stored ones that they contradict.
    """
    _refuse_future(batch)
    given = _given(batch)
    stored, lost = sound(store, {raw.sha256 for _input_file, raw in given})
    _refuse_mixed(store, stored, is_synthetic=batch.synthetic)
    if not _fresh(batch, given, stored, lost):
        return []
    with store.writing() as staging, duckdb.connect() as con, writable(store.path):
        con.execute("set preserve_insertion_order = false")
        con.execute(f"set memory_limit = '{MEMORY}'")
        con.execute("set temp_directory = $1", [str(staging / "spill")])
        (staging / "unpacked").mkdir()
        return _take(store, batch, given, staging, con, progress)


def _take(
    store: Store,
    batch: Batch,
    given: list[tuple[InputFile, Raw]],
    staging: Path,
    con: duckdb.DuckDBPyConnection,
    progress: Callable[[str], None],
) -> list[Vintage]:
    """Stage and commit what the store, which no one else writes to by now, does not hold."""
    stored, lost = sound(store, {raw.sha256 for _input_file, raw in given})
    _refuse_mixed(store, stored, is_synthetic=batch.synthetic)
    ecb = newest_file(store, is_synthetic=batch.synthetic)
    parsed = [
        ParsedFile(file, raw, read(batch, file, staging / "unpacked", con))
        for file, raw in _fresh(batch, given, stored, lost)
    ]
    load_rates(con, {"EUR"}, ecb)
    staged: list[Vintage] = []
    for name, new in _new(batch, parsed, stored, lost):
        folder = staging / str(len(staged))
        folder.mkdir()
        manifest = _stage(batch, new, name, con, folder, ecb, progress)
        vintage = store.staged(folder, manifest, after=len(staged))
        same = [one for one in stored if one.source == new.source]
        check_days(con, name, [] if new.dated else same)
        _check_scope(con, vintage, [*stored, *staged])
        staged.append(vintage)
    made = {one.id: mend(store, one) for one in staged if one.id in lost}
    left = [one for one in staged if not made.get(one.id)]
    for one in left:
        if one.id in lost:
            progress(f"{one.id}: damaged beyond repair, replaced by what these files give today")
    return [*filter(None, made.values()), *(store.commit(left) if left else ())]


def refuse_mixed(store: Store, *, is_synthetic: bool) -> None:
    """Refuse to bring synthetic figures to a store of real ones, or the reverse.

    Raises:
        StoreError: The store holds vintages of the other kind.
    """
    _refuse_mixed(store, store.vintages(), is_synthetic=is_synthetic)


def _refuse_mixed(store: Store, stored: list[Vintage], *, is_synthetic: bool) -> None:
    if any(vintage.synthetic != is_synthetic for vintage in stored):
        kind, other = ("synthetic", "real") if is_synthetic else ("real", "synthetic")
        raise StoreError(
            f"store {store.path}: {kind} files never mix with the {other} ones it holds; name "
            "another folder with --store"
        )


def _refuse_future(batch: Batch) -> None:
    """Refuse a day of publication that nowhere has begun: it would stay the newest until then."""
    today = max(batch.today, date.today())
    if batch.published and batch.published > today:
        raise SourceError(
            f"--published {batch.published}: a day that is still to come; expected one up to "
            f"{today}; give the day on which the files came out"
        )


def _given(batch: Batch) -> list[tuple[InputFile, Raw]]:
    """Return the files with their hashes; the same file twice is an error unless it was asked for.

    Answers to two questions may well have the same bytes.
    """
    given: dict[str, str] = {}
    found = []
    for file in batch.files:
        raw = archive.digest(file.path)
        if file.asked is None:
            if raw.sha256 in given:
                raise DuplicateError(
                    f"{raw.name} and {given[raw.sha256]} are the same file; name it once"
                )
            given[raw.sha256] = raw.name
        found.append((file, raw))
    return found


def _fresh(
    batch: Batch,
    given: list[tuple[InputFile, Raw]],
    stored: list[Vintage],
    lost: Collection[str],
) -> list[tuple[InputFile, Raw]]:
    """Return the files the store does not hold yet, read with the same mapping.

    An answer to a question is always taken: the same bytes may answer another one. Where a vintage
    is damaged, files that another one holds may still mend it.
    """
    held = _files(batch, stored)
    new = [(file, raw) for file, raw in given if file.asked or raw.sha256 not in held]
    return new or (given if lost else [])


def _files(batch: Batch, stored: list[Vintage]) -> set[str]:
    """Return the hashes of the raw files held that were read with the same mapping."""
    mapping = _mapping_digest(batch.mapping)
    return {raw.sha256 for vintage in stored if vintage.mapping == mapping for raw in vintage.raw}


def _new(
    batch: Batch, parsed: list[ParsedFile], stored: list[Vintage], lost: dict[str, StoreError]
) -> list[tuple[str, NewVintage]]:
    """Return the vintages to be that the store does not hold, by id.

    Raises:
        StoreError: A vintage is damaged that these files do not bring back: what they would hide
            or repeat cannot be known.
    """
    held, files = {vintage.id for vintage in stored}, _files(batch, stored)
    named = [(_id(batch, new), new) for new in group(batch, parsed)]
    new = [
        (name, new)
        for name, new in named
        if name not in held and (name in lost or not _is_known(new, files))
    ]
    if lost and new and not {name for name, _new_vintage in new} <= lost.keys():
        raise next(iter(lost.values()))
    return new


def _is_known(new: NewVintage, files: set[str]) -> bool:
    return not any(one.file.asked or one.raw.sha256 not in files for one in new.parsed)


def _mapping_digest(mapping: Mapping[str, Any] | None) -> str:
    text = json.dumps(mapping, sort_keys=True, default=str) if mapping else ""
    return hashlib.sha256(text.encode()).hexdigest()[: archive.SHORT] if text else ""


def _id(batch: Batch, new: NewVintage) -> str:
    """Return the vintage's name: the same files, asked for in the same way, have the same."""
    digest = hashlib.sha256(
        "".join(sorted(one.raw.sha256 for one in new.parsed)).encode()
        + _mapping_digest(batch.mapping).encode()
        + (str((new.asked, sorted(new.slices))).encode() if new.asked else b"")
    ).hexdigest()[:8]
    if not re.fullmatch(SOURCE, new.source):
        raise SourceError(
            f"{new.parsed[0].name}: its source would be called {new.source!r:.120}; expected up to "
            "100 small letters, digits and hyphens; give it a shorter name"
        )
    return f"{new.source}-{new.published}-{digest}"


def _stage(
    batch: Batch,
    new: NewVintage,
    name: str,
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    ecb: Path | None,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Write a new vintage's rows, slices and raw bytes into a folder; return its manifest."""
    for one in new.parsed:
        progress(f"reading {one.name}")
        for note in one.reading.notes:
            progress(note)
        archive.keep(one.file.path, one.raw, folder / "raw")
        write(batch, one, (new.source, name), con, folder, ecb)
    parts = sorted(folder.glob("flows-*.parquet"))
    con.execute(
        f"""create or replace temp view staged as
        from {parquet(parts)}"""
    )
    progress(f"checking {name}")
    check_rows(con, {i.raw.short: i.name for i in new.parsed if not i.file.is_empty})
    _write_slices(new, name, con, folder)
    return {
        "id": name,
        "source": new.source,
        "publisher": (batch.mapping or {}).get("publisher", batch.source.publisher),
        "licence": (batch.mapping or {}).get("licence", batch.source.licence),
        "published": new.published.isoformat(),
        "rows": _count(con, "staged"),
        "scope": asdict(scope(batch, new, con)),
        "raw": [asdict(one.raw) for one in new.parsed],
        "parts": {p.name: archive.digest(p).sha256 for p in [*parts, folder / SLICES]},
        "mapping": _mapping_digest(batch.mapping),
        "rates": rates.source(ecb),
        "version": __version__,
        "synthetic": batch.synthetic,
        "dated": new.dated,
    }


def _write_slices(new: NewVintage, name: str, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write what the vintage speaks for: slices with rows, and those asked for that have none."""
    con.execute("create or replace temp table asked (r varchar, q varchar, w varchar, p date)")
    if new.slices:
        days = [(r, q, w, f"{p}-01-01"[:10]) for r, q, w, p in sorted(new.slices)]
        con.executemany("insert into asked values ($1, $2, $3, $4)", days)
    con.execute(f"""copy (
        from ({facts("staged", ("vintage", *SLICE))})
        union all by name
        select '{name}' as vintage, '{new.source}' as source, r as reporter, q as freq, w as flow,
            p as period, 0 as rows, {nothing()} from asked
        anti join staged s on (s.reporter, s.freq, s.flow, s.period) = (r, q, w, p)
        order by {", ".join(SLICE)}) to {quoted(folder / SLICES)} (compression zstd)""")


def _check_scope(con: duckdb.DuckDBPyConnection, new: Vintage, others: list[Vintage]) -> None:
    con.execute(
        f"""create or replace temp view staged_slices as
        from {parquet([new.folder / SLICES])}"""
    )
    same = [vintage for vintage in others if vintage.source == new.source]
    check_scope(con, new.id, new.scope, new.published.isoformat(), same)


def _count(con: duckdb.DuckDBPyConnection, view: str) -> int:
    row = con.execute(f"select count(*) from {view}").fetchone()
    return int(row[0]) if row else 0
