"""Small: Python's own values in SQL.

They go there as text: the parameters of DuckDB and the tables of Arrow load pandas where it is
installed, which takes a third of a second of every command.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    Columns = Mapping[str, tuple[str, Sequence[Any]]]


def table(con: DuckDBPyConnection, name: str, columns: Columns) -> None:
    """Make or replace a temporary table, one row per place in the columns.

    Args:
        con: The connection that keeps it.
        name: Its name, one of our own.
        columns: Per name the type in SQL, a plain one or `varchar[]`, and the values; all as long.
    """
    parts = [
        f"unnest(from_json({_json(values)}, '[{_shape(kind)}]')) as {column}"
        for column, (kind, values) in columns.items()
    ]
    con.execute(f"create or replace temp table {name} as select {', '.join(parts)}")


def texts(values: Iterable[str]) -> str:
    """Return texts as an SQL list, for `x in (select unnest(...))`."""
    return f"""from_json({_json(values)}, '["varchar"]')"""


def _json(values: Iterable[Any]) -> str:
    return "'" + json.dumps(list(values), default=str).replace("'", "''") + "'"


def _shape(kind: str) -> str:
    return f'["{kind[:-2]}"]' if kind.endswith("[]") else f'"{kind}"'
