"""Tables of one question: no other question's, and gone with it."""

from __future__ import annotations

import gc

import ibis

from entrepot.engine.duck import DuckEngine
from entrepot.question.tables import Tables


def names(con):
    found = con.con.execute("select table_name from information_schema.tables order by 1")
    return [name for (name,) in found.fetchall()]


def test_two_questions_do_not_meet_and_a_forgotten_one_leaves_nothing():
    con = ibis.duckdb.connect()
    engine, other = DuckEngine(con), DuckEngine(con)
    first, second = Tables(engine), Tables(engine)
    one, two = first.told("rows", "select 1 as n"), second.told("rows", "select 2 as n")
    again = first.keep("rows", con.table(one).mutate(n=ibis.literal(3, "int32"))).get_name()
    seen = first.view("seen", con.table(one))
    told = [con.con.execute(f"from {name}").fetchone()[0] for name in (one, two, again, seen)]
    assert told == [1, 2, 3, 1]
    del first
    gc.collect()
    assert len(names(con)) == 4  # whoever asks next clears up
    Tables(other)
    assert len(names(con)) == 4
    third = Tables(engine)
    assert names(con) == [two]
    assert third.fetch("rows", con.table(two)) != two
