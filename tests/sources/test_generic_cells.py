"""Truth: cells as people write them, each with the one meaning it has or the reason it has none."""

from __future__ import annotations

import tomllib
from datetime import date, datetime

import duckdb
import openpyxl
import pytest

from entrepot.errors import EntrepotError, UnknownCodeError
from entrepot.sources.generic import generic, month_names, written_periods

MAPPING = """
name = "an-office"
published = 2024-02-01
[columns]
period = "Period"
partner = "Partner"
product = "HS"
value = "Value"
net_mass_kg = "Kg"
[constants]
freq = "M"
reporter = "TUR"
flow = "export"
currency = "USD"
[classification]
6 = "HS2022"
4 = "HS2022"
10 = "TNVED{year}-HS"
[valuation]
export = "FOB"
[format]
delimiter = ";"
"""
ROW = ("2023-01", "RUS", "854231", "1500", "2")


def mapping(how="", **codes):
    made = tomllib.loads(MAPPING + how)
    return made | ({"codes": codes} if codes else {})


@pytest.fixture
def rows(read, tmp_path):
    """The rows of a CSV with the given fields changed from the plain row, one change per row."""

    def run(*changes, how="", **codes):
        order = ("period", "partner", "product", "value", "mass")
        lines = ["Period;Partner;HS;Value;Kg"]
        for change in changes:
            cells = dict(zip(order, ROW, strict=True)) | change
            lines.append(";".join(cells[key] for key in order))
        path = tmp_path / "in.csv"
        path.write_text("\n".join([*lines, ""]), "utf-8")
        return read(generic, path, how if isinstance(how, dict) else mapping(how, **codes))

    return run


# Numbers


@pytest.mark.parametrize("text", ["NaN", "nan", "inf", "-inf", "1e999", "Infinity", "1_000", "12%"])
@pytest.mark.parametrize("column", ["value", "mass"])
def test_what_is_no_number_is_refused_with_its_line(rows, text, column):
    with pytest.raises(EntrepotError, match=rf"is '{text}'; expected a number.*missing.*line 3$"):
        rows({}, {column: text})


@pytest.mark.parametrize(("text", "word"), [("NaN", "NaN"), ("nan", "NaN"), ("NA", "NA")])
def test_words_for_no_number_are_missing_where_the_mapping_says_so(rows, text, word):
    how = f'missing = ["{word}"]'
    assert rows({"mass": text}, how=how)[0]["net_mass_kg"] is None
    assert rows({}, {"value": text, "period": "2023-02"}, how=how) == rows({}, how=how)


def test_infinity_is_never_missing_by_the_name_of_another(rows):
    with pytest.raises(EntrepotError, match="is 'inf'"):
        rows({"value": "inf"}, how='missing = ["NaN"]')


@pytest.mark.parametrize("column", ["value", "mass"])
def test_below_zero_is_refused_as_a_correction(rows, column):
    with pytest.raises(
        EntrepotError, match=r"is '-5'; expected zero or more; a correction.*line 2"
    ):
        rows({column: "-5"})


@pytest.mark.parametrize(
    ("how", "text", "value"),
    [
        ('decimal = ","', "812,345", 812.345),
        ('decimal = ","\nthousands = "."', "812.345", 812345),
        ('decimal = ","\nthousands = "."', "1.234.567,5", 1234567.5),
        ('decimal = ","\nthousands = "."', "1234567,5", 1234567.5),
        ('thousands = ","', "1,234,567.25", 1234567.25),
        ('thousands = "indian"', "1,23,456.5", 123456.5),
        ('thousands = "indian"', "12,34,56,789", 123456789),
        ('thousands = " "', "1 234 567", 1234567),
        ('thousands = " "', "1\N{NO-BREAK SPACE}234", 1234),
        ('decimal = ","\nthousands = " "', "1\N{NARROW NO-BREAK SPACE}234,5", 1234.5),
        ('thousands = "\'"', "1'234", 1234),
        ('thousands = "\'"', "1\N{RIGHT SINGLE QUOTATION MARK}234.5", 1234.5),
        ("", "1.5e3", 1500),
        ('decimal = ","', "1,5E+3", 1500),
    ],
)
def test_numbers_are_read_by_the_signs_that_are_declared(rows, how, text, value):
    assert rows({"value": text}, how=how)[0]["value_local"] == value


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ('decimal = ","', "812.345"),
        ('thousands = ","', "12,5"),
        ('thousands = ","', "1,2345"),
        ('thousands = ","', "1,23,456"),
        ('thousands = ","', ",500"),
        ('thousands = "indian"', "123,456"),
        ('thousands = "indian"', "1,23,45"),
        ('decimal = ","\nthousands = "."', "12.5"),
        ('decimal = ","\nthousands = "."', "1,234,5"),
        ('decimal = ","\nthousands = " "', "12 5"),
        ("", "1 234"),
        ("", "1,234"),
        ("", "1'234"),
        ("", "(12)"),
    ],
)
def test_numbers_by_other_signs_are_refused(rows, how, text):
    with pytest.raises(EntrepotError, match=r"expected a number.*decimal and thousands.*line 2"):
        rows({"value": text}, how=how)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ('decimal = ";"', "'format.decimal' is ';'"),
        ('thousands = "_"', "'format.thousands' is '_'"),
        ('thousands = "."', "gives '.' as decimal and as thousands"),
        ('decimal = ","\nthousands = "indian"', "gives ',' as decimal and as thousands"),
        ('header_row = "one"', "'format.header_row' is 'one'"),
    ],
)
def test_signs_that_cannot_be_told_apart_are_refused(rows, how, message):
    with pytest.raises(EntrepotError, match=message):
        rows({}, how=how)


