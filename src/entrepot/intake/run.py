"""Run: files are read, checked and staged, then become visible one vintage after the other."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot import __version__
from entrepot.errors import DuplicateError, StoreError
from entrepot.harmonise.currency import load_rates
from entrepot.intake.lots import group, scope
from entrepot.intake.rates import newest_file
from entrepot.intake.rows import Item, read, write
from entrepot.reference import rates
from entrepot.store import archive
from entrepot.store.checks import SLICE, check_days, check_rows, check_scope
from entrepot.store.vintages import SLICES, Scope, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from entrepot.intake.lots import Lot
    from entrepot.intake.orders import Delivery, Order
    from entrepot.store.archive import Raw
    from entrepot.store.vintages import Store, Vintage


MEMORY = "700MB"
"""What reading may hold before it spills to disk: a file of any size passes through."""


def intake(store: Store, order: Order, progress: Callable[[str], None]) -> list[Vintage]:
    """Read, check and store files; return the new vintages, oldest first.

    Files that the store already holds are passed over, so a second run changes nothing. Every
    file is read and checked before the first vintage becomes visible.

    Raises:
        SourceError: A file cannot be read as this source.
        DuplicateError: A cell has two values.
        RateError: A period has no exchange rate.
        ScopeError: The files could hide rows that they do not replace.
        StoreError: The store cannot be written, or nothing says whether the files are newer than
            stored ones that they contradict.
    """
    stored = store.vintages()
    refuse_mixed(store, is_synthetic=order.synthetic)
    fresh = _fresh(order, stored)
    if not fresh:
        return []
    ecb = newest_file(store, is_synthetic=order.synthetic)
    with store.writing() as staging, duckdb.connect() as con, writable(store.path):
        con.execute("set preserve_insertion_order = false")
        con.execute(f"set memory_limit = '{MEMORY}'")
        con.execute("set temp_directory = $1", [str(staging / "spill")])
        (staging / "unpacked").mkdir()
        items = [Item(d, raw, read(order, d, staging / "unpacked", con)) for d, raw in fresh]
        load_rates(con, {"EUR"}, ecb)
        staged = []
        held = {vintage.id for vintage in stored}
        for number, lot in enumerate(group(order, items)):
            name = _id(order, lot)
            if name in held:
                continue
            folder = staging / str(number)
            folder.mkdir()
            staged.append((lot, folder, _stage(order, lot, name, con, folder, ecb, progress)))
            check_days(
                con, name, [] if lot.dated else [v for v in stored if v.source == lot.source]
            )
        return [
            _commit(store, lot.source, folder, manifest, con) for lot, folder, manifest in staged
        ]


def refuse_mixed(store: Store, *, is_synthetic: bool) -> None:
    """Refuse to bring synthetic figures to a store of real ones, or the reverse.

    Raises:
        StoreError: The store holds vintages of the other kind.
    """
    if any(vintage.synthetic != is_synthetic for vintage in store.vintages()):
        kind, other = ("synthetic", "real") if is_synthetic else ("real", "synthetic")
        raise StoreError(
            f"store {store.path}: {kind} files never mix with the {other} ones it holds; name "
            "another folder with --store"
        )


def _fresh(order: Order, stored: list[Vintage]) -> list[tuple[Delivery, Raw]]:
    """Return the files the store does not hold yet, read with the same mapping.

    An answer to a question is always taken: the same bytes may answer another one.
    """
    mapping = _mapping_digest(order.mapping)
    held = {raw.sha256 for vintage in stored if vintage.mapping == mapping for raw in vintage.raw}
    given: dict[str, str] = {}
    found = []
    for delivery in order.files:
        raw = archive.digest(delivery.path)
        if delivery.asked is None:
            if raw.sha256 in given:
                raise DuplicateError(
                    f"{raw.name} and {given[raw.sha256]} are the same file; name it once"
                )
            given[raw.sha256] = raw.name
        if delivery.asked or raw.sha256 not in held:
            found.append((delivery, raw))
    return found


def _mapping_digest(mapping: Mapping[str, Any] | None) -> str:
    text = json.dumps(mapping, sort_keys=True, default=str) if mapping else ""
    return hashlib.sha256(text.encode()).hexdigest()[: archive.SHORT] if text else ""


def _id(order: Order, lot: Lot) -> str:
    """Return the vintage's name: the same files, asked for in the same way, have the same."""
    digest = hashlib.sha256(
        "".join(sorted(item.raw.sha256 for item in lot.items)).encode()
        + _mapping_digest(order.mapping).encode()
        + (str((lot.asked, sorted(lot.slices))).encode() if lot.asked else b"")
    ).hexdigest()[:8]
    return f"{lot.source}-{lot.published}-{digest}"


def _stage(
    order: Order,
    lot: Lot,
    name: str,
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    ecb: Path | None,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Write a lot's rows, slices and raw bytes into a staging folder; return its manifest."""
    for item in lot.items:
        progress(f"reading {item.name}")
        for note in item.reading.notes:
            progress(note)
        archive.keep(item.delivery.path, item.raw, folder / "raw")
        write(order, item, (lot.source, name), con, folder, ecb)
    parts = sorted(folder.glob("flows-*.parquet"))
    con.execute(f"create or replace temp view staged as from read_parquet({[*map(str, parts)]})")
    progress(f"checking {name}")
    check_rows(con, {i.raw.short: i.name for i in lot.items if not i.delivery.is_empty})
    _write_slices(lot, name, con, folder)
    return {
        "id": name,
        "source": lot.source,
        "publisher": (order.mapping or {}).get("publisher", order.source.publisher),
        "licence": (order.mapping or {}).get("licence", order.source.licence),
        "published": lot.published.isoformat(),
        "rows": _count(con, "staged"),
        "scope": asdict(scope(order, lot, con)),
        "raw": [asdict(item.raw) for item in lot.items],
        "parts": {p.name: archive.digest(p).sha256 for p in [*parts, folder / SLICES]},
        "mapping": _mapping_digest(order.mapping),
        "rates": rates.source(ecb),
        "version": __version__,
        "synthetic": order.synthetic,
        "dated": lot.dated,
    }


def _write_slices(lot: Lot, name: str, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write what the vintage speaks for: slices with rows, and those asked for that have none."""
    con.execute("create or replace temp table asked (r varchar, q varchar, w varchar, p date)")
    if lot.slices:
        days = [(r, q, w, f"{p}-01-01"[:10]) for r, q, w, p in sorted(lot.slices)]
        con.executemany("insert into asked values ($1, $2, $3, $4)", days)
    con.execute(f"""copy (
        select vintage, {", ".join(SLICE)}, count(*) as rows from staged group by all
        union all select '{name}', '{lot.source}', r, q, w, p, 0 from asked
        anti join staged s on (s.reporter, s.freq, s.flow, s.period) = (r, q, w, p)
        order by all) to '{folder / SLICES}' (compression zstd)""")


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
