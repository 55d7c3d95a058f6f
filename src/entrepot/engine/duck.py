"""Duck: DuckDB in this process, the engine that is always there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from entrepot.config import DUCKDB
from entrepot.engine.base import Engine
from entrepot.store.paths import shut_in

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.expr.types import Table

    from entrepot.store.snapshot import Snapshot


def local(folder: Path) -> Backend:
    """Return a DuckDB connection of this process that reads below one folder alone."""
    import duckdb
    import ibis

    # Merging SELECTs is a third of what Ibis does for a small query, and engines do it again.
    ibis.options.sql.fuse_selects = False
    con = ibis.duckdb.connect()
    # In a notebook without ipywidgets DuckDB draws no bar, and refuses the setting either way.
    with suppress(duckdb.InvalidInputException):
        con.raw_sql("set enable_progress_bar = false")
    shut_in(con.con, folder)
    return con


class DuckEngine(Engine):
    """DuckDB: the rows are where the small tables are."""

    def __init__(self, own: Backend) -> None:
        super().__init__(DUCKDB, own, own)

    def hold(self, snapshot: Snapshot) -> None:
        """Do nothing: the views of the snapshot are its own."""

    def share(self, name: str) -> None:
        """Do nothing: the table is its own."""

    def show(self, name: str, query: str) -> None:
        """Make or replace a view of the session."""
        self.own.con.execute(f"create or replace temp view {name} as {query}")

    def keep(self, name: str, table: Table) -> Table:
        """Evaluate an expression into a temporary table of the session, and return it."""
        self.own.con.execute(f'create or replace temp table "{name}" as {self.compile(table)}')
        return self.table(name)

    def fetch(self, name: str, table: Table) -> None:
        """Evaluate an expression into a temporary table of the session."""
        self.keep(name, table)

    def drop(self, kind: Literal["table", "view"], name: str) -> None:
        """Let a table or view of the session be gone."""
        self.own.con.execute(f'drop {kind} if exists "{name}"')

    def run(self, query: str) -> pa.Table:
        """Return the rows of a query; Ibis's own way out loads pandas first."""
        return self.own.con.execute(query).to_arrow_table()