def book(path, *lines, sheet="Sheet"):
    made = openpyxl.Workbook()
    made.active.title = sheet
    for line in (["Period", "Partner", "HS", "Value", "Kg"], *lines):
        made.active.append(line)
    made.save(path)
    return path


def test_typed_cells_never_pass_through_the_signs_of_text(read, tmp_path):
    how = mapping('decimal = ","\nthousands = "."')
    lines = [
        [date(2023, 1, 1), "RUS", 854231, 1234.5, 20.25],
        [datetime(2023, 2, 1), "RUS", "854231", "1.234,5", 3],
        ["2023-03", "RUS", 854231.0, 1234, "20,25"],
    ]
    found = read(generic, book(tmp_path / "in.xlsx", *lines), how)
    shown = [(r["period"].month, r["product"], r["value_local"], r["net_mass_kg"]) for r in found]
    assert shown == [
        (1, "854231", 1234.5, 20.25),
        (2, "854231", 1234.5, 3.0),
        (3, "854231", 1234.0, 20.25),
    ]


@pytest.mark.parametrize("kind", ["double", "decimal(18, 4)", "float"])
def test_numbers_of_parquet_never_pass_through_the_signs_of_text(read, tmp_path, kind):
    path = tmp_path / "in.parquet"
    duckdb.sql(f"""copy (select date '2023-01-01' as "Period", 'RUS' as "Partner",
        854231 as "HS", 1234.5::{kind} as "Value", 'NaN'::double as "Kg") to '{path}'""")
    how = mapping('decimal = ","\nthousands = "."\nmissing = ["NaN"]')
    [row] = read(generic, path, how)
    assert (row["product"], row["value_local"], row["net_mass_kg"]) == ("854231", 1234.5, None)
    with pytest.raises(EntrepotError, match=r"net_mass_kg is 'nan'; expected a number.*row 1"):
        read(generic, path, mapping())


@pytest.mark.parametrize("value", [float("inf"), -4.0])
def test_odd_numbers_of_parquet_are_refused(read, tmp_path, value):
    path = tmp_path / "in.parquet"
    duckdb.sql(f"""copy (select '2023-01' as "Period", 'RUS' as "Partner", '854231' as "HS",
        '{value}'::double as "Value", 1 as "Kg") to '{path}'""")
    with pytest.raises(EntrepotError, match=r"value is '.*row 1"):
        read(generic, path, mapping())


# Periods


MONTHS = (
    "2023M01|2023m1|2023-1|2023-M1|01/2023|1/2023|Jan-23|Jan 2023|Jan. 2023|January 2023|01.2023|"
    "2023 01|2023/01|202301|2023-01-01|2023-01-31|20230101|01.01.2023|2023年1月|2023年01月|"
    "январь 2023|Январь 2023 г.|янв.23|янв 2023|Ocak 2023|OCAK 2023|2023 yil yanvar|Yanvar 2023|"
    "2023 жылғы қаңтар|2023թ. հունվար|იანვარი 2023|Januar 2023|Jänner 2023|janv. 2023|"
    "enero de 2023|2023 January|2023-Jan|2023, January"
).split("|")


