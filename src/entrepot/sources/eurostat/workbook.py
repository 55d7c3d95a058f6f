"""Eurostat's Data Browser workbooks: cells of every sheet as one long table.

A workbook has sheets "Summary", "Structure" and one sheet per fixed position (one per product,
flow and indicator). A sheet states its fixed dimensions above the line "TIME", gives months in
that line, and the other dimensions in the first columns. `:` is "no data"; a flag column may
stand right of each month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from entrepot.errors import DriftError, SourceError, UnknownCodeError
from entrepot.reference import countries
from entrepot.sources import _read, _workbook_bounds
from entrepot.sources._bytes import a_day

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

DIMENSIONS = ("REPORTER", "PARTNER", "PRODUCT", "FLOW", "INDICATORS")
FLAGS = frozenset("bcdefimnprsuz")
"""Eurostat's observation flags. `c` is confidential, `e` and `s` are estimates."""

Sheet = list[list[Any]]


@dataclass(slots=True)
class Long:
    """One entry per published number of a workbook, null where it is hidden, in columns."""

    values: list[float | None] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, entries: list[str]) -> None:
        """Lengthen one column."""
        self.columns.setdefault(name, []).extend(entries)

    def table(self) -> pa.Table:
        """The numbers as an Arrow table."""
        texts = self.columns | {"status": self.status}
        found = {name: pa.array(entries, pa.string()) for name, entries in texts.items()}
        return pa.table(found | {"value": pa.array(self.values, pa.float64())})


@dataclass(frozen=True, slots=True)
class Workbook:
    """The numbers of a workbook and what it says about itself."""

    cells: pa.Table
    published: date | None
    products: tuple[str, ...] | None
    partners: tuple[str, ...] | None


def read(path: Path) -> Workbook:
    """Read every sheet that has data.

    A confidential cell (flag `c`) holds no number: its value is null and its status says so.

    Raises:
        SourceError: It is no workbook, would fill the memory, has no data sheet, or a cell holds
            text.
        DriftError: A flag is none of Eurostat's.
        UnknownCodeError: A partner in its structure is in none of our lists.
    """
    _workbook_bounds.check(path)
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, WorksheetNotFound, OSError) as error:
        raise SourceError(
            f"{path.name}: not a workbook that can be read ({error}); expected XLSX of Eurostat's "
            "Data Browser; download it again"
        ) from error
    long = Long()
    data = [name for name, rows in sheets.items() if _is_data(rows)]
    if not data:
        raise SourceError(
            f"{path.name}: no data sheet among {_read.some(sheets)}; expected sheets with a line "
            '"TIME"; choose "Data" when you download the workbook'
        )
    _refuse_mixed(path, {name: sheets[name] for name in data})
    for name in data:
        _read_sheet(path, name, sheets[name], long)
    structure = sheets.get("Structure", [])
    return Workbook(
        long.table(),
        published=_published(sheets[data[0]]),
        products=_positions(structure, "PRODUCT"),
        partners=_partners(path, _positions(structure, "PARTNER")),
    )


def _refuse_mixed(path: Path, sheets: dict[str, Sheet]) -> None:
    """Refuse sheets of another dataset or day than the first, which speaks for the workbook."""
    first, *others = sheets
    for words in ("Dataset", "Last updated"):
        said = _said(sheets[first], words)
        for name in others:
            if (other := _said(sheets[name], words)) != said:
                raise SourceError(
                    f"{path.name}: sheet {name!r} has {words} {other[:60]!r}; expected "
                    f"{said[:60]!r}, as on sheet {first!r}; ingest each download as a workbook of "
                    "its own"
                )


def _said(rows: Sheet, words: str) -> str:
    """What stands beside a heading above the table."""
    beside = (row[1] for row in rows[:10] if len(row) > 1 and str(row[0]).startswith(words))
    return str(next(beside, "")).strip()


def _is_data(rows: Sheet) -> bool:
    return any(row[0] == "TIME" for row in rows[:30] if row)


def _read_sheet(path: Path, name: str, rows: Sheet, long: Long) -> None:
    top = next(i for i, row in enumerate(rows) if row[0] == "TIME")
    first = next(
        (i for i in range(top + 1, min(top + 4, len(rows))) if _dimension(rows[i][0])), None
    )
    if first is None:
        raise SourceError(
            f"{path.name}: sheet {name!r} has no line of row headings under TIME; expected "
            '"REPORTER (Labels)"; download the workbook again with reporters in rows'
        )
    start = sum(1 for cell in rows[first] if cell != "")
    body = rows[first + 1 : _end(rows, first + 1)]
    periods = [str(cell).strip() for cell in rows[top]]
    kept, values, status = _numbers(path, name, body, periods, start, first + 2)
    long.values += values
    long.status += status
    for dimension, entries in _labels(path, name, rows[:top], rows[first], body).items():
        long.add(dimension, [entries[row] for row, _ in kept])
    long.add("TIME_PERIOD", [periods[column] for _, column in kept])
    places = [f"; sheet {name}, row {first + 2 + row}" for row in range(len(body))]
    long.add("place", [places[row] for row, _ in kept])


def _end(rows: Sheet, start: int) -> int:
    """The first line without a label: below it stands the legend of flags."""
    return next((i for i in range(start, len(rows)) if rows[i][0] == ""), len(rows))


def _dimension(heading: object) -> str:
    word = re.match(r"[A-Z]+", str(heading))
    return word[0] if word and word[0] in DIMENSIONS else ""


