"""Vintages: what was known on each day, written once and visible by one rename.

STORE/vintages/<id>/manifest.json      what it is, written last
                    flows-*.parquet    one file per raw file, names never reused
                    slices.parquet     reporter, freq, flow and period it speaks for
                    raw/<sha256>       the publisher's bytes
STORE/staging/                         work that no reader sees
STORE/lock                             one writer at a time
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError
from entrepot.store.archive import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
SLICES = "slices.parquet"
LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What a vintage speaks for within its slices. None means everything.

    A newer vintage hides the rows of an older one that lie in its scope, present or not: that is
    how a withdrawn cell disappears. `declared` is whether a file or a person said so; otherwise
    the scope is what was seen in the files.
    """

    products: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Vintage:
    """One publication of one source, as its manifest describes it.

    `dated` is whether a file, a publisher or a person said its day; otherwise it is the day on
    which the files were taken in.
    """

    id: str
    source: str
    publisher: str
    licence: str
    published: date
    sequence: int
    rows: int
    scope: Scope
    raw: tuple[Raw, ...]
    parts: dict[str, str]
    mapping: str
    rates: dict[str, str]
    version: str
    synthetic: bool
    folder: Path
    dated: bool = True

    @property
    def flows(self) -> list[str]:
        """Paths of its Parquet files."""
        return [str(self.folder / name) for name in self.parts if name != SLICES]

    @property
    def order(self) -> tuple[date, int]:
        """What makes it newer than another: its day, then the order of arrival."""
        return self.published, self.sequence


class Store:
    """A folder of vintages. Reading needs no lock: a vintage is complete or absent."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def vintages(self) -> list[Vintage]:
        """Return all vintages, oldest first.

        Raises:
            StoreError: A manifest cannot be read.
        """
        found = (self.path / "vintages").glob(f"*/{MANIFEST}")
        return sorted((_read(path) for path in found), key=lambda vintage: vintage.order)

    def vintage(self, name: str) -> Vintage:
        """Return the vintage with this id, or the only one whose id starts so.

        Raises:
            StoreError: None or several match.
        """
        matches = [vintage for vintage in self.vintages() if vintage.id.startswith(name)]
        exact = [vintage for vintage in matches if vintage.id == name]
        if len(exact or matches) != 1:
            seen = ", ".join(vintage.id for vintage in matches or self.vintages()) or "none"
            raise StoreError(
                f"store {self.path}: {len(matches)} vintages match {name!r}; there are: {seen}"
            )
        return (exact or matches)[0]

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Hold the writers' lock and give an empty staging folder, removed afterwards.

        Raises:
            StoreError: The folder cannot be written, or the disk is full.
        """
        with writable(self.path):
            (self.path / "staging").mkdir(parents=True, exist_ok=True)
            (self.path / "vintages").mkdir(exist_ok=True)
            with (self.path / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for left_over in (self.path / "staging").iterdir():  # of a writer that was killed
                    shutil.rmtree(left_over, ignore_errors=True)
                staging = Path(tempfile.mkdtemp(dir=self.path / "staging"))
                try:
                    yield staging
                finally:
                    shutil.rmtree(staging, ignore_errors=True)

    def commit(self, staged: Path, manifest: dict[str, Any]) -> Vintage:
        """Write the manifest, flush everything to disk, then rename: the one visible step."""
        manifest |= {"layout": LAYOUT, "sequence": 1 + max(self._sequences(), default=0)}
        text = json.dumps(manifest, indent=1, sort_keys=True, default=str)
        (staged / MANIFEST).write_text(text + "\n", "utf-8")
        for path in sorted(staged.rglob("*"), reverse=True):
            flush(path)
        flush(staged)
        target = self.path / "vintages" / manifest["id"]
        staged.rename(target)
        flush(target.parent)
        return _read(target / MANIFEST)

    def _sequences(self) -> list[int]:
        return [vintage.sequence for vintage in self.vintages()]


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write below `path` into one clear line."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"store {path}: cannot be written ({error.strerror}); nothing was changed: "
            "free the disk, mend the permissions or name another folder with --store"
        ) from None


def manifest_of(vintage: Vintage) -> dict[str, Any]:
    """Return a vintage as plain data, as its manifest has it."""
    data = asdict(vintage)
    del data["folder"]
    return data


def _read(path: Path) -> Vintage:
    try:
        data = json.loads(path.read_text("utf-8"))
        if data.pop("layout") != LAYOUT:
            raise StoreError(f"{path}: written by another release of entrepot; update entrepot")
        data["published"] = date.fromisoformat(data["published"])
        data["raw"] = tuple(Raw(**raw) for raw in data["raw"])
        data["scope"] = _scope(**data["scope"])
        return Vintage(**data, folder=path.parent)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{path}: not a manifest that entrepot wrote ({error}); restore the folder or remove it"
        ) from None


def _scope(products: list[str] | None, partners: list[str] | None, *, declared: bool) -> Scope:
    return Scope(
        products=None if products is None else tuple(products),
        partners=None if partners is None else tuple(partners),
        declared=declared,
    )


def flush(path: Path) -> None:
    """Have the disk write a file or folder now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
