"""Small worlds that every measure's test may use."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def rows():
    """Evaluate an expression into plain rows, sorted."""

    def run(table):
        found = table.to_pyarrow().to_pylist()
        return sorted(found, key=lambda row: [str(value) for value in row.values()])

    return run
