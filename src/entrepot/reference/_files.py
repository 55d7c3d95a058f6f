"""Files: how every list is read, as text and only as text; and what is near a wrong word."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import RegistryError
from entrepot.reference._letters import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parent / "data"
_ALIKE = 0.6  # of 1; one wrong letter in three still counts as near
_MARGIN = 0.15  # what is this much less like the word than the likest is not told


def read(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the header and the rows of a CSV, every cell as text.

    Raises:
        RegistryError: The file is not UTF-8, has no header, or a row has another width.
    """
    try:
        # Excel saves UTF-8 with a byte-order mark; our own lists have none (see passports.check).
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [tuple(line) for line in csv.reader(file, strict=True)]
    except (OSError, ValueError, csv.Error) as error:
        raise RegistryError(
            f"reference: cannot read {path} ({error}); expected a UTF-8 CSV with a header"
        ) from error
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise RegistryError(f"reference: {path} is empty; expected a UTF-8 CSV with a header")
    header, *rows = lines
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise RegistryError(
                f"reference: {path.name} row {number} has {len(row)} cells, expected "
                f"{len(header)} ({','.join(header)}); quote the cells that hold commas"
            )
    return header, tuple(rows)


def records(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of our own lists, column by column."""
    header, rows = read(DATA / f"{name}.csv")
    return tuple(dict(zip(header, row, strict=True)) for row in rows)


def closest(word: str, options: Iterable[str] | Mapping[str, str]) -> list[str]:
    """Return up to three options that look like `word`, the likest first; none if none does.

    Args:
        word: What was given.
        options: What is known; or how it is said, by each of its spellings.
    """
    said = options if isinstance(options, Mapping) else {option: option for option in options}
    matcher = difflib.SequenceMatcher(b=plain(word))
    likeness: dict[str, float] = {}
    for spelling in sorted(said):
        matcher.set_seq1(plain(spelling))
        if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
            continue
        likeness[said[spelling]] = max(matcher.ratio(), likeness.get(said[spelling], 0))
    least = max(_ALIKE, max(likeness.values(), default=0) - _MARGIN)
    found = sorted(likeness, key=lambda option: -likeness[option])
    return [option for option in found if likeness[option] >= least][:3]


def near(word: str, options: Iterable[str] | Mapping[str, str]) -> str:
    """Return "did you mean ...?" for the options that look like `word`, else the first few."""
    said = options if isinstance(options, Mapping) else {option: option for option in options}
    if close := closest(word, said):
        return f"did you mean {' or '.join(close)}?"
    known = sorted({*said.values()})
    more = ", ..." if len(known) > 12 else ""
    return f"known are {', '.join(known[:12])}{more}"


def shown(word: str) -> str:
    """Return a word as an error quotes it: in one line, and short whatever was given."""
    line = " ".join(word.split())
    return repr(line if len(line) <= 50 else f"{line[:47]}...")
