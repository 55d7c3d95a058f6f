"""Truth: small tables written here, with invented numbers, and what their mapping says of them."""

from __future__ import annotations

import gzip
import tomllib
from datetime import date

import duckdb
import openpyxl
import pytest

from entrepot.errors import EntrepotError, SourceError, UnknownCodeError
from entrepot.sources.generic import generic

MAPPING = """
name = "national-office"
published = 2023-01-13

[columns]
period = "month"
reporter = "from"
partner = "to"
flow = "direction"
product = "code"
value = "euros"
net_mass_kg = "kilos"
ignore = ["remark"]

[constants]
freq = "M"
currency = "EUR"

[codes]
reporter = "name"
partner = "iso2"
flow = { X = "export", M = "import" }

[classification]
8 = "CN{year}"
4 = "HS"

[valuation]
import = "CIF"
export = "FOB"

[format]
missing = [":"]

[expect]
indicator = "VALUE"
"""
HEADER = "month,from,to,direction,code,euros,kilos,remark,indicator"
LINE = "2022-03,Germany,NA,X,01012990,1500.5,12,late,VALUE"
ROW = {
    "freq": "M",
    "period": date(2022, 3, 1),
    "reporter": "DEU",
    "partner": "NAM",
    "flow": "export",
    "classification": "CN2022",
    "product": "01012990",
    "valuation": "FOB",
    "value_local": 1500.5,
    "currency": "EUR",
    "net_mass_kg": 12.0,
    "quantity": None,
    "quantity_unit": None,
    "status": "reported",
    "mass_status": "reported",
}


def mapping(*changes):
    """The mapping above with texts replaced."""
    text = MAPPING
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return tomllib.loads(text)


