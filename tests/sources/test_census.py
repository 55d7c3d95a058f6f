"""Truth: answers written here in the Bureau's layout with invented numbers, and its own rows."""

from __future__ import annotations

import csv
import json
import re
from datetime import date

import pytest

from entrepot.contracts import Query, Release, Request, Response, Verdict
from entrepot.errors import (
    DriftError,
    DuplicateError,
    FetchError,
    SourceError,
    TruncatedError,
    UnknownCodeError,
)
from entrepot.reference import countries
from entrepot.sources.census import census

[API] = census.endpoints
EXPORT = {
    "ALL_VAL_MO": "9000",
    "QTY_1_MO": "12",
    "UNIT_QY1": "NO",
    "QTY_2_MO": "3",
    "UNIT_QY2": "KG",
    "DF": "-",
    "CTY_CODE": "4634",
    "time": "2023-01",
    "COMM_LVL": "HS6",
    "SUMMARY_LVL": "DET",
    "E_COMMODITY": "854231",
}
IMPORT = {
    "I_COMMODITY": "854231",
    "GEN_VAL_MO": "1000",
    "GEN_CIF_MO": "1030",
    "GEN_QY1_MO": "40",
    "UNIT_QY1": "NO",
    "GEN_QY2_MO": "0",
    "UNIT_QY2": "-",
    "CTY_CODE": "5700",
    "YEAR": "2023",
    "MONTH": "02",
}
ROW = {
    "freq": "M",
    "period": date(2023, 1, 1),
    "reporter": "USA",
    "partner": "KAZ",
    "flow": "export",
    "classification": "HS2022",
    "product": "854231",
    "valuation": "FOB",
    "value_local": 9000.0,
    "currency": "USD",
    "net_mass_kg": 3.0,
    "quantity": 12.0,
    "quantity_unit": "u",
    "status": "reported",
    "mass_status": "reported",
}
QUERY = Query("M", ("2023-01", "2023-02"), ("USA",), ("KAZ",), ("export",), ("854231",))
OUT = tuple(Release("USA", "M", month) for month in ("2023-01", "2023-02"))


@pytest.fixture
def answer(tmp_path):
    """Write an answer: the given row once per argument, with the given fields changed."""

    def write(*changes, of=EXPORT, header=None):
        rows = [list((of | change).values()) for change in changes]
        text = ",\n".join(json.dumps(row) for row in [header or list(of), *rows])
        path = tmp_path / "answer.json"
        path.write_text(f"[{text}]", encoding="utf-8")
        return path

    return write


@pytest.fixture
def verdict(tmp_path):
    """Judge an answer of the given status and text to the first request of the plan."""

    def judge(text, status=200):
        path = tmp_path / "judged"
        path.write_text(text, encoding="utf-8")
        [request] = API.requests(QUERY, OUT)
        return API.judge(request, Response(status, {}, path))[0]

    return judge


def without(names, row=EXPORT):
    return {key: value for key, value in row.items() if key not in names}


def test_an_answer_gives_exactly_its_numbers(read, answer):
    assert read(census, answer({})) == [ROW]


def test_foreign_exports_are_re_exports_inside_the_total(read, answer):
    path = answer(
        {},
        {"DF": "1", "ALL_VAL_MO": "8000", "QTY_1_MO": "10", "QTY_2_MO": "2"},
        {"DF": "2", "ALL_VAL_MO": "1000", "QTY_1_MO": "2", "QTY_2_MO": "1"},
    )
    assert sorted(read(census, path), key=lambda row: row["flow"]) == [
        ROW,
        ROW | {"flow": "re-export", "value_local": 1000.0, "net_mass_kg": 1.0, "quantity": 2.0},
    ]


def test_without_totals_both_parts_are_added_once(read, answer):
    path = answer(
        {"DF": "1", "ALL_VAL_MO": "8000", "QTY_1_MO": "10", "QTY_2_MO": "2"},
        {"DF": "2", "ALL_VAL_MO": "1000", "QTY_1_MO": "2", "QTY_2_MO": "0"},
        {"DF": "1", "CTY_CODE": "4635", "ALL_VAL_MO": "5"},
    )
    found = {(row["partner"], row["flow"]): row for row in read(census, path)}
    assert found["KAZ", "export"] == ROW | {
        "net_mass_kg": None,
        "mass_status": None,
        "status": "derived",
    }
    assert found["KAZ", "re-export"]["value_local"] == 1000.0
    assert found["KGZ", "export"]["value_local"] == 5.0
    assert len(found) == 3


