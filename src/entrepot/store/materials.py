"""Materials: fetched files that are not trade, kept by day and visible by one rename.

STORE/materials/<name>/<day>-<sha8>/<file>          the publisher's bytes
                                    manifest.json   what it is, written last
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from entrepot.errors import SourceError, StoreError
from entrepot.store import archive
from entrepot.store.vintages import MANIFEST, Store, flush

if TYPE_CHECKING:
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

    Takes the writers' lock, so it must not be called while it is held.

    Raises:
        SourceError: The file cannot be read.
        StoreError: The store cannot be written, or the file changed while it was read.
    """
    raw = archive.digest(path)
    with Store(store_path).writing() as staging:
        held = stored(store_path, name)
        for one in held:
            if one.sha256 == raw.sha256:
                return one
        made = Stored(
            name=name,
            file=path.name,
            day=day,
            sha256=raw.sha256,
            bytes=raw.bytes,
            address=address,
            publisher=publisher,
            licence=licence,
            sequence=1 + max((one.sequence for one in held), default=0),
            folder=_home(store_path, name) / f"{day}-{raw.sha256[:8]}",
        )
        archive.keep(path, raw, staging)
        (staging / raw.sha256).rename(staging / made.file)
        _commit(made, staging)
    return made


def stored(store_path: Path, name: str) -> list[Stored]:
    """Return the files of a material, oldest first: by day, then in order of arrival.

    Raises:
        StoreError: A manifest cannot be read.
    """
    found = [_read(path) for path in _home(store_path, name).glob(f"*/{MANIFEST}")]
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
        StoreError: A manifest cannot be read, or the file is not what was written.
    """
    fit = [
        one
        for one in stored(store_path, name)
        if (as_of is None or one.day <= as_of) and file in ("", one.file)
    ]
    if not fit:
        return None
    one = fit[-1]
    try:
        seen = archive.digest(one.path).sha256
    except SourceError as error:
        raise StoreError(f"{one.path}: {error}") from None
    if seen != one.sha256:
        raise StoreError(
            f"{one.path}: changed since it was written; remove {one.folder} and fetch it again"
        )
    return one.path


def _home(store_path: Path, name: str) -> Path:
    return store_path / "materials" / name


def _commit(made: Stored, staging: Path) -> None:
    """Write the manifest, flush everything to disk, then rename: the one visible step."""
    data = asdict(made) | {"layout": LAYOUT}
    del data["folder"]
    text = json.dumps(data, indent=1, sort_keys=True, default=str)
    (staging / MANIFEST).write_text(text + "\n", "utf-8")
    for path in (staging / made.file, staging / MANIFEST, staging):
        flush(path)
    made.folder.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(made.folder)
    flush(made.folder.parent)


def _read(path: Path) -> Stored:
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if data.pop("layout") != LAYOUT:
            raise StoreError(f"{path}: written by another release of entrepot; update entrepot")
        data["day"] = date.fromisoformat(data["day"])
        return Stored(**data, folder=path.parent)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{path}: not a manifest that entrepot wrote ({error}); restore the folder or remove it"
        ) from None