def test_months_as_people_write_them(rows):
    found = rows(*({"period": text} for text in MONTHS))
    odd = [text for text, row in zip(MONTHS, found, strict=True) if row["period"].month != 1]
    assert {row["period"] for row in found} == {date(2023, 1, 1)}, odd


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01-06", "a range of months"),
        ("202301-06", "a range of months"),
        ("Jan-Jun 2023", "a range of months"),
        ("январь-июнь 2023 г.", "a range of months"),
        ("2023年1-6月", "a range of months"),
        ("2023-01 - 2023-06", "a range of months"),
        ("2023Q1", "a quarter"),
        ("1 кв. 2023", "a quarter"),
        ("2023 W01", "a week"),
        ("2012-13", "a fiscal year"),
        ("FY2023", "a fiscal or double year"),
        ("2023", "a year"),
        ("112", None),
        ("2023.1", None),
        ("01/02/2023", None),
        ("2023-13", None),
        ("Total", None),
    ],
)
def test_what_is_no_month_is_refused_with_the_reason(rows, text, reason):
    why = rf" \({reason}" if reason else ""
    with pytest.raises(EntrepotError, match=rf"unknown period '{text}'{why}.*; line 3$"):
        rows({}, {"period": text})


@pytest.mark.parametrize("month", ["1", "01", "January", "январь", "Ocak", "1月", "M01", "հունվար"])
def test_a_month_in_a_column_of_its_own(read, tmp_path, month):
    path = tmp_path / "in.csv"
    path.write_text(f"Year;Month;Partner;HS;Value\n2023;{month};RUS;854231;5\n", "utf-8")
    how = mapping()
    how["columns"] |= {"period": {"year": "Year", "month": "Month"}}
    del how["columns"]["net_mass_kg"]
    assert read(generic, path, how)[0]["period"] == date(2023, 1, 1)
    for odd in ("112", "12m", "01-06", "Jan-Mar", "13", "0", "Q1") if month == "1" else ():
        path.write_text(f"Year;Month;Partner;HS;Value\n2023;{odd};RUS;854231;5\n", "utf-8")
        with pytest.raises(EntrepotError, match=rf"unknown period '2023 {odd}'.*line 2"):
            read(generic, path, how)


def test_every_name_of_a_month_is_read_in_any_case(rows):
    names = [(n, i) for t in month_names.NAMES.values() for i, n in enumerate(t.split(), 1)]
    texts = [(f(n), i) for n, i in names if n != "-" for f in (str.lower, str.upper, str.title)]
    found = rows(*({"period": f"2023 {text}"} for text, _ in texts))
    assert [row["period"].month for row in found] == [number for _, number in texts]


def test_a_column_of_fiscal_years_is_no_column_of_months(rows):
    with pytest.raises(EntrepotError, match=r"\(2009-10, 2010-11\), as fiscal years"):
        rows({"period": "2010-11"}, {"period": "2009-10"})
    [one, other] = rows({"period": "2010-11"}, {"period": "2010-12"})
    assert (one["period"], other["period"]) == (date(2010, 11, 1), date(2010, 12, 1))
    with pytest.raises(EntrepotError, match=r"unknown period '2010-11' \(a fiscal year\)"):
        rows({"period": "2010-11"}, how=mapping() | {"constants": mapping()["constants"]
             | {"freq": "A"}})  # fmt: skip


def test_a_fiscal_year_is_known_by_its_second_number():
    assert written_periods.is_fiscal("2010-11")
    assert written_periods.is_fiscal("1999/00")
    assert not written_periods.is_fiscal("2010-12")


# Codes


@pytest.mark.parametrize(
    "text", ["8542.31", "8542 31", "85.42.31", "'854231", "8542\N{NO-BREAK SPACE}31"]
)
def test_dots_and_blanks_in_codes_are_no_digits(rows, text):
    assert rows({"product": text})[0]["product"] == "854231"


@pytest.mark.parametrize("code", ["854231011", "8542310", "85423101100", "8542310110011"])
def test_codes_have_any_length_beyond_six_digits(rows, code):
    how = mapping()
    how["classification"] = {str(len(code)): "JPHS{year}-HS2022"}
    [row] = rows({"product": code}, how=how)
    assert (row["product"], row["classification"]) == (code, "JPHS2023-HS2022")
    how["classification"] = "JPHS{year}-HS2022"
    assert rows({"product": code}, how=how) == [row]


def test_a_national_nomenclature_may_follow_the_hs_of_the_year(rows):
    found = rows({"product": "8542310110"}, {"product": "8542310110", "period": "2021-05"})
    assert [row["classification"] for row in found] == ["TNVED2023-HS2022", "TNVED2021-HS2017"]


