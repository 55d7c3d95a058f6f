"""Workbooks: one sheet of an XLSX file, its errors and unfinished formulas refused by cell."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import unescape

from python_calamine import CalamineError, CalamineWorkbook

from entrepot.errors import SourceError
from entrepot.sources import _workbook_bounds
from entrepot.sources.generic import column_names
from entrepot.sources.generic.table import Table, from_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

CHUNK = 1 << 20
LARGEST = 1 << 30
"""Bytes that a workbook's XML may have: a million rows of ten columns have half of it."""
AREA = 30_000_000
"""Cells that the corners of a sheet may span; all are held in memory, the empty ones too."""
SAMPLE = 50
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"([^>]*)(/?)>')
_KEPT = 1 << 14


def open_book(raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection) -> Table:
    """Return the rows of a sheet.

    Raises:
        SourceError: It is no workbook, has no such sheet or row, or a cell holds an error.
    """
    skip = int(how.get("header_row", 1)) + int(how.get("header_rows", 1)) - 1
    sheet, rows = cells(raw.path, how.get("sheet"))
    if len(rows) <= skip:
        raise SourceError(
            f"{raw.path.name}: no data sheet: sheet {sheet!r} has no rows below line {skip}; "
            "expected a header and rows; correct sheet or header_row under [format] in the mapping"
        )
    lines = [[str(cell) for cell in row] for row in rows[int(how.get("header_row", 1)) - 1 : skip]]
    sample = [["" if c == "" else _plain(c) for c in row] for row in rows[skip : skip + SAMPLE]]
    header = column_names.read(raw.path, lines, sample)
    width = len(header.names)
    body = [row[:width] for row in rows[skip:]]
    return from_cells(body, header, skip, connection, locate=raw.locate)


def sheets(path: Path) -> list[str]:
    """Return the names of a workbook's sheets."""
    return _book(path).sheet_names


def size(path: Path, sheet: str) -> int:
    """Return how many cells a sheet has.

    Raises:
        SourceError: As for `cells`; above all, that it is too large to be held.
    """
    book = _book(path)
    try:
        _check(path, book.sheet_names.index(sheet), sheet, bounds_only=True)
        found = book.get_sheet_by_name(sheet)
    except (CalamineError, KeyError, *_workbook_bounds.BROKEN) as error:
        raise _workbook_bounds.unreadable(path, error) from error
    return int(found.total_height) * int(found.total_width)


def cells(path: Path, sheet: str | None) -> tuple[str, list[list[Any]]]:
    """Return the name of a sheet (the first, if none is named) and its cells, row by row.

    Raises:
        SourceError: It is no workbook, has no such sheet, a cell holds an error or an unfinished
            formula, or the sheet is too large.
    """
    book = _book(path)
    if sheet is not None and sheet not in book.sheet_names:
        raise SourceError(
            f"{path.name}: no sheet {sheet!r}; expected one of {', '.join(book.sheet_names)}; "
            "correct sheet under [format] in the mapping"
        )
    name = sheet or book.sheet_names[0]
    try:
        _check(path, book.sheet_names.index(name), name)
        return name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, KeyError, *_workbook_bounds.BROKEN) as error:
        raise _workbook_bounds.unreadable(path, error) from error


def _book(path: Path) -> CalamineWorkbook:
    _workbook_bounds.check_members(path, LARGEST)
    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise _workbook_bounds.unreadable(path, error) from error
    if not book.sheet_names:
        raise _workbook_bounds.unreadable(path, ValueError("it has no sheet"))
    return book


def _plain(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _check(path: Path, place: int, sheet: str, *, bounds_only: bool = False) -> None:
    """Refuse a sheet too large, and cells that calamine gives as empty though something stands."""
    with zipfile.ZipFile(path) as book:
        part = _part(book, place)
        if part is None:
            return
        wide = deep = 0
        for piece in _pieces(path, book, part):
            for found in _CELL.finditer(piece):
                letters, row, attributes, closed = found.groups()
                wide, deep = max(wide, _number(letters)), max(deep, int(row))
                if bounds_only:
                    continue
                if b't="e"' in attributes or (
                    not closed and _is_unfinished(piece[found.end() : found.end() + _KEPT])
                ):
                    raise _odd(path, sheet, found, piece)
            if wide * deep > AREA:
                raise SourceError(
                    f"{path.name}: sheet {sheet!r} spans {deep:,} rows and {wide:,} columns; "
                    f"expected at most {AREA:,} cells; delete the empty rows and columns at its "
                    "end, or save it as CSV"
                )


def _pieces(path: Path, book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML in pieces that end where a row ends."""
    rest, size = b"", 0
    with book.open(part) as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > LARGEST or len(rest) > 64 * CHUNK:
                raise SourceError(
                    f"{path.name}: a sheet of more than {min(size, LARGEST):,} bytes; expected at "
                    "most that; save it as CSV"
                )
            rest += chunk
            cut = rest.rfind(b"</row>") + 1
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _is_unfinished(after: bytes) -> bool:
    """Whether a cell that begins here is a formula without a value."""
    if not after.startswith((b"<f", b"<x:f")):
        return False
    inside = after[: after.find(b"</c>")]
    return not re.search(rb"<(?:\w+:)?(?:v>[^<]|is>)", inside)


def _odd(path: Path, sheet: str, found: re.Match[bytes], piece: bytes) -> SourceError:
    letters, row, attributes, _closed = found.groups()
    cell = (letters + row).decode()
    value = re.match(rb".{0,400}?<v>([^<]*)</v>", piece[found.end() :], re.DOTALL)
    what = (
        f"the error {value[1].decode('utf-8', 'replace')}"
        if value and b't="e"' in attributes
        else ("a formula that was never calculated")
    )
    return SourceError(
        f"{path.name}: cell {cell} of sheet {sheet!r} holds {what}; expected a value; open the "
        "workbook, correct or calculate it, and save it again"
    )


def _part(book: zipfile.ZipFile, place: int) -> str | None:
    """The name of the XML of a sheet, by its place in the workbook."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    ids = re.findall(rb'<(?:\w+:)?sheet [^>]*?\br:id="([^"]+)"', _small(book, "xl/workbook.xml"))
    targets = dict(_relations(_small(book, "xl/_rels/workbook.xml.rels")))
    target = targets.get(ids[place].decode("utf-8", "replace")) if place < len(ids) else None
    if target is None:
        return None
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return part if part in names else None


def _small(book: zipfile.ZipFile, part: str) -> bytes:
    with book.open(part) as file:
        return file.read(CHUNK)


def _relations(xml: bytes) -> Iterator[tuple[str, str]]:
    for tag in re.findall(rb"<(?:\w+:)?Relationship [^>]*>", xml):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag.decode("utf-8", "replace")))
        yield given.get("Id", ""), unescape(given.get("Target", ""))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