@pytest.fixture
def table(tmp_path):
    def write(*lines, header=HEADER, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        text = "\n".join([header, *lines, ""]).encode(encoding)
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        return path

    return write


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table[1].csv"])
def test_csv_gives_exactly_its_rows(read, table, name):
    assert read(generic, table(LINE, name=name), mapping()) == [ROW]
    assert read.reading.source == "national-office"
    assert read.reading.published == date(2023, 1, 13)


def test_parquet_gives_the_same_rows(read, table, tmp_path):
    path = tmp_path / "table.parquet"
    duckdb.sql(
        f"copy (select * replace (euros::double as euros, kilos::int as kilos) "
        f"from read_csv('{table(LINE)}', all_varchar=true)) to '{path}'"
    )
    assert read(generic, path, mapping()) == [ROW]


def test_workbook_gives_the_same_rows(read, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("data")
    sheet.append(["Table 4: trade"])
    sheet.append(HEADER.split(","))
    sheet.append([date(2022, 3, 1), "Germany", "NA", "X", "01012990", 1500.5, 12, None, "VALUE"])
    path = tmp_path / "table.xlsx"
    book.save(path)
    how = mapping(("[format]", '[format]\nsheet = "data"\nheader_row = 2'))
    assert read(generic, path, how) == [ROW]
    with pytest.raises(SourceError, match=r"table.xlsx: no sheet 'figures'; expected one of Sheet"):
        read(generic, path, mapping(("[format]", '[format]\nsheet = "figures"')))
    with pytest.raises(SourceError, match=r"table.xlsx: no data sheet: sheet 'Sheet' has no rows"):
        read(generic, path, mapping())


def test_missing_value_gives_no_row_and_missing_mass_is_null(read, table):
    path = table(LINE.replace("1500.5", ":"), LINE.replace(",12,", ",:,"))
    assert read(generic, path, mapping()) == [ROW | {"net_mass_kg": None, "mass_status": None}]


@pytest.mark.parametrize("text", ["2022-03", "202203", "2022-03-01", "2022/03", "2022M03"])
def test_months_are_understood(read, table, text):
    assert read(generic, table(LINE.replace("2022-03", text)), mapping()) == [ROW]


def test_year_and_month_in_two_columns(read, table):
    path = table(LINE.replace("2022-03", "2022,3"), header=HEADER.replace("month", "YEAR,MONTH"))
    how = mapping(('period = "month"', 'period = { year = "YEAR", month = "MONTH" }'))
    assert read(generic, path, how) == [ROW]


def test_annual_period(read, table):
    [row] = read(
        generic,
        table(LINE.replace("2022-03", "2022")),
        mapping(('freq = "M"', 'freq = "A"')),
    )
    assert (row["freq"], row["period"]) == ("A", date(2022, 1, 1))


def test_european_numbers_and_thousands_of_euros(read, table):
    path = table(
        LINE.replace(",", ";").replace("1500.5", "1.234,5"), header=HEADER.replace(",", ";")
    )
    how = mapping(("[format]", '[format]\ndecimal = ","\nthousands = "."\nscale = 1000'))
    [row] = read(generic, path, how)
    assert (row["value_local"], row["net_mass_kg"]) == (1_234_500.0, 12.0)


def test_other_encodings_are_named_in_the_mapping(read, table):
    path = table(LINE.replace("late", "değişti"), encoding="cp1254")
    assert read(generic, path, mapping(("[format]", '[format]\nencoding = "cp1254"'))) == [ROW]
    with pytest.raises(SourceError, match=r"table.csv: bytes that are not UTF-8.*line 2"):
        read(generic, path, mapping())


def test_lost_leading_zero_is_refused_unless_padding_is_asked(read, table):
    path = table(LINE.replace("01012990", "1012990"))
    with pytest.raises(SourceError, match=r"product 1012990 has 7 digits.*pad_products.*line 2"):
        read(generic, path, mapping())
    padded = mapping(("[format]", "[format]\npad_products = 8"))
    assert read(generic, path, padded) == [ROW]


def test_dots_in_codes_are_taken_out_when_the_mapping_says_so(read, table):
    path = table(LINE.replace("01012990", "0101.29.90"))
    how = mapping(("[format]", '[format]\nproduct_separator = "."'))
    assert read(generic, path, how) == [ROW]


def test_one_nomenclature_for_all_codes(read, table):
    how = mapping()
    how["classification"] = "HTS{year}"
    [row] = read(generic, table(LINE), how)
    assert row["classification"] == "HTS2022"


def test_nomenclature_from_a_column(read, table):
    how = mapping(("ignore", 'classification = "remark"\nignore'), ('["remark"]', "[]"))
    how["codes"]["classification"] = {"H5": "HS2017"}
    del how["classification"]
    path = table(LINE.replace("late", "H5"), LINE.replace("late", "CN2023"))
    assert [row["classification"] for row in read(generic, path, how)] == ["HS2017", "CN2023"]
    with pytest.raises(SourceError, match=r"unknown HS revision or nomenclature 'HS2019'.*line 2"):
        read(generic, table(LINE.replace("late", "HS2019")), how)


def test_countries_as_a_table_of_the_users_own(read, table):
    how = mapping()
    how["codes"]["partner"] = {"NA": "XKX"}
    [row] = read(generic, table(LINE), how)
    assert row["partner"] == "XKX"
    how["codes"]["partner"] = {"NA": "ZZZ"}
    with pytest.raises(UnknownCodeError, match=r"mapping code 'partner' gives 'ZZZ'"):
        read(generic, table(LINE), how)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (",NA,", ",QQ,", UnknownCodeError, r"unknown country 'QQ' \(partner\).*under \[codes\]"),
        (",X,", ",Q,", SourceError, r"unknown flow 'Q'; expected X, M"),
        ("2022-03", "March", SourceError, r"unknown period 'March'"),
        ("2022-03", "2022-14", SourceError, r"unknown period '2022-14'"),
        ("1500.5", "some", SourceError, r"value is 'some'; expected a number"),
        ("1500.5", "", SourceError, r"a row has no value"),
        (",12,", ",heavy,", SourceError, r"net_mass_kg is 'heavy'"),
        ("01012990", "horses", SourceError, r"unknown product 'horses'"),
        ("01012990", "010129", SourceError, r"product 010129 has no classification"),
        (",VALUE", ",QUANTITY", SourceError, r"indicator is 'QUANTITY'; expected VALUE"),
    ],
)
def test_what_is_not_understood_names_line_and_remedy(read, table, old, new, error, message):
    path = table(LINE, LINE.replace(old, new))
    with pytest.raises(error, match=f"table.csv: {message}.*; line 3$") as caught:
        read(generic, path, mapping())
    assert "\n" not in str(caught.value)


