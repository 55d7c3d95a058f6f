"""Each publisher but Comtrade against its documented limits, and against Comtrade's same cells."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import httpx
import pytest

import publisher
from publisher import Faults, Limits, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

COMTRADE = "/comtradeapi.un.org"
PREVIEW = f"{COMTRADE}/public/v1/preview/C/M/HS"
SDMX = "/ec.europa.eu/eurostat/api/comext/dissemination/sdmx/2.1/data/DS-045409"
FILES = "/ec.europa.eu/eurostat/api/dissemination/files"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
CENSUS = "/api.census.gov/data/timeseries/intltrade/exports/hs"
OTS = "/api.uktradeinfo.com/OTS"


@pytest.fixture
def server() -> Iterator[publisher.Publisher]:
    with publisher.running(limits=Limits(pace=0)) as running:
        yield running


@pytest.fixture
def client(server: publisher.Publisher) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def test_eurostat_answers_small_questions_queues_middling_ones_and_refuses_large_ones(
    client: httpx.Client,
) -> None:
    months = {"format": "SDMX-CSV", "startPeriod": "2023-01", "endPeriod": "2023-01"}
    small = client.get(f"{SDMX}/M.DE.TR+KZ.854231.2.VALUE_IN_EUROS", params=months)
    rows = list(csv.DictReader(small.text.splitlines()))
    assert {(r["reporter"], r["product"], r["TIME_PERIOD"]) for r in rows} == {
        ("DE", "854231", "2023-01")
    }
    assert {row["partner"] for row in rows} == {"TR"}  # Germany sold none to Kazakhstan
    assert list(rows[0]) == (
        "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
    ).split(",")
    # 1 x 1 x 282 x 40,321 x 1 x 1 cells, and 1 x 1 x 1 x 40,321 x 1 x 1 x 13 months
    large = client.get(f"{SDMX}/M.DE...2.VALUE_IN_EUROS", params=months)
    assert (large.status_code, "11370522" in large.text) == (413, True)
    year = months | {"endPeriod": "2024-01"}
    queued = client.get(f"{SDMX}/M.DE.TR..2.VALUE_IN_EUROS", params=year)
    assert (queued.status_code, "<queued><id>" in queued.text) == (200, True)
    ticket = queued.text.split("<id>")[1].split("</id>")[0]
    later = f"{SDMX.split('/sdmx')[0]}/1.0/async"
    assert "AVAILABLE" in client.get(f"{later}/status/{ticket}").text
    assert client.get(f"{later}/data/{ticket}").text.startswith("DATAFLOW,")


def test_eurostat_gives_the_same_sum_at_every_level_and_for_the_world(client: httpx.Client) -> None:
    months = {"format": "SDMX-CSV", "startPeriod": "2023-01", "endPeriod": "2023-01"}
    answer = client.get(f"{SDMX}/M.DE.TR..2.VALUE_IN_EUROS", params=months)
    sums = {6: 0, 8: 0, len("TOTAL"): 0}
    for row in csv.DictReader(answer.text.splitlines()):
        sums[len(row["product"])] += int(row["OBS_VALUE"])
    assert sums[6] == pytest.approx(sums[8], abs=50)
    assert sums[6] == pytest.approx(sums[5], abs=50)
    assert sums[6] > 0
    answer = client.get(f"{SDMX}/M.DE..TOTAL.2.VALUE_IN_EUROS", params=months)
    world = {True: 0, False: 0}
    for row in csv.DictReader(answer.text.splitlines()):
        world[row["partner"] == "WORLD"] += int(row["OBS_VALUE"])
    assert world[True] == pytest.approx(world[False], abs=50)
    partners = [row["partner"] for row in csv.DictReader(answer.text.splitlines())]
    assert len(partners) == len(set(partners)) > 1


def test_eurostat_answers_at_once_what_it_was_asked_before(client: httpx.Client) -> None:
    year = {"format": "SDMX-CSV", "startPeriod": "2023-01", "endPeriod": "2024-01"}
    texts = [client.get(f"{SDMX}/M.DE.TR..2.VALUE_IN_EUROS", params=year).text for _ in range(2)]
    assert ["<queued>" in text for text in texts] == [True, False]
    assert texts[1].startswith("DATAFLOW,")


def test_publishers_agree_on_a_cell_in_their_own_units(client: httpx.Client) -> None:
    # The ECB's mean of May 2022 is 1.05785 dollars, that of January 2023 is 1.22 dollars a pound.
    may = {"period": "202205", "flowCode": "X", "partnerCode": "792", "cmdCode": "842139"}
    [cell] = client.get(PREVIEW, params={**may, "reporterCode": "276"}).json()["data"]
    months = {"format": "SDMX-CSV", "startPeriod": "2022-05", "endPeriod": "2022-05"}
    rows = client.get(f"{SDMX}/M.DE.TR.842139.2.", params=months).text.splitlines()
    values = {row["indicators"]: float(row["OBS_VALUE"]) for row in csv.DictReader(rows)}
    assert values["VALUE_IN_EUROS"] * 1.05785 == pytest.approx(cell["primaryValue"], rel=1e-4)
    assert values["QUANTITY_IN_100KG"] * 100 == pytest.approx(cell["netWgt"], abs=0.5)
    january = {"period": "202301", "flowCode": "X", "partnerCode": "251", "cmdCode": "854442"}
    [cables] = client.get(PREVIEW, params={**january, "reporterCode": "826"}).json()["data"]
    asked = "MonthId eq 202301 and CommodityId eq 85444200 and Country/CountryCodeAlpha eq 'FR'"
    rows = client.get(OTS, params={"$filter": f"{asked} and FlowTypeId eq 2"}).json()["value"]
    assert [row["Value"] * 1.22 for row in rows] == [
        pytest.approx(cables["primaryValue"], rel=0.01)
    ]


def test_eurostat_has_no_answer_for_a_month_to_come(client: httpx.Client) -> None:
    months = {"format": "SDMX-CSV", "startPeriod": "2026-01", "endPeriod": "2026-01"}
    answer = client.get(f"{SDMX}/M.DE.TR.854231.2.", params=months)
    assert (answer.status_code, "<faultcode>100</faultcode>" in answer.text) == (404, True)
    assert client.get(f"{SDMX}/M.DE", params=months).status_code == 400


def test_a_monthly_file_is_listed_redirected_and_whole(client: httpx.Client) -> None:
    py7zr = pytest.importorskip("py7zr", reason="monthly files are 7z archives")
    listing = client.get(FILES, params={"dir": FOLDER, "format": "csv"}).text
    names = [row["NAME"] for row in csv.DictReader(listing.splitlines())]
    assert len(names) == 120
    assert "full_v2_202301.7z" in client.get(FILES, params={"dir": FOLDER}).text
    hop = client.get(FILES, params={"file": f"{FOLDER}/full_v2_202301.7z"})
    assert hop.status_code == 302
    archive = client.get(hop.headers["location"].replace("https:/", "")).content
    with py7zr.SevenZipFile(io.BytesIO(archive)) as opened:
        assert opened.getnames() == ["full_202301.dat"]
        factory = py7zr.io.BytesIOFactory(limit=10_000_000)
        opened.extractall(factory=factory)
    text = factory.get("full_202301.dat").read().decode()
    header, *rows = csv.reader(text.splitlines())
    assert len(header) == 18
    assert {len(row) for row in rows} == {18}
    assert {row[2] for row in rows} == {"I", "E"}
    assert {len(row[3]) for row in rows} == {8}
    missing = client.get(f"{FILES}/download", params={"file": f"{FOLDER}/full_v2_203001.7z"})
    assert missing.status_code == 404


def test_the_census_bureau_answers_arrays_and_204_for_nothing(client: httpx.Client) -> None:
    asked = {"get": "CTY_CODE,ALL_VAL_MO", "time": "2023-01", "COMM_LVL": "HS6"}
    header, *rows = client.get(CENSUS, params=asked | {"E_COMMODITY": "8542*"}).json()
    assert header == ["CTY_CODE", "ALL_VAL_MO", "time", "COMM_LVL", "E_COMMODITY"]
    value = dict.fromkeys((True, False), 0)
    for country, usd, *_ in rows:
        value[country == "-"] += int(usd)
    assert value[True] == value[False] > 0
    nothing = client.get(CENSUS, params=asked | {"time": "2030-01"})
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert client.get(CENSUS, params=asked | {"get": "NAME"}).status_code == 400


def test_the_census_bureau_adds_up_headings_and_ranges_of_months(client: httpx.Client) -> None:
    def total(level: str, time: str, code: str) -> int:
        asked = {"get": "ALL_VAL_MO", "time": time, "COMM_LVL": level, "CTY_CODE": "-"}
        answer = client.get(CENSUS, params=asked | {"E_COMMODITY": code}).json()
        return sum(int(row[0]) for row in answer[1:])

    both = "from 2023-01 to 2023-02"
    assert total("HS4", both, "8542") == pytest.approx(total("HS6", both, "8542*"), abs=5)
    months = [total("HS2", month, "85") for month in ("2023-01", "2023-02")]
    assert total("HS2", both, "85") == sum(months) > 0


def test_the_census_bureau_keeps_domestic_and_foreign_goods_apart(client: httpx.Client) -> None:
    asked = {"time": "2023-01", "COMM_LVL": "HS6", "CTY_CODE": "-", "E_COMMODITY": "854231"}
    _, [both, *_] = client.get(CENSUS, params={"get": "ALL_VAL_MO", **asked}).json()
    _, *parts = client.get(CENSUS, params={"get": "ALL_VAL_MO,DF", **asked}).json()
    assert {part[1] for part in parts} == {"1", "2"}
    assert sum(int(part[0]) for part in parts) == pytest.approx(int(both), abs=1)


def test_the_census_bureau_sends_a_wrong_key_to_a_page(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    asked = {"get": "ALL_VAL_MO", "time": "2023-01"}
    wrong = client.get(CENSUS, params=asked | {"key": "mine"})
    assert (wrong.status_code, wrong.headers["location"]) == (
        302,
        "https://api.census.gov/data/invalid_key.html",
    )
    told = client.get("/api.census.gov/data/invalid_key.html")
    assert (told.status_code, "Invalid Key" in told.text) == (200, True)
    server.limits = Limits(census_calls=1)
    server.reset()
    titles = [client.get(CENSUS, params=asked).text[:40] for _ in range(2)]
    assert ["Missing" in title or "DOCTYPE" in title for title in titles] == [False, True]
    assert client.get(CENSUS, params=asked | {"key": "free-key"}).status_code == 200


def test_hmrc_cuts_pages_and_links_the_next(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    month = {"$filter": "MonthId eq 202301", "$orderby": "CommodityId,CountryId,FlowTypeId"}
    whole = client.get(OTS, params=month).json()
    assert "@odata.nextLink" not in whole
    server.limits = Limits(hmrc_page=50, hmrc_top=60)
    rows, url = [], f"https://api.uktradeinfo.com/OTS?{httpx.QueryParams(month)}"
    while url:
        page = client.get(url.replace("https:/", "")).json()
        assert len(page["value"]) <= 50
        rows += page["value"]
        url = page.get("@odata.nextLink", "")
    assert rows == whole["value"]
    top = client.get(OTS, params=month | {"$top": "100"}).json()
    assert (len(top["value"]), "@odata.nextLink" in top) == (60, False)


def test_hmrc_pages_overlap_without_an_order(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.limits = Limits(hmrc_page=50)
    rows, skip = [], 0
    while page := client.get(OTS, params={"$filter": "MonthId eq 202301", "$skip": skip}).json()[
        "value"
    ]:
        rows += page
        skip += 50
    keys = [(row["FlowTypeId"], row["CommodityId"], row["CountryId"]) for row in rows]
    assert len(set(keys)) < len(keys)


def test_hmrc_filters_and_expands_as_asked(client: httpx.Client) -> None:
    asked = (
        "MonthId eq 202301 and (FlowTypeId eq 2 or FlowTypeId eq 4) and "
        "startswith(Commodity/Hs6Code,'8542') and "
        "(Country/CountryCodeAlpha eq 'KZ' or Country/CountryCodeAlpha eq 'AM')"
    )
    rows = client.get(OTS, params={"$filter": asked, "$expand": "Commodity,Country"}).json()[
        "value"
    ]
    assert {row["FlowTypeId"] for row in rows} == {4}
    assert {row["Country"]["CountryCodeAlpha"] for row in rows} <= {"KZ", "AM"}
    assert {row["Commodity"]["Hs6Code"][:4] for row in rows} == {"8542"}
    plain = client.get(OTS, params={"$filter": asked}).json()["value"]
    assert all("Commodity" not in row for row in plain)
    for wrong in (
        "MonthId like 3",
        "MonthId in (202301)",
        "MonthId eq 202301 and Nope eq 1",
        "MonthId eq",
    ):
        assert client.get(OTS, params={"$filter": wrong}).status_code == 400


def test_hmrc_adds_up_groups(client: httpx.Client) -> None:
    what = "MonthId ge 202301 and MonthId le 202302 and CommodityId ge 85000000"
    groups = f"filter({what})/groupby((MonthId,FlowTypeId),aggregate(Value with sum as Total))"
    rows = client.get(OTS, params={"$apply": groups}).json()["value"]
    assert {(row["MonthId"], row["FlowTypeId"]) for row in rows} == {
        (month, kind) for month in (202301, 202302) for kind in (1, 2, 3, 4)
    }
    plain = client.get(OTS, params={"$filter": what}).json()["value"]
    assert sum(row["Total"] for row in rows) == pytest.approx(sum(row["Value"] for row in plain))


def test_the_yearly_files_have_the_publishers_names_and_columns(client: httpx.Client) -> None:
    page = client.get("/www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37").text
    assert "BACI_HS17_V202501.zip" in page
    baci = client.get("/www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_HS17_V202501.zip").content
    with zipfile.ZipFile(io.BytesIO(baci)) as archive:
        assert archive.namelist()[0] == "BACI_HS17_Y2017_V202501.csv"
        header, row, *_ = csv.reader(archive.read(archive.namelist()[4]).decode().splitlines())
    assert header == ["t", "i", "j", "k", "v", "q"]
    assert (row[0], len(row[5])) == ("2021", 13)
    names = ("period", "reporterCode", "partnerCode", "cmdCode")
    asked = dict(zip(names, row, strict=False)) | {"flowCode": "X"}
    [cell] = client.get(PREVIEW.replace("/M/", "/A/"), params=asked).json()["data"]
    assert float(row[4]) * 1000 == pytest.approx(cell["primaryValue"], abs=1)
    assert float(row[5]) * 1000 == pytest.approx(cell["netWgt"], abs=1)
    rates = client.get("/www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip").content
    with zipfile.ZipFile(io.BytesIO(rates)) as archive:
        columns, newest, *_ = archive.read("eurofxref-hist.csv").decode().splitlines()
    assert columns.startswith("Date,USD,")
    assert newest.startswith("2024-12-31,")
    per_euro = dict(zip(columns.split(","), newest.split(","), strict=True))
    assert 1 < float(per_euro["USD"]) < 1.1
    assert 0.8 < float(per_euro["GBP"]) < 0.9


def test_drift_reaches_every_layout(server: publisher.Publisher, client: httpx.Client) -> None:
    server.faults = Faults(scripts=(Script(0, "drift"),))
    months = {"format": "SDMX-CSV", "startPeriod": "2023-01", "endPeriod": "2023-01"}
    sdmx = client.get(f"{SDMX}/M.DE.TR.854231.2.VALUE_IN_EUROS", params=months).text
    assert sdmx.splitlines()[0].endswith(",sanctions_flag")
    header, *_ = client.get(CENSUS, params={"get": "ALL_VAL_MO", "time": "2023-01"}).json()
    assert header[-1] == "SANCTIONS_FLAG"
    rows = client.get(OTS, params={"$filter": "MonthId eq 202301"}).json()["value"]
    assert "SanctionsFlag" in rows[0]
    rates = client.get("/www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip").content
    with zipfile.ZipFile(io.BytesIO(rates)) as archive:
        assert b",Sanctions,\n" in archive.read("eurofxref-hist.csv")
    assert {entry.outcome for entry in server.record.entries} == {"drift"}
