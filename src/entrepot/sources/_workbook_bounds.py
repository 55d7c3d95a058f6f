"""Workbook bounds: what a workbook unpacks to, seen before anything reads it.

A reader of workbooks lays a sheet out as a rectangle, so one cell at XFD1048576 asks for 500 GB;
it leaves out a cell whose formula was never computed, and one that holds an entity.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.sources._bytes import CHUNK, FREE, RATIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 400_000_000
"""Bytes that all members may have together, unpacked; the largest of Eurostat's had 58 MB."""
CELLS = 12_000_000
"""Cells that the rectangle around a sheet may have. By hand."""
MEMBERS = 5_000
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, EOFError, RuntimeError, ValueError),
)
"""What zipfile raises for a zip that is damaged, encrypted or packed as no workbook is."""
OVERLAP = 512
"""Bytes kept between two pieces, longer than what the patterns below must see at once."""
FAR = re.compile(rb"""\sr=["'](?:[A-Z]{3}|[A-Z]+[0-9]{5})""")
"""A cell right of ZZ or below row 9,999; without one a sheet has 7 million cells at most."""
PLACE = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
UNFINISHED = re.compile(
    rb"""<c\b[^>]*?\sr=["']([A-Z]+[0-9]+)["'][^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*"""
    rb"""(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)


def check_members(path: Path, largest: int) -> None:
    """Refuse a workbook whose members, all together, unpack to too much or do not unpack.

    Raises:
        SourceError: It is no zip, is damaged, or a bomb.
    """
    left = min(largest, max(FREE, RATIO * path.stat().st_size))
    try:
        with zipfile.ZipFile(path) as book:
            for info in _members(path, book):
                with book.open(info) as member:
                    while chunk := member.read(CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise _bomb(path)
    except BROKEN as error:
        raise unreadable(path, error) from error


def check(path: Path) -> None:
    """Refuse a workbook that would fill the memory, or of which a cell would be lost.

    Raises:
        SourceError: It is no zip, unpacks to too much, has a cell too far out, a formula without
            its value, or an entity of its own.
    """
    left = min(LARGEST, max(FREE, RATIO * path.stat().st_size))
    try:
        with zipfile.ZipFile(path) as book:
            for info in _members(path, book):
                left = _member(path, book, info, left)
    except BROKEN as error:
        raise unreadable(path, error) from error


def _members(path: Path, book: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    found = book.infolist()
    if len(found) > MEMBERS:
        raise _refusal(path, f"more than {MEMBERS:,} members", "a workbook")
    return found


def unreadable(path: Path, error: BaseException) -> SourceError:
    """Return the error of a file that is no workbook, or a damaged one."""
    return SourceError(
        f"{path.name}: not a workbook that can be read ({error}); expected XLSX; "
        "save or download it again"
    )


def _bomb(path: Path) -> SourceError:
    return _refusal(path, "unpacks to more than a workbook of this size holds", "XLSX")


def _member(path: Path, book: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> int:
    """Read one member to its end; return how many bytes the others may still have."""
    is_sheet = info.filename.startswith("xl/worksheets/")
    before, has_far = b"", False
    with book.open(info) as member:
        for chunk in iter(lambda: member.read(CHUNK), b""):
            left -= len(chunk)
            if left < 0:
                raise _bomb(path)
            piece = before + chunk
            if b"<!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
                raise _refusal(path, f"{info.filename} declares entities", "plain XML")
            if is_sheet:
                has_far = has_far or FAR.search(piece) is not None
                if b"<f" in piece and (found := UNFINISHED.search(piece)):
                    raise _refusal(
                        path,
                        f"cell {found[1].decode()} of {info.filename} holds a formula without its "
                        "value",
                        "values",
                    )
            before = piece[-OVERLAP:]
    if has_far:
        _refuse_far(path, book, info)
    return left


def _refuse_far(path: Path, book: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    columns = rows = 1
    for letters, number in _places(book, info):
        columns = max(columns, _column(letters))
        rows = max(rows, int(number))
    if columns * rows > CELLS:
        raise _refusal(
            path,
            f"{info.filename} reaches over {rows:,} rows and {columns:,} columns",
            f"at most {CELLS:,} cells",
        )


def _places(book: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
    before = b""
    with book.open(info) as member:
        for chunk in iter(lambda: member.read(CHUNK), b""):
            piece = before + chunk
            yield from PLACE.findall(piece)
            before = piece[-OVERLAP:]


def _column(letters: bytes) -> int:
    """A column's number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _refusal(path: Path, found: str, expected: str) -> SourceError:
    return SourceError(
        f"{path.name}: {found}; expected {expected}; open it, save only the table with its values, "
        "or download it again"
    )
