"""Manifests: what a vintage says of itself, read as strictly as a stranger's word."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError
from entrepot.store import strict
from entrepot.store.archive import Raw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANIFEST = "manifest.json"
SLICES = "slices.parquet"
LAYOUT = 2
READABLE = (1, LAYOUT)
"""Layouts of a vintage's folder: those of 1 have no head above them until they are adopted."""

SOURCE = r"[a-z0-9][a-z0-9_-]{0,99}"
ID = rf"{SOURCE}-\d{{4}}-\d\d-\d\d-[0-9a-f]{{8}}"
PART = r"flows-[0-9a-f]{12}\.parquet|slices\.parquet"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a vintage speaks for within its slices. None means everything.

    A newer vintage hides the rows of an older one that lie in its scope, present or not: that is
    how a withdrawn cell disappears. `declared` is whether a file or a person said so; otherwise
    the scope is what was seen in the files. `asked` is whether its products were asked for by
    name, so that others under the same heading were not.
    """

    products: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None
    declared: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Vintage:
    """One publication of one source, as its manifest describes it.

    `dated` is whether a file, a publisher or a person said its day; otherwise it is the day on
    which the files were taken in. `manifest` is the sha256 of its manifest that the head has, ""
    while the head does not name it.
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
    manifest: str = ""

    @property
    def flows(self) -> list[str]:
        """Paths of its Parquet files."""
        return [str(self.folder / name) for name in self.parts if name != SLICES]

    @property
    def order(self) -> tuple[date, int]:
        """What makes it newer than another: its day, then the order of arrival."""
        return self.published, self.sequence


def files_of(vintage: Vintage, folder: Path | None = None) -> dict[Path, str]:
    """Return the files of a vintage with the hash that each was written with.

    Args:
        vintage: The vintage.
        folder: Where it is to be, if elsewhere.
    """
    place = folder or vintage.folder
    found = {place / "raw" / raw.sha256: raw.sha256 for raw in vintage.raw}
    return found | {place / name: sha256 for name, sha256 in vintage.parts.items()}


def text_of(manifest: dict[str, Any]) -> bytes:
    """Return the bytes of a manifest; the same manifest always has the same."""
    return json.dumps(manifest, indent=1, sort_keys=True, default=str).encode() + b"\n"


def manifest_of(vintage: Vintage) -> dict[str, Any]:
    """Return a vintage as plain data, as its manifest has it."""
    data = asdict(vintage)
    del data["folder"], data["manifest"]
    return data


def parse(content: bytes, folder: Path) -> Vintage:
    """Read a manifest: every field is there, of its type, and no name leads out of the folder.

    Raises:
        StoreError: It is not one that entrepot wrote.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(content)
        if data.pop("layout") not in READABLE:
            raise StoreError(f"{path}: written by another release of entrepot; update entrepot")
        data.setdefault("dated", True)  # not said by the first layout
        vintage = Vintage(**strict.record(data, _FIELDS), folder=folder)
        if (
            vintage.id[:-8] != f"{vintage.source}-{vintage.published}-"
            or SLICES not in vintage.parts
        ):
            raise ValueError("its id, source, day and parts do not fit together")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{path}: not a manifest that entrepot wrote ({error}); restore the folder or remove it"
        ) from None
    return vintage


def _names(value: Any) -> tuple[str, ...] | None:
    return None if value is None else strict.listed(strict.text())(value)


def _scope(value: Any) -> Scope:
    told = {"asked": False, **value} if isinstance(value, dict) else value  # not in older ones
    return Scope(
        **strict.record(
            told,
            {
                "products": _names,
                "partners": _names,
                "declared": strict.flag,
                "asked": strict.flag,
            },
        )
    )


def _raw(value: Any) -> Raw:
    return Raw(
        **strict.record(
            value,
            {
                "name": strict.text(r"[^\x00/]+"),
                "sha256": strict.text(strict.SHA256),
                "bytes": strict.number(0),
            },
        )
    )


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "id": strict.text(ID),
    "source": strict.text(SOURCE),
    "publisher": strict.text(),
    "licence": strict.text(),
    "published": strict.day,
    "sequence": strict.number(1),
    "rows": strict.number(0),
    "scope": _scope,
    "raw": strict.listed(_raw),
    "parts": strict.table(strict.text(PART), strict.text(strict.SHA256)),
    "mapping": strict.text(r"|[0-9a-f]{12}"),
    "rates": strict.table(strict.text(r"[a-z0-9_]+"), strict.text()),
    "version": strict.text(),
    "synthetic": strict.flag,
    "dated": strict.flag,
}
