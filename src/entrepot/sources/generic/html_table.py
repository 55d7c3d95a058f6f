"""HTML tables, as offices publish them under names that end in .xls."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.sources.generic import column_names
from entrepot.sources.generic.table import Table, from_cells

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

LARGEST = 64 << 20
"""Bytes of a page: larger tables are published as CSV."""
CELLS = 5_000_000  # by hand
SPAN = 1_000
"""Cells that one may span: no header is wider."""
_START = re.compile(rb"^[\s\xef\xbb\xbf]*<(!doctype\s+html|html|head|meta|table|div|style)", re.I)


def is_html(start: bytes) -> bool:
    """Whether these first bytes begin a page."""
    return bool(_START.match(start[:1000])) or (
        start.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<"))
        or (start.lstrip().startswith(b"<?xml") and b"<html" in start[:2000].lower())
    )


def open_html(raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection) -> Table:
    """Return the rows of a page's largest table.

    Raises:
        SourceError: The page is too large, in another encoding, or has no table of that size.
    """
    rows = largest(raw.path, how)
    first, count = int(how.get("header_row", 1)), int(how.get("header_rows", 1))
    skip = first + count - 1
    if len(rows) <= skip:
        raise SourceError(
            f"{raw.path.name}: the largest table has {len(rows)} rows; expected a header in row "
            f"{first} and rows below it; correct header_row under [format] in the mapping"
        )
    header = column_names.read(raw.path, rows[first - 1 : skip], rows[skip : skip + 50])
    body = [row[: len(header.names)] for row in rows[skip:]]
    return from_cells(body, header, skip, connection, locate=raw.locate)


def largest(path: Path, how: dict[str, Any]) -> list[list[str]]:
    """Return the largest table of a page as rows of equal length.

    Raises:
        SourceError: The page is too large, in another encoding, or has no table.
    """
    if path.stat().st_size > LARGEST:
        raise SourceError(
            f"{path.name}: a page of more than {LARGEST:,} bytes; expected at most that; save its "
            "table as CSV"
        )
    data = path.read_bytes()
    parser = _Tables(path.name)
    parser.feed(_decoded(path, data, how))
    parser.close()
    if not parser.tables:
        raise SourceError(
            f"{path.name}: a page without a table; expected one; save the table as CSV or XLSX"
        )
    rows = max(parser.tables, key=lambda table: sum(map(len, table)))
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _decoded(path: Path, data: bytes, how: dict[str, Any]) -> str:
    given = re.search(rb"charset=[\"']?([\w-]+)", data[:4000], re.I)
    encoding = str(how.get("encoding") or (given[1].decode() if given else "utf-8"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        return data.decode("utf-8-sig" if encoding.lower() == "utf-8" else encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise SourceError(
            f"{path.name}: cannot be read as {encoding}; expected text in that encoding; name "
            "another as encoding under [format] in the mapping"
        ) from error


class _Tables(HTMLParser):
    """Collects every table; a cell that spans others stands in each of them."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.tables: list[list[list[str]]] = []
        self.open: list[list[list[str]]] = []
        self.above: list[dict[int, tuple[int, str]]] = []
        self.below: list[dict[int, tuple[int, str]]] = []
        self.cell: list[str] | None = None
        self.size = (1, 1)
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self.open.append([])
            self.above.append({})
            self.below.append({})
        elif tag == "tr" and self.open:
            self._end_row()
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            if not self.open[-1]:
                self.open[-1].append([])
            given = dict(attrs)
            self.size = (_span(given.get("colspan")), _span(given.get("rowspan")))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_row()
            table = [row for row in self.open.pop() if row]
            self.above.pop()
            self.below.pop()
            if table:
                self.tables.append(table)

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def close(self) -> None:
        super().close()
        while self.open:
            self.handle_endtag("table")

    def _end_row(self) -> None:
        self._end_cell()
        if self.open[-1]:
            self._from_above()
        self.above[-1], self.below[-1] = self.below[-1], {}
        self.open[-1].append([])

    def _end_cell(self) -> None:
        if self.cell is None:
            return
        text, (wide, high) = " ".join("".join(self.cell).split()), self.size
        self.cell = None
        self._from_above()
        row = self.open[-1][-1]
        for _ in range(wide):
            if high > 1:
                self.below[-1][len(row)] = (high - 1, text)
            row.append(text)
        self.count += wide
        if self.count > CELLS:
            raise SourceError(
                f"{self.file}: a page of more than {CELLS:,} cells; expected at most that; save "
                "its table as CSV"
            )

    def _from_above(self) -> None:
        """Fill in the cells that one above spans."""
        row = self.open[-1][-1]
        while len(row) in self.above[-1]:
            left, text = self.above[-1].pop(len(row))
            if left > 1:
                self.below[-1][len(row)] = (left - 1, text)
            row.append(text)


def _span(given: str | None) -> int:
    return min(int(given), SPAN) if given and given.isdigit() and given != "0" else 1
