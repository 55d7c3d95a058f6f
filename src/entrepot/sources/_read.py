"""Reading publishers' files with DuckDB: declared text columns, and errors that name the row.

A source never looks at rows twice. What it cannot accept becomes a call of DuckDB's `error`
inside the query (`problem`), so the stream stops at the first bad value; `translate` turns what
DuckDB then raises into one line for people.
"""

from __future__ import annotations

import csv
import re
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
from entrepot.sources._bytes import PARQUET as PARQUET
from entrepot.sources._bytes import broken_gzip, encoding_trouble
from entrepot.sources._bytes import day_of as day_of
from entrepot.sources._bytes import head as head
from entrepot.sources._bytes import is_gzip as is_gzip
from entrepot.sources._bytes import lines as lines
from entrepot.sources._bytes import text as text
from entrepot.sources._bytes import verify as verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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
LOST_ZERO = (
    "0(10[1-6]|20[1-9]|210|30[1-9]|40[1-9]|410|50[1-9]|51[01]|60[1-4]|70[1-9]|71[0-4]|80[1-9]|"
    "81[0-4]|90[1-9]|910)[0-9]*"
)
"""Headings of chapters 01 to 09: only codes of these can have lost a leading zero."""
LONG = 800
"""Characters of one line for people."""

_CONVERSIONS = (duckdb.ConversionException, duckdb.InvalidTypeException)
_DUCKDB_TYPES = {"string": "VARCHAR", "date": "DATE", "float64": "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Rows:
    """SQL that reads a file's rows, and SQL that says where a row is (empty unless located).

    `bulk` rows are those of a publisher's own machine, millions of them: who reads their numbers
    looks for NaN and infinity once for several (`finite`), and for underscores not at all.
    """

    sql: str
    at: str = "''"
    bulk: bool = False

    def problem(self, kind: str, text: str) -> str:
        """Return SQL that stops the query with `text` (an SQL expression) and the row's place."""
        return problem(kind, f"{text} || {self.at}")


def problem(kind: str, text: str) -> str:
    """Return SQL that stops the query: `kind` is a key of `KINDS`, `text` an SQL expression."""
    return f"error('entrepot:{kind}:' || {text})"


def quote(text: str) -> str:
    """Return `text` as an SQL string; a zero byte, which ends the query's text, is asked for."""
    pieces = ["'" + piece.replace("'", "''") + "'" for piece in text.split("\0")]
    return pieces[0] if len(pieces) == 1 else f"({' || chr(0) || '.join(pieces)})"


def name(column: str) -> str:
    """Return `column` as an SQL name."""
    return '"' + column.replace('"', '""') + '"'


def location(path: Path) -> str:
    """Return `path` as an SQL string that DuckDB cannot take for a pattern of file names."""
    return quote(re.sub(r"([\[*?])", r"[\1]", str(path)))


def fields(line: str, delimiter: str, file: str = "a line of the file") -> list[str]:
    """Return the fields of one line of CSV; `file` is whose line it is, for the message.

    Raises:
        SourceError: One is longer than any name or code.
    """
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise SourceError(
            f"{file}: cannot be read ({error}); expected names and codes in the first lines; "
            "download the file again"
        ) from error


def some(names: Iterable[str], most: int = 10) -> str:
    """Return names with commas, for a line that stays one: the first, and how many there are."""
    found = [name if len(name) <= 60 else f"{name[:60]}..." for name in names]
    more = f", ... ({len(found):,} in all)" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def csv_rows(
    path: Path,
    columns: Sequence[str],
    *,
    delimiter: str,
    skip: int,
    quoted: str = '"',
    encoding: str = "utf-8",
    locate: bool = False,
    missing: Sequence[str] = (),
) -> Rows:
    """Return SQL that reads every column as text, so that no code loses its leading zeros.

    A value in `missing` is null in every column.
    """
    types = ", ".join(f"{quote(column)}: 'VARCHAR'" for column in columns)
    with path.open("rb") as file:
        compression = "gzip" if is_gzip(file.read(2)) else "none"
    reader = (
        f"read_csv({location(path)}, columns={{{types}}}, delim={quote(delimiter)}, "
        f"header=false, skip={skip}, quote={quote(quoted)}, escape={quote(quoted)}, "
        f"encoding={quote(encoding)}, compression='{compression}', auto_detect=false, "
        "hive_partitioning=false"
        + (f", nullstr=[{', '.join(map(quote, missing))}]" if missing else "")
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
    return connection.sql(f"select {_typed(columns)} {rest}")


def published(
    connection: DuckDBPyConnection, columns: Mapping[str, str], rest: str
) -> DuckDBPyRelation:
    """Return the rows of a publisher, where a value below zero corrects what was published before.

    The status says so, and a mass or quantity below zero beside it is none.
    """
    value, kept = columns["value_local"], dict(columns)
    kept["status"] = f"case when {value} < 0 then 'correction' else {columns['status']} end"
    for amount, beside in (("net_mass_kg", "mass_status"), ("quantity", "quantity_unit")):
        if amount in columns:
            is_none = f"{value} < 0 and {columns[amount]} < 0"
            for name in (amount, beside):
                kept[name] = f"case when {is_none} then null else {columns[name]} end"
    return connection.sql(f"select {_typed(kept)} {rest}")


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(
        f"cast({columns.get(column.name, 'null')} as {_DUCKDB_TYPES[column.type]}) as {column.name}"
        for column in REPORTED.columns
    )


def code_table(codes: Mapping[str, str]) -> str:
    """Return SQL for a table (`code`, `iso3`) of a publisher's codes and ours."""
    ours, theirs = (", ".join(map(quote, column)) for column in (codes.values(), codes.keys()))
    return f"(select unnest([{theirs}]) as code, unnest([{ours}]) as iso3)"


def number(column: str, rows: Rows) -> str:
    """Return SQL for a number: null where nothing stands, a problem where text, NaN or infinity."""
    stop = rows.problem(
        "Source",
        f"{quote(column.strip(chr(34)) + ' is ')} || '''' || {column} || ''''"
        " || '; expected a number; correct it in the file or ask the publisher'",
    )
    given = plain(column)
    found = f"case when isfinite({given}) then {given} end"
    if rows.bulk:
        found = f"try_cast({column} as double)"
    return f"coalesce({found}, case when trim({column}) <> '' then cast({stop} as double) end)"


def finite(name: str, amounts: Mapping[str, str], rows: Rows) -> str:
    """Return SQL for one of several amounts, once all are finite: one look for all of them.

    Args:
        name: The column to give.
        amounts: The columns of numbers, and what the publisher calls each.
        rows: The rows they were read from; their place is in `line` by now.
    """
    at = rows.at.replace("_line", "line")
    whens = " ".join(
        f"when not isfinite({column}) then "
        + problem(
            "Source",
            f"'{called} is ''' || {column} || '''; expected a number; correct it in the file or "
            f"ask the publisher' || {at}",
        )
        for column, called in amounts.items()
    )
    every = " + ".join(f"coalesce({column}, 0)" for column in amounts)
    return f"case when isfinite({every}) then {name} {whens} end"


def plain(text: str) -> str:
    """Return SQL for a text's number, null where it is none; NaN and infinity are numbers here."""
    # DuckDB would read 1_5 as fifteen.
    return f"case when not contains({text}, '_') then try_cast({text} as double) end"


def hs_in_force(year: str) -> str:
    """Return SQL for the HS revision the EU used in a year (an SQL expression)."""
    steps = " ".join(f"when {year} >= {start} then 'HS{start}'" for start in reversed(HS_YEARS[1:]))
    return f"case {steps} else 'HS{HS_YEARS[0]}' end"


def unknown_countries(rows: Rows, codes: Iterable[str], known: str) -> str:
    """Return SQL for the codes that `known` lacks beyond the one in a message: "" or a few words.

    It reads the rows once more, so it is empty unless they are located for an error already.

    Args:
        rows: The rows of the file.
        codes: SQL of each column that holds codes.
        known: SQL of a table with a column `code`.
    """
    if rows.at == "''":
        return "''"
    each = " union ".join(f"select {code} as code from {rows.sql}" for code in codes)
    return f"""(select case when count(*) > 1 then ' (' || count(*) || ' unknown in all: ' ||
        array_to_string(list_sort(list(code))[:10], ', ')
        || case when count(*) > 10 then ', ...' else '' end || ')' else '' end
        from ({each}) as given anti join {known} as known using (code)
        where coalesce(code, '') <> '')"""


def translate(error: duckdb.Error, path: Path) -> EntrepotError:
    """Return the error a person should see for what DuckDB raised while it read `path`.

    One line: the file's name, what was found, what was expected, what to do.
    A lack of memory is raised as it is.
    """
    said = str(error).replace(str(path), path.name)
    about_file = isinstance(error, duckdb.IOException) and path.name in said.replace("[[]", "[")
    if isinstance(error, duckdb.OutOfMemoryException):
        raise error
    if isinstance(error, duckdb.IOException) and "gzip" in said.lower():
        return SourceError(broken_gzip(path, one_line(said)[:200]))
    if not about_file and not isinstance(error, (duckdb.InvalidInputException, *_CONVERSIONS)):
        return _broken_parquet(path, said) or unforeseen(error, path)
    if marked := re.search(r"entrepot:(\w+):(.*)", said, re.DOTALL):
        kind, message = marked.groups()
        return KINDS[kind](f"{path.name}: {one_line(message)}")
    line = re.search(r"CSV Error on Line: (\d+)", said)
    at = f"; line {line[1]}" if line else ""
    if "unicode" in said.lower() or "not utf-8" in said.lower():
        return SourceError(encoding_trouble(path, "UTF-8", line[1] if line else "unknown"))
    if broken := _broken_parquet(path, said):
        return broken
    if found := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said):
        return SourceError(
            f"{path.name}: a row has {found[2]} columns; expected {found[1]}, as in the header; "
            f"download the file again, it may be cut or edited{at}"
        )
    return SourceError(
        f"{path.name}: cannot be read ({one_line(said)[:200]}); expected the publisher's layout; "
        f"download the file again{at}"
    )


def legible(error: duckdb.Error | UnicodeDecodeError) -> duckdb.Error:
    """Return what DuckDB raised; a message that it cut inside a letter reaches us undecoded."""
    if isinstance(error, duckdb.Error):
        return error
    return duckdb.InvalidInputException(error.object.decode("utf-8", "replace"))


def _broken_parquet(path: Path, said: str) -> SourceError | None:
    """Say that a Parquet file is damaged inside, for which DuckDB has no one kind of error."""
    with path.open("rb") as file:
        if file.read(len(PARQUET)) != PARQUET:
            return None
    return SourceError(
        f"{path.name}: a Parquet file that is broken inside ({one_line(said)[:200]}); expected a "
        "whole one; download or write it again"
    )


def unforeseen(error: BaseException, path: Path) -> SourceError:
    """Return one line for what no connector foresaw: a file of a kind that nobody had met."""
    said = one_line(str(error))[:200]
    return SourceError(
        f"{path.name}: cannot be read ({type(error).__name__}: {said}); expected a file as the "
        "publisher writes it; download it again, or run with --debug and report what it prints"
    )


def one_line(message: str) -> str:
    """Return a message as one line of bounded length: its start and its end."""
    line = " ".join(message.split())
    return line if len(line) <= LONG else f"{line[: LONG // 2]} ... {line[-LONG // 2 :]}"
