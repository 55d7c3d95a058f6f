"""Seen: which files were read in full and had their hash, so that none is read twice for it.

A file is known again by its size, its times and its inode. One that was written a moment ago is
not remembered: a change within the clock's next tick would look like no change.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import cache
from typing import TYPE_CHECKING

from entrepot import config
from entrepot.store import disk

if TYPE_CHECKING:
    from pathlib import Path

COARSE = 2_000_000_000
"""Nanoseconds; the coarsest clock of a file system that is still in use (FAT)."""


class Seen:
    """The files of one store whose hash is known, kept in a small file of the user's cache."""

    def __init__(self, store: Path, kept: Path) -> None:
        self.store, self.kept = store, kept
        self._known = _read(kept)
        self._is_new = False

    def has(self, name: str, sha256: str) -> bool:
        """Return whether a file, named from the store's folder, has this hash.

        Raises:
            OSError: It cannot be read, or is no file.
        """
        path = f"{self.store}/{name}"
        found = os.stat(path)  # noqa: PTH116 - a third of the time of Path's, for every file
        look: list[object] = [
            found.st_size,
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_ino,
            sha256,
        ]
        if self._known.get(name) == look:
            return True
        if digest(path) != sha256:
            return False
        if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > COARSE:
            self._known[name] = look
            self._is_new = True
        return True

    def save(self) -> None:
        """Keep what was learned; where the cache cannot be written, it is learned again."""
        if not self._is_new:
            return
        self._is_new = False
        try:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(self.kept, json.dumps(self._known).encode())
        except OSError:
            pass


def seen(store: Path) -> Seen:
    """Return what is known of a store's files."""
    place = store.resolve()
    name = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    return _seen(place, config.cache_path() / "hashes" / f"{name}.json")


@cache
def _seen(store: Path, kept: Path) -> Seen:
    return Seen(store, kept)


def digest(path: str) -> str:
    """Hash a file as a stream."""
    with disk.regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(kept: Path) -> dict[str, list[object]]:
    try:
        known = json.loads(kept.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
