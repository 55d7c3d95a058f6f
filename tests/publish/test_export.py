"""Export: every format is read back and compared with what was written."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import fields, replace
from datetime import date

import pyarrow as pa
import pytest
from pyarrow import parquet

from entrepot.errors import EntrepotError
from entrepot.publish.brief import Brief
from entrepot.publish.export import dump, table, to_json
from support.sample_briefs import DEMO, FIGURES, REAL

ROWS = [
    {"code": "051", "name": "Armenia, Republic", "value": 1.5, "seen": date(2022, 1, 1)},
    {"code": "398", "name": 'the "K"', "value": None, "seen": date(2022, 2, 1)},
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal; rich takes its width from COLUMNS."""

    def isatty(self):
        return True


def printed(rows, monkeypatch, width=80):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    table(rows, None, "table", stream)
    return re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue())


def test_a_table_that_fits_no_terminal_comes_in_blocks(monkeypatch):
    wide = [{f"column_{at}": f"value {row} of {at}" for at in range(9)} for row in range(2)]
    text = printed(wide, monkeypatch)
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[1].split() == ["column_1", "value", "0", "of", "1"]
    assert len(printed(wide, monkeypatch, 200).splitlines()) == 3


def test_numbers_and_short_words_of_a_table_stay_whole(monkeypatch):
    rows = [{"place": 7, "name": "Kazakhstan", "value": 1234567.0, "said": "a word " * 30}]
    text = printed(rows, monkeypatch, 60)
    assert max(map(len, text.splitlines())) <= 60
    assert "Kazakhstan" in text
    assert "1,234,567" in text


def test_nothing_of_a_table_is_lost_where_it_barely_fits(monkeypatch):
    words = {f"c{at}": f"one two three {at} forward" for at in range(6)}
    for width in range(70, 160, 7):
        text = printed([words], monkeypatch, width)
        assert max(map(len, text.splitlines())) <= width
        assert sum(text.count(letter) for letter in "wft") == 6 * 5, width


def test_json_has_the_keys_of_a_brief_in_order():
    text = to_json(DEMO)
    assert text.endswith("}\n")
    assert list(json.loads(text)) == [*(field.name for field in fields(Brief)), "mark"]
    assert list(json.loads(text)["claims"][0])[:6] == [
        "text", "figure", "expected", "found", "unit", "verdict",
    ]  # fmt: skip


def test_json_is_the_brief_again():
    def plain(value):
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return float(f"{float(f'{value:.14g}'):.12g}") if isinstance(value, float) else value

    assert json.loads(to_json(REAL)) == plain(REAL.to_dict())


def test_half_of_the_last_digit_does_not_depend_on_the_order_of_a_sum():
    """Both stand for 4732414.078125: twelve digits alone would tell them apart."""
    below, above = 4732414.0781249995, 4732414.0781250005
    assert f"{below:.12g}" != f"{above:.12g}"
    assert dump([below]) == dump([above])


def test_json_never_shows_the_order_of_a_summation():
    one = replace(DEMO, figures=(replace(FIGURES[0], value=0.1 + 0.2),))
    two = replace(DEMO, figures=(replace(FIGURES[0], value=0.3),))
    assert to_json(one) == to_json(two)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_json_has_null_where_there_is_no_number(value):
    text = to_json(replace(DEMO, figures=(replace(FIGURES[0], value=value),)))
    assert json.loads(text)["figures"][0]["value"] is None
    assert "NaN" not in text
    assert "Infinity" not in text


def written(rows, columns, form):
    stream = io.StringIO()
    table(rows, columns, form, stream)
    return stream.getvalue()


@pytest.mark.parametrize("rows", [ROWS, pa.Table.from_pylist(ROWS)])
def test_csv_keeps_codes_and_leaves_the_unknown_empty(rows):
    found = list(csv.DictReader(io.StringIO(written(rows, None, "csv"))))
    assert found == [
        {"code": "051", "name": "Armenia, Republic", "value": "1.5", "seen": "2022-01-01"},
        {"code": "398", "name": 'the "K"', "value": "", "seen": "2022-02-01"},
    ]


@pytest.mark.parametrize("rows", [ROWS, pa.Table.from_pylist(ROWS)])
def test_json_rows_are_records_in_the_order_asked(rows):
    found = json.loads(written(rows, ["value", "code"], "json"))
    assert [list(row.items()) for row in found] == [
        [("value", 1.5), ("code", "051")],
        [("value", None), ("code", "398")],
    ]


@pytest.mark.parametrize("rows", [ROWS, pa.Table.from_pylist(ROWS)])
def test_parquet_is_read_back(rows):
    stream = io.BytesIO()
    table(rows, ["code", "value", "seen"], "parquet", stream)
    found = parquet.read_table(io.BytesIO(stream.getvalue())).to_pylist()
    assert found == [{k: r[k] for k in ("code", "value", "seen")} for r in ROWS]


def test_parquet_makes_a_mixed_column_text():
    stream = io.BytesIO()
    table([{"x": 1}, {"x": "two"}], None, "parquet", stream)
    assert parquet.read_table(io.BytesIO(stream.getvalue())).to_pylist() == [
        {"x": "1"}, {"x": "two"},
    ]  # fmt: skip


def test_a_table_in_a_pipe_is_never_cut():
    long = [{"name": "w" * 300, "other": "x y " * 50}]
    text = written(long, None, "table")
    assert "w" * 300 in text
    assert len(text.splitlines()) == 2


def test_a_table_of_no_rows_still_names_its_columns():
    assert written([], ["code", "name"], "csv") == "code,name\n"
    assert "code" in written([], ["code", "name"], "table")
    assert json.loads(written([], ["code"], "json")) == []


def test_an_unknown_format_is_refused():
    with pytest.raises(EntrepotError, match="format 'xml': expected one of table, json, csv"):
        written(ROWS, None, "xml")


def test_parquet_does_not_go_to_a_terminal():
    with pytest.raises(EntrepotError, match="not for a terminal"):
        table(ROWS, None, "parquet", Terminal())
