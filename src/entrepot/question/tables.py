"""Tables: temporary tables and views that are one question's, beside those of others."""

from __future__ import annotations

import weakref
from itertools import count
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from entrepot.engine import Engine

    Kind = Literal["table", "view"]

_NUMBERS = count(1)
_GONE: list[tuple[weakref.ref[Engine], Kind, str]] = []


class Tables:
    """The temporary tables and views of one question in a session.

    Their names are no other question's, so that an answer's rows stay its own when the session is
    asked again. They are dropped when the next question comes after this one was forgotten: a
    finalizer may run in the middle of a query, and must not wait for the session.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._stem = engine, f"q{next(_NUMBERS)}"
        self._made: dict[str, Kind] = {}
        for one in [*_GONE]:
            at, kind, name = one
            if (whose := at()) is engine:
                engine.drop(kind, name)
            if whose is engine or whose is None:
                _GONE.remove(one)
        weakref.finalize(self, _forget, weakref.ref(engine), self._made).atexit = False

    def keep(self, name: str, table: Table) -> Table:
        """Evaluate an expression into a table of the session, and return it."""
        return self._engine.keep(self._called("table", name), table)

    def view(self, name: str, table: Table) -> str:
        """Make a view of an expression; return what it is called."""
        called = self._called("view", name)
        self._engine.show(called, self._engine.compile(table))
        return called

    def told(self, name: str, query: str) -> str:
        """Evaluate DuckDB's SQL over what is known, and share it; return what it is called."""
        called = self._called("table", name)
        self._engine.own.con.execute(f'create temp table "{called}" as {query}')
        self._engine.share(called)
        return called

    def fetch(self, name: str, table: Table) -> str:
        """Evaluate an expression into a table of this process; return what it is called."""
        called = self._called("table", name)
        self._engine.fetch(called, table)
        return called

    def _called(self, kind: Kind, name: str) -> str:
        called = f"{self._stem}_{name}"
        if called in self._made:
            called += f"_{len(self._made)}"
        self._made[called] = kind
        return called


def _forget(engine: weakref.ref[Engine], made: dict[str, Kind]) -> None:
    # A view goes before the tables it is made of.
    _GONE.extend((engine, kind, name) for name, kind in reversed(made.items()))
