"""Passports: every list that ships keeps its promise, and each kind of breach is found."""

from __future__ import annotations

import pytest

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference import passports

GOOD = """title = "A"
source = "B"
published = "2024-01-01"
retrieved = "2024-01-02"
licence = "MIT"
kind = "groups"
rows = 2
notes = ["c"]
"""


def test_every_list_that_ships_keeps_its_promise():
    assert passports.check() == []


def test_every_list_is_offered_and_readable():
    listing = passports.listing()
    assert {name for kind, name, *_ in listing if kind == "goods"} == {
        "bis-fincen-9",
        "chpl-2023-05",
        "chpl-2023-09",
        "chpl-2024-02",
        "eu-russia-2023-02",
    }
    for _, name, title, count, path in listing:
        header, rows = passports.read(name)
        assert title
        assert len(rows) == count
        assert all(isinstance(cell, str) for cell in header)
        assert path.is_file()


def test_a_list_is_read_by_name_by_folder_or_by_first_column():
    assert passports.read("goods/chpl-2023-09") == passports.read("chpl-2023-09")
    header, rows = passports.read("groups/ft-turkey-5")
    assert header[:2] == ("group", "iso3")
    assert [row[1] for row in rows] == ["AZE", "GEO", "KAZ", "KGZ", "UZB"]


@pytest.mark.parametrize(
    ("name", "near"),
    [("chpl-2023-9", "chpl-2023-09"), ("groups/eu", "groups/eu27"), ("country", "countries")],
)
def test_an_unknown_list_is_named_with_near_ones(name, near):
    with pytest.raises(UnknownCodeError, match=f"did you mean .*{near}"):
        passports.read(name)


def test_a_missing_passport_is_an_error(tmp_path):
    with pytest.raises(RegistryError, match=r"cannot read the passport .*mine\.toml"):
        passports.passport(tmp_path / "mine.csv")


def test_a_list_in_order_has_no_problem(tmp_path):
    (tmp_path / "a.csv").write_text("code,name\nNA,x\nNO,y\n")
    (tmp_path / "a.toml").write_text(GOOD)
    assert passports.check(tmp_path) == []


@pytest.mark.parametrize(
    ("table", "passport", "problem"),
    [
        (b"code\nNO\nNA\n", GOOD, "not in text order"),
        (b"code\nNA\nNA\n", GOOD, "one comes twice"),
        (b"code\nNA\nNO \n", GOOD, "row 3 has a cell with spaces"),
        (b"code,code\nNA,a\nNO,b\n", GOOD, "empty name or one twice"),
        (b"\xef\xbb\xbfcode\nNA\nNO\n", GOOD, "byte-order mark"),
        (b"code\nNA\n\xff\n", GOOD, "expected a UTF-8 CSV"),
        (b"code\nNA,x\nNO\n", GOOD, "row 2 has 2 cells"),
        (b"code\nNA\n", GOOD, "says 2 rows, the list has 1"),
        (b"code\nNA\nNO\n", GOOD.replace('licence = "MIT"\n', ""), "no licence"),
        (b"code\nNA\nNO\n", GOOD.replace('["c"]', '"c"'), "not a list of sentences"),
        (b"code\nNA\nNO\n", GOOD.replace('"groups"', '"goods"'), "no classification"),
        (b"code\nNA\nNO\n", "title = ", "cannot read the passport"),
    ],
)
def test_a_breach_is_found_and_named(tmp_path, table, passport, problem):
    (tmp_path / "a.csv").write_bytes(table)
    (tmp_path / "a.toml").write_text(passport)
    (found,) = passports.check(tmp_path)
    assert found.startswith("a.csv: ")
    assert problem in found


def test_a_passport_without_its_list_is_found(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD)
    assert passports.check(tmp_path) == ["a.toml: no list of that name; remove it or add the CSV"]
