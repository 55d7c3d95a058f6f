"""Files of an answer, opened again and compared with the answer, by hand."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sdmx

from entrepot.ask.files import ending, plan, write
from entrepot.errors import EntrepotError
from entrepot.publish.mark import SYNTHETIC
from entrepot.publish.sdmx import rows
from entrepot.publish.workbook import workbook
from entrepot.schema import FLOWS
from support.plain import OWN


@pytest.fixture
def answer(two_years, asked):
    assert two_years.store.vintages()
    return asked("854231", sender="DEU", by="partner", months="2022Q1")


def test_a_place_is_read_by_its_endings(tmp_path):
    assert [path.name for path in plan("a.html, b.XLSX,c.png")] == ["a.html", "b.XLSX", "c.png"]
    assert [path.name for path in plan(str(tmp_path))] == [
        "answer.html", "answer.json", "answer.csv",
    ]  # fmt: skip
    assert plan("") == ()
    assert [ending(path) for path in plan("a.SDMX.csv,b.csv,c.zip")] == ["sdmx.csv", "csv", "zip"]
    with pytest.raises(EntrepotError, match=r"ends in \.xls; did you mean \.xlsx\?"):
        plan("a.xls")


def test_data_files_hold_the_rows(answer, tmp_path):
    paths = [tmp_path / f"a.{kind}" for kind in ("json", "csv", "parquet", "html")]
    write(answer, paths)
    told = json.loads(paths[0].read_text("utf-8"))
    assert told["answer"] == answer.sentence
    assert [row["value_usd"] for row in told["rows"]] == [90, 18]
    assert told["evidence"]["command"].startswith("entrepot ask 854231 --from DEU --to all")
    with paths[1].open() as stream:
        rows = [*csv.DictReader(stream)]
    assert [(row["partner_name"], row["base_usd"]) for row in rows] == [
        ("Kazakhstan", "30"), ("Kyrgyzstan", "6"),
    ]  # fmt: skip
    assert pq.read_table(paths[2]).to_pylist() == answer.rows
    page = paths[3].read_text("utf-8")
    assert answer.sentence in page
    assert "<svg" in page


def test_an_sdmx_client_reads_the_rows_with_their_structure(answer, tmp_path):
    path = tmp_path / "a.sdmx.csv"
    write(answer, [path])
    structure = io.BytesIO(path.with_suffix(".xml").read_bytes())
    parts = sdmx.read_sdmx(structure, format="XML").structure["FLOWS"]
    found = sdmx.read_sdmx(io.BytesIO(path.read_bytes()), format="CSV", structure=parts)
    (held,) = found.data
    stored = answer.stored().to_pylist()
    assert len(held.obs) == len(stored) > 0
    for one, row in zip(held.obs, stored, strict=True):
        key = {name: value.value for name, value in one.dimension.values.items()}
        assert (key["REPORTER"], key["PARTNER"], key["PRODUCT"], key["TIME_PERIOD"]) == (
            row["reporter"], row["partner"], row["product"], f"{row['period']:%Y-%m}",
        )  # fmt: skip
        assert float(one.value) == row["value_usd"]
        assert one.attached_attribute["VINTAGE"].value == row["vintage"]
    assert {*FLOWS.names} - {"period", "value_usd"} <= {
        part.id.lower() for part in (*parts.dimensions, *parts.attributes)
    }
    first = path.read_bytes(), path.with_suffix(".xml").read_bytes()
    write(answer, [path])
    assert (path.read_bytes(), path.with_suffix(".xml").read_bytes()) == first


def test_what_is_not_known_is_an_empty_field_in_sdmx():
    row = {"freq": "A", "period": date(2022, 1, 1), "value_usd": None, "reporter": "KAZ"}
    heads, line = csv.reader(io.StringIO(rows(pa.Table.from_pylist([row]))))
    told = dict(zip(heads, line, strict=True))
    assert (told["TIME_PERIOD"], told["OBS_VALUE"], told["REPORTER"]) == ("2022", "", "KAZ")
    assert told["PARTNER"] == ""


def test_a_data_package_says_what_its_columns_mean(answer, tmp_path):
    path = tmp_path / "a.zip"
    write(answer, [path])
    first = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        package = json.loads(archive.read("datapackage.json"))
        held = [*csv.DictReader(io.StringIO(archive.read("rows.csv").decode()))]
    stored = answer.stored()
    assert [one["name"] for one in package["resources"][0]["schema"]["fields"]] == [*held[0]]
    assert [*held[0]] == stored.column_names
    assert [float(row["value_usd"]) for row in held] == stored.column("value_usd").to_pylist()
    (value,) = [one for one in package["resources"][0]["schema"]["fields"]
                if one["name"] == "value_usd"]  # fmt: skip
    assert value["type"] == "number"
    assert "USD" in value["description"]
    assert package["sources"]
    assert package["title"] == answer.brief.question
    write(answer, [path])
    assert path.read_bytes() == first


def test_a_workbook_has_the_table_and_what_is_behind_it(answer, tmp_path):
    path = tmp_path / "a.xlsx"
    write(answer, [path], rows=True)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Answer", "About", "Rows"]
    heads, *rows = book["Answer"].iter_rows(values_only=True)
    assert heads[:5] == ("Code", "Partner", "Before, USD", "After, USD", "Change, USD")
    assert [row[:4] for row in rows] == [
        ("KAZ", "Kazakhstan", 30, 90),
        ("KGZ", "Kyrgyzstan", 6, 18),
    ]
    about = dict(book["About"].iter_rows(values_only=True, min_row=2))
    assert about["Answer"] == answer.sentence
    names, *stored = book["Rows"].iter_rows(values_only=True)
    assert {"partner_name", "vintage", "file"} <= {*names}
    assert sum(row[names.index("value_usd")] for row in stored) == 90 + 18 + 30 + 6


def test_no_cell_is_a_formula_or_a_link(tmp_path):
    path = tmp_path / "bad.xlsx"
    words = ("=1+1", "+1", "-2", "@SUM(A1)", "http://example.org", "007", None)
    workbook(path, {"One": ([*"abcdefg"], [words])})
    book = openpyxl.load_workbook(path)
    cells = book["One"][2]
    assert [cell.value for cell in cells] == [*words]
    assert {cell.data_type for cell in cells[:-1]} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_same_answer_gives_the_same_workbook(answer, tmp_path):
    write(answer, [tmp_path / "a.xlsx", tmp_path / "b.xlsx"])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_folder_gets_page_data_table_and_rows(answer, tmp_path):
    out = tmp_path / "new"
    write(answer, plan(str(out)), rows=True)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["answer.csv", "answer.html", "answer.json", "rows.csv"]
    with (out / "rows.csv").open() as stream:
        assert sum(float(row["value_usd"]) for row in csv.DictReader(stream)) == 144


def test_pictures_carry_their_title_and_source(answer, tmp_path):
    write(answer, [tmp_path / "a.svg", tmp_path / "a.png"])
    drawing = (tmp_path / "a.svg").read_text("utf-8")
    assert "Germany to all partners" in drawing
    assert "Source: A statistical office, published" in drawing
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_invented_figures_say_so_in_every_file(desk, table, asked, tmp_path):
    desk.take(table("own.csv", {}), mapping=OWN, scope="whole", synthetic=True)
    answer = asked("854231", sender="DEU", receiver="KAZ", months="2022-01")
    kinds = ("html", "json", "csv", "svg")
    write(answer, [tmp_path / f"a.{kind}" for kind in kinds])
    write(answer, [tmp_path / "rows.csv", tmp_path / "rows.parquet"], rows=True)
    for name in (*(f"a.{kind}" for kind in kinds), "rows.csv"):
        assert "SYNTHETIC" in (tmp_path / name).read_text("utf-8"), name
    assert {*pq.read_table(tmp_path / "rows.parquet")["notice"].to_pylist()} == {SYNTHETIC}
    write(answer, [tmp_path / "a.xlsx"])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["About"]
    assert sheet["B2"].value.startswith("SYNTHETIC")


def test_a_place_that_cannot_be_written_is_one_line(answer, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EntrepotError, match="the answer cannot be written"):
        write(answer, [tmp_path / "file" / "a.csv"])
