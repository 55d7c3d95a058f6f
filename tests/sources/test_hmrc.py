"""Truth: answers written here in the layout of OTS, with invented numbers."""

from __future__ import annotations

import gzip
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
from entrepot.reference import countries
from entrepot.sources.hmrc import hmrc
from entrepot.sources.hmrc.endpoints import codes

[ODATA] = hmrc.endpoints
RECORD = {
    "MonthId": 202301,
    "FlowTypeId": 4,
    "SuppressionIndex": 0,
    "CommodityId": 85423111,
    "CommoditySitcId": 77641,
    "CountryId": 79,
    "PortId": 131,
    "Value": 5000.0,
    "NetMass": 12.0,
    "SuppUnit": 30.0,
    "Country": {"CountryCodeAlpha": "KZ"},
}
ROW = {
    "freq": "M",
    "period": date(2023, 1, 1),
    "reporter": "GBR",
    "partner": "KAZ",
    "flow": "export",
    "classification": "HS2022",
    "product": "854231",
    "valuation": "FOB",
    "value_local": 5000.0,
    "currency": "GBP",
    "net_mass_kg": 12.0,
    "quantity": 30.0,
    "quantity_unit": "supplementary",
    "status": "reported",
    "mass_status": "reported",
}
QUERY = Query(
    "M",
    ("2023-01", "2023-02"),
    ("GBR",),
    ("KAZ",),
    ("import", "export"),
    ("854231", "010121"),
)
OUT = tuple(Release("GBR", "M", month) for month in ("2023-01", "2023-02"))


@pytest.fixture
def answer(tmp_path):
    """Write an answer: the plain record once per argument, with the given fields changed."""

    def write(*changes, name="answer.json", **top):
        records = [RECORD | change for change in changes]
        path = tmp_path / name
        path.write_text(json.dumps({"@odata.context": "x", "value": records} | top))
        return path

    return write


@pytest.fixture
def verdict(tmp_path):
    """Judge an answer of the given status and text to the first request of the plan."""

    def judge(text, status=200):
        path = tmp_path / "judged"
        path.write_text(text, encoding="utf-8")
        return ODATA.judge(next(ODATA.requests(QUERY, OUT)), Response(status, {}, path))[0]

    return judge


def test_an_answer_gives_exactly_its_numbers(read, answer):
    assert read(hmrc, answer({})) == [ROW]


def test_a_packed_answer_is_the_same(read, answer, tmp_path):
    path = tmp_path / "answer.json.gz"
    path.write_bytes(gzip.compress(answer({}).read_bytes()))
    assert read(hmrc, path) == [ROW]


def test_ports_and_codes_of_a_subheading_are_added(read, answer):
    path = answer(
        {},
        {"PortId": 5, "Value": 70.0, "NetMass": 1.0, "SuppUnit": 2.0},
        {"CommodityId": 85423190, "Value": 9.0, "NetMass": 0.5, "SuppUnit": 4.0},
        {"CommodityId": 85423290, "Value": 1.0, "PortId": 6},
    )
    first, second = sorted(read(hmrc, path), key=lambda row: row["product"])
    assert first == ROW | {
        "value_local": 5079.0,
        "net_mass_kg": 13.5,
        "quantity": None,
        "quantity_unit": None,
        "status": "derived",
    }
    assert (second["product"], second["value_local"]) == ("854232", 1.0)


def test_ports_of_one_code_keep_their_quantity(read, answer):
    [row] = read(hmrc, answer({}, {"PortId": 5, "SuppUnit": 2.0, "SuppressionIndex": 0}))
    assert (row["quantity"], row["status"]) == (32.0, "derived")


@pytest.mark.parametrize("missing", [None, 0])
def test_a_mass_that_a_port_lacks_is_null_and_zero_is_null(read, answer, missing):
    changes = {"NetMass": missing, "SuppUnit": missing}
    [row] = read(hmrc, answer(changes))
    assert [row[name] for name in ("net_mass_kg", "mass_status", "quantity", "quantity_unit")] == [
        None,
        None,
        None,
        None,
    ]
    [row] = read(hmrc, answer({}, {"PortId": 5} | changes))
    assert row["net_mass_kg"] == (None if missing is None else 12.0)
    assert row["quantity"] == (None if missing is None else 30.0)


