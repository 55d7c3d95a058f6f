"""Compacted: rows of many vintages in a few sorted files, kept beside the vintages as a cache.

STORE/compact/<digest>/manifest.json     which vintages, by the hash of their manifests
                       slices.parquet    their slices, each with the pile that its rows lie in
                       flows-<pile>-*    the rows, by product, reporter, partner, flow and period

A segment answers for a vintage only while the head names it with the same manifest. Whatever is
not as written is passed over, and the vintages' own files are read: an answer is never another.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import EntrepotError, StoreError
from entrepot.store import disk, strict
from entrepot.store.archive import digest
from entrepot.store.manifests import ID, MANIFEST, SLICES, SOURCE
from entrepot.store.sealed import seal, unseal
from entrepot.store.seen import seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from entrepot.store.manifests import Vintage

FOLDER = "compact"
LAYOUT = 1
LIVE, PAST = 0, 1
"""Piles: slices that no newer vintage covered when the segment was made, and the others."""
PILES = 2
NAME = re.compile(r"[0-9a-f]{16}")
_PART = r"flows-[01]-\d{4}-[0-9a-f]{12}\.parquet|slices\.parquet"


@dataclass(frozen=True, slots=True)
class Covered:
    """A vintage as a segment holds it: the sha256 of its manifest, and its rows."""

    manifest: str
    rows: int


@dataclass(frozen=True, slots=True)
class Pile:
    """The slices with rows in one pile of a segment, and their rows."""

    slices: int
    rows: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Sorted files with all rows of some vintages of one source."""

    source: str
    vintages: dict[str, Covered]
    piles: tuple[Pile, ...]
    parts: dict[str, str]
    folder: Path

    @property
    def rows(self) -> int:
        """The rows of all its vintages."""
        return sum(one.rows for one in self.vintages.values())

    def files(self, pile: int) -> list[str]:
        """Return the paths of the files of a pile, by product."""
        start = f"flows-{pile}-"
        return [str(self.folder / name) for name in sorted(self.parts) if name.startswith(start)]

    def has(self, vintage: Vintage) -> bool:
        """Return whether it holds this vintage, and not another of the same name."""
        mine = self.vintages.get(vintage.id)
        return mine is not None and mine.manifest == vintage.manifest


def render(segment: Segment) -> bytes:
    """Return the bytes of a segment's manifest."""
    return seal(
        {
            "layout": LAYOUT,
            "source": segment.source,
            "vintages": {
                name: {"manifest": one.manifest, "rows": one.rows}
                for name, one in segment.vintages.items()
            },
            "piles": [{"slices": one.slices, "rows": one.rows} for one in segment.piles],
            "parts": segment.parts,
        }
    )


def parse(content: bytes, folder: Path) -> Segment:
    """Read a segment's manifest, whose checksum must fit.

    Raises:
        StoreError: It is not one that entrepot wrote, or another release did.
    """
    path = folder / MANIFEST
    try:
        data = unseal(content)
        if data.pop("layout") != LAYOUT:
            raise ValueError("written by another release")
        made = Segment(**strict.record(data, _FIELDS), folder=folder)
        if SLICES not in made.parts or len(made.piles) != PILES:
            raise ValueError("its slices or piles are not named")
    except (ValueError, KeyError) as error:
        raise StoreError(
            f"{path}: not a manifest that entrepot wrote ({error}); {_REMEDY}"
        ) from None
    return made


def folders(store: Path) -> list[Path]:
    """Return the folders of a store's segments, whether they are as written or not."""
    place = store / FOLDER
    if place.is_symlink() or not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if NAME.fullmatch(one.name))


def found(store: Path) -> list[Segment]:
    """Return the segments of a store whose files are as written, the largest first.

    One that is not is named in a warning and passed over.
    """
    known = seen(store)
    good = []
    for folder in folders(store):
        try:
            segment = _load(folder)
            for name, sha256 in segment.parts.items():
                if not known.has(f"{FOLDER}/{folder.name}/{name}", sha256):
                    raise StoreError(_changed(folder / name))
        except OSError as error:
            _warn(f"{folder}: cannot be read ({error.strerror}); {_REMEDY}")
        except StoreError as error:
            _warn(str(error))
        else:
            good.append(segment)
    known.save()
    return sorted(good, key=lambda one: (-one.rows, one.folder.name))


def serving(segments: Sequence[Segment], vintages: Sequence[Vintage]) -> list[Segment]:
    """Return the segments to read vintages from: each vintage is in one of them at most.

    Args:
        segments: Those there are, the largest first.
        vintages: Those to be read, in the order that the head names them or any other.
    """
    chosen: list[Segment] = []
    taken: set[str] = set()
    for segment in segments:
        mine = {vintage.id for vintage in vintages if segment.has(vintage)}
        if mine and not mine & taken:
            chosen.append(segment)
            taken |= mine
    return chosen


def problems(store: Path) -> Iterator[str]:
    """Give what is wrong with the segments of a store, one line each; every byte is read."""
    for folder in folders(store):
        try:
            segment = _load(folder)
        except (StoreError, OSError) as error:
            yield f"{error}" if isinstance(error, StoreError) else f"{folder}: {error.strerror}"
            continue
        for name, sha256 in segment.parts.items():
            path = folder / name
            try:
                if digest(path).sha256 != sha256:
                    yield _changed(path)
            except EntrepotError as error:
                yield str(error)
        stray = {path.name for path in folder.iterdir()} - {*segment.parts, MANIFEST}
        yield from (f"{folder / name}: not in the manifest; remove it" for name in sorted(stray))


def _load(folder: Path) -> Segment:
    disk.refuse_links(folder)
    with disk.regular(folder / MANIFEST, disk.NO_LINK) as stream:
        return parse(stream.read(), folder)


_REMEDY = "the vintages are read instead; remove the folder, or run `entrepot store compact`"


def _changed(path: Path) -> str:
    return f"{path}: changed since it was written; {_REMEDY}"


def _warn(text: str) -> None:
    logging.getLogger("entrepot").warning(text)


def _covered(value: Any) -> Covered:
    kinds = {"manifest": strict.text(strict.SHA256), "rows": strict.number(0)}
    return Covered(**strict.record(value, kinds))


def _pile(value: Any) -> Pile:
    return Pile(**strict.record(value, {"slices": strict.number(0), "rows": strict.number(0)}))


_FIELDS = {
    "source": strict.text(SOURCE),
    "vintages": strict.table(strict.text(ID), _covered),
    "piles": strict.listed(_pile),
    "parts": strict.table(strict.text(_PART), strict.text(strict.SHA256)),
}
