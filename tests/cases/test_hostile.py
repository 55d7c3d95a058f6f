"""Truth: files made to trip a parser; each is one bounded line, and the store stays as it was."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrepot.errors import EntrepotError, SourceError
from support import commandline
from support.comtrade_record import RECORD
from support.publisher_files import api, ots, table, taken, write
from support.sampled import costly

DEEP = {
    "comtrade": '{"data":' + "[" * 100_000,
    "comtrade list": "[" * 100_000 + "]" * 100_000,
    "hmrc": '{"value":' + "[" * 100_000,
    "hongkong": '{"dataSet":' + '{"a":' * 100_000,
    "census": '[["a",' + "[" * 100_000,
}
TABLES = ("comtrade", "eurostat", "census", "baci", "hmrc", "hongkong")


def refused(folder, source, path):
    """Take a file in by the command line; return the one line that refuses it."""
    done = commandline.run(
        "source", "ingest", source, path, "--store", folder / "store", check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith(f"error: {path.name}: ")
    assert len(line) < 1000
    assert not list((folder / "store").glob("vintages/*"))
    return line


@pytest.mark.parametrize("value", [{"cifValue": 1.0}, {"PRIMARYVALUE": 1.0}, {"net_wgt": 2.0}])
def test_one_field_in_two_spellings(tmp_path, value):
    for records in ([RECORD | value], [RECORD, {"cmdCode": "8542"} | RECORD | value]):
        path = api(tmp_path, *records)
        with pytest.raises(EntrepotError, match=r"^answer.json: field \w+ appears twice"):
            taken(tmp_path, "comtrade", path)


def test_the_order_of_a_set_decides_nothing(tmp_path):
    path = api(tmp_path, {"primaryvalue": 1.0})
    code = (
        "import duckdb, sys\nfrom pathlib import Path\n"
        "from entrepot.contracts import RawFile\nfrom entrepot.sources.comtrade import comtrade\n"
        "try:\n comtrade.parse(RawFile(Path(sys.argv[1])), duckdb.connect())\n"
        "except Exception as error:\n print(error)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, path],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    [line] = said
    assert "appears twice" in line


@pytest.mark.parametrize("source", ["comtrade", "hmrc"])
def test_one_field_twice_in_a_record(tmp_path, source):
    path = api(tmp_path, {}) if source == "comtrade" else ots(tmp_path, {})
    field = "primaryValue" if source == "comtrade" else "Value"
    path.write_text(path.read_text().replace(f'"{field}":', f'"{field}": 1.0, "{field}":'))
    with pytest.raises(SourceError, match=f"field '{field}' appears twice in one record"):
        taken(tmp_path, source, path)


def test_columns_equal_but_for_case(tmp_path):
    text = table({}).replace("\n", ",CMDCODE\n", 1).replace("True\n", "True,8542\n")
    with pytest.raises(EntrepotError, match=r"^a.csv: field cmdCode appears twice"):
        taken(tmp_path, "comtrade", write(tmp_path, "a.csv", text))
    header = "CTY_CODE,E_COMMODITY,ALL_VAL_MO,time,TIME\n4634,854231,1,2023-01,2023-02\n"
    with pytest.raises(EntrepotError, match=r"^b.csv: (unknown column|column) "):
        taken(tmp_path, "census", write(tmp_path, "b.csv", header))


@pytest.mark.parametrize("digits", [4000, 5000])
def test_a_number_of_thousands_of_digits(tmp_path, digits):
    path = api(tmp_path, {"primaryValue": 1234567})
    path.write_text(path.read_text().replace("1234567", "9" * digits))
    assert "expected" in refused(tmp_path, "comtrade", path)


@pytest.mark.parametrize("name", DEEP)
def test_deep_json(tmp_path, name):
    path = write(tmp_path, "deep.json", DEEP[name])
    refused(tmp_path, name.split()[0], path)


@pytest.mark.parametrize("source", TABLES)
def test_a_name_of_200_kb_and_a_table_of_40_000_columns(tmp_path, source):
    long = write(tmp_path, "BACI_HS17_Y2021_V202301.csv", "a" * 200_000 + ",CTY_CODE\n1,2\n")
    refused(tmp_path, source, long)
    names = ",".join(f"c{n}" for n in range(40_000))
    wide = write(
        tmp_path, "BACI_HS17_Y2020_V202301.csv", f"CTY_CODE,{names}\n" + "1," * 40_000 + "1\n"
    )
    refused(tmp_path, source, wide)


@costly
@pytest.mark.parametrize("kind", ["csv", "parquet", "html"])
def test_a_table_of_ones_own_of_40_000_columns(tmp_path, kind):
    names = ["month", *(f"c{n}" for n in range(40_000))]
    path = tmp_path / f"wide.{kind}"
    if kind == "csv":
        path.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    elif kind == "parquet":
        pq.write_table(pa.table({name: [1] for name in names}), path)
    else:
        cells = "".join(f"<th>{name}</th>" for name in names)
        path.write_text(f"<html><table><tr>{cells}</tr><tr><td>1</td></tr></table></html>")
    line = refused(tmp_path, "generic", path)  # without a limit it takes hours
    assert "expected at most 4,000" in line or "field larger than field limit" in line


@pytest.mark.parametrize("columns", [401, 3_999])
def test_a_proposal_looks_at_400_columns(tmp_path, columns):
    names = ",".join(f"c{n}" for n in range(columns))
    path = write(tmp_path, "wide.csv", f"{names}\n" + "1," * (columns - 1) + "1\n")
    assert f"{columns:,} columns; a proposal looks at 400" in refused(tmp_path, "generic", path)


@pytest.mark.parametrize("source", ["hmrc", "hongkong", "comtrade"])
@pytest.mark.parametrize("packed", [False, True])
def test_json_that_memory_would_not_hold(tmp_path, source, packed):
    start = {"hmrc": '{"value":[', "hongkong": '{"dataSet":[', "comtrade": "["}
    body = start[source].encode() + b"[]," * 4_000_001
    path = tmp_path / ("many.json.gz" if packed else "many.json")
    path.write_bytes(gzip.compress(body, 1) if packed else body)
    line = refused(tmp_path, source, path)
    assert "more than 4,000,000 records" in line or "200 times its size" in line


def test_a_record_of_many_fields_of_which_the_last_comes_twice(tmp_path):
    fields = ",".join(f'"c{n}":1' for n in range(40_000))
    path = write(tmp_path, "twice.json", f'{{"data":[{{{fields},"c39999":2}}]}}')
    assert "field 'c39999' appears twice" in refused(tmp_path, "comtrade", path)


def test_a_line_without_end(tmp_path):
    path = write(tmp_path, "a.csv", "a" * 3_000_000)
    assert "no line ends in the first megabyte" in refused(tmp_path, "comtrade", path)


def book(folder, fill):
    """Write a workbook that looks like the Data Browser's."""
    made = openpyxl.Workbook()
    made.active["A1"] = "TIME"
    fill(made.active)
    path = folder / "book.xlsx"
    made.save(path)
    return path


