"""Workbook: tables as an Excel file, in which no cell is a formula."""

from __future__ import annotations

from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MOST = 1_048_575
"""Rows that a sheet takes below its heads."""
MADE = datetime(2000, 1, 1)
"""The day of making that a workbook must have: the same one gives the same bytes."""
_WIDEST = 60


def workbook(
    path: Path,
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Any]]]],
    *,
    is_long: bool = False,
) -> None:
    """Write sheets of heads and rows.

    Text is text, whatever it begins with: a cell that begins with = + - or @ is no formula and no
    address becomes a link. What is not known is an empty cell.

    Args:
        path: The file.
        sheets: By name: the heads, and the rows.
        is_long: Whether to hold one row in memory at a time; the file is larger for it.
    """
    from xlsxwriter import Workbook

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "default_date_format": "yyyy-mm-dd",
        "constant_memory": is_long,
    }
    book = Workbook(str(path), options)
    book.set_properties({"created": MADE})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    for name, (heads, rows) in sheets.items():
        sheet = book.add_worksheet(name)
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, bold)
        later = iter(rows)
        first = list(islice(later, 200))
        for line, row in enumerate(islice(chain(first, later), MOST), start=1):
            for at, cell in enumerate(row):
                _write(sheet, line, at, cell, wrapped if len(heads) == 2 else None)
        sheet.freeze_panes(1, 0)
        for at, head in enumerate(heads):
            longest = max([len(head), *(len(str(row[at])) for row in first)], default=8)
            sheet.set_column(at, at, min(longest + 2, _WIDEST if len(heads) > 2 else 90))
    book.close()


def _write(sheet: Any, line: int, at: int, cell: Any, look: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, at, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(line, at, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(line, at, cell)
    else:
        sheet.write_string(line, at, str(cell), look)
