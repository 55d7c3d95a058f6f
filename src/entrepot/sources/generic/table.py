"""A table as `generic` reads it: rows of text, and the numbers of cells that are numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING

import pyarrow as pa

from entrepot.sources import _read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from entrepot.sources.generic.column_names import Header

_files = count()


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows and the names of its columns.

    `numbers` gives, per column with cells that are numbers and not text, SQL for such a cell's
    number, null where text stands. Columns in `spare` have no name and must be empty. With
    `is_protected`, cells may be written ="854231", as people save codes from Excel.
    """

    rows: _read.Rows
    header: list[str]
    numbers: Mapping[str, str] = field(default_factory=dict)
    spare: tuple[str, ...] = ()
    is_protected: bool = False

    def text(self, column: str) -> str:
        """Return SQL for a cell as text, null if it is empty."""
        text = f"nullif(trim(cast({_read.name(column)} as varchar)), '')"
        if self.is_protected:
            text = f"""case when {text}[:2] = '="' then nullif(trim({text}[3:-2]), '')
                else {text} end"""
        if number := self.numbers.get(column):
            whole = f"try_cast({number} as hugeint)"
            text = f"case when {number} = {whole} then cast({whole} as varchar) else {text} end"
        return text


def from_cells(
    rows: Sequence[Sequence[object]],
    header: Header,
    skip: int,
    connection: DuckDBPyConnection,
    *,
    locate: bool,
) -> Table:
    """Return a table of cells in memory: text as text, numbers beside it as numbers."""
    columns, numbers = {}, {}
    cells = list(zip(*rows, strict=True)) or [()] * len(header.names)
    for place, (name, values) in enumerate(zip(header.names, cells, strict=True)):
        columns[name] = pa.array([_text(cell) for cell in values], pa.string())
        typed = [cell if type(cell) in (int, float) else None for cell in values]
        if any(cell is not None for cell in typed):
            columns[f"_number_{place}"] = pa.array(typed, pa.float64())
            numbers[name] = f'"_number_{place}"'
    table = f"_entrepot_table_{next(_files)}"
    connection.register(table, pa.table(columns))
    return Table(_read.numbered(table, skip, locate), header.names, numbers, header.spare)


def _text(cell: object) -> str | None:
    """A cell as text: a day as 2022-03-01, nothing as null."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
