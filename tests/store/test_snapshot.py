"""Which rows are known on a day: pairs of scopes against their cells, and vintages by hand."""

from __future__ import annotations

import itertools
from datetime import date

import duckdb
import pyarrow.parquet as pq
import pytest

from entrepot.store.known import FACTS
from entrepot.store.manifests import Scope
from entrepot.store.snapshot import relation, snapshot
from entrepot.store.vintages import SLICES

FIRST, SECOND, THIRD = date(2023, 1, 10), date(2023, 2, 10), date(2023, 3, 10)
SIDES = (None, ("a",), ("b",), ("a", "b"), ("a", "b", "c"))


def cells(scope):
    """The cells of a scope among four names of each side; one name stands for all others."""
    return {*itertools.product(scope.products or "abcz", scope.partners or "abcz")}


def test_a_scope_covers_another_in_full_in_part_or_not_at_all():
    scopes = [Scope(*sides) for sides in itertools.product(SIDES, SIDES)]
    for old, new in itertools.product(scopes, scopes):
        shared = cells(old) & cells(new)
        expected = "covers" if shared == cells(old) else "partly" if shared else "apart"
        assert relation(old, new) == expected, (old, new)


def seen(desk, as_of=None):
    """What is known on a day: the snapshot, and values by (partner, product, month)."""
    con = desk.own.con
    found = snapshot(con, desk.store.vintages(), as_of=as_of, view="seen")
    rows = con.execute("select partner, product, period, value_usd, vintage from seen").fetchall()
    assert len({row[:3] for row in rows}) == len(rows)
    return found, {(who, code, f"{day:%m}"): usd for who, code, day, usd, _v in rows}


RUSSIA, OTHER = {"partner": "RUS"}, {"product": "854232"}
KAZ, RUS = ("KAZ", "854231", "01"), ("RUS", "854231", "01")


def test_a_part_hides_its_own_cells_and_a_whole_everything(desk, table):
    desk.take(table("a.csv", {}, RUSSIA, RUSSIA | {"month": "2022-02"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), scope="part", published=SECOND)
    desk.take(table("c.csv", {"value": "9"}), scope="whole", published=THIRD)
    february = ("RUS", "854231", "02")
    old, values = seen(desk, FIRST)
    assert values == {KAZ: 100, RUS: 100, february: 100}
    both, values = seen(desk, SECOND)
    assert values == {KAZ: 7, RUS: 100, february: 100}
    last, values = seen(desk)
    assert values == {KAZ: 9, february: 100}
    days = [[vintage.published for vintage in one.vintages] for one in (old, both, last)]
    assert days == [[FIRST], [FIRST, SECOND], [FIRST, THIRD]]
    before, values = seen(desk, date(2023, 1, 1))
    assert (before.vintages, before.kinds, values) == ((), (), {})


def test_parts_without_any_whole_leave_each_other_in_place(desk, table):
    """However many scopes there are, none stands for everything unless it says so."""
    desk.take(table("a.csv", {}), scope="part", published=FIRST)
    desk.take(table("b.csv", RUSSIA), scope="part", published=SECOND)
    desk.take(table("c.csv", {"value": "7"} | OTHER), scope="part", published=THIRD)
    _found, values = seen(desk)
    assert values == {KAZ: 100, RUS: 100, ("KAZ", "854232", "01"): 7}
    assert desk.own.con.execute("select count(*) from current").fetchall() == [(3,)]


def test_what_a_newer_whole_covers_is_not_compared_again(desk, table):
    desk.take(table("a.csv", OTHER), scope="part", published=FIRST)
    desk.take(table("b.csv", RUSSIA), scope="whole", published=SECOND)
    desk.take(table("c.csv", {"value": "7"}), scope="part", published=THIRD)
    assert seen(desk)[1] == {KAZ: 7, RUS: 100}
    assert ranks(desk) == [1, 2]


def test_what_a_newer_part_of_the_same_scope_covers_is_not_compared(desk, table):
    for value, day in (("1", FIRST), ("5", SECOND), ("7", THIRD)):
        desk.take(table(f"{value}.csv", {"value": value}), scope="part", published=day)
    assert seen(desk)[1] == {KAZ: 7}
    assert ranks(desk) == [2]


def ranks(desk):
    """The vintages of the slices that are compared with each other."""
    found = desk.own.con.execute("select rank from current order by all").fetchall()
    return [rank for (rank,) in found]


def test_a_part_hides_as_deep_as_its_own_rows_go(desk, table):
    fine = {"product": "85423110"}
    desk.take(table("a.csv", {}, fine, {"product": "TOTAL"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), scope="part", published=SECOND)
    assert seen(desk)[1] == {
        KAZ: 7, ("KAZ", "85423110", "01"): 100, ("KAZ", "TOTAL", "01"): 100,
    }  # fmt: skip


def test_each_slice_names_those_that_speak_for_it(desk, table):
    desk.take(table("a.csv", {}, RUSSIA), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), scope="part", published=SECOND)
    found, _values = seen(desk)
    con = desk.own.con
    ((places,),) = con.execute("select kinds from seen_known").fetchall()
    assert [found.kinds[place].partners for place in places] == [
        {"KAZ", "RUS"}, {"KAZ"},
    ]  # fmt: skip
    told = con.execute("select vintage, rank, kind from seen_told order by rank").fetchall()
    assert told == [(vintage.id, rank, places[rank]) for rank, vintage in enumerate(found.vintages)]
    assert con.execute("select count(*) from seen_slices").fetchall() == [(1,)]


@pytest.mark.parametrize("older", [0, 1])
def test_facts_that_an_older_release_did_not_write_are_worked_out(desk, table, older):
    desk.take(table("a.csv", {}, OTHER), published=FIRST)
    desk.take(table("b.csv", {"month": "2022-02"}), published=SECOND)
    whole, values = seen(desk)
    path = desk.store.vintages()[older].folder / SLICES
    path.chmod(0o600)
    rows = pq.read_table(path)
    columns = [name for name in rows.column_names if name not in FACTS]
    pq.write_table(rows.select(columns), path)
    with duckdb.connect() as con:
        told = snapshot(con, desk.store.vintages(), as_of=None)
        assert {*told.kinds} == {*whole.kinds}
        assert con.execute("select count(*) from flows").fetchall() == [(len(values),)]