@pytest.mark.parametrize(
    ("flow_type", "flow", "valuation"),
    [(1, "import", "CIF"), (2, "export", "FOB"), (3, "import", "CIF"), (4, "export", "FOB")],
)
def test_four_types_of_flow_are_two_flows(read, answer, flow_type, flow, valuation):
    [row] = read(hmrc, answer({"FlowTypeId": flow_type}))
    assert (row["flow"], row["valuation"]) == (flow, valuation)


def test_a_leading_zero_that_odata_lost_is_put_back(read, answer):
    [row] = read(hmrc, answer({"CommodityId": 1012910, "MonthId": 202112}))
    assert (row["product"], row["classification"]) == ("010129", "HS2017")
    assert row["period"] == date(2021, 12, 1)
    named = {"CommodityId": 1012910, "Commodity": {"Cn8Code": "01012910"}}
    [row] = read(hmrc, answer(named))
    assert row["product"] == "010129"


@pytest.mark.parametrize("index", [1, 2, 3, 4, 5])
def test_a_suppressed_row_makes_its_cell_confidential(read, answer, index):
    [row] = read(hmrc, answer({}, {"SuppressionIndex": index, "Value": 1.0}))
    assert (row["status"], row["value_local"]) == ("confidential", 5001.0)


def test_a_withheld_part_makes_a_cell_confidential_and_a_withheld_whole_gives_no_row(read, answer):
    hidden = {"SuppressionIndex": 1, "Value": None, "NetMass": None, "SuppUnit": None}
    [row] = read(hmrc, answer({}, hidden | {"PortId": 5}))
    assert (row["value_local"], row["status"]) == (5000.0, "confidential")
    assert row["net_mass_kg"] is row["quantity"] is None
    assert read(hmrc, answer(hidden)) == []


@pytest.mark.parametrize(
    ("code", "partner"),
    [("XS", "SRB"), ("RS", "SRB"), ("XK", "XKX"), ("QX", "_C"), ("QQ", "_BUNKERS"), ("US ", "USA")],
)
def test_countries_are_known_by_the_eu_s_codes_and_by_iso(read, answer, code, partner):
    [row] = read(hmrc, answer({"Country": {"CountryCodeAlpha": code}}))
    assert row["partner"] == partner


def test_no_code_of_hmrc_means_two_places():
    comext, iso2 = countries.lookup("comext"), countries.lookup("iso2")
    assert all(iso2[code] == comext[code] for code in set(iso2) & set(comext))
    assert codes().keys() == iso2.keys() | comext.keys()


def test_an_answer_without_records_gives_no_rows(read, answer):
    assert read(hmrc, answer()) == []


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"MonthId": 20231}, DriftError, "unknown MonthId 20231"),
        ({"MonthId": 202313}, DriftError, "unknown MonthId 202313"),
        ({"FlowTypeId": 5}, DriftError, "unknown FlowTypeId 5"),
        ({"SuppressionIndex": 6}, DriftError, "unknown SuppressionIndex 6"),
        ({"SuppressionIndex": None}, DriftError, "unknown SuppressionIndex empty"),
        ({"CommodityId": 5}, DriftError, "unknown CommodityId 5"),
        ({"CommodityId": -990}, DriftError, "unknown CommodityId -990"),
        ({"Commodity": {"Cn8Code": "05"}}, DriftError, "CommodityId 85423111 with Cn8Code 05"),
        ({"Value": None}, SourceError, "no Value"),
        ({"Value": "much"}, SourceError, "Value is 'much'"),
        ({"Country": {"CountryCodeAlpha": "ZQ"}}, UnknownCodeError, "CountryCodeAlpha ZQ"),
        ({"Country": None}, UnknownCodeError, "CountryCodeAlpha empty"),
        ({"Tariff": 1}, DriftError, "unknown field Tariff"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(read, answer, change, error, words):
    with pytest.raises(error, match=words) as raised:
        read(hmrc, answer(change))
    assert str(raised.value).startswith("answer.json: ")
    assert "\n" not in str(raised.value)


def test_an_error_names_the_record(read, answer):
    with pytest.raises(DriftError, match=r"FlowTypeId 9.*record 2"):
        read(hmrc, answer({}, {"FlowTypeId": 9}))


def test_a_record_that_comes_twice_is_refused(read, answer):
    with pytest.raises(DuplicateError, match="two rows of one key for product 854231"):
        read(hmrc, answer({}, {"PortId": 1}, {"Value": 7.0}))


@pytest.mark.parametrize("name", ["Country", "PortId", "Value"])
def test_a_missing_field_is_named(read, answer, name):
    path = answer({})
    data = json.loads(path.read_text())
    del data["value"][0][name]
    path.write_text(json.dumps(data))
    with pytest.raises(SourceError, match=f"no field {name}"):
        read(hmrc, path)


def test_one_page_of_several_is_refused(read, answer):
    link = {"@odata.nextLink": "https://api.uktradeinfo.com/OTS?$skip=40000"}
    with pytest.raises(TruncatedError, match="1 records and more pages"):
        read(hmrc, answer({}, **link))
    with pytest.raises(TruncatedError, match="40,000 records"):
        read(hmrc, answer(*({"PortId": port} for port in range(40_000))))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"error": {"message": "bad filter"}}', "no records .*bad filter"),
        ("{}", "no list `value`"),
        ("[]", "not a JSON object"),
        ('{"value": [', "cannot be read as JSON"),
        ("<html>login</html>", "a web page"),
        ("", "is empty"),
    ],
)
def test_what_is_no_answer_is_refused(read, tmp_path, text, words):
    path = tmp_path / "answer.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=words):
        read(hmrc, path)


