"""Files: how every list is read, as text and only as text."""

from __future__ import annotations

import csv
import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parent / "data"


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


def near(word: str, options: Iterable[str]) -> str:
    """Return "did you mean ...?" for the options that look like `word`, else the first few."""
    known = sorted(set(options))
    folded = {option.casefold(): option for option in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(folded[key] for key in close)}?"
    more = ", ..." if len(known) > 12 else ""
    return f"known are {', '.join(known[:12])}{more}"
