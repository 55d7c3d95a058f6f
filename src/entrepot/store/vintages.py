"""Vintages: what was known on each day, written once and visible by one step of the head.

STORE/head.json                        the vintages there are, each with its manifest's hash
STORE/vintages/<id>/manifest.json      what it is, with the hash of every file below
                    flows-*.parquet    one file per raw file, names never reused
                    slices.parquet     reporter, freq, flow and period it speaks for
                    raw/<sha256>       the publisher's bytes
STORE/compact/                         the same rows again, sorted: see `store.compacted`
STORE/staging/                         work that no reader sees
STORE/lock                             one writer at a time
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError
from entrepot.store import disk, remote
from entrepot.store.disk import writable
from entrepot.store.head import HEAD, FilePointer, Head, HeadEntry, parse, render
from entrepot.store.lock import locked
from entrepot.store.manifests import (
    LAYOUT,
    MANIFEST,
    SLICES,
    Scope,
    Vintage,
    files_of,
    manifest_of,
    text_of,
)
from entrepot.store.manifests import parse as parse_manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from entrepot.store.head import Pointer

__all__ = ["MANIFEST", "SLICES", "Scope", "Store", "Vintage", "manifest_of", "writable"]


class Store:
    """A folder of vintages. Reading needs no lock: a vintage is complete or absent."""

    def __init__(self, path: Path, pointer: Pointer | None = None) -> None:
        self.path = path
        self.remote = remote.of(path)
        self.pointer = pointer or self.remote or FilePointer(path / HEAD)

    def head(self) -> tuple[Head, str | None]:
        """Return what the store holds, and the tag of the bytes that say so.

        Raises:
            StoreError: The head is not as written; or there is none, and there are vintages.
        """
        disk.refuse_links(self.path / "vintages", self.path / "materials")
        if found := self.pointer.read():
            return parse(found.content, self.path / HEAD), found.tag
        if self.remote and not self.remote.is_empty():
            raise StoreError(
                f"store {self.remote.address}: no {HEAD}, and objects that it would name; restore "
                "it from the bucket's versions"
            )
        if unnamed := 0 if self.remote else len(folders(self.path)):
            raise StoreError(
                f"store {self.path}: no {HEAD}, and {unnamed} vintages or materials that it would "
                "name: the store is of an earlier release, or the file was lost; restore it, or "
                f"run `entrepot vintage adopt --store {self.path}`"
            )
        return Head(), None

    def vintages(self) -> list[Vintage]:
        """Return all vintages, oldest first.

        Raises:
            StoreError: The head or a manifest is missing or not as written; the line names it.
        """
        head, tag = self.head()
        try:
            return self._all(head)
        except StoreError:
            head, again = self.head()
            if again == tag:
                raise
            return self._all(head)  # a writer took a lost one in again meanwhile

    def vintage(self, name: str) -> Vintage:
        """Return the vintage with this id, or the only one whose id starts so.

        Raises:
            StoreError: None or several match, or its manifest is not as written.
        """
        found = self.named(name)
        return self.load(found, self.head()[0].vintages[found])

    def named(self, name: str) -> str:
        """Return the id that is this, or the only one that starts so.

        Raises:
            StoreError: None or several match.
        """
        known = self.head()[0].vintages
        matches = [name] if name in known else [one for one in known if one.startswith(name)]
        if len(matches) != 1:
            seen = ", ".join(matches or known) or "none"
            raise StoreError(
                f"store {self.path}: {len(matches)} vintages match {name!r}; there are: {seen}"
            )
        return matches[0]

    def load(self, name: str, entry: HeadEntry) -> Vintage:
        """Return a vintage that the head names, once its manifest is what the head says.

        Raises:
            StoreError: It is missing, cannot be read or was changed.
        """
        folder = self.path / "vintages" / name
        self.bring_manifest(folder, entry)
        content = manifest_bytes(folder, entry, f"vintage {name}", remedy(name))
        vintage = parse_manifest(content, folder)
        if (vintage.id, vintage.sequence) != (name, entry.sequence):
            raise StoreError(f"{folder}: holds {vintage.id}; {remedy(name)}")
        return replace(vintage, manifest=entry.manifest)

    def _all(self, head: Head) -> list[Vintage]:
        found = [self.load(name, entry) for name, entry in head.vintages.items()]
        return sorted(found, key=lambda vintage: vintage.order)

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Hold the writers' lock and give an empty staging folder, removed afterwards.

        Raises:
            StoreError: The folder cannot be written, the disk is full, another process holds the
                lock for too long, or a link stands in the place of one of the store's own files.
        """
        with writable(self.path):
            staging, lock = self.path / "staging", self.path / "lock"
            disk.refuse_links(staging, lock, self.path / "vintages", self.path / HEAD)
            staging.mkdir(parents=True, exist_ok=True)
            (self.path / "vintages").mkdir(exist_ok=True)
            with locked(lock, f"writes to {self.path}"):
                self.head()
                if self.remote:
                    self.remote.refuse_unconditional()
                for left_over in staging.iterdir():  # of a writer that was killed
                    disk.remove(left_over)
                made = Path(tempfile.mkdtemp(dir=staging))
                try:
                    yield made
                finally:
                    disk.remove(made)

    def staged(self, folder: Path, manifest: dict[str, Any], after: int = 0) -> Vintage:
        """Number a staged vintage, and read its manifest as strictly as every reader will.

        Args:
            folder: Where its files are.
            manifest: What it is, without layout and sequence.
            after: How many are staged before it.

        Raises:
            StoreError: No reader would accept the manifest.
        """
        known = self.head()[0].vintages
        named = (entry.sequence for entry in known.values())
        passed = {*known, manifest["id"]}
        last = max((*named, *_left_over(self.path / "vintages", passed)), default=0)
        lost = known.get(manifest["id"])  # one that is taken in again keeps its place
        sequence = lost.sequence if lost else last + 1 + after
        return parse_manifest(text_of(manifest | {"layout": LAYOUT, "sequence": sequence}), folder)

    def commit(self, staged: Sequence[Vintage]) -> list[Vintage]:
        """Flush staged vintages to disk and name all of them by one step of the head."""
        head, tag = self.head()
        entries = {}
        for vintage in staged:
            content = text_of(manifest_of(vintage) | {"layout": LAYOUT})
            entries[vintage.id] = HeadEntry(
                write_manifest(vintage.folder, content), vintage.sequence
            )
        places = {vintage.folder: self.path / "vintages" / vintage.id for vintage in staged}
        with self.moving(head, tag, places) as begun:
            for vintage in staged:
                folder = places[vintage.folder]
                self.send(
                    files_of(vintage, folder) | {folder / MANIFEST: entries[vintage.id].manifest}
                )
            self.move(head, head.moved(vintages=entries), begun)
        return [
            replace(one, folder=places[one.folder], manifest=entries[one.id].manifest)
            for one in staged
        ]

    def send(self, files: Mapping[Path, str]) -> None:
        """Let a store in a bucket have files, by their sha256, before its head names them."""
        if self.remote:
            self.remote.send(files)

    def bring_manifest(self, folder: Path, entry: HeadEntry) -> None:
        """Have a manifest that lies in a bucket here, unless it is the one here."""
        path = folder / MANIFEST
        if self.remote and not (
            path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry.manifest
        ):
            self.remote.bring({path: entry.manifest})

    def move(self, head: Head, new: Head, tag: str | None) -> None:
        """Let a new head take effect; one that names what the present one does is none."""
        if (new.vintages, new.materials) != (head.vintages, head.materials):
            self.pointer.replace(render(new), tag)

    @contextmanager
    def moving(
        self, head: Head, tag: str | None, folders: dict[Path, Path]
    ) -> Iterator[str | None]:
        """Put staged folders where the next head will name them; back if it does not come to be.

        Args:
            head: The present head.
            tag: Its tag; without one an empty head is written first, so that what lies there
                before the head moves is never taken for a store of an earlier release.
            folders: Staged folders, and their places.
        """
        if tag is None:
            self.pointer.replace(render(head), None)
            tag = self.head()[1]
        aside: dict[Path, Path] = {}
        try:
            for folder, target in folders.items():
                disk.refuse_links(target)
                if target.exists():  # a left-over, or one that is taken in again
                    aside[target] = folder.with_name(f"{folder.name}-replaced")
                    target.rename(aside[target])
                folder.rename(target)
            for parent in {target.parent for target in folders.values()}:
                disk.flush(parent)
            yield tag
        except BaseException:
            if self.head()[1] == tag:
                for folder, target in folders.items():
                    if not folder.exists():
                        disk.remove(target)
                    if target in aside and aside[target].exists():
                        aside[target].rename(target)
            raise


