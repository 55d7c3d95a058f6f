"""Unpacking: the members of a zip, gzip or 7z file, within a limit that holds while writing.

An archive says how large it is and can lie, so every byte is counted on its way out. A bomb is
stopped by the limit or by its ratio, whichever comes first, and leaves nothing behind.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import shutil
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

import py7zr
from py7zr.exceptions import ArchiveError, DecompressionBombError, PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from entrepot.errors import SourceError
from entrepot.sources._bytes import FREE, RATIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

CHUNK = 1 << 20
MEMBERS = 1_000
"""More files than any publisher puts into one archive. BACI's longest has one a year, some
thirty."""
DIRECTORY = 1 << 20
"""Bytes that the list of members may have; it is read into memory. A thousand names of a
kilobyte."""
WINDOW = 256 << 20
"""Bytes that a 7z coder may ask for to unpack: 7-Zip's strongest preset asks for 64 MB."""
SEVEN_ZIP, ZIP, GZIP = b"7z\xbc\xaf\x27\x1c", b"PK", b"\x1f\x8b"
NESTED = (SEVEN_ZIP, b"PK\x03\x04", GZIP, b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"Rar!")
_BROKEN = (
    *(ArchiveError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error),
    *(EOFError, OSError, TypeError, ValueError, KeyError, IndexError, NotImplementedError),
)
"""What the three readers raise for bytes that are not theirs; py7zr lets plain errors through."""
_OURS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO)
"""What goes wrong on this side and says nothing of the archive."""


def unpack(path: Path, scratch: Path, largest: int, suffixes: tuple[str, ...]) -> list[Path]:
    """Write an archive's members to a folder of their own in `scratch`; return them, sorted.

    The kind is recognised by content. Members whose name ends otherwise than in `suffixes` (lower
    case) stay packed. What was written is removed if anything is wrong.

    Args:
        path: A zip, gzip or 7z file.
        scratch: An existing folder; it holds up to `largest` bytes afterwards.
        largest: Bytes that all written members may have together.
        suffixes: Endings of the names that are wanted, for example (".csv", ".dat").

    Raises:
        SourceError: It is none of the three kinds, broken, cut or encrypted; its content passes
            `largest` or an implausible ratio; it has too many members, one outside the folder,
            two of one name, an archive inside, or none of the wanted kind.
    """
    folder = Path(tempfile.mkdtemp(prefix="unpacked-", dir=scratch))
    try:
        budget = _Budget(path, folder, largest, suffixes)
        with path.open("rb") as file:
            start = file.read(len(SEVEN_ZIP))
            file.seek(0)
            _reader(path, start)(file, budget)
        if not budget.written:
            raise budget.refusal(
                f"holds no file that ends in {' or '.join(suffixes)}",
                "the publisher's archive",
                "check that it is the file you meant to download",
            )
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, _BROKEN) and getattr(error, "errno", None) not in _OURS:
            raise SourceError(
                f"{path.name}: broken archive ({_line(error)}); expected a complete download; "
                "download it again and compare its size with the publisher's"
            ) from error
        raise
    return sorted(budget.written)


