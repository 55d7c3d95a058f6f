"""Lock: one process at a time, and a word to the one that waits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from entrepot.errors import StoreError
from entrepot.store.disk import refuse_links

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 2.0
"""Seconds before the one that waits is told why."""
BOUND = 600.0
"""Seconds before it gives up."""


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """Hold a lock file; it stays where it is, and the system frees it when its holder dies.

    Args:
        path: The file.
        doing: What its holder does, as in "writes to entrepot-store".

    Raises:
        StoreError: It is a link, or another process has held it for ten minutes.
    """
    import logging

    from filelock import FileLock, Timeout

    refuse_links(path)
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            logging.getLogger("entrepot").warning("waiting for another entrepot that %s", doing)
            lock.acquire(timeout=BOUND - PATIENCE)
    except Timeout:
        raise StoreError(
            f"{path}: another entrepot {doing}, for {BOUND / 60:.0f} minutes by now; nothing was "
            "changed: let it end, then run this again"
        ) from None
    except NotImplementedError:
        raise StoreError(
            f"{path}: this file system knows no locks; expected one that does; keep the store on "
            "another disk"
        ) from None
    try:
        yield
    finally:
        lock.release()
