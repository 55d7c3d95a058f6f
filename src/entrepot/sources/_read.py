"""Reading publishers' files with DuckDB: declared text columns, and errors that name the row.

A source never looks at rows twice. What it cannot accept becomes a call of DuckDB's `error`
inside the query (`problem`), so the stream stops at the first bad value; `translate` turns what
DuckDB then raises into one line for people.
"""

from __future__ import annotations

import codecs
import csv
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from entrepot.errors import (
    DriftError,
    DuplicateError,
    EntrepotError,
    SourceError,
    TruncatedError,
    UnknownCodeError,
)
from entrepot.schema import REPORTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

KINDS: dict[str, type[EntrepotError]] = {
    "Source": SourceError,
    "Drift": DriftError,
    "Truncated": TruncatedError,
    "Duplicate": DuplicateError,
    "UnknownCode": UnknownCodeError,
}
HS_YEARS = (1992, 1996, 2002, 2007, 2012, 2017, 2022)
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
CHUNK = 1 << 20

_CONVERSIONS = (duckdb.ConversionException, duckdb.InvalidTypeException)
_DUCKDB_TYPES = {"string": "VARCHAR", "date": "DATE", "float64": "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Rows:
    """SQL that reads a file's rows, and SQL that says where a row is (empty unless located)."""

    sql: str
    at: str = "''"

    def problem(self, kind: str, text: str) -> str:
        """Return SQL that stops the query with `text` (an SQL expression) and the row's place."""
        return problem(kind, f"{text} || {self.at}")


def problem(kind: str, text: str) -> str:
    """Return SQL that stops the query: `kind` is a key of `KINDS`, `text` an SQL expression."""
    return f"error('entrepot:{kind}:' || {text})"


def quote(text: str) -> str:
    """Return `text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """Return `column` as an SQL name."""
    return '"' + column.replace('"', '""') + '"'


def location(path: Path) -> str:
    """Return `path` as an SQL string that DuckDB cannot take for a pattern of file names."""
    return quote(re.sub(r"([\[*?])", r"[\1]", str(path)))


def head(path: Path, *, parquet: bool = False) -> bytes:
    """Return the first bytes of a file, unpacked if it is gzip.

    Raises:
        SourceError: The file is empty, cannot be read, or is broken gzip; or it is Parquet, which
            no publisher writes and only who asks for `parquet` reads.
    """
    try:
        with path.open("rb") as file:
            start = file.read(CHUNK)
    except OSError as error:
        raise SourceError(
            f"{path.name}: cannot be read ({error.strerror}); expected a file; check its path"
        ) from error
    if is_gzip(start):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, CHUNK)
        except zlib.error as error:
            raise SourceError(_broken(path, str(error))) from error
    if not start.strip():
        raise SourceError(f"{path.name}: the file is empty; expected data; download it again")
    if start.startswith(PARQUET) and not parquet:
        raise SourceError(
            f"{path.name}: a Parquet file; expected a file as the publisher writes it; ingest your "
            "own table as source generic, with a mapping"
        )
    return start


def is_gzip(start: bytes) -> bool:
    """Whether these first bytes are gzip's."""
    return start.startswith(GZIP)


def verify(path: Path, utf8: bool = False) -> None:
    """Unpack a file once: DuckDB reads half a gzip file, and columns it does not need, in silence.

    Raises:
        SourceError: A gzip file ends before its end or its checksum is wrong; or, with `utf8`, the
            bytes are not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    for chunk in _unpacked(path, always=utf8):
        if utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object.count(b"\n", 0, error.start)
                raise SourceError(_encoding(path, "UTF-8", line)) from error
            lines += chunk.count(b"\n")


def _unpacked(path: Path, always: bool) -> Iterator[bytes]:
    """A file in chunks, unpacked if it is gzip; nothing if it is not, unless `always`."""
    stream = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        packed = is_gzip(file.read(2))
        file.seek(0)
        try:
            while packed and (chunk := stream.unused_data.lstrip(b"\0") or file.read(CHUNK)):
                if stream.eof:
                    stream = zlib.decompressobj(wbits=31)
                yield stream.decompress(chunk)
        except zlib.error as error:
            raise SourceError(_broken(path, str(error))) from error
        while always and not packed and (chunk := file.read(CHUNK)):
            yield chunk
    if packed and not stream.eof:
        raise SourceError(_broken(path, "it ends in the middle"))


def _broken(path: Path, why: str) -> str:
    return (
        f"{path.name}: broken gzip file ({why}); expected a complete download; "
        "download it again and compare its size with the publisher's"
    )


def fields(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line of CSV."""
    return next(csv.reader([line], delimiter=delimiter))


def text(path: Path, encoding: str = "utf-8-sig") -> str:
    """Return the start of a file as text.

    Raises:
        SourceError: It is not in that encoding.
    """
    start = head(path)
    whole = start[: start.rfind(b"\n") + 1] or start
    try:
        return whole.decode(encoding)
    except UnicodeDecodeError as error:
        line = whole.count(b"\n", 0, error.start) + 1
        raise SourceError(_encoding(path, encoding.removesuffix("-sig").upper(), line)) from error


def _encoding(path: Path, expected: str, line: int | str) -> str:
    return (
        f"{path.name}: bytes that are not {expected}; expected {expected} text; "
        f"save the file as UTF-8 or name its encoding in the mapping; line {line}"
    )


def csv_rows(
    path: Path,
    columns: Sequence[str],
    *,
    delimiter: str,
    skip: int,
    quoted: str = '"',
    encoding: str = "utf-8",
    locate: bool = False,
) -> Rows:
    """Return SQL that reads every column as text, so that no code loses its leading zeros."""
    types = ", ".join(f"{quote(column)}: 'VARCHAR'" for column in columns)
    with path.open("rb") as file:
        compression = "gzip" if is_gzip(file.read(2)) else "none"
    reader = (
        f"read_csv({location(path)}, columns={{{types}}}, delim={quote(delimiter)}, "
        f"header=false, skip={skip}, quote={quote(quoted)}, escape={quote(quoted)}, "
        f"encoding={quote(encoding)}, compression='{compression}', auto_detect=false, "
        "hive_partitioning=false"
    )
    return numbered(f"{reader}, parallel=false)" if locate else f"{reader})", skip, locate)


def numbered(table: str, skip: int, locate: bool, word: str = "line") -> Rows:
    """Number the rows of `table` when an error must name one; `skip` lines stand above them."""
    if not locate:
        return Rows(f"(from {table})")
    return Rows(
        f"(select *, {skip} + row_number() over () as _line from {table})",
        f"'; {word} ' || _line",
    )


def reported(
    connection: DuckDBPyConnection, columns: Mapping[str, str], rest: str
) -> DuckDBPyRelation:
    """Return `select columns rest` with exactly the columns and types of `schema.REPORTED`."""
    select = ", ".join(
        f"cast({columns.get(column.name, 'null')} as {_DUCKDB_TYPES[column.type]}) as {column.name}"
        for column in REPORTED.columns
    )
    return connection.sql(f"select {select} {rest}")


def code_table(codes: Mapping[str, str]) -> str:
    """Return SQL for a table (`code`, `iso3`) of a publisher's codes and ours."""
    ours, theirs = (", ".join(map(quote, column)) for column in (codes.values(), codes.keys()))
    return f"(select unnest([{theirs}]) as code, unnest([{ours}]) as iso3)"


def number(column: str, rows: Rows) -> str:
    """Return SQL for a number: null where nothing stands, a problem where text stands."""
    stop = rows.problem(
        "Source",
        f"{quote(column.strip(chr(34)) + ' is ')} || '''' || {column} || ''''"
        " || '; expected a number; correct it in the file or ask the publisher'",
    )
    return (
        f"coalesce(try_cast({column} as double), "
        f"case when trim({column}) <> '' then cast({stop} as double) end)"
    )


def hs_in_force(year: str) -> str:
    """Return SQL for the HS revision the EU used in a year (an SQL expression)."""
    steps = " ".join(f"when {year} >= {start} then 'HS{start}'" for start in reversed(HS_YEARS[1:]))
    return f"case {steps} else 'HS{HS_YEARS[0]}' end"


def translate(error: duckdb.Error, path: Path) -> EntrepotError:
    """Return the error a person should see for what DuckDB raised while it read `path`.

    One line: the file's name, what was found, what was expected, what to do.
    What is not about the file is raised as it is: a query that DuckDB cannot understand, a lack of
    memory, a disk that cannot be written.
    """
    said = str(error)
    about_file = isinstance(error, duckdb.IOException) and path.name in said.replace("[[]", "[")
    if not about_file and not isinstance(error, (duckdb.InvalidInputException, *_CONVERSIONS)):
        raise error
    if marked := re.search(r"entrepot:(\w+):(.*)", said, re.DOTALL):
        kind, message = marked.groups()
        return KINDS[kind](f"{path.name}: {_one_line(message)}")
    line = re.search(r"CSV Error on Line: (\d+)", said)
    at = f"; line {line[1]}" if line else ""
    if "unicode" in said.lower() or "not utf-8" in said.lower():
        return SourceError(_encoding(path, "UTF-8", line[1] if line else "unknown"))
    if found := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said):
        return SourceError(
            f"{path.name}: a row has {found[2]} columns; expected {found[1]}, as in the header; "
            f"download the file again, it may be cut or edited{at}"
        )
    return SourceError(
        f"{path.name}: cannot be read ({_one_line(said)[:200]}); expected the publisher's layout; "
        f"download the file again{at}"
    )


def _one_line(message: str) -> str:
    return " ".join(message.split())
