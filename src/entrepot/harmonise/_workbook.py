"""UNSD workbooks: the conversion and the correlation sheet as columns, refused where they stray."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook

from entrepot.errors import DriftError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("1:1", "1:n", "n:1", "n:n")
_CODE = re.compile(r"[0-9]{6}")
_REVISION = re.compile(r"(?:From |To )?HS ?([0-9]{4})")
_MARKS = ("", "ex")
"""HS2017-HS2012 has an unnamed column: "ex" says that only part of the earlier code is meant."""

Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ConcordanceWorkbook:
    """What a workbook says: the later revision stands left, the earlier one right.

    `correlation` holds (class stated, row in the sheet) per pair of codes. `conversion` gives each
    later code one earlier code.
    """

    name: str
    later: str
    earlier: str
    correlation: dict[Link, tuple[str, int]]
    conversion: dict[str, str]


def read_workbook(path: Path) -> ConcordanceWorkbook:
    """Return what the two sheets of a workbook say.

    Raises:
        SourceError: The file is no workbook, or lacks one of the two sheets.
        DriftError: A header, code, mark or class is not as UNSD has published it so far; a pair or
            a converted code comes twice; or the sheets contradict each other. Names file, sheet
            and row.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise SourceError(
            f"concordance: cannot open {path.name} ({error}); expected an Excel workbook of UNSD's "
            "conversion and correlation tables: download it again"
        ) from error
    correlation = _Sheet(path.name, book, "correlation")
    conversion = _Sheet(path.name, book, "conversion")
    if conversion.revisions != correlation.revisions:
        raise DriftError(
            f"concordance: {path.name} converts {' to '.join(conversion.revisions)} but correlates "
            f"{' with '.join(correlation.revisions)}; expected the same two revisions"
        )
    links = correlation.links()
    converted = {pair[0]: (pair[1], row) for pair, (_class, row) in conversion.links().items()}
    for code, (target, row) in converted.items():
        if (code, target) not in links:
            raise conversion.drift(row, f"{code} to {target}", "a pair of the correlation sheet")
    if absent := sorted({later for later, _ in links} - set(converted)):
        raise DriftError(
            f"concordance: {path.name} sheet {conversion.title!r} has no row for {absent[0]} "
            f"({len(absent)} such codes of the correlation sheet); download the file again"
        )
    targets = {code: target for code, (target, _row) in converted.items()}
    return ConcordanceWorkbook(path.name, *correlation.revisions, links, targets)


class _Sheet:
    """One of the two sheets, with the places of its columns found in its header."""

    def __init__(self, file: str, book: CalamineWorkbook, kind: str) -> None:
        titles = [name for name in book.sheet_names if name.lower().startswith(kind)]
        titles = titles or [name for name in book.sheet_names if kind in name.lower()]
        if len(titles) != 1:
            raise SourceError(
                f"concordance: {file} has the sheets {', '.join(book.sheet_names)}; expected one "
                f"{kind} sheet: take the workbook that UNSD names ConversionAndCorrelationTables"
            )
        self.file, self.kind, (self.title,) = file, kind, titles
        sheet = book.get_sheet_by_name(self.title)
        self.rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        self.header, self.columns, self.revisions = self._header()

    def drift(self, row: int, found: str, expected: str) -> DriftError:
        """Return the error that names file, sheet and row (counted from 1, as Excel does)."""
        return DriftError(
            f"concordance: {self.file} sheet {self.title!r} row {row} has {found}, expected "
            f"{expected}; check the file against UNSD's"
        )

    def _header(self) -> tuple[int, list[int], tuple[str, str]]:
        for number, row in enumerate(self.rows[:5], start=1):
            named = {
                place: f"HS{match[1]}"
                for place, cell in enumerate(row)
                if (match := _REVISION.fullmatch(str(cell).strip()))
            }
            if len(named) != 2:
                continue
            (left, later), (right, earlier) = named.items()
            if later <= earlier:
                raise self.drift(number, f"{later} left of {earlier}", "the later revision left")
            return number, [left, right], (later, earlier)
        raise self.drift(1, "no header", "two columns named as HS2022 and HS2017")

    def links(self) -> dict[Link, tuple[str, int]]:
        """Return (class stated, row) per pair of codes, in the sheet's order."""
        left, right = self.columns
        found: dict[Link, tuple[str, int]] = {}
        converted: set[str] = set()
        for number, row in enumerate(self.rows[self.header :], start=self.header + 1):
            if not any(str(cell).strip() for cell in row):
                continue
            pair = self._code(row[left], number), self._code(row[right], number)
            if pair in found or (self.kind == "conversion" and pair[0] in converted):
                raise self.drift(number, f"{pair[0]} with {pair[1]} again", "each once")
            converted.add(pair[0])
            found[pair] = self._stated(row, number), number
        if not found:
            raise self.drift(self.header + 1, "no row", "pairs of codes")
        return found

    def _code(self, cell: Any, row: int) -> str:
        # A number of six digits has lost no zero: UNSD's HS2022 sheet has 999999 as one.
        code = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        if not _CODE.fullmatch(code.strip()):
            raise self.drift(row, f"the code {cell!r}", "six digits as text")
        return code.strip()

    def _stated(self, row: list[Any], number: int) -> str:
        """Return the class a row states; empty on the conversion sheet, which states none."""
        others = [str(cell).strip() for at, cell in enumerate(row) if at not in self.columns]
        if self.kind == "conversion":
            if any(others):
                raise self.drift(number, f"{' '.join(others)!r} beside the codes", "two cells")
            return ""
        *marks, stated = others or [""]
        if stated not in CLASSES:
            raise self.drift(number, f"the class {stated!r}", f"one of {', '.join(CLASSES)}")
        if any(mark not in _MARKS for mark in marks):
            raise self.drift(number, f"the mark {' '.join(marks)!r}", "'ex' or nothing")
        if marks and ("ex" in marks) != stated.startswith("n"):
            raise self.drift(
                number,
                f"the mark {' '.join(marks)!r} at class {stated}",
                "'ex' where the earlier code is divided, and only there",
            )
        return stated