def test_row_longer_than_the_header_is_named(read, table):
    with pytest.raises(SourceError, match=r"table.csv: a row has 10 columns; expected 9.*line 3"):
        read(generic, table(LINE, LINE + ",more"), mapping())


def test_every_column_must_be_named(read, table):
    with pytest.raises(
        SourceError, match=r"table.csv: column 'price' is not in the mapping.*ignore"
    ):
        read(generic, table(LINE + ",1", header=HEADER + ",price"), mapping())
    with pytest.raises(
        SourceError, match=r"table.csv: no column 'euros'; the file has month, from"
    ):
        read(generic, table(LINE, header=HEADER.replace("euros", "eur")), mapping())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[columns]", "[colums]", r"mapping key 'colums' is unknown; known: classification, codes"),
        ("kilos", 'kilos"\nwidth = "w', r"mapping key 'width' is unknown in \[columns\]"),
        ("missing = ", "mising = ", r"mapping key 'mising' is unknown in \[format\]"),
        ('name = "national-office"', 'name = "My Office"', r"mapping key 'name' is 'My Office'"),
        ('freq = "M"', "", r"mapping says nothing of 'freq'"),
        ('freq = "M"', 'freq = "Q"', r"mapping key 'constants.freq' is 'Q'; expected one of A, M"),
        (
            'freq = "M"',
            'freq = "M"\nflow = "export"',
            r"mapping gives 'flow' a column and a constant",
        ),
        ('"iso2"', '"fips"', r"mapping code 'partner' is 'fips'; expected one of iso3"),
        (
            '"export", M',
            '"exports", M',
            r"mapping key 'codes.flow.X' is 'exports'; expected one of .*did you mean export",
        ),
        ('8 = "CN{year}"', '8 = "HS2019"', r"mapping classification 8 = 'HS2019' is unknown"),
        ('export = "FOB"', 'export = "FAS"', r"mapping key 'valuation.export' is 'FAS'"),
        ("published = 2023-01-13", 'published = "soon"', r"mapping key 'published' is 'soon'"),
    ],
)
def test_mapping_with_a_mistake_is_explained(read, table, old, new, message):
    with pytest.raises(SourceError, match=f"table.csv: generic: {message}"):
        read(generic, table(LINE), mapping((old, new)))


def test_file_without_a_mapping_is_refused(read, table):
    with pytest.raises(SourceError, match=r"table.csv: generic does not know.*expected a mapping"):
        read(generic, table(LINE))


def test_truncated_gzip_is_refused(read, table):
    path = table(LINE, name="table.csv.gz")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(SourceError, match=r"table.csv.gz: broken gzip file"):
        read(generic, path, mapping())


def test_absent_file_is_named(read, tmp_path):
    with pytest.raises(SourceError, match=r"gone.csv: cannot be read \(No such file"):
        read(generic, tmp_path / "gone.csv", mapping())


def test_real_baci_rows_need_padding_and_say_so(read, shared_data):
    path = shared_data / "baci" / "ExampleTradeData_BACI_AFG_ZAF.csv"
    header = path.read_text().split("\n", 1)[0]
    how = {
        "name": "baci",
        "columns": {
            "period": "t",
            "reporter": "i",
            "partner": "j",
            "product": "k",
            "value": "v",
            "net_mass_kg": "q",
        },
        "constants": {"freq": "A", "flow": "export", "currency": "USD"},
        "codes": {"reporter": "comtrade", "partner": "comtrade"},
        "classification": "HS2017",
        "valuation": "FOB",
        "format": {"missing": ["NA"], "scale": {"value": 1000, "net_mass_kg": 1000}},
    }
    assert header.replace('"', "").split(",")[:1] == ["t"]
    with pytest.raises(EntrepotError, match=r"has 5 digits.*pad_products"):
        read(generic, path, how)
    how["format"]["pad_products"] = 6
    rows = read(generic, path, how)
    assert {row["reporter"] for row in rows} == {"AFG", "ZAF"}
    assert all(len(row["product"]) == 6 for row in rows)
