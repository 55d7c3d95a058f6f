"""Any table file (CSV, Parquet, XLSX) as DuckDB rows of text, by its content."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from entrepot.errors import SourceError
from entrepot.sources import _read

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

NATIVE = ("utf-8", "latin-1", "utf-16")  # encodings DuckDB reads without an extension
_files = count()


def open_table(
    raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection
) -> tuple[_read.Rows, list[str]]:
    """Return SQL that reads the file's rows, and the names of its columns.

    `how` is a mapping's [format]: delimiter, encoding, sheet, header_row.

    Raises:
        SourceError: The file is broken, in another encoding, or has no such sheet.
    """
    start = _read.head(raw.path, parquet=True)
    if start.startswith(_read.PARQUET):
        table = f"read_parquet({_read.location(raw.path)}, hive_partitioning=false)"
        header = connection.sql(f"from {table} limit 0").columns
        return _read.numbered(table, 0, raw.locate, "row"), header
    if start.startswith(b"PK"):
        return _workbook(raw, how, connection)
    return _csv(raw, how, connection)


def _csv(
    raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection
) -> tuple[_read.Rows, list[str]]:
    if not raw.locate:
        _read.verify(raw.path)
    encoding = str(how.get("encoding", "utf-8")).lower()
    skip = int(how.get("header_row", 1))
    try:
        lines = _read.text(raw.path, "utf-8-sig" if encoding == "utf-8" else encoding).splitlines()
    except LookupError as error:
        raise SourceError(
            f"{raw.path.name}: encoding {encoding!r} is unknown; expected a name such as utf-8, "
            "latin-1 or cp1254; correct encoding under [format] in the mapping"
        ) from error
    if len(lines) < skip:
        raise SourceError(
            f"{raw.path.name}: {len(lines)} lines; expected the header in line {skip}; "
            "correct header_row under [format] in the mapping"
        )
    line = lines[skip - 1]
    delimiter = how.get("delimiter") or max(",;\t|", key=line.count)
    header = [column.strip() for column in _read.fields(line, delimiter)]
    _check_header(raw.path, header)
    if encoding not in NATIVE:
        table = _decoded(raw.path, header, delimiter, skip, encoding)
        return _register(connection, table, skip, raw.locate), header
    return (
        _read.csv_rows(
            raw.path,
            header,
            delimiter=delimiter,
            skip=skip,
            encoding=encoding,
            locate=raw.locate,
        ),
        header,
    )


def _decoded(path: Path, header: list[str], delimiter: str, skip: int, encoding: str) -> pa.Table:
    with path.open("rb") as file:
        compression = "gzip" if _read.is_gzip(file.read(2)) else None
    try:
        with pa.input_stream(str(path), compression=compression) as stream:
            return pyarrow.csv.read_csv(
                stream,
                pyarrow.csv.ReadOptions(column_names=header, skip_rows=skip, encoding=encoding),
                pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string())),
            )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise SourceError(
            f"{path.name}: cannot be read as {encoding} ({str(error).splitlines()[0]}); expected "
            "rows as long as the header; correct [format] in the mapping or the file"
        ) from error


def _workbook(
    raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection
) -> tuple[_read.Rows, list[str]]:
    skip = int(how.get("header_row", 1))
    try:
        book = CalamineWorkbook.from_path(raw.path)
        sheet = how.get("sheet") or book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except WorksheetNotFound as error:
        raise SourceError(
            f"{raw.path.name}: no sheet {sheet!r}; expected one of {', '.join(book.sheet_names)}; "
            "correct sheet under [format] in the mapping"
        ) from error
    except CalamineError as error:
        raise SourceError(
            f"{raw.path.name}: not a workbook that can be read ({error}); expected XLSX; "
            "save it again as XLSX"
        ) from error
    if len(rows) <= skip:
        raise SourceError(
            f"{raw.path.name}: no data sheet: sheet {sheet!r} has no rows below line {skip}; "
            "expected a header and rows; correct sheet or header_row under [format] in the mapping"
        )
    header = [str(cell).strip() for cell in rows[skip - 1]]
    _check_header(raw.path, header)
    columns = zip(*rows[skip:], strict=True)
    table = pa.table(
        {
            name: pa.array([_text(cell) for cell in column], pa.string())
            for name, column in zip(header, columns, strict=True)
        }
    )
    return _register(connection, table, skip, raw.locate), header


def _text(cell: object) -> str:
    """A cell as text: a whole number without a point, a day as 2022-03-01."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _register(
    connection: DuckDBPyConnection, table: pa.Table, skip: int, locate: bool
) -> _read.Rows:
    name = f"_entrepot_table_{next(_files)}"
    connection.register(name, table)
    return _read.numbered(name, skip, locate)


def _check_header(path: Path, header: list[str]) -> None:
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise SourceError(
            f"{path.name}: column {twice[0]!r} appears twice; expected each once; rename one, or "
            "correct header_row under [format] in the mapping"
        )
