"""Audit: whether a store still holds what its head and its manifests say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import EntrepotError, StoreError
from entrepot.store import remote
from entrepot.store.archive import digest
from entrepot.store.manifests import MANIFEST, SLICES, files_of
from entrepot.store.seen import Seen, seen
from entrepot.store.vintages import remedy

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from entrepot.store.vintages import Store, Vintage


def verified(*vintages: Vintage) -> None:
    """Check the flows and slices of vintages of one store, before any of them is read.

    A file whose hash was right costs no more than a look at its size and times the next time. The
    raw files, which no question reads, are left to `check`.

    Raises:
        StoreError: A file is missing, cannot be read or was changed; the line names it.
    """
    if not vintages:
        return
    place = vintages[0].folder.parents[1]
    _bring(place, {one.folder / name: sha for one in vintages for name, sha in one.parts.items()})
    known = seen(place)
    try:
        for vintage in vintages:
            _refuse_changed(known, vintage, vintage.parts)
    finally:
        known.save()


def sound(store: Store, given: Collection[str] = ()) -> tuple[list[Vintage], dict[str, StoreError]]:
    """Tell the vintages that are as written from those that are not.

    Args:
        store: The store.
        given: Hashes of raw files: a vintage that holds one of them has its raw files checked too.

    Returns:
        The sound vintages, oldest first, and by id what is wrong with the others.

    Raises:
        StoreError: The head is not as written.
    """
    good, lost = [], {}
    known = seen(store.path)
    for name, entry in store.head()[0].vintages.items():
        try:
            vintage = store.load(name, entry)
            _refuse_changed(known, vintage, vintage.parts)
            if any(raw.sha256 in given for raw in vintage.raw):
                _refuse_changed(known, vintage, {_raw(r.sha256): r.sha256 for r in vintage.raw})
        except StoreError as error:
            lost[name] = error
        else:
            good.append(vintage)
    known.save()
    return sorted(good, key=lambda vintage: vintage.order), lost


def check(store: Store, name: str | None = None) -> list[str]:
    """Check all that a store holds, or one vintage; return the problems, one line each.

    Raises:
        StoreError: The head is not as written, or names no such vintage.
    """
    from entrepot.store import compacted, materials

    known = store.head()[0].vintages
    chosen = known if name is None else {one: known[one] for one in (store.named(name),)}
    problems = []
    for one, entry in chosen.items():
        try:
            vintage = store.load(one, entry)
            files = files_of(vintage) | {vintage.folder / MANIFEST: entry.manifest}
            problems += store.remote.problems(files) if store.remote else audit(vintage)
        except StoreError as error:
            problems.append(str(error))
    return (
        problems
        if name
        else [*problems, *materials.problems(store), *compacted.problems(store.path)]
    )


def audit(vintage: Vintage) -> list[str]:
    """Check every file of a vintage by its sha256; return the problems, one line each.

    An empty list means that the raw bytes, the rows and the slices are what was written.
    """
    import pyarrow.parquet as pq

    problems = []
    expected = files_of(vintage)
    for path, sha256 in expected.items():
        problems += _problem(path, sha256)
    found = {path for path in vintage.folder.rglob("*") if not path.is_dir()}
    stray = found - expected.keys() - {vintage.folder / MANIFEST}
    problems += [f"{path}: not in the manifest; remove it" for path in sorted(stray)]
    if not problems:
        rows = sum(
            pq.read_metadata(vintage.folder / name).num_rows
            for name in vintage.parts
            if name != SLICES
        )
        if rows != vintage.rows:
            problems.append(f"{vintage.id}: {rows:,} rows, the manifest says {vintage.rows:,}")
    return problems


def _raw(sha256: str) -> str:
    return f"raw/{sha256}"


def _refuse_changed(known: Seen, vintage: Vintage, files: dict[str, str]) -> None:
    place = vintage.folder.parents[1]
    _bring(place, {vintage.folder / name: sha256 for name, sha256 in files.items()})
    for name, sha256 in files.items():
        try:
            is_right = known.has(f"vintages/{vintage.id}/{name}", sha256)
            if not is_right and (bucket := remote.of(place)):
                bucket.bring({vintage.folder / name: sha256})
                is_right = True
        except OSError as error:
            raise StoreError(
                f"vintage {vintage.id}: {vintage.folder / name} cannot be read "
                f"({error.strerror}); {remedy(vintage.id)}"
            ) from None
        if not is_right:
            raise StoreError(
                f"vintage {vintage.id}: {vintage.folder / name} changed since it was written; "
                f"expected the hash in its manifest; {remedy(vintage.id)}"
            )


def _bring(store: Path, files: dict[Path, str]) -> None:
    """Have files of a store here, where it is in a bucket."""
    bucket = remote.of(store)
    if bucket and (absent := {path: sha for path, sha in files.items() if not path.exists()}):
        bucket.bring(absent)


def _problem(path: Path, sha256: str) -> list[str]:
    try:
        found = digest(path).sha256
    except EntrepotError as error:
        return [f"{path}: {error}"]
    if found != sha256:
        return [f"{path}: changed since it was written; restore it or ingest the file again"]
    return []
