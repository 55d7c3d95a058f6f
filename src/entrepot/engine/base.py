"""Base: what every engine does for those who ask of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends.duckdb import Backend
    from ibis.backends.sql import SQLBackend
    from ibis.expr.types import Table

    from entrepot.store.snapshot import Snapshot


class Engine(ABC):
    """A session that evaluates the rows of a store, and its names for tables.

    What is known, by whom and of when, are small tables of `own`, the DuckDB connection of this
    process, on every engine. Rows are read, joined and added up by the engine itself.

    Args:
        name: Its address, fit to be shown.
        own: The connection that knows the vintages.
        backend: What Ibis speaks to.
    """

    def __init__(self, name: str, own: Backend, backend: SQLBackend) -> None:
        self.name, self.own, self.backend = name, own, backend

    def __repr__(self) -> str:
        return f"<Engine {self.name}>"

    def table(self, name: str) -> Table:
        """Return a table or view of the session."""
        return self.backend.table(name)

    def compile(self, table: Table) -> str:
        """Return an expression in the engine's SQL."""
        return str(self.backend.compile(table))

    @abstractmethod
    def hold(self, snapshot: Snapshot) -> None:
        """Make the views of a snapshot, which `own` has, known to the session.

        Raises:
            EngineError: The engine does not see every row of the store.
        """

    @abstractmethod
    def share(self, name: str) -> None:
        """Make a table of `own` known to the session, as it is now."""

    @abstractmethod
    def show(self, name: str, query: str) -> None:
        """Make or replace a view of the session; the query is SQL that all engines read."""

    @abstractmethod
    def keep(self, name: str, table: Table) -> Table:
        """Evaluate an expression into a table of the session, and return it."""

    @abstractmethod
    def fetch(self, name: str, table: Table) -> None:
        """Evaluate an expression into a table of `own`, for rows that are shown or written."""

    @abstractmethod
    def drop(self, kind: Literal["table", "view"], name: str) -> None:
        """Let a table or view of the session, and of `own`, be gone."""

    @abstractmethod
    def run(self, query: str) -> pa.Table:
        """Return the rows of a query in the engine's SQL.

        Raises:
            EngineError: The engine cannot evaluate it, or stopped answering.
        """

    def arrow(self, table: Table) -> pa.Table:
        """Return the rows of an expression: see `run`."""
        return self.run(self.compile(table))