def test_quantities_of_two_units_are_not_added(read, answer):
    path = answer({"DF": "1", "UNIT_QY1": "DOZ"}, {"DF": "2"})
    [row] = [row for row in read(census, path) if row["flow"] == "export"]
    assert (row["quantity"], row["quantity_unit"], row["net_mass_kg"]) == (None, None, 6.0)


def test_a_file_of_domestic_exports_only_is_refused(read, answer):
    with pytest.raises(SourceError, match=r"no total \(DF -\) for 854231, country 4634"):
        read(census, answer({"DF": "1"}))


def test_without_the_split_rows_are_totals(read, answer):
    assert read(census, answer({}, of=without(["DF"]))) == [ROW]


def test_an_import_is_cif_where_its_cif_value_is_given(read, answer):
    [row] = read(census, answer({}, of=IMPORT))
    assert row == ROW | {
        "period": date(2023, 2, 1),
        "partner": "CHN",
        "flow": "import",
        "valuation": "CIF",
        "value_local": 1030.0,
        "net_mass_kg": None,
        "mass_status": None,
        "quantity": 40.0,
    }


def test_an_import_without_cif_value_is_its_customs_value(read, answer):
    rows = read(census, answer({}, of=without(["GEN_CIF_MO"], IMPORT)))
    rows += read(census, answer({"GEN_CIF_MO": "0"}, of=IMPORT))
    rows += read(census, answer({"GEN_CIF_MO": None}, of=IMPORT))
    assert [(row["valuation"], row["value_local"]) for row in rows] == [("FOB", 1000.0)] * 3


def test_weights_by_air_and_vessel_are_no_net_mass(read, answer):
    shipped = without(["QTY_2_MO", "UNIT_QY2"]) | {"AIR_WGT_MO": "7", "VES_WGT_MO": "8"}
    [row] = read(census, answer({}, of=shipped))
    assert (row["net_mass_kg"], row["mass_status"]) == (None, None)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("KG", "kg"), ("DOZ", "12u"), ("X", None), ("-", None), ("GBQ", "GBQ"), (None, None)],
)
def test_units_are_the_un_s_where_it_has_one(read, answer, unit, expected):
    [row] = read(census, answer({"UNIT_QY1": unit}))
    assert row["quantity_unit"] == expected
    assert row["quantity"] == (12.0 if expected else None)
    assert row["net_mass_kg"] == (12.0 if unit == "KG" else 3.0)


def test_a_quantity_of_zero_is_not_reported(read, answer):
    [row] = read(census, answer({"QTY_1_MO": "0", "QTY_2_MO": "0"}))
    assert [row[name] for name in ("quantity", "quantity_unit", "net_mass_kg", "mass_status")] == [
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("code", "month", "of", "classification"),
    [
        ("85", "2016-12", EXPORT, "HS2012"),
        ("8542", "2021-12", EXPORT, "HS2017"),
        ("8542310001", "2022-01", EXPORT, "SB2022-HS2022"),
        ("8542310001", "2021-12", IMPORT, "HTS2021-HS2017"),
    ],
)
def test_code_length_side_and_year_give_the_nomenclature(
    read, answer, code, month, of, classification
):
    when = {"YEAR": month[:4], "MONTH": month[5:]} if "YEAR" in of else {"time": month}
    name = "E_COMMODITY" if of is EXPORT else "I_COMMODITY"
    [row] = read(census, answer({name: code, **when}, of=of))
    assert (row["product"], row["classification"]) == (code, classification)
    assert f"{row['period']:%Y-%m}" == month


def test_the_world_is_kept_and_groups_of_countries_are_left_out(read, answer):
    path = answer(
        {"CTY_CODE": "-"}, {"CTY_CODE": "0014", "SUMMARY_LVL": "CGP"}, {"E_COMMODITY": "-"}
    )
    assert sorted((row["partner"], row["product"]) for row in read(census, path)) == [
        ("KAZ", "TOTAL"),
        ("WLD", "854231"),
    ]


