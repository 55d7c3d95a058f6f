"""Intake: from publishers' files to new vintages, all of them or none."""

from __future__ import annotations

import errno
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from entrepot import __version__
from entrepot.contracts import RawFile
from entrepot.errors import DuplicateError, RateError, StoreError
from entrepot.harmonise.currency import load_rates, refuse_missing, to_usd
from entrepot.reference import rates
from entrepot.schema import FLOWS
from entrepot.sources._read import translate
from entrepot.store import archive
from entrepot.store.checks import SLICE, check_rows, check_scope
from entrepot.store.vintages import SLICES, Scope, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from entrepot.contracts import Reading, Source
    from entrepot.store.archive import Raw
    from entrepot.store.vintages import Store, Vintage

ScopeWord = Literal["part", "whole"]
ROW_GROUP = 122_880


@dataclass(frozen=True, slots=True)
class Order:
    """What to take in: the files, and what the user says about them.

    `published` overrides the day that a file gives; without either, the day is `today`, because
    that is when we were told. `scope` says whether the files hold all or only a part of what was
    published for their reporters and periods.
    """

    name: str
    source: Source
    files: tuple[Path, ...]
    today: date
    published: date | None = None
    scope: ScopeWord | None = None
    mapping: Mapping[str, Any] | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class _Lot:
    """The files of one source published on one day: they become one vintage."""

    source: str
    published: date
    files: tuple[tuple[Path, Raw, Reading], ...]


def intake(store: Store, order: Order, progress: Callable[[str], None]) -> list[Vintage]:
    """Read, check and store files; return the new vintages, oldest first.

    Files that the store already holds are passed over, so a second run changes nothing. Every
    file is read and checked before the first vintage becomes visible.

    Raises:
        SourceError: A file cannot be read as this source.
        DuplicateError: A cell has two values.
        RateError: A period has no exchange rate.
        ScopeError: The files could hide rows that they do not replace.
        StoreError: The store cannot be written.
    """
    stored = store.vintages()
    if any(vintage.synthetic != order.synthetic for vintage in stored):
        kind = "synthetic" if order.synthetic else "real"
        raise StoreError(f"store {store.path}: {kind} files never mix with the others it holds")
    fresh = _fresh(order, stored)
    if not fresh:
        return []
    with store.writing() as staging, duckdb.connect() as con, writable(store.path):
        con.execute("set preserve_insertion_order = false")
        con.execute("set temp_directory = $1", [str(staging / "spill")])
        lots = _lots(order, fresh, con)
        load_rates(con, {"EUR"})
        staged = []
        for number, lot in enumerate(lots):
            folder = staging / str(number)
            folder.mkdir()
            staged.append((folder, _stage(order, lot, con, folder, progress)))
        return [
            _commit(store, lot.source, folder, manifest, con)
            for lot, (folder, manifest) in zip(lots, staged, strict=True)
        ]


def _fresh(order: Order, stored: list[Vintage]) -> list[tuple[Path, Raw]]:
    """Return the files the store does not hold yet, read with the same mapping."""
    mapping = _mapping_digest(order.mapping)
    held = {raw.sha256 for vintage in stored if vintage.mapping == mapping for raw in vintage.raw}
    given: dict[str, tuple[Path, Raw]] = {}
    for path in order.files:
        raw = archive.digest(path)
        if raw.sha256 in given:
            raise DuplicateError(
                f"{path.name} and {given[raw.sha256][0].name} are the same file; name it once"
            )
        given[raw.sha256] = (path, raw)
    return [pair for sha256, pair in given.items() if sha256 not in held]


def _mapping_digest(mapping: Mapping[str, Any] | None) -> str:
    text = json.dumps(mapping, sort_keys=True, default=str) if mapping else ""
    return hashlib.sha256(text.encode()).hexdigest()[: archive.SHORT] if text else ""


def _lots(
    order: Order, fresh: list[tuple[Path, Raw]], con: duckdb.DuckDBPyConnection
) -> list[_Lot]:
    """Group files by source and day of publication, oldest first."""
    groups: dict[tuple[str, date], list[tuple[Path, Raw, Reading]]] = {}
    for path, raw in fresh:
        reading = _parse(order, path, con)
        day = order.published or reading.published or order.today
        groups.setdefault((reading.source or order.name, day), []).append((path, raw, reading))
    return [
        _Lot(source, day, tuple(files))
        for (source, day), files in sorted(groups.items(), key=lambda group: group[0][::-1])
    ]


def _parse(
    order: Order, path: Path, con: duckdb.DuckDBPyConnection, *, locate: bool = False
) -> Reading:
    try:
        return order.source.parse(RawFile(path, order.mapping, locate), con)
    except duckdb.Error as error:
        raise translate(error, path) from None


