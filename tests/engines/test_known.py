"""What is known on a day: the same rows on every engine, of random stores with parts replaced."""

from __future__ import annotations

import pytest

from entrepot.workspace import Workspace
from question import stores
from support.sampled import some
from support.servers import WARNS

pytestmark = WARNS


def told(work):
    """The rows and slices of a day, in an order of their own."""
    tables = [work.arrow(one) for one in (work.flows, work.slices)]
    return [
        sorted(map(repr, zip(*(table[name].to_pylist() for name in names), strict=True)))
        for table in tables
        for names in [sorted(table.column_names)]
    ]


@pytest.mark.parametrize("seed", some(range(1, 9), 4))
def test_every_day_has_the_same_rows_and_slices(seed, tmp_path, engine):
    store = stores.make(seed)
    desk = Workspace(tmp_path / "store")
    stores.fill(desk, store, tmp_path)
    days = sorted({one.day for one in store.vintages})
    hides = 0
    for day in (days[0].replace(year=1990), *days, None):
        own, other = (
            Workspace(desk.store.path, as_of=day, engine=one) for one in ("duckdb", engine)
        )
        assert told(own) == told(other), day
        hides += bool(own.snapshot.hides or any(one.kept for one in own.snapshot.reads))
    assert hides  # the hard case is among them
