"""Any table file (CSV, Parquet, XLSX, HTML) as DuckDB rows, by its content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.sources import _read
from entrepot.sources.generic import column_names, html_table, text_file, workbook
from entrepot.sources.generic.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
NUMBER = r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL\(.*\)"


def open_table(raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection) -> Table:
    """Return a file's rows, and the names of its columns.

    `how` is a mapping's [format]: delimiter, encoding, sheet, header_row, header_rows.

    Raises:
        SourceError: The file is broken or cut, in another encoding, or has no such sheet or line.
    """
    start = _read.head(raw.path, parquet=True)
    if start.startswith(_read.PARQUET):
        return _parquet(raw, connection)
    if start.startswith(b"PK"):
        return workbook.open_book(raw, how, connection)
    if start.startswith(OLD_WORKBOOK):
        raise SourceError(
            f"{raw.path.name}: a workbook of Excel 97-2003, which hides its errors; expected XLSX; "
            "open it and save it as XLSX"
        )
    if html_table.is_html(start):
        return html_table.open_html(raw, how, connection)
    return text_file.open_text(raw, how, connection)


def _parquet(raw: RawFile, connection: DuckDBPyConnection) -> Table:
    """Columns keep their types: a number never passes through the signs of a text."""
    table = f"read_parquet({_read.location(raw.path)}, hive_partitioning=false)"
    given = connection.sql(f"from {table} limit 0")
    header = column_names.read(raw.path, [given.columns], [])
    if header.names != given.columns:
        pairs = zip(given.columns, header.names, strict=True)
        named = ", ".join(f"{_read.name(old)} as {_read.name(new)}" for old, new in pairs)
        table = f"(select {named} from {table})"
    numbers = {
        name: f"cast({_read.name(name)} as double)"
        for name, kind in zip(header.names, given.types, strict=True)
        if re.fullmatch(NUMBER, str(kind))
    }
    return Table(_read.numbered(table, 0, raw.locate, "row"), header.names, numbers, header.spare)
