"""Truth: answers written here in the layout of Trade IDDS, with invented numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
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
from entrepot.sources.hongkong import hongkong

[IDDS] = hongkong.endpoints
RECORD = {
    "freq": "M",
    "period": "202301",
    "ttype": "3",
    "ttypeDescEN": "Re-exports",
    "cc": "RU",
    "ccDescEN": "RUSSIAN FEDERATION",
    "codeclass": "HKHS6",
    "code": "854231",
    "codeDescEN": "PROCESSORS",
    "sv": "VCm",
    "figure": "1250",
    "unitEN": "HK$ '000",
    "cellfootnoteEN": None,
}
QUANTITY = {"sv": "QCm", "figure": "40", "unitEN": "NO."}
IMPORT = {"ttype": "1", "ttypeDescEN": "Imports", "cc": None, "co": "DE", "coDescEN": "GERMANY"}
ROW = {
    "freq": "M",
    "period": date(2023, 1, 1),
    "reporter": "HKG",
    "partner": "RUS",
    "flow": "re-export",
    "classification": "HS2022",
    "product": "854231",
    "valuation": "FOB",
    "value_local": 1_250_000.0,
    "currency": "HKD",
    "net_mass_kg": None,
    "quantity": 40.0,
    "quantity_unit": "u",
    "status": "reported",
    "mass_status": None,
}
QUERY = Query("M", ("2023-01", "2023-02"), ("HKG",), ("RUS", "KAZ"), ("re-export",), ("854231",))
OUT = tuple(Release("HKG", "M", month) for month in ("2023-01", "2023-02"))


def header(name="Success", message="", records=0):
    return {
        "status": {"name": name, "code": 0, "message": message},
        "title": "Merchandise trade",
        "count": {"noOfRecords": records},
    }


@pytest.fixture
def answer(tmp_path):
    """Write an answer: the plain record once per argument, with the given fields changed."""

    def write(*changes, of=RECORD, announced=None):
        records = [of | change for change in changes]
        count = len(records) if announced is None else announced
        path = tmp_path / "answer.json"
        path.write_text(json.dumps({"header": header(records=count), "dataSet": records}))
        return path

    return write


@pytest.fixture
def verdict(tmp_path):
    """Judge an answer to a request: of the index, of one code, or of two."""

    def judge(data, status=200, codes=("854231",)):
        path = tmp_path / "judged"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        if codes:
            request = next(IDDS.requests(replace(QUERY, products=codes), OUT))
        else:
            request = next(IDDS.index(QUERY))
        return IDDS.judge(request, Response(status, {}, path))[0]

    return judge


def test_value_and_quantity_become_one_row(read, answer):
    assert read(hongkong, answer({}, QUANTITY)) == [ROW]


def test_a_re_export_stays_inside_total_exports_and_domestic_exports_are_left_out(read, answer):
    path = answer(
        {},
        {"ttype": "2", "figure": "50"},
        {"ttype": "4", "figure": "1300"},
        {"ttype": "5", "figure": "9000"},
    )
    assert sorted((row["flow"], row["value_local"]) for row in read(hongkong, path)) == [
        ("export", 1_300_000.0),
        ("re-export", 1_250_000.0),
    ]


def test_an_import_is_cif_from_its_country_of_origin(read, answer):
    [row] = read(hongkong, answer(IMPORT))
    assert row == ROW | {
        "partner": "DEU",
        "flow": "import",
        "valuation": "CIF",
        "quantity": None,
        "quantity_unit": None,
    }


def test_a_cell_without_a_country_is_the_world_s(read, answer):
    [row] = read(hongkong, answer({"cc": None}))
    assert row["partner"] == "WLD"


def test_years_are_read_too(read, answer):
    year = {"freq": "A", "period": "2021"}
    path = answer(year | {"sv": "VCy"}, year | QUANTITY | {"sv": "QCy"})
    [row] = read(hongkong, path)
    assert (row["freq"], row["period"], row["quantity"]) == ("A", date(2021, 1, 1), 40.0)
    assert row["classification"] == "HS2017"


@pytest.mark.parametrize(
    ("code", "period", "classification"),
    [
        ("85", "201612", "HS2012"),
        ("8542", "202112", "HS2017"),
        ("85423100", "202201", "HKHS2022-HS2022"),
    ],
)
def test_code_length_and_year_give_the_nomenclature(read, answer, code, period, classification):
    path = answer({"code": code, "codeclass": f"HKHS{len(code)}", "period": period})
    [row] = read(hongkong, path)
    assert (row["product"], row["classification"]) == (code, classification)
    assert f"{row['period']:%Y%m}" == period


@pytest.mark.parametrize(
    ("unit", "expected"), [("KG", "kg"), ("no.", "u"), ("DOZEN PAIR", "DOZEN PAIR"), (None, None)]
)
def test_units_are_the_un_s_where_it_has_one_and_never_a_net_mass(read, answer, unit, expected):
    [row] = read(hongkong, answer({}, QUANTITY | {"unitEN": unit}))
    assert (row["quantity"], row["quantity_unit"]) == (40.0 if expected else None, expected)
    assert row["net_mass_kg"] is None


@pytest.mark.parametrize("figure", [None, "", "-", "0"])
def test_a_quantity_without_a_figure_is_not_reported(read, answer, figure):
    [row] = read(hongkong, answer({}, QUANTITY | {"figure": figure}))
    assert (row["quantity"], row["quantity_unit"]) == (None, None)


@pytest.mark.parametrize("figure", [None, "-"])
def test_a_value_without_a_figure_gives_no_row(read, answer, figure):
    assert read(hongkong, answer({"figure": figure, "unitEN": None}, QUANTITY)) == []


def test_a_value_of_zero_is_a_value(read, answer):
    [row] = read(hongkong, answer({"figure": "0"}))
    assert row["value_local"] == 0.0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"sv": "VCy"}, DriftError, "statistic VCy with freq M"),
        ({"sv": "X"}, DriftError, "statistic X"),
        ({"unitEN": "HK$ Mn"}, DriftError, r"value in HK\$ Mn; expected HK\$ '000"),
        ({"unitEN": None}, DriftError, "value in no unit"),
        ({"ttype": "6"}, DriftError, "unknown ttype 6"),
        ({"ttype": None, "cc": None}, DriftError, "unknown ttype empty"),
        ({"period": "2023"}, DriftError, "unknown period 2023"),
        ({"codeclass": "SITC3"}, DriftError, "code 854231 of SITC3"),
        ({"code": "8542"}, DriftError, "code 8542 of HKHS6"),
        ({"figure": "many"}, SourceError, "figure is 'many'"),
        ({"cc": "ZQ"}, UnknownCodeError, "unknown country ZQ"),
        ({"co": "DE"}, SourceError, r"exports by origin \(co\)"),
        ({"ttype": "1"}, SourceError, r"imports by consignment \(cc\)"),
        (IMPORT | {"cc": "CN"}, SourceError, r"imports by consignment \(cc\)"),
        ({"tm": "1"}, DriftError, "unknown field tm"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(read, answer, change, error, words):
    with pytest.raises(error, match=words) as raised:
        read(hongkong, answer(change))
    assert str(raised.value).startswith("answer.json: ")
    assert "\n" not in str(raised.value)


def test_an_error_names_the_record(read, answer):
    with pytest.raises(UnknownCodeError, match=r"ZQ.*record 2"):
        read(hongkong, answer({}, {"cc": "ZQ"}))


def test_two_figures_of_one_statistic_are_refused(read, answer):
    with pytest.raises(DuplicateError, match="two figures for code 854231, ttype 3"):
        read(hongkong, answer({}, {"figure": "7"}))


def test_fewer_records_than_announced_are_refused(read, answer):
    with pytest.raises(TruncatedError, match="1 of the 9 records"):
        read(hongkong, answer({}, announced=9))


def test_a_missing_field_is_named(read, answer):
    with pytest.raises(SourceError, match="no field codeclass, figure"):
        read(
            hongkong,
            answer({}, of={k: v for k, v in RECORD.items() if k not in ("codeclass", "figure")}),
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps({"header": header("Fail", ["No record found"])}), "No record found"),
        (json.dumps({"header": header("Fail"), "dataSet": []}), r"no records \(Fail\)"),
        ("{}", "no header"),
        ("[]", "not a JSON object"),
        ("<html>login</html>", "a web page"),
    ],
)
def test_what_is_no_answer_is_refused(read, tmp_path, text, words):
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=words):
        read(hongkong, path)


def test_a_request_asks_for_exports_by_destination():
    [request] = IDDS.requests(QUERY, OUT)
    assert request == Request(
        "https://tradeidds.censtatd.gov.hk/api/get",
        {
            "lang": "EN",
            "sv": "VCm,QCm",
            "freq": "M",
            "period": "202301,202302",
            "ttype": "3",
            "ccclass": "C",
            "cc": "RU,KZ",
            "codeclass": "HKHS6",
            "code": "854231",
        },
        name=request.name,
        asked=QUERY,
    )
    assert re.fullmatch(
        r"hongkong-2023-01_2023-02-re-export-RUS\+1-854231-[0-9a-f]{8}\.json", request.name
    )


def test_a_request_asks_for_imports_by_origin():
    [request] = IDDS.requests(replace(QUERY, flows=("import",), partners=()), OUT)
    assert request.params["coclass"] == "C"
    assert (request.params["ttype"], request.params["co"]) == ("1", "ALL")
    assert "cc" not in request.params


def test_years_are_asked_for_one_by_one():
    found = tuple(Release("HKG", "A", year) for year in ("2022", "2023"))
    query = replace(QUERY, freq="A", periods=("2022", "2023"))
    plan = list(IDDS.requests(query, found))
    assert [(r.params["sv"], r.params["period"]) for r in plan] == [
        ("VCy,QCy", "2022,2022"),
        ("VCy,QCy", "2023,2023"),
    ]


def test_a_plan_asks_for_every_cell_once_and_keeps_years_and_lengths_apart():
    months = ("2021-11", "2021-12", "2022-01", "2022-03")
    products = ("8542", *(f"8541{number}" for number in range(10, 35)), "854231")
    flows = ("import", "export", "re-export", "re-import")
    found = tuple(Release("HKG", "M", month) for month in months)
    query = Query("M", months, ("HKG",), (), flows, products)
    plan = list(IDDS.requests(query, found))
    assert len(plan) == len({request.name for request in plan}) == 3 * 3 * 3
    cells = [
        (flow, product, month)
        for request in plan
        for flow in request.asked.flows
        for product in request.asked.products
        for month in request.asked.periods
    ]
    assert len(cells) == len(set(cells)) == 3 * len(products) * len(months)
    assert {request.params["period"] for request in plan} == {
        "202111,202112",
        "202201,202201",
        "202203,202203",
    }
    assert max(len(request.asked.products) for request in plan) == 20
    assert all(len({len(p) for p in request.asked.products}) == 1 for request in plan)
    assert plan == list(IDDS.requests(query, found))


def test_the_same_months_of_two_years_are_two_requests():
    months = ("2021-01", "2022-02")
    found = tuple(Release("HKG", "M", month) for month in months)
    plan = list(IDDS.requests(replace(QUERY, periods=months), found))
    assert [request.asked.periods for request in plan] == [("2021-01",), ("2022-02",)]


def test_what_the_department_does_not_publish_is_not_asked_for():
    assert list(IDDS.requests(replace(QUERY, flows=("re-import",)), OUT)) == []
    assert list(IDDS.requests(replace(QUERY, reporters=("CHN",)), OUT)) == []
    [request] = IDDS.requests(QUERY, OUT[:1])
    assert request.asked.periods == ("2023-01",)


@pytest.mark.parametrize(
    ("products", "words"),
    [((), "all products at once"), (("854231", "TOTAL"), "'TOTAL'"), (("85423",), "'85423'")],
)
def test_products_the_service_cannot_be_asked_for_are_refused(products, words):
    with pytest.raises(FetchError, match=words):
        list(IDDS.requests(replace(QUERY, products=products), OUT))


def test_codes_are_halved_before_months():
    [request] = IDDS.requests(replace(QUERY, products=("854231", "854232", "854233")), OUT)
    first, second = IDDS.split(request)
    assert [part.asked.products for part in (first, second)] == [
        ("854231", "854232"),
        ("854233",),
    ]
    assert {part.asked.periods for part in (first, second)} == {("2023-01", "2023-02")}
    assert {part.asked.partners for part in (first, second)} == {("RUS", "KAZ")}
    months = IDDS.split(second)
    assert [part.params["period"] for part in months] == ["202301,202301", "202302,202302"]
    assert len({p.name for p in (request, first, second, *months)}) == 5
    alone = replace(months[0], asked=replace(months[0].asked, partners=()))
    assert IDDS.split(alone) == IDDS.split(replace(alone, asked=None)) == ()


def test_the_index_tells_periods_that_are_out(tmp_path):
    first, second = IDDS.index(QUERY)
    assert (first.params["period"], first.params["ttype"]) == ("202301,202301", "4")
    assert first.name != second.name
    paths = []
    for name, records in (
        ("a", [{"period": "202302"}]),
        ("b", [{"period": "202301"}]),
        ("c", None),
    ):
        path = tmp_path / name
        path.write_text(json.dumps({"header": header(), "dataSet": records}))
        paths.append(path)
    assert IDDS.releases(paths) == OUT
    paths[0].write_text(json.dumps({"header": {}, "dataSet": [{"period": "2022"}]}))
    assert IDDS.releases(paths[:1]) == (Release("HKG", "A", "2022"),)
    for text in ("[", "[]", '{"header": {}, "dataSet": [{}]}'):
        paths[0].write_text(text)
        with pytest.raises(SourceError, match=r"^a: .*fetch it again"):
            IDDS.releases(paths[:1])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"header": header(records=1), "dataSet": [{}]}, Verdict.GOOD),
        ({"header": header(), "dataSet": []}, Verdict.EMPTY),
        ({"header": header(records=2), "dataSet": [{}]}, Verdict.BUSY),
        ({"header": header()}, Verdict.WRONG),
        ({"header": header("Fail", ["No record found."])}, Verdict.EMPTY),
        ({"header": header("Usage limit", "wait")}, Verdict.BUSY),
        ({"header": header("Server busy")}, Verdict.BUSY),
        ({"header": header("Access denied")}, Verdict.BUSY),
        ({"header": header("Fail", "Validation error: sv")}, Verdict.WRONG),
        ({"data": []}, Verdict.WRONG),
        ([], Verdict.WRONG),
        ("<html>down</html>", Verdict.BUSY),
        ('{"header": {', Verdict.BUSY),
    ],
)
def test_an_answer_is_told_from_each_kind_of_refusal(verdict, data, expected):
    assert verdict(data) is expected


def test_http_refusals_are_told_apart(verdict):
    assert verdict("", 404) is Verdict.WRONG
    assert verdict("", 503) is verdict("", 429) is Verdict.BUSY


def test_a_code_the_year_does_not_have_is_found_by_halving(verdict):
    unknown = {"header": header("Fail", ["Commodity code 854151 is not valid"])}
    assert verdict(unknown, codes=("854231", "854151")) is Verdict.TOO_LARGE
    assert verdict(unknown, codes=("854151",)) is Verdict.EMPTY


def test_a_period_that_is_not_out_is_an_empty_index(verdict):
    assert verdict({"header": header("Fail", "Invalid period")}, codes=()) is Verdict.EMPTY
    assert verdict({"header": header("Fail", "Invalid lang")}, codes=()) is Verdict.WRONG
    assert verdict({"header": header("Fail", "Invalid period")}) is Verdict.WRONG