def test_padding_brings_back_zeros_of_chapters_one_to_nine_only(rows):
    how = "pad_products = 6"
    assert [r["product"] for r in rows({"product": "10121"}, {}, how=how)] == ["010121", "854231"]
    assert rows({"product": "8542"}, how=how)[0]["product"] == "8542"
    with pytest.raises(EntrepotError, match=r"85423 has 5 digits.*heading 0854, which no HS has"):
        rows({"product": "85423"}, how=how)
    one = mapping(how)
    one["classification"] = "HS2022"
    with pytest.raises(EntrepotError, match=r"8542 has 4 digits; expected 6.*another chapter"):
        rows({"product": "8542"}, how=one)


def test_padding_leaves_japans_nine_digits_alone(rows):
    how = mapping("pad_products = 10")
    how["classification"] = {"10": "JPHS{year}-HS2022"}
    [row] = rows({"product": "854231011"}, how=how)
    assert (row["product"], row["classification"]) == ("854231011", "JPHS2023-HS2022")
    assert rows({"product": "101210000"}, how=how)[0]["product"] == "0101210000"


def test_advice_on_lost_zeros_never_makes_another_chapter(rows):
    with pytest.raises(EntrepotError, match=r"10121 has 5 digits.*pad_products = 6 \(or 8\)"):
        rows({"product": "10121"})
    with pytest.raises(EntrepotError) as caught:
        rows({"product": "854231011"})
    assert "has no classification" in str(caught.value)
    assert "pad_products" not in str(caught.value)
    with pytest.raises(EntrepotError, match=r"101210000 has 9 digits.*pad_products = 10"):
        rows({"product": "101210000"}, how=mapping() | {"classification": "HTS{year}"})


@pytest.mark.parametrize(
    "code",
    ["008542", "8.542310", "854.231", "horses", "8.54231E9", "8.54E+05", "85-42", "XXXXXXXXXX"],
)
def test_what_is_no_code_is_refused(rows, code):
    with pytest.raises(EntrepotError, match=r"unknown product '.*line 2"):
        rows({"product": code})


# Countries


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        *(("iso3", "rus"), ("iso3", "Rus"), ("iso2", "ru"), ("m49", "643"), ("name", "RUSSIA")),
        *(("name", "RUSSIAN FEDERATION"), ("name", "Russian  federation")),
    ],
)
def test_codes_and_names_in_any_case(rows, scheme, text):
    assert rows({"partner": text}, partner=scheme)[0]["partner"] == "RUS"


def test_names_without_accents(rows):
    found = rows({"partner": "TURKIYE"}, {"partner": "cote d'ivoire"}, partner="name")
    assert [row["partner"] for row in found] == ["TUR", "CIV"]


def test_exceptions_stand_beside_a_scheme(rows):
    own = {"scheme": "name", "Others": "_X", "Russia and Belarus": "_X"}
    found = rows({"partner": "KAZAKHSTAN"}, {"partner": "Others"}, partner=own)
    assert [row["partner"] for row in found] == ["KAZ", "_X"]
    found = rows({"partner": "rus"}, {"partner": "oth"}, partner={"scheme": "iso3", "oth": "_X"})
    assert [row["partner"] for row in found] == ["RUS", "_X"]


def test_all_unknown_countries_stand_in_one_line(rows):
    with pytest.raises(UnknownCodeError) as caught:
        rows({}, *({"partner": f"Land {n}"} for n in range(14)), {"partner": "Utopia"},
             partner={"scheme": "name", "RUS": "RUS"})  # fmt: skip
    said = str(caught.value)
    assert "unknown countries 'Land 0', 'Land 1'" in said
    assert "'Land 9' and 5 more (partner)" in said
    assert said.endswith("; line 3")
    assert len(said) < 500


def test_the_european_union_is_that_of_the_day(rows):
    days = ("2015-01", "2020-01", "2020-02", "2023-01")
    found = rows(*({"partner": "European Union", "period": p} for p in days), partner="name")
    assert [row["partner"] for row in found] == ["_EU_DAY", "_EU_DAY", "EU27", "EU27"]
    own = {"scheme": "name", "European Union": "EU27"}
    assert rows({"partner": "European Union", "period": "2015-01"}, partner=own)[0]["partner"] == (
        "EU27"
    )


def test_a_code_for_the_union_of_27_is_what_it_says(rows):
    [row] = rows({"partner": "eu27", "period": "2015-01"})
    assert row["partner"] == "EU27"
