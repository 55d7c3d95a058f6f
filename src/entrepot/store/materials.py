"""Materials: fetched files that are not trade, kept by day and visible by one step of the head.

STORE/materials/<name>/<day>-<sha8>/<file>          the publisher's bytes
                                    manifest.json   what it is
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from entrepot.errors import EntrepotError, StoreError
from entrepot.store import archive, disk, remote, strict
from entrepot.store.head import HeadEntry
from entrepot.store.manifests import text_of
from entrepot.store.seen import seen
from entrepot.store.vintages import Store, manifest_bytes, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path
    from typing import Any

LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """One file of a material, as its manifest describes it.

    `day` is the day the file says it is of, else the day it was fetched: with it a question as of
    an earlier day gets the file that was there. `sequence` is the order of arrival.
    """

    name: str
    file: str
    day: date
    sha256: str
    bytes: int
    address: str
    publisher: str
    licence: str
    sequence: int
    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / self.file

    @property
    def key(self) -> str:
        """Its name in the store's head."""
        return f"{self.name}/{self.day}-{self.sha256[:8]}"


def keep(
    store_path: Path,
    path: Path,
    *,
    name: str,
    day: date,
    address: str,
    publisher: str,
    licence: str,
) -> Stored:
    """Copy a checked file into the store; one it already holds stays what it is.

    One that is held and is not as it was written is put in its place again. Takes the writers'
    lock, so it must not be called while it is held.

    Raises:
        SourceError: The file cannot be read.
        StoreError: The store cannot be written, or the file changed while it was read.
    """
    raw = archive.digest(path)
    store = Store(store_path)
    with store.writing() as staging:
        sound = list(_sound(store, name))
        for one in sound:
            if one.sha256 == raw.sha256:
                return one
        key, sequence = _place(store, name, raw.sha256, day, {one.key for one in sound})
        made = Stored(
            name=name,
            file=path.name,
            day=strict.day(key[-19:-9]),
            sha256=raw.sha256,
            bytes=raw.bytes,
            address=address,
            publisher=publisher,
            licence=licence,
            sequence=sequence,
            folder=store_path / "materials" / key,
        )
        staged = staging / "material"
        staged.mkdir()
        archive.keep(path, raw, staged)
        (staged / raw.sha256).rename(staged / made.file)
        _commit(store, made, staged)
    return made


def stored(store_path: Path, name: str) -> list[Stored]:
    """Return the files of a material, oldest first: by day, then in order of arrival.

    Raises:
        StoreError: The head or a manifest is missing or not as written; the line names it.
    """
    store = Store(store_path)
    found = [_load(store, key, entry) for key, entry in _entries(store, name).items()]
    return sorted(found, key=lambda one: (one.day, one.sequence))


def newest(
    store_path: Path, name: str, as_of: date | None = None, *, file: str = ""
) -> Path | None:
    """Return the newest file of a material that was there on a day, or None.

    Args:
        store_path: The store's folder.
        name: The material, such as "ecb".
        as_of: The day; None for today and later.
        file: Its file name, where the material has several.

    Raises:
        StoreError: The head or a manifest is not as written, or the file is not.
    """
    fit = [
        one
        for one in stored(store_path, name)
        if (as_of is None or one.day <= as_of) and file in ("", one.file)
    ]
    if not fit:
        return None
    _refuse_changed(store_path, fit[-1])
    return fit[-1].path


def problems(store: Store) -> list[str]:
    """Return what is wrong with the materials that a store names, one line each."""
    found = []
    for key, entry in store.head()[0].materials.items():
        try:
            one = _load(store, key, entry)
            if store.remote:
                found += store.remote.problems({one.path: one.sha256})
            elif archive.digest(one.path).sha256 != one.sha256:
                found.append(f"{one.path}: changed since it was written; {_remedy(one.name)}")
        except EntrepotError as error:
            found.append(str(error))
    return found


