"""Head: the one small file that names all that a store holds, and moves in one step.

STORE/head.json names every vintage and material with the sha256 of its manifest. What it does not
name is not there; what it names and is not as written is an error.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from entrepot.errors import StoreError
from entrepot.store import disk, strict
from entrepot.store.manifests import ID
from entrepot.store.sealed import seal, unseal

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "head.json"
LAYOUT = 2
"""Of the store; those of 1 had no head and were what a listing showed."""
MATERIAL = r"[a-z0-9][a-z0-9_-]*/\d{4}-\d\d-\d\d-[0-9a-f]{8}"


@dataclass(frozen=True, slots=True)
class Read:
    """The bytes behind a pointer, and the tag by which a change of them is noticed."""

    content: bytes
    tag: str


class Pointer(Protocol):
    """What a store needs of the place that keeps its head: a file here, elsewhere an object.

    An object store does the same with an ETag and a conditional put.
    """

    def read(self) -> Read | None:
        """Return what is there, or None where nothing is yet."""
        ...

    def replace(self, new: bytes, expected: str | None) -> None:
        """Put new bytes in the place of those with the tag expected; None expects nothing there.

        Raises:
            StoreError: Something else is there by now; nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class FilePointer:
    """A head in a file; who replaces it holds the store's lock."""

    path: Path

    def read(self) -> Read | None:
        """Return the file's bytes, or None where there is no file."""
        try:
            with disk.regular(self.path, disk.NO_LINK) as stream:
                content = stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            disk.refuse_links(self.path)
            raise StoreError(
                f"{self.path}: cannot be read ({error.strerror}); nothing of the store can be "
                "without it: mend its permissions or restore it"
            ) from None
        return Read(content, hashlib.sha256(content).hexdigest())

    def replace(self, new: bytes, expected: str | None) -> None:
        """Write the new bytes beside, then rename."""
        found = self.read()
        if (found.tag if found else None) != expected:
            raise StoreError(f"{self.path}: another process changed it; run this again")
        disk.replace(self.path, new)


@dataclass(frozen=True, slots=True)
class HeadEntry:
    """What the head knows of one vintage or material: its manifest's sha256, order of arrival."""

    manifest: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a store holds: vintages by id, materials by name/folder, and how often it moved."""

    generation: int = 0
    vintages: dict[str, HeadEntry] = field(default_factory=dict)
    materials: dict[str, HeadEntry] = field(default_factory=dict)

    def moved(
        self,
        vintages: dict[str, HeadEntry] | None = None,
        materials: dict[str, HeadEntry] | None = None,
    ) -> Head:
        """Return the next head, which names these too."""
        return Head(
            self.generation + 1,
            self.vintages | (vintages or {}),
            self.materials | (materials or {}),
        )


def render(head: Head) -> bytes:
    """Return the bytes of a head."""
    return seal(
        {
            "layout": LAYOUT,
            "generation": head.generation,
            "vintages": _plain(head.vintages),
            "materials": _plain(head.materials),
        }
    )


def parse(content: bytes, path: Path) -> Head:
    """Read a head, whose checksum must fit and whose names must not lead elsewhere.

    Raises:
        StoreError: It is not one that entrepot wrote.
    """
    try:
        data = unseal(content)
        if data.pop("layout") != LAYOUT:
            raise StoreError(f"{path}: written by another release of entrepot; update entrepot")
        return Head(**strict.record(data, _FIELDS))
    except (ValueError, KeyError) as error:
        raise StoreError(
            f"{path}: not the head that entrepot wrote ({error}); restore it, or remove it and run "
            f"`entrepot vintage adopt --store {path.parent}`, which names the vintages there are"
        ) from None


def _plain(entries: dict[str, HeadEntry]) -> dict[str, Any]:
    return {name: {"manifest": e.manifest, "sequence": e.sequence} for name, e in entries.items()}


def _entry(value: Any) -> HeadEntry:
    kinds = {"manifest": strict.text(strict.SHA256), "sequence": strict.number(1)}
    return HeadEntry(**strict.record(value, kinds))


_FIELDS = {
    "generation": strict.number(0),
    "vintages": strict.table(strict.text(ID), _entry),
    "materials": strict.table(strict.text(MATERIAL), _entry),
}
