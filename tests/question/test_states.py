"""What vintages speak for, cell by cell, in random stores against an oracle written by hand."""

from __future__ import annotations

import pytest

from entrepot.harmonise.products import REVISIONS
from entrepot.question.grid import COARSER, KNOWN, NATIONAL, PART, UNASKED, Grid
from entrepot.store.snapshot import snapshot
from entrepot.workspace import Workspace
from question import stores
from support.sampled import some

STATES = {
    stores.UNASKED: UNASKED,
    stores.COARSER: COARSER,
    stores.PART: PART,
    stores.NATIONAL: NATIONAL,
    stores.KNOWN: KNOWN,
}
CODES = (*stores.CODES, stores.TOTAL)
PARTNERS = (*stores.PARTNERS, stores.WORLD)
LINKS = tuple((revision, code, code) for revision in REVISIONS for code in CODES)


@pytest.mark.parametrize("seed", some(range(1, 9), 3))
def test_every_cell_of_every_slice_is_known_as_the_oracle_says(seed, tmp_path):
    store = stores.make(seed)
    desk = Workspace(tmp_path / "store")
    stores.fill(desk, store, tmp_path)
    vintages, con = desk.store.vintages(), desk.own.con
    for day in (*(one.day for one in store.vintages), None):
        seen = snapshot(con, vintages, as_of=day, view="past")
        grid, everything = Grid(seen.kinds, LINKS), Grid(seen.kinds, None)
        rows = con.execute(
            "select source, reporter, freq, flow, period, kinds from past_known"
        ).fetchall()
        assert rows
        for source, *key, kinds in rows:
            slot = tuple(key)
            found = grid.matrix(tuple(kinds), PARTNERS)
            for at, partner in enumerate(PARTNERS):
                for place, code in enumerate(grid.names):
                    told = store.state(slot, source, partner, code, day)
                    assert found[at, place] == STATES[told], (slot, partner, code, day)
                told = store.state(slot, source, partner, stores.EVERYTHING, day)
                (every,) = everything.matrix(tuple(kinds), (partner,))
                assert every[0] == STATES[told], (slot, partner, day)
            alone = store.state(slot, source, stores.EVERYONE, stores.EVERYTHING, day)
            assert everything.matrix(tuple(kinds), ())[0, 0] == STATES[alone], (slot, day)
