"""Column names as people write them: in several lines, with line breaks, or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import SourceError
from entrepot.sources.generic.mapping import column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UNNAMED = "column {}"
"""How a column without a name is called in a mapping."""
COLUMNS = 4_000
"""Columns of a table: thirty years of months have 360. The work on them grows with their square."""


@dataclass(frozen=True, slots=True)
class Header:
    """The names of all columns, and which of those without a name must be empty."""

    names: list[str]
    spare: tuple[str, ...] = ()


def read(path: Path, lines: Sequence[Sequence[str]], sample: Sequence[Sequence[str]]) -> Header:
    """Name the columns from the header's lines and the first rows below it.

    A name is its lines joined by blanks, a line above the last goes on to the right. A column
    without a name is called "column 3"; it must be empty, unless it is a first one that counts the
    rows. Empty cells at the end of the header that no row has are no columns.

    Raises:
        SourceError: There are too many, or a name appears twice or has a zero byte.
    """
    width = max(map(len, lines))
    if width > COLUMNS:
        raise SourceError(
            f"{path.name}: {width:,} columns; expected at most {COLUMNS:,}; save the columns that "
            "you need as a table of their own"
        )
    wide = [[*line, *[""] * (width - len(line))] for line in lines]
    padded = [*(_filled(line, wide[-1]) for line in wide[:-1]), wide[-1]]
    names = [_joined(cells) for cells in zip(*padded, strict=True)]
    rows = [row for row in sample if any(row)]
    longest = len(rows[0]) if rows else width
    while len(names) > longest and not names[-1]:
        names.pop()
    if len(names) + 1 == longest:
        if _counts(rows):
            names.insert(0, "")
        elif not rows[0][-1]:
            names.append("")
    unnamed = [number for number, name in enumerate(names) if not name]
    names = [name or UNNAMED.format(number + 1) for number, name in enumerate(names)]
    _check(path, names)
    spare = [names[n] for n in unnamed if n or not _counts(rows)]
    return Header(names, tuple(spare))


def _filled(line: Sequence[str], below: Sequence[str]) -> list[str]:
    """A line whose cells go on to the right, as far as something stands below."""
    last, filled = "", []
    for cell, under in zip(line, below, strict=True):
        last = cell or last
        filled.append(last if under else cell)
    return filled


def _joined(cells: Sequence[str]) -> str:
    """One name of its lines; a line that repeats the one above (a cell that spans both) once."""
    words = [column(cell) for cell in cells]
    return " ".join(w for n, w in enumerate(words) if w and w not in words[:n])


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first cells number the rows, as pandas and R write them."""
    first = [row[0] for row in rows]
    return (
        bool(first)
        and first[0] in ("0", "1")
        and first == [str(int(first[0]) + number) for number in range(len(first))]
    )


def _check(path: Path, names: list[str]) -> None:
    if odd := [name for name in names if "\0" in name]:
        raise SourceError(
            f"{path.name}: column {odd[0]!r:.60} has a zero byte; expected text; write encoding = "
            '"utf-16-le" or its like under [format] in the mapping, or download the file again'
        )
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise SourceError(
            f"{path.name}: column {twice[0]!r} appears twice; expected each once; rename one, or "
            "correct header_row (header_rows, if the names stand in several lines) under [format] "
            "in the mapping"
        )