def test_a_request_names_codes_as_numbers_and_months_one_by_one():
    [request] = ODATA.requests(replace(QUERY, flows=("export",)), OUT)
    assert request == Request(
        "https://api.uktradeinfo.com/OTS",
        {
            "$filter": "(MonthId eq 202301 or MonthId eq 202302) and "
            "(FlowTypeId eq 2 or FlowTypeId eq 4) and "
            "((CommodityId ge 85423100 and CommodityId le 85423199) or "
            "(CommodityId ge 1012100 and CommodityId le 1012199))",
            "$expand": "Country($select=CountryCodeAlpha)",
        },
        name=request.name,
        asked=replace(QUERY, flows=("export",), partners=()),
    )
    assert re.fullmatch(r"hmrc-2023-01_2023-02-export-854231\+1-[0-9a-f]{8}\.json", request.name)
    [imports] = ODATA.requests(replace(QUERY, flows=("import",)), OUT)
    assert "(FlowTypeId eq 1 or FlowTypeId eq 3)" in imports.params["$filter"]
    [both] = ODATA.requests(QUERY, OUT)
    assert "FlowTypeId" not in both.params["$filter"]


def test_a_plan_asks_for_every_product_and_month_once():
    months = tuple(f"2022-{month:02d}" for month in range(1, 12))
    products = tuple(f"8542{number}" for number in range(30, 42))
    found = tuple(Release("GBR", "M", month) for month in months)
    query = Query("M", months, ("GBR",), (), ("import",), products)
    plan = list(ODATA.requests(query, found))
    assert len(plan) == len({request.name for request in plan}) == 3 * 3
    cells = [(p, m) for r in plan for p in r.asked.products for m in r.asked.periods]
    assert sorted(cells) == sorted((p, m) for p in products for m in months)
    assert max(len(request.asked.products) for request in plan) == 5
    assert max(len(request.asked.periods) for request in plan) == 4
    assert plan == list(ODATA.requests(query, found))


def test_questions_that_share_their_first_code_have_names_of_their_own():
    [one] = ODATA.requests(replace(QUERY, products=("854231", "854232")), OUT)
    [other] = ODATA.requests(replace(QUERY, products=("854231", "854239")), OUT)
    assert one.name != other.name


def test_without_products_a_month_is_asked_for_country_by_country():
    query = Query("M", ("2023-01",), ("GBR",), ("KAZ", "SRB"), ("import", "export"))
    first, second = ODATA.requests(query, OUT)
    assert first.asked == replace(query, partners=("KAZ",))
    assert first.params["$filter"] == (
        "MonthId eq 202301 and (CommodityId ge 1000000 and CommodityId le 99999999) and "
        "Country/CountryCodeAlpha eq 'KZ'"
    )
    assert second.params["$filter"].endswith(
        "(Country/CountryCodeAlpha eq 'RS' or Country/CountryCodeAlpha eq 'XS')"
    )
    everyone = [r.asked.partners[0] for r in ODATA.requests(replace(query, partners=()), OUT)]
    assert {"RUS", "_C", "XKX"} <= set(everyone)
    assert not any(countries.is_aggregate(partner) for partner in everyone)