def test_a_cell_at_the_end_of_the_sheet(tmp_path):
    def fill(sheet):
        sheet["XFD1048576"] = 1

    line = refused(tmp_path, "eurostat", book(tmp_path, fill))
    assert "reaches over 1,048,576 rows and 16,384 columns; expected at most" in line


def test_a_cell_at_the_end_of_a_sheet_of_ones_own(tmp_path):
    def fill(sheet):
        sheet["XFD1048576"] = 1

    line = refused(tmp_path, "generic", book(tmp_path, fill))
    assert "spans 1,048,576 rows and 16,384 columns; expected at most 30,000,000 cells" in line


def test_a_sheet_that_lies_about_its_dimension(tmp_path):
    def fill(sheet):
        sheet["ZZ99999"] = 1

    path = book(tmp_path, fill)
    lying = tmp_path / "lying.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(lying, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"A1:ZZ99999", b"A1:B2"))
    assert "reaches over 99,999 rows and 702 columns" in refused(tmp_path, "eurostat", lying)


def test_a_formula_without_its_value(tmp_path):
    def fill(sheet):
        sheet["C3"] = "=1+1"

    line = refused(tmp_path, "eurostat", book(tmp_path, fill))
    assert "cell C3 of xl/worksheets/sheet1.xml holds a formula without its value" in line


def test_an_entity_of_its_own(tmp_path):
    path = book(tmp_path, lambda _sheet: None)
    odd = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(odd, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if "sheet1" in name:
                data = (
                    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "9">]>' + data.split(b"?>")[-1]
                )
            new.writestr(name, data)
    assert "declares entities" in refused(tmp_path, "eurostat", odd)


def test_a_workbook_that_unpacks_to_blanks(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
        target.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        for _ in range(40):
            member.write(b" " * (1 << 20))
    assert "unpacks to more than a workbook" in refused(tmp_path, "eurostat", path)


@pytest.mark.parametrize("source", ["comtrade", "eurostat", "hmrc", "hongkong"])
def test_gzip_that_unpacks_to_blanks(tmp_path, source):
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb") as target:
        target.write(b'{"value":"' if source in ("hmrc", "hongkong") else table({}).encode())
        for _ in range(60):
            target.write(b" " * (1 << 20))
    assert "unpacks to more than 200 times its size" in refused(tmp_path, source, path)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("hmrc", '{"value": [1, 2]}'),
        ("hmrc", '{"value": [{"Country": 5}]}'),
        ("hongkong", '{"dataSet": [3], "header": {"status": {"name": "Success"}}}'),
        ("hongkong", '{"dataSet": [], "header": [1]}'),
        ("hongkong", '{"dataSet": [], "header": {"status": 5}}'),
        ("comtrade", "null"),
        ("comtrade", "[1]"),
        ("comtrade", '{"data": {"a": 1}}'),
        ("comtrade", '{"data": "x"}'),
        ("comtrade", "\n\n\n"),
        ("comtrade", '"typeCode,\n'),
        ("census", "[[]]"),
        ("census", '[["CTY_CODE", 5]]'),
    ],
)
def test_what_no_connector_foresaw_is_one_line(tmp_path, source, text):
    refused(tmp_path, source, write(tmp_path, "odd.json", text))


def test_an_error_nobody_foresaw_is_one_line_and_debug_shows_the_rest(tmp_path, monkeypatch):
    from entrepot.sources.comtrade import files

    def fail(*_args):
        raise ZeroDivisionError("a mistake\nof ours")

    monkeypatch.setattr(files, "_records", fail)
    line = refused(tmp_path, "comtrade", api(tmp_path, {}))
    assert "cannot be read (ZeroDivisionError: a mistake of ours)" in line
    assert "--debug" in line
    monkeypatch.setenv("ENTREPOT_DEBUG", "1")
    with pytest.raises(SourceError) as caught:
        taken(tmp_path, "comtrade", api(tmp_path, {}))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_json_of_duplicate_free_records_is_unchanged(tmp_path):
    [row] = taken(tmp_path, "comtrade", write(tmp_path, "a.json", json.dumps([RECORD])))
    assert row["value_local"] == 4200.0
