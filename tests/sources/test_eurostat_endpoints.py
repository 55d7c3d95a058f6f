"""Truth: plans counted by hand; answers written here in Eurostat's layouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import py7zr
import pytest

from entrepot.contracts import Query, Release, Request, Response, Verdict
from entrepot.errors import DriftError, SourceError
from entrepot.sources.eurostat import comext_endpoint, eurostat, sdmx_endpoint

SDMX, BULK = eurostat.endpoints
DAY = date(2026, 11, 18)
MONTHS = tuple(f"2024-{month:02}" for month in range(1, 13))
SMALL = Query("M", MONTHS, ("DEU", "GRC"), ("RUS", "KGZ"), products=("854231",))
HEADER = "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
LINE = "ESTAT:DS-045409(1.0),18/11/26 11:00:00,M,DE,RU,854231,2,VALUE_IN_EUROS,2024-01,5"


def released(query, day=DAY):
    return tuple(Release(r, query.freq, p, day) for r in query.reporters for p in query.periods)


def plan(query, found=None):
    calls = list(SDMX.requests(query, released(query) if found is None else found))
    assert len({call.name for call in calls}) == len(calls)
    return calls


@pytest.fixture
def answer(tmp_path):
    def write(body, status=200):
        path = tmp_path / "answer"
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return Response(status, {}, path)

    return write


def test_endpoints_are_the_small_one_then_the_large_one():
    assert [endpoint.name for endpoint in eurostat.endpoints] == ["sdmx", "bulk"]


# SDMX


def test_a_small_question_is_one_call_per_reporter():
    calls = plan(SMALL)
    assert [call.name for call in calls] == [
        "eurostat-M-DEU-2024-01_2024-12-MX-RUS+1-854231.csv",
        "eurostat-M-GRC-2024-01_2024-12-MX-RUS+1-854231.csv",
    ]
    assert calls[0].url.endswith(
        "/data/DS-045409/M.DE.RU+KG.854231.1+2."
        "VALUE_IN_EUROS+QUANTITY_IN_100KG+SUPPLEMENTARY_QUANTITY"
    )
    assert calls[0].params == {
        "format": "SDMX-CSV",
        "startPeriod": "2024-01",
        "endPeriod": "2024-12",
    }
    assert calls[0].asked == replace(SMALL, reporters=("DEU",))
    assert calls[0].published == DAY
    assert "/M.GR." in calls[1].url


def test_a_period_left_out_cuts_the_range():
    calls = plan(replace(SMALL, periods=("2023-12", "2024-01", "2024-03"), reporters=("DEU",)))
    assert [call.asked.periods for call in calls] == [("2023-12", "2024-01"), ("2024-03",)]
    annual = plan(replace(SMALL, freq="A", periods=("2024", "2021", "2022"), reporters=("DEU",)))
    assert [call.asked.periods for call in annual] == [("2021", "2022"), ("2024",)]


def test_what_is_not_released_is_not_asked_for():
    found = (Release("DEU", "M", "2024-02", DAY), Release("DEU", "A", "2024", DAY))
    [call] = plan(SMALL, found)
    assert call.asked.periods == ("2024-02",)


def test_flows_that_eurostat_does_not_publish_are_not_asked_for():
    [call] = plan(replace(SMALL, reporters=("DEU",), flows=("re-export", "export")))
    assert call.asked.flows == ("export",)
    assert ".2.VALUE" in call.url
    assert plan(replace(SMALL, flows=("re-export",))) == []


@pytest.mark.parametrize("products", [50, 300, 3000])
def test_every_call_is_below_what_is_answered_at_once(products):
    query = Query("M", MONTHS, ("DEU",), products=tuple(f"{n:06}" for n in range(products)))
    calls = plan(query)
    asked = set()
    for call in calls:
        part = call.asked
        cells = 282 * len(part.products) * len(part.flows) * len(part.periods) * 3
        assert cells < 500_000
        asked |= {(p, f, c) for p in part.periods for f in part.flows for c in part.products}
    assert len(asked) == 12 * 2 * products


def test_all_products_and_partners_are_asked_partner_by_partner():
    calls = plan(Query("M", ("2024-01",), ("DEU",)))
    pairs = [(f, p) for call in calls for f in call.asked.flows for p in call.asked.partners]
    partners = {partner for _, partner in pairs}
    assert len(pairs) == len(set(pairs)) == 2 * len(partners) > 480
    assert {"RUS", "_NORTHERN_IRELAND", "_C_EU_EXTRA"} <= partners
    assert not {"WLD", "_EU_EXTRA", "_USSR"} & partners
    assert all(40_321 * len(c.asked.partners) * len(c.asked.flows) * 3 < 500_000 for c in calls)


def test_the_plan_is_the_same_every_time():
    query = Query("M", MONTHS, ("FRA", "DEU"), products=("85", "8542"))
    assert plan(query) == plan(query)


def test_a_refused_size_is_halved_the_longest_way():
    [call] = plan(replace(SMALL, reporters=("DEU",)))
    halves = SDMX.split(call)
    assert [half.asked.periods for half in halves] == [MONTHS[:6], MONTHS[6:]]
    assert all(half.published == DAY for half in halves)
    assert len({half.name for half in halves}) == 2


def test_a_call_for_all_partners_is_split_by_partner():
    [call] = plan(
        Query("M", ("2024-01",), ("DEU",), flows=("export",), products=("854231", "854232"))
    )
    one, two = SDMX.split(call)
    assert not set(one.asked.partners) & set(two.asked.partners)
    assert len(one.asked.partners) + len(two.asked.partners) > 240


def test_what_cannot_be_made_finer_is_not_split():
    [call] = plan(Query("M", ("2024-01",), ("DEU",), ("RUS",), ("export",), ("854231",)))
    assert SDMX.split(call) == ()
    assert SDMX.split(next(SDMX.index(SMALL))) == ()


def test_the_index_asks_for_the_total_trade_of_each_reporter():
    calls = list(SDMX.index(SMALL))
    assert [call.name for call in calls] == [
        "eurostat-index-M-DEU.csv",
        "eurostat-index-M-GRC.csv",
    ]
    assert calls[0].url.endswith("/M.DE.WORLD.TOTAL.1+2.VALUE_IN_EUROS")
    assert calls[0].params["startPeriod"] == "2024-01"
    assert calls[0].params["endPeriod"] == "2024-12"
    assert calls[0].asked is None
    [everyone] = SDMX.index(replace(SMALL, reporters=()))
    assert everyone.url.endswith("/M..WORLD.TOTAL.1+2.VALUE_IN_EUROS")
    assert everyone.name == "eurostat-index-M-all.csv"


def test_the_index_gives_each_period_once_with_the_day_of_the_update(answer):
    line = LINE.replace("RU,854231", "WORLD,TOTAL")
    lines = [line, line.replace(",2,VALUE", ",1,VALUE"), line.replace("2024-01,5", "2024-02,")]
    path = answer("\n".join([HEADER, *lines, ""])).path
    assert SDMX.releases([path]) == (Release("DEU", "M", "2024-01", DAY),)


def test_an_index_with_an_unknown_reporter_is_refused(answer):
    path = answer(f"{HEADER}\n{LINE.replace(',DE,', ',Y7,')}\n").path
    with pytest.raises(DriftError, match="no usable 'Y7'"):
        SDMX.releases([path])
    with pytest.raises(SourceError, match="no SDMX-CSV with reporter"):
        SDMX.releases([answer("<html>").path])


def test_an_index_without_results_releases_nothing(answer):
    fault = "<S:Fault><faultstring>100: No Results Found: NO_RESULTS</faultstring></S:Fault>"
    assert SDMX.releases([answer(fault).path]) == ()


FAULT = (
    '<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>{}</faultcode>'
    "<faultstring>{}</faultstring></S:Fault>"
)
BIG = "EXTRACTION_TOO_BIG: The requested extraction is too big, max authorised is 5000000"
LATER = (
    '<env:Envelope xmlns:env="urn:e"><env:Body><queued><id>98de05ea</id>'
    "<status>SUBMITTED</status></queued></env:Body></env:Envelope>"
)


@pytest.mark.parametrize(
    ("body", "status", "verdict", "reason"),
    [
        (f"{HEADER}\n{LINE}\n", 200, Verdict.GOOD, ""),
        (f"{HEADER}\n", 200, Verdict.EMPTY, ""),
        (f"{HEADER}\n{LINE[:-9]}", 200, Verdict.BUSY, "ends in the middle"),
        (f"{HEADER}\n{LINE[:-9]}\n", 200, Verdict.BUSY, "ends in the middle"),
        (FAULT.format(413, BIG), 413, Verdict.TOO_LARGE, "EXTRACTION_TOO_BIG"),
        (FAULT.format(413, BIG), 200, Verdict.TOO_LARGE, "EXTRACTION_TOO_BIG"),
        (LATER, 200, Verdict.BUSY, "promised for later"),
        (LATER.replace("SUBMITTED", "PROCESSING"), 202, Verdict.BUSY, "promised for later"),
        ("<!DOCTYPE html><p>down</p>", 200, Verdict.BUSY, "web page"),
        ("", 200, Verdict.BUSY, "empty answer"),
        ("<html>gateway</html>", 503, Verdict.BUSY, "HTTP 503"),
        (FAULT.format(500, "internal"), 500, Verdict.BUSY, "internal"),
        ("slow down", 429, Verdict.BUSY, "HTTP 429"),
        (
            FAULT.format(150, "INVALID_QUERY_DIMENSION_VALUE: 854299"),
            400,
            Verdict.WRONG,
            "INVALID_QUERY_DIMENSION_VALUE: 854299",
        ),
        (FAULT.format(100, "ERR_NOT_FOUND_4: not available"), 404, Verdict.WRONG, "ERR_NOT_FOUND"),
        (FAULT.format(100, "No results found"), 404, Verdict.EMPTY, "No results"),
        ("<html>no such path</html>", 404, Verdict.WRONG, "HTTP 404"),
        ("what?", 400, Verdict.WRONG, "HTTP 400"),
    ],
)
def test_an_answer_of_the_service_is_told_from_a_refusal(answer, body, status, verdict, reason):
    found, why = SDMX.judge(plan(SMALL)[0], answer(body, status))
    assert found is verdict
    assert reason in why
    assert "\n" not in why


def test_an_index_without_periods_is_an_answer(answer):
    assert SDMX.judge(next(SDMX.index(SMALL)), answer(f"{HEADER}\n")) == (Verdict.GOOD, "")


# Bulk files

LIST = (
    "NAME,SIZE,TYPE,LAST_MODIFIED\n"
    "full_v2_202401.7z,45431111,FILE,2024-04-17T11:00:00\n"
    "full202401.7z,40000000,FILE,2024-03-17T11:00:00\n"
    "full200101.7z,30000000,FILE,17/03/2019 11:00\n"
    "full_v2_202352.7z,92000000,FILE,2024-11-18T11:00:00\n"
    "full_partxixu_v2_202401.7z,2000000,FILE,2024-04-17T11:00:00\n"
    "trec_202401.7z,2000000,FILE,2024-04-17T11:00:00\n"
)
JANUARY = Release(
    "",
    "M",
    "2024-01",
    date(2024, 4, 17),
    f"{comext_endpoint.FILES}?file=comext/COMEXT_DATA/PRODUCTS/full_v2_202401.7z",
)


def test_the_list_gives_one_release_per_period_in_its_newest_layout(answer):
    found = BULK.releases([answer(LIST).path])
    assert JANUARY in found
    assert {(r.freq, r.period): r.day for r in found} == {
        ("M", "2024-01"): date(2024, 4, 17),
        ("M", "2001-01"): date(2019, 3, 17),
        ("A", "2023"): date(2024, 11, 18),
    }
    first, second = LIST.splitlines()[1:3]
    swapped = LIST.replace(f"{first}\n{second}", f"{second}\n{first}")
    assert JANUARY in BULK.releases([answer(swapped).path])


def test_a_list_without_its_columns_is_refused(answer):
    with pytest.raises(SourceError, match="no column NAME"):
        BULK.releases([answer("<html>").path])
    with pytest.raises(DriftError, match="expected NAME and one date of the last change"):
        BULK.releases([answer(LIST.replace("LAST_MODIFIED", "AGE")).path])
    with pytest.raises(DriftError, match="date 'yesterday'; expected a day"):
        BULK.releases([answer(LIST.replace("2024-04-17T11:00:00", "yesterday")).path])


def test_one_file_per_period_is_asked_for_whatever_the_query_names():
    [index] = BULK.index(SMALL)
    assert index.params["dir"] == "comext/COMEXT_DATA/PRODUCTS"
    assert index.asked is None
    query = replace(SMALL, periods=("2024-02", "2024-01", "2024-01"))
    year = replace(JANUARY, freq="A", period="2024")
    [call] = BULK.requests(query, (year, JANUARY))
    assert call == Request(
        comext_endpoint.FILES,
        {"file": "comext/COMEXT_DATA/PRODUCTS/full_v2_202401.7z"},
        name="full_v2_202401[2024-04-17].7z",
        asked=Query("M", ("2024-01",)),
        published=date(2024, 4, 17),
    )


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "full.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr("x" * 1000, "full_202401.dat")
    return path.read_bytes()


def test_a_bulk_file_is_whole_or_asked_for_again(answer, packed):
    [call] = BULK.requests(SMALL, (JANUARY,))
    assert BULK.judge(call, answer(packed)) == (Verdict.GOOD, "")
    for body in (packed[:-1], packed + b"\0", packed[:20], b"", b"PK\x03\x04", "<html>busy</html>"):
        assert BULK.judge(call, answer(body))[0] is Verdict.BUSY
    gone = "<html>File full_v2_202613.7z does not exist or is not readable on the server</html>"
    assert BULK.judge(call, answer(gone))[0] is Verdict.UNPUBLISHED
    assert BULK.judge(call, answer("", 404))[0] is Verdict.UNPUBLISHED
    assert BULK.judge(call, answer("", 503))[0] is Verdict.BUSY


def test_the_list_is_told_from_a_web_page(answer):
    [index] = BULK.index(SMALL)
    assert BULK.judge(index, answer(LIST)) == (Verdict.GOOD, "")
    assert BULK.judge(index, answer("<html>does not exist</html>"))[0] is Verdict.BUSY
    assert BULK.judge(index, answer("something"))[0] is Verdict.BUSY


def test_both_endpoints_stay_with_eurostat():
    for endpoint in eurostat.endpoints:
        assert endpoint.hosts == ("ec.europa.eu",)
        assert endpoint.reference.startswith("https://ec.europa.eu/")
    assert sdmx_endpoint.API.startswith("https://ec.europa.eu/")
