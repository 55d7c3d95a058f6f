"""Archive: raw files kept by their sha256, so that every row leads back to a publisher's bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import SourceError, StoreError
from entrepot.store import disk

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 1 << 20
SHORT = 12  # hex digits that name a file in a row; 48 bits cannot collide by accident in a store


@dataclass(frozen=True, slots=True)
class Raw:
    """One raw file: the publisher's name for it, its sha256 and its size in bytes."""

    name: str
    sha256: str
    bytes: int

    @property
    def short(self) -> str:
        """The digits that flows carry in their `file` column."""
        return self.sha256[:SHORT]


def digest(path: Path) -> Raw:
    """Hash a file as a stream.

    Raises:
        SourceError: The file cannot be read, or is a folder, a pipe or a device.
    """
    try:
        with disk.regular(path) as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            return Raw(path.name, sha256, stream.tell())
    except OSError as error:
        raise SourceError(
            f"{path.name}: cannot be read ({error.strerror}); check the path and its permissions"
        ) from None


def keep(path: Path, raw: Raw, folder: Path) -> None:
    """Copy `path` into `folder` under its sha256, and check what was written.

    Raises:
        StoreError: The copy is not what was hashed: the file changed while it was read.
    """
    folder.mkdir(exist_ok=True)
    if (folder / raw.sha256).exists():  # two answers of the same bytes
        return
    seen = hashlib.sha256()
    with disk.regular(path) as source, (folder / raw.sha256).open("xb") as target:
        while chunk := source.read(CHUNK):
            seen.update(chunk)
            target.write(chunk)
    if seen.hexdigest() != raw.sha256:
        raise StoreError(f"{raw.name}: changed while it was read; wait until it is complete")
