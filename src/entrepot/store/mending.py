"""Mending: the files of a damaged vintage from the same raw files, taken in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import EntrepotError, StoreError
from entrepot.store import disk
from entrepot.store.archive import digest
from entrepot.store.manifests import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.store.vintages import Store, Vintage


def mend(store: Store, staged: Vintage) -> Vintage | None:
    """Put staged files in the place of damaged ones that they equal; return the mended vintage.

    Each file is exchanged by one rename, and the head stays as it is. None where the manifest is
    lost too, or where a file comes out otherwise than it did, as with another release: then the
    vintage is to be replaced as a whole.

    Raises:
        StoreError: The files were taken in with other options than at first.
    """
    try:
        old = store.load(staged.id, store.head()[0].vintages[staged.id])
    except StoreError:
        return None
    if (old.scope, old.rows) != (staged.scope, staged.rows):
        raise StoreError(
            f"vintage {old.id}: is damaged, and these files as they are read now speak for other "
            f"rows or another scope than its manifest says ({old.rows:,} rows); take them in with "
            "the --scope and --mapping of the first time"
        )
    wrong = {path: sha for path, sha in files_of(old).items() if not _is(path, sha)}
    fresh = {path: staged.folder / path.relative_to(old.folder) for path in wrong}
    if not all(_is(fresh[path], sha256) for path, sha256 in wrong.items()):
        return None
    for path in wrong:
        disk.refuse_links(path.parent)
        path.parent.mkdir(exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            disk.remove(path)
        disk.flush(fresh[path])
        fresh[path].replace(path)
        disk.flush(path.parent)
    store.send(wrong)
    return old


def _is(path: Path, sha256: str) -> bool:
    try:
        return digest(path).sha256 == sha256
    except EntrepotError:
        return False
