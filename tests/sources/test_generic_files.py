"""Truth: small files as people save them, which all hold the same two rows or are refused."""

from __future__ import annotations

import gzip
import tomllib

import openpyxl
import pytest

from entrepot.errors import EntrepotError, SourceError, TruncatedError
from entrepot.sources.generic import generic

MAPPING = """
name = "an-office"
published = 2024-02-01
[columns]
period = "Period"
partner = "Partner"
product = "HS"
value = "Value"
[constants]
freq = "M"
reporter = "TUR"
flow = "export"
currency = "USD"
[classification]
6 = "HS2022"
[valuation]
export = "FOB"
"""
TABLE = "Period,Partner,HS,Value\n2023-01,RUS,854231,100\n2023-02,RUS,854231,90\n"
RIGHT = [("2023-01", "RUS", "854231", 100.0), ("2023-02", "RUS", "854231", 90.0)]


def mapping(how="", columns=""):
    text = MAPPING.replace("[constants]", f"{columns}\n[constants]")
    return tomllib.loads(f"{text}\n[format]\n{how}")


@pytest.fixture
def rows(read, tmp_path):
    def run(data, how=None, name="in.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        found = read(generic, path, how or mapping())
        return [
            (f"{r['period']:%Y-%m}", r["partner"], r["product"], r["value_local"]) for r in found
        ]

    return run


@pytest.mark.parametrize(
    ("data", "how"),
    [
        pytest.param(TABLE.encode("utf-8-sig"), "", id="byte order mark"),
        pytest.param(TABLE.replace(",", "\t").encode("utf-16"), "", id="Unicode text of Excel"),
        pytest.param(
            TABLE.replace(",", "\t").encode("utf-16"), 'encoding = "utf-16"', id="UTF-16, told"
        ),
        pytest.param(TABLE.encode("utf-16-be"), 'encoding = "utf-16-be"', id="UTF-16 without mark"),
        pytest.param(TABLE.replace(",", ";"), "", id="semicolons"),
        pytest.param(TABLE.replace("\n", "\r\n"), "", id="Windows line ends"),
        pytest.param("sep=;\n" + TABLE.replace(",", ";"), "", id="separator in the first line"),
        pytest.param(TABLE.replace("854231", '="854231"'), "", id="codes kept from Excel"),
        pytest.param(TABLE.replace("854231", '"=""854231"""'), "", id="the same in quotes"),
        pytest.param("Table 4\n\n" + TABLE, "header_row = 3", id="title above"),
        pytest.param('"Table\n4"\n' + TABLE, "header_row = 3", id="title of two lines"),
        pytest.param(TABLE + ",,,\n" * 3000, "", id="thousands of empty rows"),
        pytest.param(TABLE + "\n" * 3000, "", id="thousands of empty lines"),
        pytest.param(TABLE[:-1], "", id="no line end after the last row"),
        pytest.param(TABLE.replace("\n", ",,\n"), "", id="empty columns at the end"),
        pytest.param(TABLE.replace("Value\n", "Value,,\n"), "", id="empty names at the end"),
        pytest.param(TABLE.replace("0\n", "0,\n"), "", id="an empty cell more in each row"),
        pytest.param(
            ",Period,Partner,HS,Value\n0,2023-01,RUS,854231,100\n1,2023-02,RUS,854231,90\n",
            "",
            id="index of pandas",
        ),
        pytest.param(
            '"","Period","Partner","HS","Value"\n"1","2023-01","RUS","854231",100\n'
            '"2","2023-02","RUS","854231",90\n',
            "",
            id="row names of R",
        ),
        pytest.param(
            '"Period" "Partner" "HS" "Value"\n"1" "2023-01" "RUS" "854231" 100\n'
            '"2" "2023-02" "RUS" "854231" 90\n',
            'delimiter = " "',
            id="write.table of R",
        ),
    ],
)
def test_the_same_table_saved_in_many_ways(rows, data, how):
    assert rows(data, mapping(how)) == RIGHT


@pytest.mark.parametrize("name", ["Value\\n(USD)", "Value (USD)", "Value  (USD)"])
def test_line_breaks_in_a_name_are_blanks(rows, name):
    how = mapping()
    how["columns"]["value"] = tomllib.loads(f'x = "{name}"')["x"]
    assert rows(TABLE.replace("Value\n", '"Value\n(USD)"\n'), how) == RIGHT


def test_names_in_two_lines_are_joined(rows):
    data = "Period,Partner,Goods,Export,\n,,HS,USD,kg\n2023-01,RUS,854231,100,2\n"
    how = mapping("header_rows = 2", 'ignore = ["Export kg"]')
    how["columns"] |= {"product": "Goods HS", "value": "Export USD"}
    assert rows(data, how) == RIGHT[:1]


def test_a_column_without_a_name_must_be_empty(rows):
    data = TABLE.replace("\n", ",\n").replace("90,", "90,secret")
    with pytest.raises(EntrepotError, match=r"column 5 has no name and holds 'secret'.*line 3"):
        rows(data)
    assert rows(data, mapping(columns='ignore = ["column 5"]')) == RIGHT


def test_a_first_column_that_does_not_count_is_not_passed_over(rows):
    data = ",Period,Partner,HS,Value\n1,2023-01,RUS,854231,100\n1,2023-02,RUS,854231,90\n"
    with pytest.raises(EntrepotError, match=r"column 1 has no name and holds '1'"):
        rows(data)


def test_words_of_r_are_read_where_the_mapping_names_them(rows):
    data = (
        TABLE.replace(",100", ",NA").replace("Value\n", "Value,Kept\n").replace("\n2", ",TRUE\n2")
    )
    data = data.replace("Kept,TRUE", "Kept").replace("90\n", "90,FALSE\n")
    how = mapping('missing = ["NA"]', 'ignore = ["Kept"]')
    assert rows(data, how) == RIGHT[1:]
    with pytest.raises(EntrepotError, match=r"value is 'NA'; expected a number.*missing"):
        rows(data, mapping(columns='ignore = ["Kept"]'))


@pytest.mark.parametrize("encoding", ["cp1251", "cp1254", "gb18030", "utf-16", "latin-1"])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_encodings_in_and_out_of_gzip(rows, encoding, name):
    word = {"cp1251": "Период", "gb18030": "时间", "utf-16": "Период", "latin-1": "Période"}
    title = word.get(encoding, "Dönem")
    how = mapping(f'encoding = "{encoding}"')
    how["columns"]["period"] = title
    data = TABLE.replace("Period", title).encode(encoding)
    assert rows(gzip.compress(data) if name.endswith("gz") else data, how, name) == RIGHT


def test_wrong_or_unknown_encodings_are_named(rows):
    data = TABLE.replace("RUS", "РФ").encode("cp1251")
    with pytest.raises(SourceError, match=r"bytes that are not UTF-8"):
        rows(data)
    with pytest.raises(SourceError, match=r"cannot be read as gb18030 after line \d+"):
        rows(TABLE.encode() + b"\xff\xff", mapping('encoding = "gb18030"'))
    with pytest.raises(SourceError, match=r"encoding 'klingon' is unknown"):
        rows(data, mapping('encoding = "klingon"'))


# Cut files


@pytest.mark.parametrize("cut", [4, 10, 14])
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_a_table_cut_inside_its_last_line_is_refused(rows, cut, name):
    data = TABLE.encode()[:-cut]
    with pytest.raises(TruncatedError, match=r"ends inside its last line.*it is cut"):
        rows(gzip.compress(data) if name.endswith("gz") else data, name=name)


@pytest.mark.parametrize("zeros", [1, 4096, 200_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_zero_bytes_at_the_end_are_refused(rows, zeros, encoding):
    data = (TABLE + "\0" * zeros).encode(encoding)
    with pytest.raises(TruncatedError, match=r"ends in [\d,]+( or more)? zero bytes.*copy"):
        rows(data)


def test_zero_bytes_at_the_end_of_a_large_table_are_refused(rows):
    lines = "".join(f"2023-01,RUS,{n:06},1\n" for n in range(10101, 400_000))
    data = f"Period,Partner,HS,Value\n{lines}".encode()
    with pytest.raises(TruncatedError, match=r"zero bytes"):
        rows(data + b"\0" * 100_000)


# Workbooks


def book(path, *lines):
    made = openpyxl.Workbook()
    for line in lines:
        made.active.append(line)
    return made, path


LINES = (["Period", "Partner", "HS", "Value"], ["2023-01", "RUS", "854231", 100])


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_in_a_cell_is_named(read, tmp_path, error):
    made, path = book(tmp_path / "in.xlsx", *LINES, ["2023-02", "RUS", "854231", error])
    made.active["D3"].data_type = "e"
    made.save(path)
    with pytest.raises(SourceError, match=rf"cell D3 of sheet 'Sheet' holds the error {error}"):
        read(generic, path, mapping('missing = [""]'))


@pytest.mark.parametrize("cell", ["D3", "A3", "C2"])
def test_a_formula_without_a_value_is_named(read, tmp_path, cell):
    made, path = book(tmp_path / "in.xlsx", *LINES, ["2023-02", "RUS", "854231", 90])
    made.active[cell] = "=1+1"
    made.save(path)
    with pytest.raises(SourceError, match=rf"cell {cell} .* holds a formula that was never calc"):
        read(generic, path, mapping('missing = [""]'))


def test_errors_on_another_sheet_do_not_matter(read, tmp_path):
    made, path = book(tmp_path / "in.xlsx", *LINES)
    made.create_sheet("Notes")["B2"] = "=1+1"
    made.save(path)
    assert len(read(generic, path, mapping('sheet = "Sheet"'))) == 1
    with pytest.raises(SourceError, match=r"cell B2 of sheet 'Notes'"):
        read(generic, path, mapping('sheet = "Notes"'))


def test_a_cell_in_the_last_corner_is_refused_before_memory_is_asked(read, tmp_path):
    made, path = book(tmp_path / "in.xlsx", *LINES)
    made.active["XFD1048576"] = "here"
    made.save(path)
    with pytest.raises(SourceError, match=r"spans 1,048,576 rows and 16,384 columns"):
        read(generic, path, mapping())


def test_empty_rows_and_columns_of_a_workbook_are_passed_over(read, tmp_path):
    blank = [None] * 7
    made, path = book(tmp_path / "in.xlsx", *LINES, blank, blank)
    made.active["H40"] = " "
    made.save(path)
    assert len(read(generic, path, mapping())) == 1


def test_an_old_workbook_is_named(rows):
    with pytest.raises(SourceError, match=r"a workbook of Excel 97-2003.*save it as XLSX"):
        rows(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, name="in.xls")


# Pages


PAGE = """<html><head><meta charset="{charset}"></head><body><table><tr><td>menu</td></tr></table>
<table border=1><tr><th colspan=4>Trade</th></tr>
<tr><th>Period<th rowspan=1>Partner<th>HS<th>Value</tr>
<tr><td rowspan="2">{period}<td>RUS</td><td>854231</td><td><b>100</b></td></tr>
<tr><td>KAZ</td><td>854231</td><td>1&nbsp;090</td></tr></table></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_page_named_like_a_workbook(rows, encoding):
    data = PAGE.format(charset=encoding, period="январь 2023").encode(encoding)
    found = rows(data, mapping('header_row = 2\nthousands = " "'), name="in.xls")
    assert found == [RIGHT[0], ("2023-01", "KAZ", "854231", 1090.0)]


def test_a_page_without_a_table_is_refused(rows):
    with pytest.raises(SourceError, match=r"a page without a table"):
        rows("<!DOCTYPE html><html><body>Not found</body></html>")
    with pytest.raises(SourceError, match=r"the largest table has 1 rows"):
        rows("<html><table><tr><td>one</td></tr></table></html>")
