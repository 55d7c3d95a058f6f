"""Truth: sentences by hand, read by DuckDB; months and years by hand."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from entrepot.sources import _read


@pytest.mark.parametrize(
    ("sentence", "places", "said"),
    [
        ("unknown k {k}; expected it's 6", {}, "unknown k 0x; expected it's 6"),
        ("{none} and {none:no unit}", {}, "empty and no unit"),
        ("{k!r} is no number", {}, "'0x' is no number"),
        ("{none!r} is no number", {}, "empty is no number"),
        ('write {{ "A" }} for {both}', {"both": "k || '-' || n"}, 'write { "A" } for 0x-7'),
        ("{n} of {LAST UPDATE}", {}, "7 of 2023"),
        ("{given}", {"given": _read.quote("{k}'s")}, "{k}'s"),
    ],
)
def test_a_sentence_names_what_stands_in_its_columns(sentence, places, said):
    row = """(select '0x' as k, null::varchar as none, 7 as n, '2023' as "LAST UPDATE")"""
    found = duckdb.sql(f"select {_read.told(sentence, **places)} from {row}").fetchone()
    assert found == (said,)


def test_a_refusal_stops_the_query_even_where_nothing_stands():
    rows = _read.Rows("", "'; line ' || _line")
    stop = rows.unknown("k", "a code", _read.AGAIN, word="code")
    with pytest.raises(duckdb.InvalidInputException) as error:
        duckdb.sql(f"select {stop} from (select null as k, 3 as _line)").fetchall()
    assert (
        "entrepot:Drift:unknown code empty; expected a code; download the file again; line 3"
        in (str(error.value))
    )


@pytest.mark.parametrize(
    ("text", "forms", "day"),
    [
        ("202302", ("202301",), date(2023, 2, 1)),
        ("2023-02", ("2023-01", "2023"), date(2023, 2, 1)),
        ("2023", ("2023-01", "2023"), date(2023, 1, 1)),
        ("202313", ("202301",), None),
        ("2023", ("202301",), None),
        (" 22302", ("202301",), None),
    ],
)
def test_a_month_is_read_in_the_forms_that_are_named_and_in_no_others(text, forms, day):
    found = duckdb.sql(f"select {_read.first_day(_read.quote(text), *forms)}").fetchone()
    assert found == (day,)