@dataclass(slots=True)
class _Budget:
    """What may still be written, and where: every member passes through here."""

    path: Path
    folder: Path
    largest: int
    suffixes: tuple[str, ...]
    total: int = 0
    seen: int = 0
    packed: int = field(init=False)
    written: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.packed = self.path.stat().st_size

    def refusal(self, found: str, expected: str, then: str) -> SourceError:
        return SourceError(f"{self.path.name}: {found}; expected {expected}; {then}")

    def place(self, name: str) -> Path | None:
        """Return where a member goes, or None if it stays packed."""
        self.seen += 1
        if self.seen > MEMBERS:
            raise self.refusal(
                f"more than {MEMBERS:,} members", "a few tables", "unpack it yourself and look"
            )
        inside = PurePosixPath(name.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in name or "\0" in name:
            raise self.refusal(
                f"member {name!r} lies outside the archive",
                "names below it",
                "do not unpack it; download it again from the publisher",
            )
        if not name.lower().endswith(self.suffixes):
            return None
        target = self.folder.joinpath(*inside.parts)
        if target in self.written:
            raise self.refusal(
                f"two members are called {name!r}", "one", "unpack it yourself and keep the right"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        self.written.append(target)
        return target

    def spend(self, chunk: bytes | bytearray, first: bool) -> None:
        """Count bytes before they are written; `first` ones show whether they are an archive."""
        if first and chunk.startswith(NESTED):
            raise self.refusal(
                "an archive inside the archive", "tables", "unpack it yourself and look"
            )
        self.total += len(chunk)
        if self.total > self.largest:
            raise self.too_large()
        if self.total > max(FREE, RATIO * self.packed):
            raise self.refusal(
                f"{self.packed:,} bytes that unpack to more than {self.total:,}",
                f"at most {RATIO} times as many",
                "unpack it yourself if you trust it",
            )

    def too_large(self) -> SourceError:
        return self.refusal(
            f"more than {self.largest:,} bytes unpacked",
            "at most that",
            "unpack it yourself if you trust it",
        )


def _reader(path: Path, start: bytes) -> Callable[[BinaryIO, _Budget], None]:
    for magic, reader in ((SEVEN_ZIP, _seven_zip), (ZIP, _zip), (GZIP, _gzip)):
        if start.startswith(magic):
            return reader
    raise SourceError(
        f"{path.name}: not an archive; expected zip, gzip or 7z; download it again, or name the "
        "unpacked file"
    )


def _gzip(file: BinaryIO, budget: _Budget) -> None:
    name = budget.path.name.removesuffix(".gz")
    wanted = name if name.lower().endswith(budget.suffixes) else name + budget.suffixes[0]
    with gzip.GzipFile(fileobj=file) as member:
        _copy(member, budget, wanted)


def _zip(file: BinaryIO, budget: _Budget) -> None:
    _check_directory(file, budget)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                raise _encrypted(budget)
            with archive.open(info) as member:
                _copy(member, budget, info.filename)


def _check_directory(file: BinaryIO, budget: _Budget) -> None:
    """Refuse a list of members that does not fit in memory, before zipfile reads it."""
    # Where a zip's last record can begin: its 22 bytes and a comment of up to 65,535.
    file.seek(max(0, budget.packed - 65_557))
    _, found, end = file.read().rpartition(b"PK\x05\x06")
    if found and int.from_bytes(end[8:12], "little") > DIRECTORY:
        raise budget.refusal(
            "a list of members over 1 MB", "a few tables", "unpack it yourself and look"
        )
    file.seek(0)


def _copy(member: IO[bytes] | gzip.GzipFile, budget: _Budget, name: str) -> None:
    if (target := budget.place(name)) is None:
        return
    with target.open("wb") as out:
        while chunk := member.read(CHUNK):
            budget.spend(chunk, first=out.tell() == 0)
            out.write(chunk)


def _seven_zip(file: BinaryIO, budget: _Budget) -> None:
    try:
        # A file object keeps py7zr to one thread, so that the limit stops it at once.
        with py7zr.SevenZipFile(file, max_extract_size=budget.largest) as archive:
            _check_coders(archive, budget)
            names = [info.filename for info in archive.files if not info.is_directory]
            targets = {name: target for name in names if (target := budget.place(name))}
            if targets:
                with _Files(targets, budget) as files:
                    archive.extract(targets=list(targets), factory=files)
    except PasswordRequired:
        raise _encrypted(budget) from None
    except DecompressionBombError:  # it also counts members that stay packed
        raise budget.too_large() from None


def _check_coders(archive: py7zr.SevenZipFile, budget: _Budget) -> None:
    """Refuse a coder that wants more memory than any table needs."""
    streams = archive.header.main_streams
    folders = streams.unpackinfo.folders if streams else []
    for coder in (coder for folder in folders for coder in folder.coders):
        if _window(coder["method"], coder.get("properties") or b"") > WINDOW:
            raise budget.refusal(
                f"a 7z file that needs more than {WINDOW >> 20} MB of memory",
                "at most that",
                "unpack it yourself if you trust it",
            )


def _window(method: bytes, properties: bytes) -> int:
    """Bytes of dictionary: LZMA2 writes them in one byte, LZMA and PPMd as bytes 1 to 4."""
    if method == b"\x21":
        return (2 | properties[0] & 1) << (properties[0] // 2 + 11)
    return int.from_bytes(properties[1:5], "little") if method[:1] == b"\x03" else 0


def _encrypted(budget: _Budget) -> SourceError:
    return budget.refusal(
        "encrypted", "an open file, as publishers serve them", "unpack it with its password first"
    )


class _Files(WriterFactory):
    """Gives py7zr a counted file for each wanted member."""

    def __init__(self, targets: dict[str, Path], budget: _Budget) -> None:
        self.targets = {PurePosixPath(name).as_posix(): to for name, to in targets.items()}
        self.budget = budget
        self.open = ExitStack()

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_error: object) -> None:
        self.open.close()  # py7zr leaves a member open when it fails

    def create(self, filename: str) -> Py7zIO:
        return _Counted(self.open.enter_context(self.targets[filename].open("wb")), self.budget)


class _Counted(Py7zIO):
    """A file that counts before it writes."""

    def __init__(self, out: BinaryIO, budget: _Budget) -> None:
        self.out = out
        self.budget = budget
        self.length = 0

    def write(self, s: bytes | bytearray) -> int:
        self.budget.spend(s, first=not self.length)
        self.length += len(s)
        return self.out.write(s)

    def read(self, _size: int | None = None) -> bytes:
        return b""

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return self.length

    def flush(self) -> None:
        self.out.flush()

    def size(self) -> int:
        return self.length

    def close(self) -> None:
        self.out.close()


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
