"""Answers that are one JSON object with a list of records: checked, then text columns for DuckDB.

Such an answer is a page that its publisher limits, so its columns fit in memory.
"""

from __future__ import annotations

import gzip
import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.errors import SourceError
from entrepot.sources import _read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_answers = count()
Record = dict[str, Any]


def answer(path: Path, expected: str) -> Record:
    """Return the object that the file holds.

    Raises:
        SourceError: It is empty, a web page, or not one whole JSON object.
    """
    start = _read.head(path)
    if _read.is_gzip(path.read_bytes()[:2]):
        raw = gzip.decompress(path.read_bytes())
    else:
        raw = path.read_bytes()
    try:
        found = json.loads(raw)
    except ValueError as error:
        what = "a web page" if start.lstrip()[:1] == b"<" else f"cannot be read as JSON ({error})"
        raise SourceError(
            f"{path.name}: {what}; expected {expected}, whole; ask for it again"
        ) from error
    if not isinstance(found, dict):
        raise SourceError(f"{path.name}: not a JSON object; expected {expected}; ask for it again")
    return found


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
