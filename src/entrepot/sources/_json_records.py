"""Answers that are one JSON object with a list of records: checked, then text columns for DuckDB.

Such an answer is a page that its publisher limits, so its columns fit in memory.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.errors import SourceError
from entrepot.sources import _raised, _read
from entrepot.sources._bytes import CROWDED, contents, is_crowded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_answers = count()
Record = dict[str, Any]
LARGEST = 500_000_000
"""Bytes of one answer: twice what 250,000 records have, more than any publisher gives at once."""
ROUND = frozenset(
    """1000 2000 2500 3000 4000 5000 10000 15000 20000 25000 30000 50000 150000 200000 300000
    500000 1000000""".split()
)
"""Numbers of records that people ask for as the most they want."""


def load(path: Path, expected: str, *, lines: bool = False, inside: str = "") -> Any:
    """Return the data that a file of JSON holds.

    Args:
        path: The file, packed with gzip or not.
        expected: What it should be, for the message.
        lines: Whether one object a line, as data frames are saved, is a list of them too.
        inside: A name whose value may be JSON as text once more.

    Raises:
        SourceError: It is empty, a web page, not whole, too deep or too large, or has one field
            twice in a record.
    """
    start = _read.head(path)
    raw = contents(path, LARGEST)
    if is_crowded(raw):
        raise SourceError(f"{path.name}: {CROWDED}; expected {expected}; ask for less at a time")
    try:
        found = _parsed(raw, lines=lines)
        if inside and isinstance(found, dict) and isinstance(found.get(inside), str):
            found[inside] = _parsed(found[inside].encode(), lines=False)
        return found
    except (ValueError, RecursionError) as error:
        what = (
            "a web page"
            if start.lstrip()[:1] == b"<"
            else f"cannot be read as JSON ({_raised.one_line(str(error))})"
        )
        raise SourceError(
            f"{path.name}: {what}; expected {expected}, whole; ask for it again"
        ) from error


def _parsed(raw: bytes, *, lines: bool) -> Any:
    try:
        return json.loads(raw, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        if not lines or not error.msg.startswith("Extra data"):
            raise
    return [json.loads(line, object_pairs_hook=_once) for line in raw.splitlines() if line.strip()]


def _once(pairs: list[tuple[str, Any]]) -> Record:
    """A JSON object; a field that comes twice has two values, and Python would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _value in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise ValueError(f"field {twice!r} appears twice in one record")
    return found


def answer(path: Path, expected: str) -> Record:
    """Return the object that the file holds.

    Raises:
        SourceError: It is empty, a web page, or not one whole JSON object.
    """
    found = load(path, expected)
    if not isinstance(found, dict):
        raise SourceError(f"{path.name}: not a JSON object; expected {expected}; ask for it again")
    return found


def records_of(path: Path, found: list[Any], expected: str) -> list[Record]:
    """Return a list once all its entries are records.

    Raises:
        SourceError: One is not.
    """
    if odd := [entry for entry in found if not isinstance(entry, dict)]:
        raise SourceError(
            f"{path.name}: an entry {str(odd[0])[:40]!r} among the records; expected {expected}; "
            "ask for it again"
        )
    return found


def inside(found: object, name: str) -> Record:
    """Return the object of that name inside an object; an empty one where there is none."""
    held = found.get(name) if isinstance(found, dict) else None
    return held if isinstance(held, dict) else {}


def fields(records: Iterable[Record]) -> set[str]:
    """Return every name that some record has; annotations of OData are not names."""
    return {name for name in set().union(*records) if not name.startswith("@odata.")}


def rows(
    connection: DuckDBPyConnection, columns: Mapping[str, list[Any]], locate: bool
) -> _read.Rows:
    """Return SQL for the columns, every value as text: true codes keep their zeros."""
    table = f"_entrepot_records_{next(_answers)}"
    texts = {
        name: pa.array((None if v is None else str(v) for v in values), pa.string())
        for name, values in columns.items()
    }
    connection.register(table, pa.table(texts))
    return _read.numbered(table, 0, locate, "record")


def notes(path: Path, count: int) -> tuple[str, ...]:
    """Return what to tell of an answer whose number of records looks like a limit."""
    if str(count) not in ROUND:
        return ()
    return (
        f"{path.name}: exactly {count:,} records; if that is the most that was asked for, rows "
        "are missing: ask again for more, or for less at a time",
    )
