"""Python's own values in SQL: they come back as they went in."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.store import small

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@pytest.fixture(scope="module")
def con():
    """One connection for every example."""
    with duckdb.connect() as opened:
        yield opened


@given(
    rows=st.lists(
        st.tuples(
            TEXTS | st.none(),
            st.integers(-(2**62), 2**62) | st.none(),
            st.dates(date(1900, 1, 1), date(2100, 1, 1)) | st.none(),
            st.booleans() | st.none(),
            st.lists(TEXTS, max_size=3) | st.none(),
        ),
        max_size=5,
    )
)
def test_a_table_holds_the_values_row_by_row(con, rows):
    kinds = ("varchar", "bigint", "date", "boolean", "varchar[]")
    columns = {f"c{at}": (kind, [row[at] for row in rows]) for at, kind in enumerate(kinds)}
    small.table(con, "made", columns)
    assert con.execute("from made").fetchall() == rows
    types = con.execute("select column_type from (describe made)").fetchall()
    assert [name.lower() for (name,) in types] == [*kinds]


@given(values=st.lists(TEXTS, max_size=4))
def test_texts_are_a_list_to_look_a_value_up_in(con, values):
    (found,) = con.execute(f"select {small.texts(values)}").fetchone()
    assert found == values
    for value in {*values, "it's"}:
        (is_in,) = con.execute(
            f"select $1 in (select unnest({small.texts(values)}))", [value]
        ).fetchone()
        assert is_in == (value in values)


def test_a_table_is_replaced(con):
    small.table(con, "made", {"a": ("bigint", [1, 2])})
    small.table(con, "made", {"b": ("varchar", ["'; drop table made; --"])})
    assert con.execute("from made").fetchall() == [("'; drop table made; --",)]
