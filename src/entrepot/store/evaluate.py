"""Evaluate: an expression sent to DuckDB by the shortest way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table


def arrow(con: Backend, table: Table) -> pa.Table:
    """Return an expression's rows; Ibis's own way out loads pandas first."""
    return con.con.execute(con.compile(table)).to_arrow_table()
