"""Tables: temporary tables and views that are one question's, beside those of others."""

from __future__ import annotations

import weakref
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_NUMBERS = count(1)
_GONE: list[tuple[weakref.ref[Backend], str]] = []


class Tables:
    """The temporary tables and views of one question on a connection.

    Their names are no other question's, so that an answer's rows stay its own when the connection
    is asked again. They are dropped when the next question comes after this one was forgotten: a
    finalizer may run in the middle of a query, and must not wait for the connection.
    """

    def __init__(self, con: Backend) -> None:
        self._con, self._stem = con.con, f"q{next(_NUMBERS)}"
        self._made: dict[str, str] = {}
        for at, drop in [*_GONE]:
            # Two connections may be equal to Ibis, and are still two.
            if (whose := at()) is con:
                self._con.execute(drop)
            if whose is con or whose is None:
                _GONE.remove((at, drop))
        weakref.finalize(self, _forget, weakref.ref(con), self._made).atexit = False

    def table(self, name: str, query: str) -> str:
        """Evaluate a query into a table; return what it is called."""
        return self._make("table", name, query)

    def view(self, name: str, query: str) -> str:
        """Make a view of a query; return what it is called."""
        return self._make("view", name, query)

    def _make(self, kind: str, name: str, query: str) -> str:
        called = f"{self._stem}_{name}"
        if called in self._made:
            called += f"_{len(self._made)}"
        self._con.execute(f'create temp {kind} "{called}" as {query}')
        self._made[called] = f'drop {kind} if exists "{called}"'
        return called


def _forget(con: weakref.ref[Backend], made: dict[str, str]) -> None:
    # A view goes before the tables it is made of.
    _GONE.extend((con, drop) for drop in reversed(made.values()))
