"""Writing: files that belong together, all of them new or all as they were."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".entrepot-"
LEFT = 3600
"""Seconds after which a folder of ours is one that a killed run left."""


@contextmanager
def together(out: Path, what: str) -> Iterator[Path]:
    """Give an empty folder; the files written there move to `out` at the end, one rename each.

    An error before that leaves `out` as it was; so does a kill, but for a hidden folder, which a
    run an hour later removes.

    Args:
        out: Where the files belong; made if it is not there.
        what: Their name in an error, such as "the brief".

    Raises:
        StoreError: The folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        with tempfile.TemporaryDirectory(dir=out, prefix=PREFIX) as name:
            yield Path(name)
            fresh = sorted(Path(name).iterdir())
            for path in fresh:
                if (out / path.name).is_dir():
                    raise OSError(errno.EISDIR, f"{path.name} is a folder")
            for path in fresh:
                path.replace(out / path.name)
    except OSError as error:
        raise StoreError(
            f"{out}: {what} cannot be written ({error.strerror or error}); nothing was changed: "
            "free the disk, or choose a folder with --out"
        ) from None


def _sweep(out: Path) -> None:
    for left in out.glob(f"{PREFIX}*"):
        if not left.is_symlink() and time.time() - os.lstat(left).st_mtime > LEFT:
            shutil.rmtree(left, ignore_errors=True)