def _labels(
    path: Path, name: str, top: Sheet, headings: list[Any], body: Sheet
) -> dict[str, list[str]]:
    """Each dimension's code or label per row of the body; codes win where both are given."""
    found: dict[str, list[str]] = {}
    for row in top:
        if dimension := _dimension(row[0]):
            text = next((str(cell) for cell in row[1:] if cell != ""), "")
            found[dimension] = [text] * len(body)
    for i, heading in enumerate(headings):
        if (dimension := _dimension(heading)) and dimension not in found:
            found[dimension] = [str(row[i]) for row in body]
    if missing := [dimension for dimension in DIMENSIONS if dimension not in found]:
        raise SourceError(
            f"{path.name}: sheet {name!r} does not say its {', '.join(missing)}; expected it above "
            "TIME or as a row heading; download the workbook again with this dimension"
        )
    # "Food preparations, n.e.s. [2106]"
    codes = [re.search(r"\[([^\[\]]+)\]$", text.strip()) for text in found["PRODUCT"]]
    pairs = zip(codes, found["PRODUCT"], strict=True)
    return found | {"PRODUCT": [code[1] if code else text for code, text in pairs]}


def _numbers(
    path: Path, name: str, body: Sheet, periods: list[str], start: int, line: int
) -> tuple[list[tuple[int, int]], list[float | None], list[str]]:
    """Where numbers stand or are hidden (row, column), the numbers, and their status."""
    width = len(periods)
    months = frozenset(i for i in range(start, width) if periods[i])
    cells = [
        (row, i, cell)
        for row, entries in enumerate(body)
        for i, cell in enumerate(entries)
        if cell != ":" and cell != "" and i in months
    ]
    numbers = [entry for entry in cells if type(entry[2]) is float or type(entry[2]) is int]
    hidden: list[tuple[int, int]] = []
    if len(numbers) < len(cells):
        for row, i, cell in cells:
            if isinstance(cell, str) and set(cell.replace(":", "").strip()) <= FLAGS:
                hidden += [(row, i)] if "c" in cell else []
                continue
            if not isinstance(cell, float | int):
                raise SourceError(
                    f"{path.name}: text {cell!r} in a value; expected a number, ':' or a flag of "
                    f"Eurostat; correct the cell or download the workbook again; sheet {name}, "
                    f"row {line + row}, column {_letter(i)} ({periods[i]})"
                )
    status = ["reported"] * len(numbers)
    if len(months) < width - start:
        columns = [i for i in range(start, width) if not periods[i]]
        _check_flags(path, name, body, columns, line)
        status = _estimates(body, columns, numbers)
        hidden += _hidden(body, columns)
    return (
        [(row, i) for row, i, _ in numbers] + hidden,
        [*(float(entry[2]) for entry in numbers), *(None for _ in hidden)],
        status + ["confidential"] * len(hidden),
    )


def _check_flags(path: Path, name: str, body: Sheet, columns: list[int], line: int) -> None:
    """The unnamed columns hold flags of the month on their left."""
    for row, entries in enumerate(body):
        for i in columns:
            if not set(str(entries[i]).strip()) <= FLAGS | {":"}:
                raise DriftError(
                    f"{path.name}: unknown flag {entries[i]!r}; expected one of "
                    f"{', '.join(sorted(FLAGS))}; update entrepot, or report the new flag; "
                    f"sheet {name}, row {line + row}, column {_letter(i)}"
                )


def _estimates(body: Sheet, columns: list[int], numbers: list[tuple[int, int, Any]]) -> list[str]:
    """The status of each number, by the flag beside it."""
    beside = (str(body[row][i + 1]) if i + 1 in columns else "" for row, i, _ in numbers)
    return ["estimated" if set(flags) & set("es") else "reported" for flags in beside]


def _hidden(body: Sheet, columns: list[int]) -> list[tuple[int, int]]:
    """Where no number stands on the left of a flag `c`."""
    return [
        (row, i - 1)
        for row, entries in enumerate(body)
        for i in columns
        if "c" in str(entries[i]) and entries[i - 1] in (":", "")
    ]


def _letter(column: int) -> str:
    """A column's name in a spreadsheet: 0 is A, 26 is AA."""
    text = ""
    while column >= 0:
        text = chr(ord("A") + column % 26) + text
        column = column // 26 - 1
    return text


def _published(rows: Sheet) -> date | None:
    """The day in "Last updated: 13/01/2023 11:00"."""
    found = re.match(r"(\d\d)/(\d\d)/(\d{4})", _said(rows, "Last updated"))
    return a_day(int(found[3]), int(found[2]), int(found[1])) if found else None


def _positions(structure: Sheet, dimension: str) -> tuple[str, ...] | None:
    """What the structure sheet lists for a dimension: codes where it gives them, else labels."""
    found = [
        str(row[3] or row[4]) for row in structure if len(row) > 4 and str(row[2]) == dimension
    ]
    return tuple(found) or None


def _partners(path: Path, labels: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if labels is None:
        return None
    known = lookup()
    if unknown := [label for label in labels if label not in known]:
        raise UnknownCodeError(
            f"{path.name}: unknown country {_read.some(map(repr, unknown))} in sheet Structure; "
            "expected a label of Eurostat that entrepot lists; "
            "update entrepot, or report the new label"
        )
    return tuple(sorted({known[label] for label in labels}))


def lookup() -> dict[str, str]:
    """GEONOM codes and Eurostat's labels, since a workbook may give either."""
    return countries.lookup("eurostat_label") | countries.lookup("comext")
