"""Truth: what the fuzz campaign (`make fuzz`) found once, written small; each is one clear line."""

from __future__ import annotations

import gzip
import json
import re
import zipfile

import openpyxl
import pytest

from entrepot.config import key
from entrepot.errors import AccessError, EntrepotError, SourceError, StudyError
from entrepot.parts import read_mapping
from entrepot.sources import _workbook_bounds
from entrepot.sources.eurostat.comext_endpoint import releases
from entrepot.sources.generic import proposing, workbook
from entrepot.study.question import load
from fuzz.starts import MAPPING, OWN
from support.publisher_files import HONGKONG, START, idds, sdmx, table, taken, write


def refusal(folder, source, path, **options):
    """Take a file in; return the line that refuses it, which foresaw it."""
    with pytest.raises(EntrepotError) as caught:
        taken(folder, source, path, **options)
    line = str(caught.value)
    assert "\n" not in line
    assert "--debug" not in line
    return line


def own(folder, change="", key="[codes]", text=OWN):
    """Take the own table in by a mapping with a line changed; return the refusal."""
    how = write(folder, "how.toml", MAPPING.replace(key, change or key, 1))
    path = write(folder, "own.csv", text)
    return refusal(folder, "generic", path, mapping=read_mapping(str(how)))


@pytest.mark.parametrize(
    ("sign", "shown"),
    [("\x1b[31m", r"\x1b[31m"), ("\x85", r"\x85"), ("\u2028", r"\u2028"), ("\u202e", r"\u202e")],
)
def test_a_sign_that_steers_a_terminal_is_written_out(tmp_path, sign, shown):
    header = ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "time", sign]
    census = write(tmp_path, "census.json", json.dumps([header, ["4634", "854231", "1", "x", "2"]]))
    assert f"unknown column {shown};" in refusal(tmp_path, "census", census)
    unit = idds(tmp_path, {"unitEN": sign}, {"code": f"85{sign}"})
    assert sign not in refusal(tmp_path, "hongkong", unit)
    assert sign not in own(tmp_path, text=OWN.replace("100.5", f"1{sign}"))


def test_a_zero_byte_in_what_the_first_row_says_of_the_file(tmp_path):
    start = START.replace("15/03/24", "15/\0/24")
    path = sdmx(tmp_path, f"{start},2023-01,500", f"{START},2023-02,7")
    assert "LAST UPDATE 15/03/24" in refusal(tmp_path, "eurostat", path)


def test_a_zero_byte_in_the_name_of_a_column(tmp_path):
    text = OWN.replace("reporter", "repo\0rter")
    assert r"column 'repo\x00rter' has a zero byte" in own(tmp_path, text=text)


@pytest.mark.parametrize("status", ["Success", 3, ["Success"], {"name": ["Success"]}])
def test_an_envelope_of_another_form(tmp_path, status):
    answer = {"header": {"status": status, "count": "1"}, "dataSet": [HONGKONG]}
    path = write(tmp_path, "idds.json", json.dumps(answer))
    assert "expected an answer with the status Success" in refusal(tmp_path, "hongkong", path)


@pytest.mark.parametrize("end", ["\r", "\n\n", "\n \n"])
def test_a_table_that_another_machine_s_line_ends_broke(tmp_path, end):
    text = table({}).rstrip("\n").replace("\n", end)
    refusal(tmp_path, "comtrade", write(tmp_path, "a.csv", text.replace("854231", "8542\r31")))


def test_zeros_after_a_whole_gzip_file(tmp_path):
    path = write(tmp_path, "own.csv.gz", gzip.compress(OWN.encode()) + bytes(9))
    how = read_mapping(str(write(tmp_path, "how.toml", MAPPING)))
    assert "broken gzip file" in refusal(tmp_path, "generic", path, mapping=how)


