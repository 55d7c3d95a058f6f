"""Bytes: a publisher's file as it lies on the disk, packed or not, whole or cut."""

from __future__ import annotations

import codecs
import csv
import re
import zlib
from datetime import date
from typing import TYPE_CHECKING

from entrepot.errors import SourceError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
CHUNK = 1 << 20
TAIL = 1 << 16
RATIO = 200
"""How many times larger the content may be than the archive: tables of text reach 10 to 50."""
FREE = 10_000_000
"""Bytes below which the ratio does not matter."""
OBJECTS, VALUES = 4_000_000, 40_000_000
"""Records and values that an answer may have: the largest known have 250,000 and 12 million."""
CROWDED = f"more than {OBJECTS:,} records or {VALUES:,} values"
DAYS = (
    # COMTRADE-FINALCLASSIC-CM792202301[2023-11-01].gz
    re.compile(r"\[(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\]"),
    # TradeData_6_1_2024_9_0_0.csv: comtradeplus writes month, day, year and the hour.
    re.compile(r"TradeData_(?P<month>\d\d?)_(?P<day>\d\d?)_(?P<year>\d{4})_\d+_\d+_\d+"),
)


def day_of(name: str) -> date | None:
    """Return the day that a publisher wrote into the name of its file, if it did."""
    for pattern in DAYS:
        if found := pattern.search(name):
            return a_day(*(int(found[part]) for part in ("year", "month", "day")))
    return None


def a_day(year: int, month: int, day: int) -> date | None:
    """Return a day of the calendar, or None where it has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


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
            raise SourceError(broken_gzip(path, str(error))) from error
    if not start.strip(b" \t\r\n\0"):
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


def verify(
    path: Path, utf8: bool = False, *, columns: int | None = None, delimiter: str = ","
) -> None:
    """Unpack a file once: DuckDB reads half a gzip file, and columns it does not need, in silence.

    Args:
        path: The file.
        utf8: Whether its bytes must be UTF-8.
        columns: How many columns its header has; None for what is no table of lines.
        delimiter: What stands between them.

    Raises:
        SourceError: A gzip file ends before its end or its checksum is wrong, or it unpacks to
            implausibly much; or the bytes are not UTF-8.
        TruncatedError: A table does not end with the end of a line.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    last = b""
    for chunk in _unpacked(path, always=utf8):
        last = (last[-TAIL:] + chunk)[-TAIL:]
        if utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object.count(b"\n", 0, error.start)
                raise SourceError(encoding_trouble(path, "UTF-8", line)) from error
            lines += chunk.count(b"\n")
    if columns is not None:
        _refuse_cut(path, last or _last(path), columns, delimiter)


def is_utf8(path: Path) -> bool:
    """Whether all of a file, unpacked, is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _unpacked(path, always=True):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_cut(path: Path, last: bytes, columns: int, delimiter: str) -> None:
    """Refuse a table by its last bytes: a number that was cut is a number all the same.

    A last line that lacks columns is left to the reader of the table, who names it.
    """
    if last.endswith(b"\0"):
        raise TruncatedError(zeros(path))
    if last.endswith((b"\n", b"\r")):
        return
    line = re.split("[\r\n]", last.decode("latin-1"))[-1]
    if len(next(csv.reader([line], delimiter=delimiter), [])) >= columns:
        raise TruncatedError(
            f"{path.name}: ends in the middle of a line; expected a line break at its end; "
            "download it again and compare its size with the publisher's"
        )


def zeros(path: Path) -> str:
    """Say that a file ends in the zeros of a download that was not finished."""
    return (
        f"{path.name}: ends in zero bytes, as a download leaves them that was not finished; "
        "expected the whole file; download it again and compare its size with the publisher's"
    )


def _last(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        return file.read()


def contents(path: Path, largest: int) -> bytes:
    """Return a whole file, unpacked if it is gzip.

    Raises:
        SourceError: It is broken gzip, or larger than `largest` bytes.
        TruncatedError: It ends in zero bytes.
    """
    parts = bytearray()
    for chunk in _unpacked(path, always=True):
        parts += chunk
        if len(parts) > largest:
            raise SourceError(
                f"{path.name}: more than {largest / 1e6:,.0f} MB; expected one answer of the "
                "publisher; ask for less at a time"
            )
    if parts.endswith(b"\0"):
        raise TruncatedError(zeros(path))
    return bytes(parts)


def is_crowded(raw: bytes) -> bool:
    """Whether JSON has more in it than memory would hold: `[],` takes twenty times its bytes."""
    return raw.count(b"[") + raw.count(b"{") > OBJECTS or raw.count(b",") > VALUES


def _unpacked(path: Path, always: bool) -> Iterator[bytes]:
    """A file in chunks, unpacked if it is gzip; nothing if it is not, unless `always`."""
    stream = zlib.decompressobj(wbits=31)
    most = max(FREE, RATIO * path.stat().st_size)
    with path.open("rb") as file:
        packed = is_gzip(file.read(2))
        file.seek(0)
        try:
            while packed and (chunk := _waiting(stream) or file.read(CHUNK)):
                if stream.eof:
                    stream = zlib.decompressobj(wbits=31)
                found = stream.decompress(chunk, 16 * CHUNK)
                most -= len(found)
                if most < 0:
                    raise SourceError(
                        f"{path.name}: unpacks to more than {RATIO} times its size; expected a "
                        "table; unpack it yourself if you trust it"
                    )
                yield found
        except zlib.error as error:
            raise SourceError(broken_gzip(path, str(error))) from error
        while always and not packed and (chunk := file.read(CHUNK)):
            yield chunk
    if packed and not stream.eof:
        yield stream.flush()
    if packed and not stream.eof:
        raise SourceError(broken_gzip(path, "it ends in the middle"))


def _waiting(stream: zlib._Decompress) -> bytes:
    """What was read and not unpacked yet: the rest of a chunk, or the next member."""
    return stream.unconsumed_tail or stream.unused_data.lstrip(b"\0")


def broken_gzip(path: Path, why: str) -> str:
    """Say that a gzip file is damaged or cut."""
    return (
        f"{path.name}: broken gzip file ({why}); expected a complete download; "
        "download it again and compare its size with the publisher's"
    )


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
        expected = encoding.removesuffix("-sig").upper()
        raise SourceError(encoding_trouble(path, expected, line)) from error


def lines(text: str) -> list[str]:
    """Return the lines of a text as CSV has them: str.splitlines breaks at form feeds too."""
    mark = "\n" if "\n" in text else "\r"
    found = [line.removesuffix("\r") for line in text.split(mark)]
    return found if found[-1] else found[:-1]


def encoding_trouble(path: Path, expected: str, line: int | str) -> str:
    """Say that a file is in another encoding."""
    return (
        f"{path.name}: bytes that are not {expected}; expected {expected} text; "
        f"save the file as UTF-8 or name its encoding in the mapping; line {line}"
    )
