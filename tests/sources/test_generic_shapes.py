"""Truth: the same few cells in each shape that tables have, added and differenced by hand."""

from __future__ import annotations

import tomllib
from datetime import date

import duckdb
import openpyxl
import pytest

from entrepot.errors import DuplicateError, EntrepotError, SourceError
from entrepot.sources.generic import generic
from entrepot.sources.generic.mapping import with_lists
from support import india

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
import = "CIF"
export = "FOB"
"""


def mapping(more="", *changes):
    text = MAPPING
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return tomllib.loads(f"{text}\n{more}")


@pytest.fixture
def rows(read, tmp_path):
    def run(data, how):
        path = tmp_path / "in.csv"
        path.write_text(data, "utf-8")
        return read(generic, path, how)

    run.read = read
    return run


def shown(found, *names):
    names = names or ("period", "partner", "value_local")
    day = {"period": lambda p: f"{p:%Y-%m}"}
    return [tuple(day.get(n, lambda x: x)(row[n]) for n in names) for row in found]


TABLE = """Period,Partner,HS,Value
2023-01,RUS,854231,100
2023-01,Total,854231,130
2023-01,KAZ,854231,30
2023-01,EU,854231,7
"""


@pytest.mark.parametrize(
    "wanted", ['Partner = ["RUS", "KAZ"]', 'Partner = { not = ["Total", "EU"] }']
)
def test_a_filter_keeps_or_leaves_out_rows_by_their_words(rows, wanted):
    found = rows(TABLE, mapping(f"[filter]\n{wanted}"))
    assert shown(found) == [("2023-01", "RUS", 100.0), ("2023-01", "KAZ", 30.0)]


def test_a_filter_may_look_at_a_column_that_nothing_else_reads(rows):
    data = TABLE.replace("Total", "WLD").replace("EU", "GEO").replace("Value\n", "Value,Unit\n")
    data = data.replace("0\n", "0,USD\n").replace(",7\n", ",7,EUR\n")
    for wanted in ('"EUR"', '{ not = ["USD", ""] }'):
        assert shown(rows(data, mapping(f"[filter]\nUnit = {wanted}"))) == [("2023-01", "GEO", 7.0)]


def test_a_filter_of_another_form_is_explained(rows):
    with pytest.raises(
        SourceError, match=r"'without' is unknown in \[filter.Partner\]; known: not"
    ):
        rows(TABLE, mapping('[filter]\nPartner = { without = ["EU"] }'))
    with pytest.raises(SourceError, match=r"'filter.Partner' is True; expected the words to keep"):
        rows(TABLE, mapping("[filter]\nPartner = true"))
    with pytest.raises(SourceError, match=r"no column 'Land'"):
        rows(TABLE, mapping('[filter]\nLand = "EU"'))


# Both flows in one row

BOTH = """Period,Partner,HS,Export USD,Export kg,Import USD
2023-01,RUS,854231,100,5,40
2023-01,KAZ,854231,30,,..
"""
FLOWS = """
[flows]
export = { value = "Export USD", net_mass_kg = "Export kg" }
import = "Import USD"
[format]
missing = [".."]
"""
NO_FLOW = (('flow = "export"\n', ""), ('value = "Value"\n', ""))


def test_both_flows_of_a_row_become_rows(rows):
    found = rows(BOTH, mapping(FLOWS, *NO_FLOW))
    names = ("flow", "partner", "value_local", "net_mass_kg", "valuation")
    assert sorted(shown(found, *names), key=str) == [
        ("export", "KAZ", 30.0, None, "FOB"),
        ("export", "RUS", 100.0, 5.0, "FOB"),
        ("import", "RUS", 40.0, None, "CIF"),
    ]


def test_both_flows_of_a_workbook_keep_their_numbers(rows, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Period", "Partner", "HS", "Export USD", "Export kg", "Import USD"])
    book.active.append(["2023-01", "RUS", "854231", 1234.5, "20,5", "1.000,5"])
    book.save(tmp_path / "in.xlsx")
    how = mapping(FLOWS + 'decimal = ","\nthousands = "."', *NO_FLOW)
    found = rows.read(generic, tmp_path / "in.xlsx", how)
    assert sorted(shown(found, "value_local", "net_mass_kg"), key=str) == [
        (1000.5, None),
        (1234.5, 20.5),
    ]


@pytest.mark.parametrize(
    ("more", "changes", "message"),
    [
        (FLOWS, NO_FLOW[:1], r"gives 'value' twice, once in \[wide\] or \[flows\]"),
        (FLOWS, NO_FLOW[1:], r"gives 'flow' twice"),
        (FLOWS.replace("export =", "sales ="), NO_FLOW, r"mapping key 'sales' is unknown"),
        (
            '[flows]\nexport = { net_mass_kg = "a" }',
            NO_FLOW,
            r"mapping says nothing of 'value' in \[flows.export\]",
        ),
        ('[flows]\nexport = { value = "a", price = "b" }', NO_FLOW, r"'price' is unknown"),
        (FLOWS + '[wide]\nmonths = ["a"]', NO_FLOW, r"mapping has \[wide\] and \[flows\]"),
        ("[wide]\nyear = 2023", (), r"mapping says nothing of 'months' in \[wide\]"),
        ('[wide]\nyears = ["a"]', (), r"mapping key 'years' is unknown in \[wide\]"),
    ],
)
def test_flows_and_months_with_a_mistake_are_explained(rows, more, changes, message):
    with pytest.raises(SourceError, match=message):
        rows(BOTH, mapping(more, *changes))


# A column per month

NO_PERIOD = (('period = "Period"\n', ""), ('value = "Value"\n', ""))


@pytest.mark.parametrize(
    ("titles", "wide"),
    [
        ("2023-01,2023-02", 'months = ["2023-01", "2023-02"]'),
        ("Jan-23,Feb-23", 'months = ["Jan-23", "Feb-23"]'),
        ("Январь 2023,Февраль 2023", 'months = ["Январь 2023", "Февраль 2023"]'),
        ("January,February", 'months = ["January", "February"]\nyear = 2023'),
        ("1,2", 'months = ["1", "2"]\nyear = 2023'),
        ("A,B", 'months = { A = "2023-01", B = "2023-02" }'),
    ],
)
def test_a_column_per_month_becomes_a_row_per_month(rows, titles, wide):
    data = f"Partner,HS,{titles}\nRUS,854231,100,90\nKAZ,854231,,30\n"
    found = rows(data, mapping(f'[wide]\n{wide}\n[format]\nmissing = [""]', *NO_PERIOD))
    assert sorted(shown(found)) == [
        ("2023-01", "RUS", 100.0),
        ("2023-02", "KAZ", 30.0),
        ("2023-02", "RUS", 90.0),
    ]


def test_the_year_of_month_columns_may_be_a_column(rows):
    data = "Year,Partner,HS,Ocak,Şubat\n2022,RUS,854231,1,2\n2023,RUS,854231,3,4\n"
    how = mapping('[wide]\nmonths = ["Ocak", "Şubat"]\nyear = "Year"', *NO_PERIOD)
    assert [r[::2] for r in sorted(shown(rows(data, how)))] == [
        *(("2022-01", 1.0), ("2022-02", 2.0), ("2023-01", 3.0), ("2023-02", 4.0)),
    ]


def test_a_column_that_is_no_month_is_refused(rows):
    data = "Partner,HS,2023-01,Total\nRUS,854231,100,100\n"
    with pytest.raises(EntrepotError, match=r"unknown period 'Total'.*line 2"):
        rows(data, mapping('[wide]\nmonths = ["2023-01", "Total"]', *NO_PERIOD))


# Parts of a cell

PARTS = """Period,Partner,HS,Regime,Unit,Value,Kg,Qty
2023-01,RUS,854231,10,u,100,5,50
2023-01,RUS,854231,11,u,20,1,10
2023-01,KAZ,854231,10,u,30,2,3
2023-01,KAZ,854231,10,kg,5,,4
2023-01,GEO,854231,10,u,7,1,1
"""
SPLIT = (
    'value = "Value"\n',
    'value = "Value"\nnet_mass_kg = "Kg"\nquantity = "Qty"\nquantity_unit = "Unit"\n'
    'parts = ["Regime", "Unit"]\n',
)


def test_parts_are_added_up(rows):
    found = rows(PARTS, mapping("", SPLIT))
    names = ("partner", "value_local", "net_mass_kg", "quantity", "quantity_unit", "status")
    assert sorted(shown(found, *names)) == [
        ("GEO", 7.0, 1.0, 1.0, "u", "reported"),
        ("KAZ", 35.0, None, None, None, "derived"),
        ("RUS", 120.0, 6.0, 60.0, "u", "derived"),
    ]


def test_the_same_part_twice_is_refused(rows):
    with pytest.raises(DuplicateError, match=r"TUR export RUS HS2022 854231 2023-01 appears 2 "):
        rows(PARTS + "2023-01,RUS,854231,10,u,100,5,50\n", mapping("", SPLIT))


def test_rows_that_nothing_tells_apart_are_added_up_only_where_the_mapping_says_so(rows):
    data = TABLE.replace("Total", "RUS").replace("EU", "RUS")
    found = rows(data, mapping("[format]\nsum = true"))
    assert sorted(shown(found, "partner", "value_local", "status")) == [
        ("KAZ", 30.0, "reported"),
        ("RUS", 237.0, "derived"),
    ]


def test_parts_in_two_currencies_are_refused(rows):
    how = mapping("", SPLIT, ('value = "Value"', 'value = "Value"\ncurrency = "Cur"'),
                  ('currency = "USD"\n', ""))  # fmt: skip
    data = PARTS.replace("Qty\n", "Qty,Cur\n").replace("0\n", "0,USD\n").replace("\n", "\n")
    data = "\n".join(
        line if line.endswith(("Cur", "USD")) else f"{line},{'USD' if 'u,' in line else 'EUR'}"
        for line in data.strip().splitlines()
    )
    with pytest.raises(SourceError, match=r"RUS|KAZ.*two currencies or valuations"):
        rows(data + "\n", how)


# Cumulative months

SUMS = "[format]\ncumulative = true"
YTD = """Period,Partner,HS,Value
2023-01,RUS,854231,100
2023-02,RUS,854231,250
2023-03,RUS,854231,450
2023-02,KAZ,854231,30
2023-03,KAZ,854231,30
2024-01,RUS,854231,70
"""


def test_sums_since_january_give_each_month_its_own(rows):
    found = rows(YTD, mapping(SUMS))
    assert sorted(shown(found)) == [
        ("2023-01", "RUS", 100.0),
        ("2023-02", "KAZ", 30.0),
        ("2023-02", "RUS", 150.0),
        ("2023-03", "KAZ", 0.0),
        ("2023-03", "RUS", 200.0),
        ("2024-01", "RUS", 70.0),
    ]
    assert {row["status"] for row in found if row["period"].month == 1} == {"reported"}
    assert {row["status"] for row in found if row["period"].month > 1} == {"derived"}
    assert rows.read.reading.notes == (
        "figures since January were differenced: each month has its own",
    )


@pytest.mark.parametrize(
    "months",
    [
        ("2023-01", "Jan-Feb 2023", "January - March 2023"),
        ("январь 2023", "январь-февраль 2023 г.", "январь-март 2023 г."),
        ("2023年1月", "2023年1-2月", "2023年1-3月"),
        ("202301", "202301-02", "202301-202303"),
        ("Ocak 2023", "Ocak-Şubat 2023", "Ocak-Mart 2023"),
    ],
)
def test_ranges_from_january_stand_for_their_last_month(rows, months):
    lines = [f"{m},RUS,854231,{v}" for m, v in zip(months, (100, 250, 450), strict=True)]
    found = rows("\n".join(["Period,Partner,HS,Value", *lines, ""]), mapping(SUMS))
    assert sorted(shown(found)) == [
        ("2023-01", "RUS", 100.0),
        ("2023-02", "RUS", 150.0),
        ("2023-03", "RUS", 200.0),
    ]


def test_ranges_of_a_month_column_stand_for_their_last_month(rows):
    how = mapping(SUMS, ('period = "Period"', 'period = { year = "Y", month = "M" }'))
    data = "Y,M,Partner,HS,Value\n2023,01,RUS,854231,100\n2023,01-02,RUS,854231,250\n"
    assert shown(rows(data, how)) == [("2023-01", "RUS", 100.0), ("2023-02", "RUS", 150.0)]
    with pytest.raises(EntrepotError, match=r"unknown period '2023 02-03'"):
        rows(data.replace("01-02", "02-03"), how)


def test_a_sum_that_falls_is_refused_with_its_figures(rows):
    with pytest.raises(
        SourceError, match=r"TUR export RUS HS2022 854231 2023-03 falls from 250.0 to 200.0"
    ):
        rows(YTD.replace(",450", ",200"), mapping(SUMS))
    with pytest.raises(SourceError, match=r"RUS HS2022 854231 2023-02 falls from .* to 0"):
        rows(YTD.replace("2023-03,RUS,854231,450\n", ""), mapping(SUMS))


def test_a_fall_by_rounding_is_none(rows):
    found = rows(YTD.replace(",450", ",249"), mapping(SUMS + "\nscale = 1000"))
    assert ("2023-03", "RUS", 0.0) in shown(found)
    with pytest.raises(SourceError, match=r"falls from 250000.0 to 248000.0"):
        rows(YTD.replace(",450", ",248"), mapping(SUMS + "\nscale = 1000"))


@pytest.mark.parametrize(
    ("gone", "month"), [("2023-01,RUS,854231,100\n", "2023-01"), ("2023-02,", "2023-02")]
)
def test_a_month_that_the_table_lacks_is_refused(rows, gone, month):
    lines = [line for line in YTD.splitlines(keepends=True) if not line.startswith(gone)]
    with pytest.raises(SourceError, match=rf"stands in a table without {month}"):
        rows("".join(lines), mapping(SUMS))


def test_masses_are_differenced_too_and_null_where_they_fall(rows):
    how = mapping(SUMS, ('value = "Value"\n', 'value = "Value"\nnet_mass_kg = "Kg"\n'))
    data = "Period,Partner,HS,Value,Kg\n2023-01,RUS,854231,1,10\n2023-02,RUS,854231,2,15\n"
    data += "2023-03,RUS,854231,3,12\n"
    assert shown(rows(data, how), "value_local", "net_mass_kg", "mass_status") == [
        (1.0, 10.0, "reported"),
        (1.0, 5.0, "reported"),
        (1.0, None, None),
    ]


# Lists of countries


def test_a_list_of_the_offices_own_countries_may_be_a_file(rows, tmp_path):
    (tmp_path / "lands.csv").write_text("code,iso3\n077,RUS\n079,KAZ\n", "utf-8")
    how = mapping('[codes]\npartner = { file = "lands.csv", "999" = "_X" }')
    how = with_lists(how, tmp_path)
    data = "Period,Partner,HS,Value\n2023-01,077,854231,1\n2023-01,999,854231,2\n"
    assert [row["partner"] for row in rows(data, how)] == ["RUS", "_X"]
    (tmp_path / "lands.csv").write_text("code,iso3,name\n077,RUS,x\n", "utf-8")
    with pytest.raises(SourceError, match=r"lands.csv: a list of countries with 3 columns"):
        with_lists(mapping('[codes]\npartner = { file = "lands.csv" }'), tmp_path)
    with pytest.raises(SourceError, match=r"gone.csv: the mapping's list of countries cannot be"):
        with_lists(mapping('[codes]\npartner = { file = "gone.csv" }'), tmp_path)


# A real table


def test_indias_own_records_give_the_published_sums(shared_data):
    from entrepot.contracts import RawFile
    from entrepot.reference import goods

    path = shared_data / "india" / india.TABLE
    if not path.exists():
        pytest.skip("India's records are not here")
    connection = duckdb.connect()
    connection.register("codes", _arrow(goods.load("chpl-2023-09").codes))
    rows = generic.parse(RawFile(path, tomllib.loads(india.INDIA)), connection).rows
    found = rows.query(
        "cells",
        """select period, round(sum(value_local) / 1e6, 2) from cells join codes using (product)
        where flow = 'export' and year(period) = 2024 group by 1""",
    ).fetchall()
    months = dict(found)
    assert {day.month: months[day] for day in months if day.month in (4, 5, 7)} == {
        4: 60.89,
        5: 67.20,
        7: 96.85,
    }
    assert months[date(2024, 7, 1)] > 95


def _arrow(codes):
    import pyarrow as pa

    return pa.table({"product": list(codes)})