def test_a_column_repeated_by_the_filter_is_read_once(read, answer):
    repeated = [*EXPORT, "E_COMMODITY"]
    path = answer({"": "854231"}, header=repeated)
    assert read(census, path) == [ROW]


@pytest.mark.parametrize(
    ("change", "of", "error", "words"),
    [
        ({"CTY_CODE": "9999"}, EXPORT, UnknownCodeError, "unknown country CTY_CODE 9999"),
        ({"CTY_CODE": None}, EXPORT, UnknownCodeError, "unknown country CTY_CODE empty"),
        ({"DF": "3"}, EXPORT, DriftError, "unknown DF 3"),
        ({"E_COMMODITY": "85423"}, EXPORT, DriftError, "unknown commodity 85423"),
        ({"time": "2023"}, EXPORT, DriftError, "unknown month 2023"),
        ({"ALL_VAL_MO": "(D)"}, EXPORT, SourceError, r"ALL_VAL_MO is \(D\)"),
        ({"ALL_VAL_MO": None}, EXPORT, SourceError, "no ALL_VAL_MO"),
        ({"QTY_1_MO": "x"}, EXPORT, SourceError, "QTY_1_MO is x"),
        ({"TARIFF": "1"}, EXPORT, DriftError, "unknown column TARIFF"),
        ({"DISTRICT": "01"}, EXPORT, SourceError, "divided by DISTRICT"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(read, answer, change, of, error, words):
    with pytest.raises(error, match=words) as raised:
        read(census, answer(change, of=of | change))
    assert str(raised.value).startswith("answer.json: ")
    assert "\n" not in str(raised.value)


def test_an_error_names_the_row(read, answer):
    with pytest.raises(DriftError, match=r"unknown DF 9.*row 3"):
        read(census, answer({}, {"DF": "9", "CTY_CODE": "5700"}))


@pytest.mark.parametrize("of", [EXPORT, IMPORT])
def test_two_values_for_one_cell_are_refused(read, answer, of):
    with pytest.raises(DuplicateError, match="two values for 854231"):
        read(census, answer({}, {}, of=of))


@pytest.mark.parametrize(
    "parts", [({}, {"DF": "2"}, {"DF": "2"}), ({"DF": "1"}, {"DF": "1"}, {"DF": "2"})]
)
def test_a_part_that_comes_twice_is_refused(read, answer, parts):
    with pytest.raises(DuplicateError, match="two values"):
        read(census, answer(*parts))


def test_a_total_keeps_its_own_unit(read, answer):
    path = answer({"DF": "2", "UNIT_QY1": "DOZ"}, {}, {"DF": "1", "UNIT_QY1": "DOZ"})
    [row] = [row for row in read(census, path) if row["flow"] == "export"]
    assert (row["quantity"], row["quantity_unit"]) == (12.0, "u")
    path = answer({"DF": "2"}, {"UNIT_QY1": "-"}, {"DF": "1"})
    [row] = [row for row in read(census, path) if row["flow"] == "export"]
    assert (row["quantity"], row["quantity_unit"]) == (None, None)


@pytest.mark.parametrize("name", ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "time"])
def test_a_missing_column_is_named(read, answer, name):
    with pytest.raises(SourceError, match=f"no column .*{name}"):
        read(census, answer({}, of=without([name])))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ('{"error": "unknown variable"}', SourceError, "not an array of rows"),
        ("<html>Missing Key</html>", SourceError, "not an array of rows"),
        ("[1]", SourceError, "no header"),
        ('["time', SourceError, "no header"),
        ("", SourceError, "is empty"),
    ],
)
def test_what_is_no_answer_is_refused(read, tmp_path, text, error, words):
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(error, match=words):
        read(census, path)


def test_a_cut_answer_is_refused(read, answer):
    path = answer({}, {"CTY_CODE": "5700"})
    path.write_text(path.read_text()[:-9])
    with pytest.raises(TruncatedError, match="ends in the middle"):
        read(census, path)


def test_a_row_of_another_width_is_refused(read, answer):
    path = answer({})
    path.write_text(path.read_text().replace('"854231"]]', '"854231", "1"]]'))
    with pytest.raises(SourceError, match="a row of 12 values; expected 11"):
        read(census, path)


