"""Shipments: what is read, what is said of the rest, and what hostile files do: nothing."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from entrepot.errors import SourceError
from entrepot.screen.columns import ShipmentLayout, mapping
from support.screened import HEADS, line, read, table


def test_a_row_is_read_whatever_the_file(tmp_path):
    rows = [
        line("A", "Ivan OOO", "Russia", "Kazakhstan", "8542.31.90", "chips", "1,234.50", "2 kg")
    ]
    [one] = read(table(tmp_path / "a.csv", *rows))
    cells = dict(zip(HEADS.split(","), [*one_of(rows[0])], strict=True))
    (tmp_path / "a.jsonl").write_text(json.dumps(cells) + "\n")
    parquet.write_table(
        pa.table({key: [cell] for key, cell in cells.items()}), tmp_path / "a.parquet"
    )
    book = Workbook()
    for row in (list(cells), list(cells.values())):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    for name in ("a.jsonl", "a.parquet", "a.xlsx"):
        assert read(tmp_path / name) == [one]
    assert (one.code, one.value, one.mass_kg, one.destination) == ("85423190", 1234.5, 2.0, "KAZ")
    assert (one.party("importer"), one.sender, str(one.day)) == ("Ivan OOO", "DEU", "2024-03-05")
    assert one.faults == ()


def one_of(text):
    import csv

    return next(csv.reader([text]))


@pytest.mark.parametrize(
    ("cell", "others", "value"),
    [
        ("1.234,50", (), 1234.5), ("1,234", ("2,345.10",), 1234.0),
        ("1.234", ("2.345,10",), 1234.0), ("1,234", (), None), ("-5", (), None),
        ("abc", (), None), ("1'234.5", (), 1234.5),
    ],
)  # fmt: skip
def test_a_number_of_two_readings_is_read_only_where_the_file_decides(
    tmp_path, cell, others, value
):
    path = table(
        tmp_path / "a.csv", line("A", value=cell), *(line("B", value=one) for one in others)
    )
    one = read(path)[0]
    assert one.value == value
    assert (value is None) == bool(one.faults)


def test_a_day_of_two_readings_is_read_only_where_the_file_decides(tmp_path):
    [one] = read(table(tmp_path / "a.csv", line("A", day="03/04/2024")))
    assert one.day is None
    assert "two readings" in one.faults[0]
    first, _second = read(
        table(tmp_path / "a.csv", line("A", day="03/04/2024"), line("B", day="25/04/2024"))
    )
    assert str(first.day) == "2024-04-03"


def test_columns_are_found_by_content_and_by_a_mapping(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Wer,Wann,Was\n" + "Alfa,2024-03-05,854231\n" * 4)
    with pytest.raises(SourceError, match="no column of a party"):
        read(tmp_path / "b.csv") if (tmp_path / "b.csv").write_text("x,y\n1,2\n") else None
    (tmp_path / "m.toml").write_text(
        '[columns]\nimporter = "Wer"\n[constants]\ndestination = "KAZ"\n'
    )
    one = read(path, mapping(tmp_path / "m.toml"))[0]
    assert (one.party("importer"), one.destination, one.code) == ("Alfa", "KAZ", "854231")
    assert str(one.day) == "2024-03-05"


def test_two_columns_for_one_thing_are_a_question(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("importer,buyer,hs code\na,b,854231\n")
    with pytest.raises(SourceError, match="could both be the importer"):
        read(path)
    assert read(path, ShipmentLayout({"importer": "buyer"}))[0].party("importer") == "b"


def test_a_bad_row_is_named_and_spoils_no_other(tmp_path):
    path = table(
        tmp_path / "a.csv",
        line("good 1"),
        '"never closed,x,y',
        line("good 2"),
        "a" * 2_000_000,
        line("caf\udce9"),  # a byte of Latin-1 in a file of UTF-8
        line("wide") + ",1,2,3",
        line("long", goods="x" * 10_000),
        line("good 3", importer="Al\u202efa"),
    )
    found = read(path)
    assert [one.row for one in found] == [*range(1, 9)]
    assert [one.ref for one in found if not one.fault] == ["good 1", "good 2", "good 3"]
    said = [one.fault for one in found if one.fault]
    for fault, words in zip(
        said,
        ("never closed", "2,000,0", "bytes that are no utf-8", "15 cells", "10,000 letters"),
        strict=True,
    ):
        assert words in fault


def test_a_cell_of_ten_megabytes_ends_in_one_line(tmp_path):
    path = table(tmp_path / "a.csv", line("huge", goods="x" * 10_000_000), line("good"))
    huge, good = read(path)
    assert "expected at most" in huge.fault
    assert good.ref == "good"


@pytest.mark.parametrize("text", ["", "one\n1\n", "a,a\n1,2\n"])
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SourceError) as refused:
        read(tmp_path / "a.csv")
    assert "\n" not in str(refused.value)
