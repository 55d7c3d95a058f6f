"""Tables of one question: no other question's, and gone with it."""

from __future__ import annotations

import gc

import ibis

from entrepot.question.tables import Tables


def names(con):
    found = con.con.execute("select table_name from information_schema.tables order by 1")
    return [name for (name,) in found.fetchall()]


def test_two_questions_do_not_meet_and_a_forgotten_one_leaves_nothing():
    con, other = ibis.duckdb.connect(), ibis.duckdb.connect()
    first, second = Tables(con), Tables(con)
    one, two = first.table("rows", "select 1 as n"), second.table("rows", "select 2 as n")
    again = first.table("rows", "select 3 as n")
    seen = first.view("seen", f"from {one}")
    told = [con.con.execute(f"from {name}").fetchone()[0] for name in (one, two, again, seen)]
    assert told == [1, 2, 3, 1]
    del first
    gc.collect()
    assert len(names(con)) == 4  # whoever asks next clears up
    Tables(other)
    assert len(names(con)) == 4
    third = Tables(con)
    assert names(con) == [two]
    assert third.table("rows", "select 4 as n") != two