def remedy(name: str) -> str:
    """Return what to do about a vintage that is not as it was written."""
    return (
        f"see `entrepot vintage check {name}`; put it back from a copy, or take its raw files in "
        f"again with --published {name[-19:-9]}, or give it up: move its folder and {HEAD} away "
        "and run `entrepot vintage adopt`"
    )


def folders(store: Path) -> list[Path]:
    """Return the folders that lie where those of vintages and materials do, head or not."""
    places = [*(store / "vintages").glob("*"), *(store / "materials").glob("*/*")]
    return sorted(path for path in places if path.is_dir())


def _left_over(place: Path, known: Collection[str]) -> Iterator[int]:
    """Give the places in the order of arrival that folders of killed writers have taken.

    A later vintage goes behind them, so that all can be told apart should the head be lost.
    """
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.name not in known:
            with suppress(StoreError, OSError):
                yield parse_manifest((folder / MANIFEST).read_bytes(), folder).sequence


def write_manifest(folder: Path, content: bytes) -> str:
    """Write a manifest, flush all of its folder to disk and return the manifest's sha256."""
    (folder / MANIFEST).write_bytes(content)
    for path in sorted(folder.rglob("*"), reverse=True):
        disk.flush(path)
    disk.flush(folder)
    return hashlib.sha256(content).hexdigest()


def manifest_bytes(folder: Path, entry: HeadEntry, who: str, todo: str) -> bytes:
    """Return the bytes of a manifest, once they are those that the head names.

    Raises:
        StoreError: It is missing, cannot be read or was changed; `who` speaks, `todo` is the
            remedy.
    """
    try:
        with disk.regular(folder / MANIFEST, disk.NO_LINK) as stream:
            content = stream.read()
    except OSError as error:
        raise StoreError(
            f"{who}: named by the store's head, and {folder / MANIFEST} cannot be read "
            f"({error.strerror}); {todo}"
        ) from None
    if hashlib.sha256(content).hexdigest() != entry.manifest:
        raise StoreError(
            f"{who}: {folder / MANIFEST} changed since it was written; expected the hash that the "
            f"store's head has; {todo}"
        )
    return content
