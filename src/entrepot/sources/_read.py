"""Reading publishers' files with DuckDB: declared text columns, and errors that name the row.

A source never looks at rows twice. What it cannot accept becomes a call of DuckDB's `error`
inside the query (`Rows.problem`), so the stream stops at the first bad value; `_raised.translate`
turns what DuckDB then raises into one line for people.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.schema import REPORTED
from entrepot.sources._bytes import PARQUET as PARQUET
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

HS_YEARS = (1992, 1996, 2002, 2007, 2012, 2017, 2022)
AGAIN = "download the file again"
REPORT = "update entrepot, or report the new code"
"""What to do next, as most refusals end."""
NUMBER = "expected a number; correct it in the file or ask the publisher"
LOST_ZERO = (
    "0(10[1-6]|20[1-9]|210|30[1-9]|40[1-9]|410|50[1-9]|51[01]|60[1-4]|70[1-9]|71[0-4]|80[1-9]|"
    "81[0-4]|90[1-9]|910)[0-9]*"
)
"""Headings of chapters 01 to 09: only codes of these can have lost a leading zero."""
_DAYS = {
    "202301": ("[0-9]{6}", "{0}[:4] || '-' || {0}[5:] || '-01'"),
    "2023-01": ("[0-9]{4}-[0-9]{2}", "{0} || '-01'"),
    "2023": ("[0-9]{4}", "{0} || '-01-01'"),
}
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

    def problem(self, kind: str, sentence: str, **places: str) -> str:
        """Return SQL that stops the query with a sentence (see `told`) and the row's place."""
        return problem(kind, f"{told(sentence, **places)} || {self.at}")

    def unknown(
        self, column: str, expected: str, then: str = REPORT, *, word: str = "", kind: str = "Drift"
    ) -> str:
        """Return SQL that stops the query at a code nobody has told us of, called by `word`."""
        sentence = f"unknown {word or column} {{{column}}}; expected {expected}; {then}"
        return self.problem(kind, sentence)


def problem(kind: str, text: str) -> str:
    """Return SQL that stops the query: `kind` is one of `_raised.KINDS`, `text` is SQL."""
    return f"error('entrepot:{kind}:' || {text})"


def told(sentence: str, **places: str) -> str:
    """Return a sentence as SQL, in which {column} is what stands there.

    {column!r} puts quotes around it. Where nothing stands it says "empty", or the words behind a
    colon: {column:without code}. `places` gives SQL for a name that is no column.
    """
    pieces = []
    for said, place, words, form in Formatter().parse(sentence):
        pieces += [quote(said)] if said else []
        if place is not None:
            found = f"cast({places.get(place) or name(place)} as varchar)"
            found = f"'''' || {found} || ''''" if form else found
            pieces.append(f"coalesce({found}, {quote(words or 'empty')})")
    return " || ".join(pieces)


def whens(meanings: Mapping[str, str]) -> str:
    """Return the branches of an SQL `case` from codes to what they mean."""
    return " ".join(f"when {quote(code)} then {quote(ours)}" for code, ours in meanings.items())


def matching(column: str, pattern: str, unknown: str) -> str:
    """Return SQL for a column whose values fit a pattern, and `unknown` for another value."""
    return f"case when regexp_full_match({column}, '{pattern}') then {column} else {unknown} end"


def first_day(text: str, *forms: str) -> str:
    """Return SQL for the first day of a month or year, null where a text is in none of `forms`.

    The forms are 202301, 2023-01 and 2023.
    """
    cases = " ".join(
        f"when regexp_full_match({text}, '{_DAYS[form][0]}') then {_DAYS[form][1].format(text)}"
        for form in forms
    )
    return f"try_cast(case {cases} end as date)"


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
    called = column.strip('"')
    stop = rows.problem("Source", f"{called} is {{column!r}}; {NUMBER}", column=column)
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
    located = Rows("", rows.at.replace("_line", "line"))
    odd = " ".join(
        f"when not isfinite({column}) then "
        + located.problem("Source", f"{called} is {{{column}!r}}; {NUMBER}")
        for column, called in amounts.items()
    )
    every = " + ".join(f"coalesce({column}, 0)" for column in amounts)
    return f"case when isfinite({every}) then {name} {odd} end"


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
