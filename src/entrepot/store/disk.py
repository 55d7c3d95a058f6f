"""Disk: what the store asks of a file system: whole files, flushed folders, and no links."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from entrepot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write below `path` into one clear line."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"store {path}: cannot be written ({error.strerror}); nothing was changed: "
            "free the disk, mend the permissions or name another folder with --store"
        ) from None


@contextmanager
def regular(path: Path | str, flags: int = 0) -> Iterator[BufferedReader]:
    """Open a regular file to read; a pipe or device is an OSError at once and never waited for."""
    with open(path, "rb", opener=lambda name, _how: os.open(name, _READ | flags)) as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "a pipe or a device, not a file")
        yield stream


def refuse_links(*paths: Path) -> None:
    """Refuse a symbolic link where the store keeps something of its own.

    Raises:
        StoreError: One of the paths is a link; what it points to is untouched.
    """
    for path in paths:
        if path.is_symlink():
            raise StoreError(
                f"{path}: a symbolic link; expected a file or folder of the store itself; put what "
                "it points to in its place"
            )


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, as far as the system allows; follow no link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Write a whole file in the place of another: a reader sees the old one or the new one.

    Once it is renamed there is no way back, so what the folder's flush may say is no error: after
    a power cut the old file could be there again, as whole as before.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
        fresh.replace(path)
    finally:
        remove(fresh)
    with suppress(OSError):
        flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk write a file or folder now."""
    if os.name == "nt":  # it flushes no folder, and no file that is open to read
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