def test_real_rows_of_the_bureau_are_read(read, shared_data, tmp_path):
    with (shared_data / "census" / "hs6_imports_2019_head.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    found = read(census, path)
    assert len(found) == len(rows) - 1 == 399
    assert {(row["partner"], row["flow"], row["classification"]) for row in found} == {
        ("WLD", "import", "HS2017")
    }
    january = next(row for row in found if (row["product"], row["period"].month) == ("030111", 1))
    assert (january["value_local"], january["valuation"]) == (3632112.0, "FOB")
    place = rows[0].index("GEN_VAL_MO")
    assert sum(row["value_local"] for row in found) == sum(int(row[place]) for row in rows[1:])


def test_every_country_of_schedule_c_resolves(shared_data):
    text = (shared_data / "census" / "schedule_c_countries.txt").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^(\d{4})\s*\|.*?\|r?\s*([A-Z]{2})\s*$", text, re.M))
    schedule, iso2 = countries.lookup("census"), countries.lookup("iso2")
    assert len(listed) == 240
    named = {"KV": "XKX", "GZ": "_GAZA", "WE": "_WEST_BANK"}
    for code, two in listed.items():
        assert schedule[code] == named.get(two) or schedule[code] == iso2[two]
    assert len(schedule) == 241
    assert schedule["-"] == "WLD"


def test_a_request_asks_for_one_product_with_every_country():
    [request] = API.requests(QUERY, OUT)
    assert request == Request(
        "https://api.census.gov/data/timeseries/intltrade/exports/hs",
        {
            "get": "ALL_VAL_MO,QTY_1_MO,UNIT_QY1,QTY_2_MO,UNIT_QY2,DF,YEAR,MONTH,CTY_CODE",
            "time": "from 2023-01 to 2023-02",
            "COMM_LVL": "HS6",
            "SUMMARY_LVL": "DET",
            "E_COMMODITY": "854231",
        },
        name="census-exports-2023-01_2023-02-854231.json",
        asked=Query(
            "M", ("2023-01", "2023-02"), ("USA",), (), ("export", "re-export"), ("854231",)
        ),
    )


def test_the_level_of_an_answer_is_that_of_its_code():
    codes = ("85", "8542", "854231", "8542310001")
    plan = API.requests(Query("M", ("2023-01",), ("USA",), (), ("import",), codes), OUT)
    assert [request.params["COMM_LVL"] for request in plan] == ["HS2", "HS4", "HS6", "HS10"]


def test_a_plan_names_every_part_once_and_stays_within_its_months():
    months = [f"{year}-{month:02d}" for year in range(2017, 2023) for month in range(1, 13)]
    months.remove("2019-05")
    query = Query(
        "M", tuple(months), ("USA",), (), ("import", "export", "re-export"), ("8542", "854231")
    )
    found = tuple(Release("USA", "M", month) for month in months)
    plan = list(API.requests(query, found))
    assert len({request.name for request in plan}) == len(plan) == 2 * 2 * 2
    assert {request.params["time"] for request in plan} == {
        "from 2017-01 to 2019-04",
        "from 2019-06 to 2022-12",
    }
    for side in ("import", "export"):
        for product in query.products:
            asked = [
                month
                for request in plan
                if side in request.asked.flows and request.asked.products == (product,)
                for month in request.asked.periods
            ]
            assert asked == months
    assert plan == list(API.requests(query, found))


def test_a_long_run_of_months_is_cut():
    months = tuple(f"{year}-{month:02d}" for year in range(2016, 2022) for month in range(1, 13))
    found = tuple(Release("USA", "M", month) for month in months)
    plan = API.requests(Query("M", months, ("USA",), (), ("import",), ("854231",)), found)
    assert [len(request.asked.periods) for request in plan] == [60, 12]


def test_without_products_a_month_with_all_subheadings_is_asked_for():
    plan = list(API.requests(Query("M", ("2023-01", "2023-02"), ("USA",), (), ("import",)), OUT))
    assert [request.params["time"] for request in plan] == ["2023-01", "2023-02"]
    assert plan[0].params["get"].endswith(",I_COMMODITY,CTY_CODE")
    assert (plan[0].params["COMM_LVL"], plan[0].asked.products) == ("HS6", ())
    parts = API.split(plan[0])
    assert len(parts) == len({part.name for part in parts}) == 239
    kazakhstan = next(part for part in parts if part.asked.partners == ("KAZ",))
    assert kazakhstan.params["CTY_CODE"] == "4634"
    assert "CTY_CODE" not in kazakhstan.params["get"]
    assert API.split(kazakhstan) == ()


def test_months_that_are_not_out_are_not_asked_for():
    [request] = API.requests(QUERY, OUT[:1])
    assert request.params["time"] == "2023-01"
    assert list(API.requests(QUERY, ())) == []


def test_other_reporters_years_and_re_imports_are_not_asked_for():
    assert list(API.requests(Query("A", ("2023",), ("USA",)), OUT)) == []
    assert list(API.index(Query("A", ("2023",), ("USA",)))) == []
    assert list(API.requests(Query("M", ("2023-01",), ("DEU",)), OUT)) == []
    re_imports = Query("M", ("2023-01",), ("USA",), (), ("re-import",))
    assert list(API.requests(re_imports, OUT)) == list(API.index(re_imports)) == []


@pytest.mark.parametrize("code", ["85423110", "TOTAL", "presence"])
def test_a_product_the_bureau_has_no_code_for_is_refused(code):
    with pytest.raises(FetchError, match=f"product {code!r}; expected HS codes"):
        list(API.requests(Query("M", ("2023-01",), ("USA",), (), ("import",), (code,)), OUT))


def test_an_answer_that_is_too_large_is_halved_by_months():
    [request] = API.requests(QUERY, OUT)
    first, second = API.split(request)
    assert [part.params["time"] for part in (first, second)] == ["2023-01", "2023-02"]
    assert first.asked.products == ("854231",)
    assert len({request.name, first.name, second.name}) == 3
    assert API.split(first) == ()


def test_the_index_tells_months_that_are_out(tmp_path):
    query = Query("M", ("2023-01", "2023-02", "2023-03"), ("USA",))
    imports, exports = API.index(query)
    assert imports.params["time"] == "from 2023-01 to 2023-03"
    assert (imports.params["I_COMMODITY"], exports.params["E_COMMODITY"]) == ("85", "85")
    assert imports.name != exports.name
    paths = []
    for name, months in (("imports", ("01", "02", "03")), ("exports", ("01", "02"))):
        path = tmp_path / name
        rows = [["VALUE", "YEAR", "MONTH"], *(["1", "2023", month] for month in months)]
        path.write_text(json.dumps(rows))
        paths.append(path)
    assert API.releases(paths) == OUT
    nothing = tmp_path / "nothing"
    nothing.write_bytes(b"")
    assert API.releases([*paths, nothing]) == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[["VALUE"], ["1"]]', DriftError),
        ('[["YEAR", "MONTH"], ["2023", "1"]]', DriftError),
        ("{}", SourceError),
        ("[", SourceError),
    ],
)
def test_an_index_of_another_form_is_refused(tmp_path, text, error):
    path = tmp_path / "index"
    path.write_text(text)
    with pytest.raises(error, match=r"^index: .*(fetch it again|report the change)"):
        API.releases([path])


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ('[["time","DF"],\n["2023-01","-"]]', 200, Verdict.GOOD),
        ('[["time","DF"]]', 200, Verdict.EMPTY),
        ("", 200, Verdict.EMPTY),
        ("", 204, Verdict.EMPTY),
        ('[["time","DF"],\n["2023-', 200, Verdict.BUSY),
        ("<html><title>Missing Key</title></html>", 200, Verdict.BAD_KEY),
        ("<html>A valid <em>key</em> must be included</html>", 200, Verdict.BAD_KEY),
        ("<html><title>Invalid Key</title></html>", 400, Verdict.BAD_KEY),
        ("<html>Service Unavailable</html>", 200, Verdict.BUSY),
        ("There was an error while running your query", 500, Verdict.BUSY),
        ("too many", 429, Verdict.BUSY),
        ("too large", 413, Verdict.TOO_LARGE),
        ("error: unknown variable 'X'", 400, Verdict.WRONG),
        ('{"error": "no"}', 200, Verdict.WRONG),
    ],
)
def test_an_answer_is_told_from_each_kind_of_refusal(verdict, text, status, expected):
    assert verdict(text, status) is expected