def test_what_hmrc_does_not_publish_is_not_asked_for():
    assert next(ODATA.requests(QUERY, OUT[:1])).asked.periods == ("2023-01",)
    for nothing in (
        replace(QUERY, flows=("re-export", "re-import")),
        replace(QUERY, reporters=("FRA",)),
        replace(QUERY, freq="A", periods=("2023",)),
    ):
        assert list(ODATA.requests(nothing, OUT)) == []
    assert list(ODATA.index(replace(QUERY, freq="A", periods=("2023",)))) == []
    [export] = ODATA.requests(replace(QUERY, flows=("export", "re-export")), OUT)
    assert export.asked.flows == ("export",)


@pytest.mark.parametrize("code", ["8542", "85423111", "TOTAL"])
def test_a_product_that_answers_are_not_read_as_is_refused(code):
    with pytest.raises(FetchError, match=f"product {code!r}; expected HS codes of six digits"):
        list(ODATA.requests(replace(QUERY, products=(code,)), OUT))


def test_an_answer_of_many_pages_is_asked_for_in_parts_that_together_ask_the_same():
    [request] = ODATA.requests(QUERY, OUT)
    waiting, done, names = [request], [], {request.name}
    while waiting:
        parts = ODATA.split(waiting.pop())
        assert len(parts) in (0, 2)
        done += [part for part in parts if part.asked.partners]
        waiting += [part for part in parts if not part.asked.partners]
        names |= {part.name for part in parts}
    asked = {
        (month, flow, product, partner)
        for part in done
        for month in part.asked.periods
        for flow in part.asked.flows
        for product in part.asked.products
        for partner in part.asked.partners
    }
    everyone = {c for c in codes().values() if not countries.is_aggregate(c)}
    assert len(asked) == 2 * 2 * 2 * len(everyone)
    assert len(names) == 1 + 2 * (1 + 2 + 4) + 2 * 8
    one = replace(done[0].asked, partners=("KAZ",))
    assert ODATA.split(replace(done[0], asked=one)) == ()


def test_the_index_tells_months_of_which_all_flows_are_out(tmp_path):
    [request] = ODATA.index(QUERY)
    assert request.params["$apply"] == (
        "filter(MonthId ge 202301 and MonthId le 202302 and "
        "(CommodityId ge 85000000 and CommodityId le 85999999))"
        "/groupby((MonthId,FlowTypeId),aggregate(Value with sum as Value))"
    )
    path = tmp_path / "index"
    found = [(202302, f) for f in (4, 3, 2, 1)] + [(202301, f) for f in (1, 2, 3, 4)]
    found += [(202303, f) for f in (3, 4)]
    path.write_text(json.dumps({"value": [{"MonthId": m, "FlowTypeId": f} for m, f in found]}))
    assert ODATA.releases([path]) == OUT


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"value": [{"MonthId": 202301}]}', DriftError),
        ('{"value": [{"MonthId": 2023, "FlowTypeId": 1}]}', DriftError),
        ("{}", SourceError),
        ("[", SourceError),
    ],
)
def test_an_index_of_another_form_is_refused(tmp_path, text, error):
    path = tmp_path / "index"
    path.write_text(text)
    with pytest.raises(error, match=r"^index: .*(fetch it again|report the change)"):
        ODATA.releases([path])


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ('{"value": [{}]}', 200, Verdict.GOOD),
        ('{"value": []}', 200, Verdict.EMPTY),
        ('{"value": [{}], "@odata.nextLink": "x"}', 200, Verdict.TOO_LARGE),
        ('{"value": [' + ",".join(["{}"] * 40_000) + "]}", 200, Verdict.TOO_LARGE),
        ('{"value": [{}', 200, Verdict.BUSY),
        ("<html>down</html>", 200, Verdict.BUSY),
        ("slow down", 429, Verdict.BUSY),
        ("", 503, Verdict.BUSY),
        ('{"error": {"message": "bad"}}', 400, Verdict.WRONG),
        ('{"error": {"message": "bad"}}', 200, Verdict.WRONG),
        ("[]", 200, Verdict.WRONG),
        ("", 404, Verdict.WRONG),
    ],
)
def test_an_answer_is_told_from_each_kind_of_refusal(verdict, text, status, expected):
    assert verdict(text, status) is expected