def test_a_parquet_file_that_is_broken_inside(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    names, *rows = [line.split(",") for line in OWN.splitlines()]
    path = tmp_path / "own.parquet"
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    parquet.write_table(pa.Table.from_arrays(columns, names), path)
    raw = path.read_bytes()
    how = read_mapping(str(write(tmp_path, "how.toml", MAPPING)))
    for place in range(4, 60, 2):
        path.write_bytes(raw[:place] + raw[place + 1 :])
        refusal(tmp_path, "generic", path, mapping=how)


def book(folder, rows=(("a", "b"), (1, 2))):
    """Write a small workbook."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def test_a_proposal_for_a_workbook_whose_bytes_are_damaged(tmp_path):
    path = book(tmp_path)
    raw = path.read_bytes()
    said = []
    for place in range(0, len(raw), 97):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 255]) + raw[place + 1 :])
        try:
            proposing.propose(path, {})
        except SourceError as error:
            said.append(str(error))
    assert len(said) > 10
    assert not [line for line in said if "--debug" in line]


def test_a_workbook_of_ones_own_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", b" " * 30_000_000)
    with pytest.raises(SourceError, match="unpacks to more than a workbook of this size holds"):
        workbook.sheets(path)
    monkeypatch.setattr(_workbook_bounds, "MEMBERS", 3)
    with pytest.raises(SourceError, match="more than 3 members"):
        workbook.sheets(book(tmp_path))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("scale = '1; drop table x'", "scale"),
        ("scale = -1", "scale"),
        ("scale = nan", "scale"),
        ("scale = { value = true }", "scale.value"),
        ('missing = ".."', "missing"),
        ("missing = [[1]]", "missing"),
        ('delimiter = "ab"', "delimiter"),
        ("delimiter = 3", "delimiter"),
        ('encoding = "\\u0000"', "encoding"),
        ("header_row = true", "header_row"),
        ("header_row = 999999999999", "header_row"),
        ('cumulative = "no"', "cumulative"),
        ("sheet = 2", "sheet"),
    ],
)
def test_a_value_of_format_of_another_type(tmp_path, line, key):
    assert f"mapping key 'format.{key}' is " in own(tmp_path, f"[format]\n{line}\n[codes]")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('ignore = ["remark"]', "ignore = 5", "columns.ignore"),
        ('ignore = ["remark"]', 'parts = "remark"', "columns.parts"),
        ('freq = "M"', "freq = [1]", "constants.freq"),
        ('publisher = "A statistical office"', "publisher = nan", "publisher"),
        ("published = 2024-02-01", "published = 10:00:00", "published"),
        ("published = 2024-02-01", "published = 2024-02-01T00:00:00Z", "published"),
        ('6 = "HS2022"', "6 = [1]", "classification.6"),
        ('[codes]\nreporter = "iso3"', "[codes]\nreporter = { a = 1 }", "codes.reporter.a"),
        ("[columns]", "expect = 5\n[columns]", "expect"),
        ("[columns]", "filter = { a = [[1]] }\n[columns]", "filter.a"),
        ("[columns]", "flows = { export = 3 }\n[columns]", "flows.export"),
        ("[columns]", "wide = { months = [true] }\n[columns]", "wide.months"),
        ("[columns]", "wide = 2023-01-01\n[columns]", "wide"),
    ],
)
def test_a_value_of_a_mapping_of_another_type(tmp_path, old, new, key):
    assert f"mapping key '{key}' is " in own(tmp_path, new, old)


@pytest.mark.parametrize(
    ("key", "words"),
    [("expect.unit", "[expect]\nunit = []"), ("filter.unit", "[filter]\nunit = []"),
     ("filter.unit.not", "[filter]\nunit = { not = [] }")],
)  # fmt: skip
def test_a_list_of_no_words(tmp_path, key, words):
    told = own(tmp_path, f"{words}\n[codes]")
    assert f"mapping key '{key}' is []; expected " in told
    assert "text or a list of texts" in told


def test_an_apostrophe_within_a_code(tmp_path):
    assert "unknown product '8542'31'" in own(tmp_path, text=OWN.replace("854231", "8542'31"))


def test_codes_that_are_no_table(tmp_path):
    body = MAPPING[: MAPPING.index("[codes]")] + MAPPING[MAPPING.index("[classification]") :]
    how = read_mapping(str(write(tmp_path, "how.toml", f"codes = true\n{body}")))
    path = write(tmp_path, "own.csv", OWN)
    assert "expected a table [codes]" in refusal(tmp_path, "generic", path, mapping=how)


def test_toml_of_a_hundred_thousand_brackets(tmp_path, monkeypatch):
    path = write(tmp_path, "deep.toml", "a = " + "[" * 100_000)
    with pytest.raises(SourceError, match="not valid TOML"):
        read_mapping(str(path))
    with pytest.raises(StudyError, match="not valid TOML"):
        load(str(path))
    monkeypatch.setattr("entrepot.config.keys_path", lambda: path)
    with pytest.raises(AccessError, match="cannot be read as TOML"):
        key("comtrade")


def test_a_workbook_without_one_number(tmp_path):
    from fuzz.starts import starts

    [start] = [one for one in starts() if one.name == "eurostat workbook"]
    text = start.text.replace("1500", ":").replace("12,7", ":,:")
    path = write(tmp_path, "w.xlsx", start.pack(text.encode()))
    assert "holds no trade value" in refusal(tmp_path, "eurostat", path)


@pytest.mark.parametrize(
    "text", ["NAME,DATE\na\n", "NAME,DATE\na,31/02/2024\n", b"NAME,DATE\n\xff"]
)
def test_a_list_of_files_that_is_damaged(tmp_path, text):
    with pytest.raises(SourceError, match=r"^list.csv: "):
        releases([write(tmp_path, "list.csv", text)])


def test_errors_are_shown_with_line_breaks_and_letters_as_they_are():
    assert str(SourceError("été Türkiye 中\n\t")) == "été Türkiye 中\n\\t"


def test_a_message_that_is_cut_inside_a_letter(tmp_path):
    header = ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "time"]
    rows = [header, "é" * 300, ["4634", "854231", "9000", "2023-01"]]
    said = refusal(tmp_path, "census", write(tmp_path, "in.json", json.dumps(rows)))
    assert re.match(r"in.json: cannot be read \(.*éé.*; expected the publisher's layout", said)
