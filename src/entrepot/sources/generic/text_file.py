"""Delimited text as people save it: any encoding, checked for its end, as rows of DuckDB."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import tempfile
import weakref
import zlib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError, TruncatedError
from entrepot.sources import _read
from entrepot.sources.generic import column_names
from entrepot.sources.generic.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

CHUNK = 1 << 20
TAIL = 1 << 16
SAMPLE = 50
"""Rows below the header that show whether a column without a name counts them."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = ",;\t|"


def open_text(raw: RawFile, how: dict[str, Any], connection: DuckDBPyConnection) -> Table:
    """Return the rows of a text file.

    Raises:
        SourceError: The file is broken or cut, in another encoding, or has no such line.
    """
    encoding = encoding_of(_read.head(raw.path), how)
    path = raw.path
    if encoding != "utf-8":
        path = _as_utf8(raw, encoding, connection)
    start = _read.text(path)
    try:
        lines, delimiter, skip = header_lines(raw.path, start, how)
        rest = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        sample = list(islice(rest, skip, skip + SAMPLE))
    except (csv.Error, StopIteration) as error:
        raise SourceError(
            f"{raw.path.name}: the first lines cannot be read as a table ({error}); expected a "
            "header and rows; correct delimiter or header_row under [format] in the mapping, or "
            "save the file as CSV again"
        ) from error
    header = column_names.read(raw.path, lines, sample)
    if not raw.locate:
        _check_end(raw.path, path, delimiter, len(header.names))
    rows = _read.csv_rows(path, header.names, delimiter=delimiter, skip=skip, locate=raw.locate)
    return Table(rows, header.names, spare=header.spare, is_protected='="' in start)


def encoding_of(start: bytes, how: dict[str, Any]) -> str:
    """Return the encoding: what the first bytes say, else the mapping, else UTF-8."""
    if start.startswith(UTF_16):
        return "utf-16"
    given = str(how.get("encoding", "utf-8")).lower()
    return "utf-8" if given in ("utf-8", "utf8", "utf-8-sig", "ascii") else given


def header_lines(path: Path, start: str, how: dict[str, Any]) -> tuple[list[list[str]], str, int]:
    """Return the cells of the header's lines, the delimiter, and how many records to skip.

    Raises:
        SourceError: The file has fewer lines.
    """
    first = int(how.get("header_row", 1))
    told = start[:4] == "sep=" and "header_row" not in how
    first += told
    physical = start.split("\n", first)
    if len(physical) < first or not "".join(physical[first - 1 :]):
        count = len(start.splitlines())
        raise SourceError(
            f"{path.name}: {count} lines; expected the header in line {first}; "
            "correct header_row under [format] in the mapping"
        )
    delimiter = start[4] if told else str(how.get("delimiter") or _delimiter(physical[first - 1]))
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
    records = 1
    record = next(reader)
    while reader.line_num < first:
        record = next(reader)
        records += 1
    others = list(islice(reader, int(how.get("header_rows", 1)) - 1))
    return [record, *others], delimiter, records + len(others)


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)


def _as_utf8(raw: RawFile, encoding: str, connection: DuckDBPyConnection) -> Path:
    """Write the file once more as UTF-8, in pieces: DuckDB's own decoders miss headers."""
    folder = raw.scratch
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="entrepot-"))
        weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    target = folder / f"{raw.path.name.removesuffix('.gz')}.utf-8"
    line = 1
    try:
        with target.open("w", encoding="utf-8", newline="") as out:
            for text in _decoded(raw.path, encoding):
                out.write(text)
                line += text.count("\n")
    except LookupError as error:
        raise SourceError(
            f"{raw.path.name}: encoding {encoding!r} is unknown; expected a name such as utf-8, "
            "latin-1 or cp1254; correct encoding under [format] in the mapping"
        ) from error
    except UnicodeError as error:
        raise SourceError(
            f"{raw.path.name}: cannot be read as {encoding} after line {line}; expected text in "
            "that encoding; correct encoding under [format] in the mapping, or save it as UTF-8"
        ) from error
    return target


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as file:
        packed = _read.is_gzip(file.read(2))
    if packed:
        _read.verify(path)
    with (
        gzip.open(path) if packed else path.open("rb") as stream,
        io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
    ):
        while chunk := text.read(CHUNK):
            yield chunk


def _check_end(shown: Path, path: Path, delimiter: str, width: int) -> None:
    """Refuse what a broken copy leaves: zero bytes at the end, or half a last line."""
    tail = _tail(shown, path)
    if zeros := len(tail) - len(tail.rstrip(b"\0")):
        raise TruncatedError(
            f"{shown.name}: ends in {zeros:,}{' or more' if zeros == len(tail) else ''} zero "
            "bytes; expected text to its end; the copy is broken: download or copy the file again"
        )
    last = tail[tail.rfind(b"\n") + 1 :]
    if last.strip() and b'"' not in last and last.count(delimiter.encode()) < width - 1:
        found = last.decode("utf-8", "replace")[:60]
        raise TruncatedError(
            f"{shown.name}: ends inside its last line ({found!r}); expected {width} columns and a "
            "line end; it is cut: download or copy the file again"
        )


def _tail(shown: Path, path: Path) -> bytes:
    """The last bytes of a file, unpacked: a gzip file is read to its end, and so verified."""
    with path.open("rb") as file:
        if not _read.is_gzip(file.read(2)):
            file.seek(max(0, file.seek(0, io.SEEK_END) - TAIL))
            return file.read()
    tail = b""
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read(CHUNK):
                tail = (tail + chunk)[-TAIL:]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(
            f"{shown.name}: broken gzip file ({error}); expected a complete download; "
            "download it again and compare its size with the publisher's"
        ) from error
    return tail