def _stage(
    order: Order,
    lot: _Lot,
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Write a lot's rows, slices and raw bytes into a staging folder; return its manifest."""
    digest = hashlib.sha256(
        "".join(sorted(raw.sha256 for _, raw, _ in lot.files)).encode()
        + _mapping_digest(order.mapping).encode()
    ).hexdigest()[:8]
    name = f"{lot.source}-{lot.published}-{digest}"
    for path, raw, reading in lot.files:
        progress(f"reading {path.name}")
        archive.keep(path, raw, folder / "raw")
        _write(order, lot.source, name, (path, raw, reading), con, folder)
    parts = sorted(folder.glob("flows-*.parquet"))
    con.execute(f"create or replace temp view staged as from read_parquet({[*map(str, parts)]})")
    progress(f"checking {name}")
    check_rows(con, {raw.short: path.name for path, raw, _ in lot.files})
    con.execute(f"""copy (select vintage, {", ".join(SLICE)}, count(*) as rows from staged
        group by all order by all) to '{folder / SLICES}' (compression zstd)""")
    return {
        "id": name,
        "source": lot.source,
        "publisher": (order.mapping or {}).get("publisher", order.source.publisher),
        "licence": (order.mapping or {}).get("licence", order.source.licence),
        "published": lot.published.isoformat(),
        "rows": _count(con, "staged"),
        "scope": asdict(_scope(order, lot, con)),
        "raw": [asdict(raw) for _, raw, _ in lot.files],
        "parts": {p.name: archive.digest(p).sha256 for p in [*parts, folder / SLICES]},
        "mapping": _mapping_digest(order.mapping),
        "rates": rates.source(),
        "version": __version__,
        "synthetic": order.synthetic,
    }


def _write(
    order: Order,
    source: str,
    vintage: str,
    file: tuple[Path, Raw, Reading],
    con: duckdb.DuckDBPyConnection,
    folder: Path,
) -> None:
    """Stream one file's rows to Parquet; read again with line numbers to name what failed."""
    path, raw, reading = file
    part = folder / f"flows-{raw.short}.parquet"
    try:
        _copy(con, reading, source, vintage, raw, part)
        if missing := _missing(con, part):
            _load_rates(con, missing, path)
            _copy(con, reading, source, vintage, raw, part)
            refuse_missing(_missing(con, part), path.name)
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"{path.name}: needs more memory than this machine gives ({error}); close other "
            "programs, or split the file"
        ) from None
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and str(folder) in str(error):
            raise OSError(errno.ENOSPC, _reason(error)) from None
        _locate(order, path)
        raise translate(error, path) from None


def _reason(error: duckdb.Error) -> str:
    """Return the system's own words at the end of what DuckDB says of a failed write."""
    return str(error).rsplit(":", 1)[-1].strip().rstrip(".)")


def _load_rates(
    con: duckdb.DuckDBPyConnection, missing: list[tuple[str, str, str]], path: Path
) -> None:
    try:
        load_rates(con, {"EUR", *(currency for currency, _, _ in missing)})
    except RateError as error:
        raise RateError(f"{path.name}: {error}") from None


def _copy(
    con: duckdb.DuckDBPyConnection,
    reading: Reading,
    source: str,
    vintage: str,
    raw: Raw,
    part: Path,
) -> None:
    reading.rows.create_view("reading", replace=True)
    con.execute(f"""copy (
        select {", ".join(FLOWS.names)} from (
            select *, '{source}' as source, '{vintage}' as vintage, '{raw.short}' as file
            from ({to_usd("reading")}))
        ) to '{str(part).replace("'", "''")}'
        (format parquet, compression zstd, row_group_size {ROW_GROUP})""")


def _missing(con: duckdb.DuckDBPyConnection, part: Path) -> list[tuple[str, str, str]]:
    return con.execute(
        """select currency, freq, min(period) || ' to ' || max(period) from read_parquet($1)
        where value_usd is null group by all order by all""",
        [str(part)],
    ).fetchall()


def _locate(order: Order, path: Path) -> None:
    """Read the file once more with numbered rows, for an error that names the line."""
    with duckdb.connect() as fresh:
        reading = _parse(order, path, fresh, locate=True)
        try:
            reading.rows.aggregate("count(columns(*))").fetchall()
        except duckdb.Error as error:
            raise translate(error, path) from None


def _scope(order: Order, lot: _Lot, con: duckdb.DuckDBPyConnection) -> Scope:
    """Return what the lot speaks for: as declared by the user or the files, else what was seen."""
    if order.scope == "whole":
        return Scope(declared=True)
    readings = [reading for _, _, reading in lot.files]
    told = all(reading.products and reading.partners for reading in readings)
    sides = {}
    for side in ("products", "partners"):
        if told and order.scope is None:
            names = {name for reading in readings for name in getattr(reading, side)}
        else:
            rows = con.execute(f"select distinct {side[:-1]} from staged").fetchall()
            names = {name for (name,) in rows}
        sides[side] = tuple(sorted(names))
    return Scope(**sides, declared=told or order.scope == "part")


def _commit(
    store: Store,
    source: str,
    folder: Path,
    manifest: dict[str, Any],
    con: duckdb.DuckDBPyConnection,
) -> Vintage:
    con.execute(
        f"create or replace temp view staged_slices as from read_parquet('{folder / SLICES}')"
    )
    same = [vintage for vintage in store.vintages() if vintage.source == source]
    check_scope(con, manifest["id"], Scope(**manifest["scope"]), manifest["published"], same)
    return store.commit(folder, manifest)


def _count(con: duckdb.DuckDBPyConnection, view: str) -> int:
    row = con.execute(f"select count(*) from {view}").fetchone()
    return int(row[0]) if row else 0
