"""Files: the rows of CSV, XLSX, Parquet and JSON lines, one by one; a bad row spoils no other."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST = 1 << 20
"""Bytes of a line; a shipment has some hundreds."""
CELL = 4_000
"""Letters of a cell: four pages of a description."""
LINES = 20
"""Lines that a quoted cell may span."""
WIDEST = 500
BATCH = 4_096


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number below the header from 1, its cells by column, or why it has none."""

    number: int
    cells: dict[str, str]
    fault: str = ""


def rows(path: Path, how: dict[str, Any]) -> tuple[list[str], Iterator[Row]]:
    """Return the columns of a file and its rows, read as they are asked for.

    Raises:
        SourceError: It cannot be read at all: the line names it and what to do.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if start.startswith(b"PAR1"):
        return _parquet(path)
    if start.startswith(b"PK"):
        return _workbook(path, how)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(f"{path.name}: a workbook of Excel 97-2003; save it as XLSX")
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _json(path)
    if not start.strip():
        raise SourceError(f"{path.name}: is empty; expected a header and rows")
    return _csv(path, how, start)


def _bounded(number: int, cells: dict[str, str]) -> Row:
    if long := [name for name, cell in cells.items() if len(cell) > CELL]:
        size = len(cells[long[0]])
        cut = {name: cell[:CELL] for name, cell in cells.items()}
        return Row(number, cut, f"cell {long[0]!r} has {size:,} letters; expected at most {CELL:,}")
    return Row(number, cells)


def _csv(path: Path, how: dict[str, Any], start: bytes) -> tuple[list[str], Iterator[Row]]:
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if wide else str(how.get("encoding", "utf-8-sig"))
    lines = _lines(path, encoding) if not wide else _wide(path)
    first = next(lines, ("", ""))[0]
    delimiter = str(how.get("delimiter") or max(",;\t|", key=first.count))
    header = [" ".join(name.split()) for name in next(csv.reader([first], delimiter=delimiter), [])]
    while header and not header[-1]:
        header.pop()
    if len(header) < 2 or len(header) > WIDEST:
        raise SourceError(
            f"{path.name}: {len(header)} columns in its first line; expected 2 to {WIDEST} names; "
            "set delimiter under [format] in a mapping, or remove the lines above the header"
        )
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise SourceError(f"{path.name}: column {twice[0]!r} appears twice; rename one")
    return header, _records(lines, header, delimiter)


def _lines(path: Path, encoding: str) -> Iterator[tuple[str, str]]:
    """Give each line and, where it cannot be read, why."""
    with path.open("rb") as file:
        while line := file.readline(LONGEST):
            if not line.endswith(b"\n") and len(line) == LONGEST:
                size = len(line)
                while (more := file.readline(LONGEST)) and not more.endswith(b"\n"):
                    size += len(more)
                yield "", f"a line of {size + len(more):,} bytes; expected at most {LONGEST:,}"
                continue
            try:
                yield line.decode(encoding), ""
            except UnicodeDecodeError as error:
                shown = line.decode("latin-1")[max(0, error.start - 12) : error.start + 12]
                yield (
                    line.decode(encoding, "replace"),
                    (
                        f"bytes that are no {encoding.removesuffix('-sig')} near {shown!r}; "
                        "set encoding under [format] in a mapping, or save the file in one encoding"
                    ),
                )
            except LookupError:
                raise SourceError(
                    f"{path.name}: no encoding {encoding!r}; as utf-8, cp1251"
                ) from None


def _wide(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-16", newline="", errors="replace") as file:
        while line := file.readline(LONGEST):
            bad = "\ufffd" in line or len(line) == LONGEST
            yield line, "a line that is no UTF-16, or is too long" if bad else ""


def _records(lines: Iterator[tuple[str, str]], header: list[str], delimiter: str) -> Iterator[Row]:
    """Give a row for each record; a quote that is never closed spoils its own line alone."""
    waiting: list[tuple[str, str]] = []
    number = 0

    def next_line() -> tuple[str, str] | None:
        return waiting.pop(0) if waiting else next(lines, None)

    while (taken := next_line()) is not None:
        text, fault = taken
        if not text.strip() and not fault:
            continue
        number += 1
        if fault:
            yield Row(number, {"line": text[:CELL]}, fault)
            continue
        found, spent = _record(text, delimiter, next_line)
        if isinstance(found, str):
            waiting = [*spent, *waiting]
            yield Row(number, {"line": text[:CELL]}, found)
        elif len(found) != len(header) and any(cell.strip() for cell in found[len(header) :]):
            yield Row(
                number, {"line": text[:CELL]}, f"{len(found)} cells; the header has {len(header)}"
            )
        else:
            cells = [*found, *[""] * (len(header) - len(found))]
            yield _bounded(number, {n: c for n, c in zip(header, cells, strict=False) if n})


def _record(
    text: str, delimiter: str, more: Callable[[], tuple[str, str] | None]
) -> tuple[list[str] | str, list[tuple[str, str]]]:
    """Return the cells of a record or why there are none, and the further lines it took."""
    spent: list[tuple[str, str]] = []
    before = csv.field_size_limit(LONGEST)
    try:
        while True:
            try:
                return next(csv.reader([text], delimiter=delimiter, strict=True), []), spent
            except csv.Error as error:
                if "unexpected end of data" not in str(error):
                    return f"cannot be read as cells ({error})", spent
            taken = more() if len(spent) < LINES and len(text) < LONGEST else None
            if taken is not None:
                spent.append(taken)
            if taken is None or taken[1]:
                return "a quote that is opened and never closed", spent
            text += taken[0]
    finally:
        csv.field_size_limit(before)


def _json(path: Path) -> tuple[list[str], Iterator[Row]]:
    def read() -> Iterator[Row]:
        for number, (text, fault) in enumerate(
            (one for one in _lines(path, "utf-8-sig") if one[0].strip() or one[1]), start=1
        ):
            cells, told = {"line": text[:CELL]}, fault
            if not fault:
                try:
                    data = json.loads(text)
                    told = "" if isinstance(data, dict) else "no JSON object"
                    cells = {str(k): _text(v) for k, v in data.items()} if not told else cells
                except (ValueError, RecursionError) as error:
                    told = f"no JSON ({error})"
            yield Row(number, cells, told) if told else _bounded(number, cells)

    header: dict[str, None] = {}
    for row in read():
        if not row.fault:
            header |= dict.fromkeys(row.cells)
        if row.number >= 1000 or len(header) > WIDEST:
            break
    return list(header), read()


def _parquet(path: Path) -> tuple[list[str], Iterator[Row]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path.name}: no whole Parquet file ({error}); write it again") from None

    def read() -> Iterator[Row]:
        number = 0
        for batch in file.iter_batches(BATCH):
            for cells in batch.to_pylist():
                number += 1
                yield _bounded(number, {name: _text(cell) for name, cell in cells.items()})

    return list(file.schema_arrow.names), read()


def _workbook(path: Path, how: dict[str, Any]) -> tuple[list[str], Iterator[Row]]:
    from entrepot.sources.generic import workbook

    _sheet, found = workbook.cells(path, how.get("sheet"))
    header = [" ".join(str(cell).split()) for cell in found[0]] if found else []
    if len([name for name in header if name]) < 2:
        raise SourceError(
            f"{path.name}: no names of columns in its first row; remove what is above"
        )

    def read() -> Iterator[Row]:
        number = 0
        for cells in found[1:]:
            if any(cell != "" for cell in cells):
                number += 1
                named = zip(header, cells, strict=False)
                yield _bounded(number, {name: _text(cell) for name, cell in named if name})

    return [name for name in header if name], read()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())[:10]
    return cell if isinstance(cell, str) else str(cell)
