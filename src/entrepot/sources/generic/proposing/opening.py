"""How a file must be opened: its encoding, delimiter, sheet and header, found by looking."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.sources import _read
from entrepot.sources.generic import html_table, text_file, workbook
from entrepot.sources.generic.proposing import words

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = ("cp1251", "cp1254", "gb18030", "latin-1")
LETTERS = {
    "cp1251": r"[\u0400-\u04ff]",
    "cp1254": r"[çğıöşüâîûÇĞİÖŞÜÂÎÛ]",
    "gb18030": r"[\u4e00-\u9fff]",
    "latin-1": r"[äöüßéèêëàâçñáíóúôîïùœÄÖÜÉÈÀÇÑÁÍÓÚ]",
}
ROWS = 60
NUMBER = re.compile(r"[-+]?[\d.,\s'\u00a0\u202f]*\d[\d.,\s'\u00a0\u202f]*%?")


def look(path: Path, told: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the [format] that opens a file, and the texts above its header.

    `told` are keys that the user gave; they are kept as they are.

    Raises:
        SourceError: No table can be seen in the file.
    """
    start = _read.head(path, parquet=True)
    if start.startswith(_read.PARQUET):
        return dict(told), []
    how: dict[str, Any] = {}
    if start.startswith(b"PK"):
        sheet = told.get("sheet") or _largest_sheet(path)
        how["sheet"], cells = workbook.cells(path, str(sheet))
        rows = [[_shown(cell) for cell in row] for row in cells[:ROWS]]
    elif html_table.is_html(start):
        rows = html_table.largest(path, told)[:ROWS]
    else:
        text, encoding = _decoded(start, told)
        if encoding != "utf-8":
            how["encoding"] = encoding
        delimiter = str(told.get("delimiter") or _delimiter(text))
        how["delimiter"] = delimiter
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [[cell.strip() for cell in row] for row in islice(reader, ROWS)]
    first, count = _header(path, rows)
    if first:
        how["header_row"] = first + 1
    if count > 1:
        how["header_rows"] = count
    titles = [" ".join(dict.fromkeys(cell for cell in row if cell)) for row in rows[:first]]
    return how | told, [title for title in titles if title]


def _decoded(start: bytes, told: dict[str, Any]) -> tuple[str, str]:
    encoding = text_file.encoding_of(start, told)
    whole = start[: start.rfind(b"\n") + 1] or start
    if encoding == "utf-16":
        return start[: len(start) // 2 * 2].decode("utf-16", "ignore"), "utf-16"
    if encoding == "utf-8" and "encoding" not in told:
        try:
            return whole.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError:
            encoding = max(ENCODINGS, key=lambda one: _score(whole[:20_000], one))
    return whole.decode(encoding, "replace"), encoding


def _score(data: bytes, encoding: str) -> float:
    """How well bytes read in an encoding: known words first, then letters of its language."""
    try:
        text = data.decode(encoding, "strict" if encoding != "gb18030" else "ignore")
    except UnicodeDecodeError:
        return -1.0
    high = [sign for sign in text if ord(sign) > 127]
    own = sum(bool(re.match(LETTERS[encoding], sign)) for sign in high)
    return words.known(text[:5000]) * 10 + own / max(len(high), 1)


def _delimiter(text: str) -> str:
    """The sign that cuts most lines into the same number of fields, the more the better."""

    def score(sign: str) -> tuple[int, int]:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=sign), 200))
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, times = widths.most_common(1)[0] if widths else (0, 0)
        return times, width

    return max(text_file.DELIMITERS, key=score)


def _largest_sheet(path: Path) -> str:
    """The sheet with most cells; their number costs no reading of values."""
    return max(workbook.sheets(path), key=lambda name: workbook.size(path, name))


def _header(path: Path, rows: list[list[str]]) -> tuple[int, int]:
    """Where the header begins, and how many lines it has."""
    filled = [sum(bool(cell) for cell in row) for row in rows]
    width = max(filled, default=0)
    for number, row in enumerate(rows):
        if filled[number] < max(2, 0.6 * width) or _is_data(row):
            continue
        if len(set(filter(None, row))) < 2:  # a title that spans the table
            continue
        count = 1
        while number + count < len(rows) and _goes_on(rows[number + count], row, filled[number]):
            count += 1
        return number, count
    raise SourceError(
        f"{path.name}: no table can be seen in its first {ROWS} rows; expected a row of column "
        "names and rows of figures below it; write a mapping yourself (docs: bring your own data)"
    )


def _is_data(row: list[str]) -> bool:
    """Whether a row holds figures: numbers that are no years or months."""
    cells = [cell for cell in row if cell]
    figures = [
        c for c in cells if NUMBER.fullmatch(c) and not re.fullmatch(r"(19|20)\d\d([-./]?\d\d)?", c)
    ]
    return len(figures) * 2 >= len(cells) > 0 or any(re.fullmatch(r"\d{6,14}", c) for c in figures)


def _goes_on(row: list[str], first: list[str], filled: int) -> bool:
    """Whether a row goes on with the header: words or numbers of columns, and no figures."""
    cells = [cell for cell in row if cell]
    if cells == [str(number) for number in range(1, len(cells) + 1)] and len(cells) > 2:
        return True
    spans = filled < len(row) or len(set(first)) < len(first)
    return spans and bool(cells) and not any(map(NUMBER.fullmatch, cells))


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
