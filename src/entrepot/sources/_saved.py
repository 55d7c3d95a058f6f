"""Saved: a publisher's table after a spreadsheet or a data frame wrote it again.

Excel writes semicolons, UTF-16 and `="854231"`; pandas an index column and 792.0; R an index
column and NA. What they add is taken off; what they destroyed (leading zeros) is refused later.
"""

from __future__ import annotations

import codecs
import re
import shutil
import tempfile
import weakref
from collections import Counter
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import DriftError, SourceError
from entrepot.sources import _read
from entrepot.sources._bytes import CHUNK, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
INDEX = ("", "unnamed: 0", "...1", "index", "x", "rowname", "rownames")
"""Names of the column that pandas, R and readr give to the numbers of rows."""
INDEX_NAME = "_index"
MISSING = ("", "NA", "NaN", "nan")
"""What R and pandas write where nothing stands."""
PLAIN = re.compile(r"-?[0-9A-Za-z]*")


@dataclass(frozen=True, slots=True)
class Saved:
    """A table as text that DuckDB can read, and what its first lines say.

    `path` is the file itself, or a copy of it in UTF-8. `first` has the fields of the first row,
    None where there is no row. `skip` is the lines above it.
    """

    path: Path
    header: list[str]
    first: list[str] | None
    delimiter: str
    skip: int


def scratch(raw: RawFile, connection: DuckDBPyConnection) -> Path:
    """Return a folder for what is unpacked; it lives as long as the reading."""
    if raw.scratch is not None:
        return raw.scratch
    folder = tempfile.mkdtemp(prefix="entrepot-")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def look(raw: RawFile, connection: DuckDBPyConnection, encoding: str = "utf-8-sig") -> Saved:
    """Return a table's first lines; a file in UTF-16 is copied into UTF-8 first.

    Raises:
        SourceError: Its bytes are in another encoding, or no line ends in the first megabyte.
    """
    path = raw.path
    if _read.head(path).startswith(WIDE):
        path = _narrow(path, scratch(raw, connection))
        encoding = "utf-8-sig"
    start = text(path, encoding)
    found = _read.lines(start.removeprefix("\xef\xbb\xbf"))
    if len(start) >= CHUNK and len(found) < 2:
        raise SourceError(
            f"{raw.path.name}: no line ends in the first megabyte; expected a header; "
            "download the file again"
        )
    skip = 2 if found[0].lower().startswith("sep=") and len(found) > 1 else 1
    line = found[skip - 1]
    delimiter = max("\t;,", key=lambda mark: (line.count(mark), mark == ","))
    header = _read.fields(line, delimiter, raw.path.name)
    rows = [_read.fields(row, delimiter, raw.path.name) for row in found[skip : skip + 1]]
    if header and header[0].strip().lower() in INDEX:
        header[0] = INDEX_NAME
    return Saved(path, header, rows[0] if rows else None, delimiter, skip)


def rows(
    raw: RawFile,
    table: Saved,
    columns: list[str],
    *,
    encoding: str = "utf-8",
    quoted: str = '"',
    missing: tuple[str, ...] = (),
) -> _read.Rows:
    """Return SQL that reads every column as text.

    Args:
        raw: The file, for whether its rows are numbered.
        table: Its first lines.
        columns: A name for every column, no two alike.
        encoding: Of the file, unless it was copied.
        quoted: The sign around values; none for a table of tabs without any.
        missing: What stands where nothing is, in any column.
    """
    copied = table.path != raw.path
    return _read.csv_rows(
        table.path,
        columns,
        delimiter=table.delimiter,
        skip=table.skip,
        quoted=quoted,
        encoding="utf-8" if copied else encoding,
        locate=raw.locate,
        missing=missing,
    )


def indexed(rows: _read.Rows, columns: list[str]) -> _read.Rows:
    """Return the rows, once a first column without a name of the publisher numbers them."""
    if INDEX_NAME not in columns:
        return rows
    other = rows.problem(
        "Source",
        f"{INDEX_NAME[1:]} {{{INDEX_NAME}}} in the first column, which has no name of the "
        "publisher; expected the number of a row; save the table without it",
    )
    is_number = f"coalesce(regexp_full_match({INDEX_NAME}, '[0-9]*'), true)"
    return _read.Rows(
        f"(from {rows.sql} where case when {is_number} then true else {other} end)", rows.at
    )


def refuse_twice(path: Path, header: list[str], word: str = "column") -> None:
    """Refuse two columns of one name: nothing says which of them to read.

    Raises:
        DriftError: There are, but for upper and lower case.
    """
    seen = Counter(name.lower() for name in header)
    if twice := sorted({name for name in header if seen[name.lower()] > 1}):
        raise DriftError(
            f"{path.name}: {word} {_read.some(twice)} appears twice; expected once; "
            "download the file again"
        )


def _narrow(path: Path, folder: Path) -> Path:
    """Copy a file in UTF-16 into UTF-8."""
    copy = Path(tempfile.mkdtemp(dir=folder)) / path.name
    try:
        with (
            path.open("r", encoding="utf-16", newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            while chunk := source.read(CHUNK):
                target.write(chunk)
    except UnicodeError as error:
        raise SourceError(
            f"{path.name}: broken UTF-16 ({error}); expected text; save the file as UTF-8"
        ) from error
    return copy


def is_plain(values: list[str]) -> bool:
    """Whether these codes are as a publisher writes them: letters and digits."""
    return all(PLAIN.fullmatch(value) or value in MISSING for value in values)


def code(column: str) -> str:
    r"""Return SQL for a code without what tools put around it: ="85", ['85'], 85.0 are 85."""
    bare = f"""regexp_replace({column}, '^="?([^"]*)"?$', '\\1')"""
    alone = rf"""regexp_replace({bare}, '^\[\s*[''"]?([^\[\],''"]*)[''"]?\s*\]$', '\1')"""
    return rf"regexp_replace({alone}, '^(-?[0-9]+)\.0+$', '\1')"


def plain_code(value: object) -> str | None:
    """Return a code of JSON as text: 85.0 and ["85"] are 85."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, float):
        if isnan(value):  # NaN: what pandas writes where nothing stands
            return None
        return str(int(value)) if value.is_integer() else str(value)
    return None if value is None else str(value)
