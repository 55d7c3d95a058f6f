"""Adoption: a head for a store that has none, of what lies in its folders and is whole."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from entrepot.errors import StoreError
from entrepot.store import disk, materials
from entrepot.store.archive import digest
from entrepot.store.audit import audit
from entrepot.store.head import HEAD, Head, HeadEntry, render
from entrepot.store.lock import locked
from entrepot.store.manifests import parse
from entrepot.store.vintages import MANIFEST, folders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.store.vintages import Store


def adopt(store: Store, say: Callable[[str], None]) -> Head:
    """Write the head of a store of an earlier release, or of one whose head was lost.

    Every vintage and material is checked in full first. A folder that is not called what its
    manifest says, such as a copy, is passed over by name.

    Args:
        store: The store.
        say: Takes lines of progress.

    Raises:
        StoreError: There is a head, or nothing to adopt; or something is damaged, or two vintages
            say that they arrived at once. Nothing was changed then.
    """
    if store.remote:
        raise StoreError(
            f"store {store.remote.address}: its objects have no names from which a {HEAD} could be "
            "made; restore it from the bucket's versions"
        )
    with disk.writable(store.path):
        disk.refuse_links(*(store.path / name for name in ("vintages", "materials", "lock", HEAD)))
        if not folders(store.path):
            raise StoreError(f"store {store.path}: holds no vintages; there is nothing to adopt")
        with locked(store.path / "lock", f"writes to {store.path}"):
            if store.pointer.read():
                raise StoreError(
                    f"store {store.path}: has a {HEAD}, which names what it holds; there is "
                    "nothing to adopt"
                )
            head = _found(store.path, say)
            store.pointer.replace(render(head), None)
    return head


def _found(store: Path, say: Callable[[str], None]) -> Head:
    vintages: dict[str, HeadEntry] = {}
    kept: dict[str, HeadEntry] = {}
    arrived: dict[tuple[str, str, int], str] = {}
    for folder in folders(store):
        content = _content(folder / MANIFEST)
        if folder.parent.parent == store:
            vintage = parse(content, folder)
            name, sequence, entries = vintage.id, vintage.sequence, vintages
            order = ("vintage", f"{vintage.source} {vintage.published}", sequence)
        else:
            material = materials.load(content, folder)
            name, sequence, entries = material.key, material.sequence, kept
            order = ("material", material.name, sequence)
        if folder != store / ("vintages" if entries is vintages else "materials") / name:
            say(f"{folder}: passed over: its manifest is that of {name}")
            continue
        if found := audit(vintage) if entries is vintages else _problem(material):
            raise StoreError(f"{found[0]}; or move {folder} away, then adopt again")
        if (other := arrived.setdefault(order, name)) != name:
            raise StoreError(
                f"store {store}: {other} and {name} say that they arrived at once; expected "
                "one after the other; move the one away that is to be forgotten"
            )
        say(f"{name}: as it was written")
        entries[name] = HeadEntry(hashlib.sha256(content).hexdigest(), sequence)
    return Head(1, vintages, kept)


def _problem(material: materials.Stored) -> list[str]:
    if digest(material.path).sha256 != material.sha256:
        return [f"{material.path}: changed since it was written"]
    return []


def _content(path: Path) -> bytes:
    try:
        with disk.regular(path, disk.NO_LINK) as stream:
            return stream.read()
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror}); mend its permissions, or move "
            f"{path.parent} away"
        ) from None