def load(content: bytes, folder: Path) -> Stored:
    """Read the manifest of a material, every field of its type.

    Raises:
        StoreError: It is not one that entrepot wrote.
    """
    path = folder / "manifest.json"
    try:
        data = json.loads(content)
        if data.pop("layout") != LAYOUT:
            raise StoreError(f"{path}: written by another release of entrepot; update entrepot")
        made = Stored(**strict.record(data, _FIELDS), folder=folder)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{path}: not a manifest that entrepot wrote ({error}); restore the folder or fetch "
            "the material again"
        ) from None
    return made


def _entries(store: Store, name: str) -> dict[str, HeadEntry]:
    known = store.head()[0].materials
    return {key: entry for key, entry in known.items() if key.startswith(f"{name}/")}


def _load(store: Store, key: str, entry: HeadEntry) -> Stored:
    folder, name = store.path / "materials" / key, key.partition("/")[0]
    disk.refuse_links(folder.parent)
    store.bring_manifest(folder, entry)
    made = load(manifest_bytes(folder, entry, f"material {key}", _remedy(name)), folder)
    if (made.key, made.sequence) != (key, entry.sequence):
        raise StoreError(f"{folder}: holds another material; {_remedy(name)}")
    return made


def _sound(store: Store, name: str) -> Iterator[Stored]:
    """Give the files of a material that are as they were written."""
    for key, entry in _entries(store, name).items():
        try:
            one = _load(store, key, entry)
            _refuse_changed(store.path, one)
        except StoreError:
            continue
        yield one


def _refuse_changed(store_path: Path, one: Stored) -> None:
    known = seen(store_path)
    bucket = remote.of(store_path)
    if bucket and not one.path.exists():
        bucket.bring({one.path: one.sha256})
    try:
        is_right = known.has(f"materials/{one.key}/{one.file}", one.sha256)
    except OSError as error:
        raise StoreError(
            f"{one.path}: cannot be read ({error.strerror}); {_remedy(one.name)}"
        ) from None
    known.save()
    if not is_right:
        raise StoreError(f"{one.path}: changed since it was written; {_remedy(one.name)}")


def _remedy(name: str) -> str:
    return f"put it back from a copy, or fetch it again: `entrepot reference fetch {name}`"


def _place(store: Store, name: str, sha256: str, day: date, sound: set[str]) -> tuple[str, int]:
    """Return the key and sequence of a file; one that was lost gets those it had."""
    known = _entries(store, name)
    for key, entry in known.items():
        if key not in sound and key.endswith(f"-{sha256[:8]}"):
            return key, entry.sequence
    last = max((entry.sequence for entry in known.values()), default=0)
    return f"{name}/{day}-{sha256[:8]}", last + 1


def _commit(store: Store, made: Stored, staged: Path) -> None:
    """Write the manifest, flush everything to disk, then name it in the head."""
    head, tag = store.head()
    data = asdict(made) | {"layout": LAYOUT}
    del data["folder"]
    disk.refuse_links(made.folder.parent)
    made.folder.parent.mkdir(parents=True, exist_ok=True)
    content = text_of(data)
    load(content, made.folder)  # what no reader would accept is not written
    entries = {made.key: HeadEntry(write_manifest(staged, content), made.sequence)}
    with store.moving(head, tag, {staged: made.folder}) as begun:
        manifest = made.folder / "manifest.json"
        store.send({made.path: made.sha256, manifest: entries[made.key].manifest})
        store.move(head, head.moved(materials=entries), begun)


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": strict.text(r"[a-z0-9][a-z0-9_-]*"),
    "file": strict.text(strict.FILE_NAME),
    "day": strict.day,
    "sha256": strict.text(strict.SHA256),
    "bytes": strict.number(0),
    "address": strict.text(),
    "publisher": strict.text(),
    "licence": strict.text(),
    "sequence": strict.number(1),
}
