"""Against what a client sees over HTTP, and against the limits that Comtrade documents."""

from __future__ import annotations

import gzip
import io
import ssl
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest

import publisher
from entrepot.contracts import Query, Response, Verdict
from entrepot.reference import goods
from entrepot.sources.comtrade import endpoints as comtrade
from publisher import KINDS, Faults, Limits, Script, certificate, hosts, world
from publisher.controls import parse_faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMTRADE = "/comtradeapi.un.org"
INDEX = f"{COMTRADE}/public/v1/getDA/C/M/HS"
PREVIEW = f"{COMTRADE}/public/v1/preview/C/M/HS"
DATA = f"{COMTRADE}/data/v1/get/C/M/HS"
BULK = f"{COMTRADE}/bulk/v1/getClassic/C/M/HS"
CHIPS = {"reporterCode": "792", "period": "202301", "flowCode": "X", "cmdCode": "854231"}
MANY = {"reporterCode": "792", "period": "202301,202302", "cmdCode": "AG6"}
FREE = {"Ocp-Apim-Subscription-Key": "free-key"}
PREMIUM = {"Ocp-Apim-Subscription-Key": "premium-key"}


@pytest.fixture
def server() -> Iterator[publisher.Publisher]:
    with publisher.running(limits=Limits(pace=0)) as running:
        yield running


@pytest.fixture
def client(server: publisher.Publisher) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def test_the_preview_is_cut_at_500_records_without_a_word(client: httpx.Client) -> None:
    cut = client.get(PREVIEW, params=MANY).json()
    whole = client.get(DATA, params=MANY, headers=FREE).json()
    assert len(cut["data"]) == cut["count"] == 500
    assert len(whole["data"]) == whole["count"] > 500
    assert cut["data"] == whole["data"][:500]
    assert cut["error"] == ""


def test_the_data_endpoint_is_cut_at_the_limit_of_the_key(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.limits = Limits(pace=0, data_rows=100, premium_rows=250)
    counts = [client.get(DATA, params=MANY, headers=h).json()["count"] for h in (FREE, PREMIUM)]
    assert counts == [100, 250]
    assert (Limits().preview_rows, Limits().data_rows, Limits().premium_rows) == (
        500, 100_000, 250_000,
    )  # fmt: skip


def test_a_record_has_the_47_fields_and_the_codes_that_were_asked(client: httpx.Client) -> None:
    params = CHIPS | {"partnerCode": "643,398", "includeDesc": "false"}
    records = client.get(PREVIEW, params=params).json()["data"]
    assert {len(record) for record in records} == {47}
    assert {record["partnerCode"] for record in records} == {643, 398}
    assert {record["cmdCode"] for record in records} == {"854231"}
    assert {(r["reporterCode"], r["period"], r["flowCode"]) for r in records} == {
        (792, "202301", "X")
    }


def test_without_partners_the_sums_over_partners_come_too(client: httpx.Client) -> None:
    records = client.get(PREVIEW, params=CHIPS).json()["data"]
    [total] = [r["primaryValue"] for r in records if r["partnerCode"] == 0]
    assert total == sum(r["primaryValue"] for r in records if r["partnerCode"] != 0) > 0
    [alone] = client.get(PREVIEW, params=CHIPS | {"partnerCode": "0"}).json()["data"]
    assert alone["primaryValue"] == total


def test_a_year_is_the_sum_of_its_months(client: httpx.Client) -> None:
    asked = {"reporterCode": "792", "flowCode": "X", "cmdCode": "854231", "partnerCode": "643"}
    months = ",".join(f"2019{number:02}" for number in range(1, 13))
    monthly = client.get(PREVIEW, params=asked | {"period": months}).json()["data"]
    [year] = client.get(PREVIEW.replace("/M/", "/A/"), params=asked | {"period": "2019"}).json()[
        "data"
    ]
    assert year["primaryValue"] == sum(record["primaryValue"] for record in monthly) > 0
    assert (year["freqCode"], year["period"]) == ("A", "2019")
    index = client.get(INDEX.replace("/M/", "/A/"), params={"reporterCode": "792"}).json()["data"]
    assert [record["period"] for record in index] == list(range(2015, 2024))  # 2024 lacks June


def test_only_the_index_tells_unpublished_from_nothing_recorded(client: httpx.Client) -> None:
    answers, listed = [], []
    for reporter, period in (*world.SILENT, *world.NEVER):
        code = {"UZB": "860", "GEO": "268", "KGZ": "417", "TUR": "792", "KAZ": "398"}[reporter]
        asked = {"reporterCode": code, "period": period.replace("-", "")}
        goods = asked | {"cmdCode": "854231,851762", "flowCode": "M,X"}
        answers.append(client.get(PREVIEW, params=goods).json())
        listed.append(client.get(INDEX, params=asked).json()["count"])
    assert {(answer["count"], str(answer["data"]), answer["error"]) for answer in answers} == {
        (0, "[]", "")
    }
    assert listed == [1, 1, 1, 0, 0, 0]


def test_the_index_gives_a_day_per_reporter_and_period(client: httpx.Client) -> None:
    records = client.get(INDEX, params={"reporterCode": "792"}).json()["data"]
    assert len(records) == 119  # 120 months, one of them never published
    assert {"reporterCode", "period", "freqCode", "classificationCode", "totalRecords"} <= {
        *records[0]
    }
    days = {record["period"]: record["lastReleased"][:10] for record in records}
    assert len({day for period, day in days.items() if period < 202300}) == 8
    assert len({day for period, day in days.items() if 202300 < period < 202400}) == 12
    assert all(r["firstReleased"] <= r["lastReleased"] for r in records)


def test_today_hides_what_is_released_later(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.world.today = date(2023, 11, 20)
    records = client.get(INDEX, params={"reporterCode": "792"}).json()["data"]
    assert max(record["lastReleased"] for record in records) <= "2023-11-20T00:00:00"
    late = {**CHIPS, "period": "202412"}
    assert client.get(PREVIEW, params=late).json()["count"] == 0
    client.get("/_today")
    assert server.world.today is None
    assert client.get(PREVIEW, params=late).json()["count"] > 0


def test_a_revision_changes_one_month_and_its_day(client: httpx.Client) -> None:
    asked = {"reporterCode": "792", "period": "202301"}
    [old] = client.get(BULK, params=asked, headers=PREMIUM).json()["data"]

    def state() -> tuple[dict[int, str], float, float]:
        index = client.get(INDEX, params={"reporterCode": "792"}).json()["data"]
        value = [
            client.get(PREVIEW, params={**CHIPS, "period": p}).json()["data"][0]["primaryValue"]
            for p in ("202301", "202302")
        ]
        return {r["period"]: r["lastReleased"] for r in index}, value[0], value[1]

    before, january, february = state()
    done = client.get(
        "/_revise", params={"reporter": "TUR", "period": "2023-01", "day": "2025-09-01"}
    )
    assert done.status_code == 200
    after, january_later, february_later = state()
    assert {p for p in before if before[p] != after[p]} == {202301}
    assert after[202301] == "2025-09-01T00:00:00"
    assert january_later == pytest.approx(january * 1.1, rel=1e-3)
    assert february_later == february
    [new] = client.get(BULK, params=asked, headers=PREMIUM).json()["data"]
    assert new["fileUrl"] != old["fileUrl"]
    assert client.get("/_revise", params={"reporter": "TUR"}).status_code == 400


def test_a_bulk_file_holds_all_that_the_index_promises(client: httpx.Client) -> None:
    asked = {"reporterCode": "398", "period": "202301"}
    [line] = client.get(BULK, params=asked, headers=PREMIUM).json()["data"]
    [promised] = client.get(INDEX, params=asked).json()["data"]
    answer = client.get(f"{COMTRADE}/bulk/v1/file/{line['fileUrl']}", headers=PREMIUM)
    header, *rows = gzip.decompress(answer.content).decode().splitlines()
    assert len(header.split("\t")) == 47
    assert len(rows) == promised["totalRecords"] > 0
    assert "CM398202301[" in answer.headers["content-disposition"]
    assert client.get(f"{COMTRADE}/bulk/v1/file/nothing", headers=PREMIUM).status_code == 404


def test_a_key_that_is_missing_wrong_or_too_small_is_refused(client: httpx.Client) -> None:
    refused = [
        client.get(DATA, params=CHIPS),
        client.get(DATA, params=CHIPS, headers={"Ocp-Apim-Subscription-Key": "mine"}),
        client.get(BULK, headers=FREE),
    ]
    for answer in refused:
        assert answer.status_code == answer.json()["statusCode"] == 401
        assert answer.json()["message"].startswith("Access denied")
    in_query = client.get(DATA, params=CHIPS | {"subscription-key": "free-key"})
    assert in_query.status_code == 200


def test_the_quota_of_a_key_ends_with_403(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.limits = Limits(pace=0, calls_per_day=2)
    answers = [client.get(DATA, params=CHIPS, headers=FREE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert "quota" in answers[2].json()["message"]
    assert client.get(PREVIEW, params=CHIPS).status_code == 200


def test_two_calls_in_a_second_are_one_too_many(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.limits = Limits()
    first, second = (client.get(PREVIEW, params=CHIPS) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "1"
    server.limits = Limits(pace=0)
    assert client.get(PREVIEW, params=CHIPS).status_code == 200


def test_what_this_world_does_not_hold_is_refused_and_never_empty(client: httpx.Client) -> None:
    statuses = [
        client.get(PREVIEW, params={**CHIPS, "cmdCode": "TOTAL"}).status_code,
        client.get(PREVIEW, params={**CHIPS, "cmdCode": "8542"}).status_code,
        client.get(PREVIEW, params={**CHIPS, "period": "2023"}).status_code,
        client.get(PREVIEW, params={**CHIPS, "period": ",".join(["202301"] * 13)}).status_code,
        client.get(PREVIEW.replace("HS", "S4"), params=CHIPS).status_code,
        client.get(f"{COMTRADE}/nothing").status_code,
        client.get("/example.org/nothing").status_code,
    ]
    assert statuses == [501, 501, 400, 400, 400, 404, 404]


def test_our_own_connector_reads_index_and_plan_from_this_server(
    client: httpx.Client, tmp_path: Path
) -> None:
    query = Query(
        "M", ("2023-01", "2023-02"), ("TUR",), ("KAZ",), ("export",), ("854231", "851762")
    )
    [asked] = comtrade.index(query)
    index = _kept(client, tmp_path, asked.url, asked.params)
    found = comtrade.releases([index.path])
    assert {release.reporter for release in found} == {"TUR"}
    plan = list(comtrade.preview_requests(query, found))
    assert [request.asked.periods for request in plan if request.asked] == [
        ("2023-01",),
        ("2023-02",),
    ]
    for request in plan:
        answer = _kept(client, tmp_path, request.url, request.params)
        assert comtrade.judge(request, answer) == (Verdict.GOOD, "")


def _kept(client: httpx.Client, folder: Path, url: str, params: object) -> Response:
    answer = client.get(url.replace("https:/", ""), params=dict(params))  # type: ignore[call-overload]
    path = folder / "answer"
    path.write_bytes(answer.content)
    return Response(answer.status_code, dict(answer.headers), path)


def test_the_newspapers_figures_come_out_of_the_data_endpoint(client: httpx.Client) -> None:
    # FT, 27 November 2023: $158m to six countries in nine months; Kazakhstan: $61m and $6.6m.
    codes = [good.code for good in goods.load("chpl-2023-09").goods]
    months = [f"2023{number:02}" for number in range(1, 10)]

    def recorded(reporter: str, partners: str, flow: str) -> float:
        asked = {"reporterCode": reporter, "partnerCode": partners, "flowCode": flow}
        asked |= {"cmdCode": ",".join(codes), "period": ",".join(months)}
        answer = client.get(DATA, params=asked, headers=FREE).json()
        return sum(float(record["primaryValue"]) for record in answer["data"])

    assert recorded("792", "643,31,268,398,417,860", "X") == pytest.approx(158e6, rel=0.01)
    assert recorded("792", "398", "X") == pytest.approx(61e6, rel=0.01)
    assert recorded("398", "792", "M") == pytest.approx(6.6e6, rel=0.01)


def test_a_fault_looks_as_its_name_says(server: publisher.Publisher, client: httpx.Client) -> None:
    whole = client.get(PREVIEW, params=CHIPS)
    assert {*KINDS} == {
        "429", "500", "503", "cut", "half", "short", "garbage", "html", "slow", "redirect", "bomb",
        "drift",
    }  # fmt: skip

    def ask(kind: str) -> httpx.Response:
        server.faults = Faults(
            scripts=(Script(0, kind),), retry_after=7, pause=0.05, bomb=3_000_000
        )
        return client.get(PREVIEW, params=CHIPS)

    assert (ask("429").status_code, ask("429").headers["retry-after"]) == (429, "7")
    assert ask("500").status_code == 500
    assert (ask("503").status_code, ask("503").headers["retry-after"]) == (503, "7")
    with pytest.raises(httpx.ReadError):
        ask("cut")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        ask("half")
    assert whole.text.startswith(ask("short").text) is True
    assert len(ask("short").text) < len(whole.text)
    assert (ask("garbage").status_code, ask("garbage").content[:1] != b"{") == (200, True)
    assert ask("html").text.startswith("<!DOCTYPE html>")
    assert ask("slow").json() == whole.json()
    assert ask("redirect").headers["location"].startswith("https://elsewhere.example/")
    assert len(ask("bomb").content) == 3_000_000
    new = {*ask("drift").json()["data"][0]} - {*whole.json()["data"][0]}
    assert new == {"sanctionsFlag"}


def test_a_bomb_takes_the_form_of_the_file_that_is_asked_for(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.faults = Faults(scripts=(Script(0, "bomb"),), bomb=2_500_000)
    packed = client.get(f"{COMTRADE}/bulk/v1/file/any", headers=PREMIUM).content
    assert len(packed) < 20_000
    assert len(gzip.decompress(packed)) == 2_500_000
    archive = client.get("/www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_HS17_V202501.zip").content
    [member] = zipfile.ZipFile(io.BytesIO(archive)).infolist()
    assert (member.file_size, len(archive) < 20_000) == (2_500_000, True)


def test_scripts_count_the_calls_that_match(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.faults = Faults(scripts=(Script(2, "500", "preview"), Script(1, "html", "getDA")))
    statuses = [client.get(PREVIEW, params=CHIPS).status_code for _ in range(3)]
    assert statuses == [200, 500, 200]
    assert client.get(INDEX, params={"reporterCode": "792"}).text.startswith("<!DOCTYPE")
    assert client.get(INDEX, params={"reporterCode": "792"}).json()["count"] == 119


def test_drawn_faults_repeat_with_the_seed_in_any_order(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    def run(seed: int, turned: bool = False) -> dict[str, list[str]]:
        server.reset()
        server.faults = Faults(shares={"429": 0.3, "500": 0.2}, seed=seed)
        months = [f"2022{number:02}" for number in range(1, 13)]
        for month in reversed(months) if turned else months:
            client.get(PREVIEW, params={**CHIPS, "period": month, "partnerCode": "643"})
        return {entry.name: [entry.outcome] for entry in server.record.entries}

    assert run(1) == run(1) == run(1, turned=True)
    assert run(1) != run(2)
    assert {outcome for [outcome] in run(1).values()} == {"429", "500", "answered"}


def test_a_patient_client_always_arrives(server: publisher.Publisher, client: httpx.Client) -> None:
    server.faults = Faults(shares={"500": 1.0}, most=3)
    statuses = [client.get(PREVIEW, params=CHIPS).status_code for _ in range(4)]
    assert statuses == [500, 500, 500, 200]


def test_about_the_asked_share_of_answers_fails() -> None:
    faults = Faults(shares={"cut": 0.1, "html": 0.2}, seed=5)
    drawn = [faults.draw(f"https://host/{number}", 1, 0) for number in range(2_000)]
    kinds = [fault.kind for fault in drawn if fault]
    assert kinds.count("cut") == pytest.approx(200, abs=40)
    assert kinds.count("html") == pytest.approx(400, abs=55)


def test_the_record_tells_what_became_of_every_request_and_no_secret(
    server: publisher.Publisher, client: httpx.Client
) -> None:
    server.faults = Faults(scripts=(Script(1, "503"),))
    client.get(PREVIEW, params=CHIPS)
    client.get(PREVIEW, params=CHIPS)
    client.get(DATA, params=CHIPS | {"Subscription-Key": "hidden"}, headers=FREE)
    client.get(DATA, params=CHIPS, headers={"Ocp-Apim-Subscription-Key": "my-secret"})
    text = client.get("/_log").text
    entries = client.get("/_log").json()
    assert [(e["outcome"], e["status"], e["key"]) for e in entries] == [
        ("503", 503, ""),
        ("answered", 200, ""),
        ("answered", 200, "free"),
        ("refused", 401, "wrong"),
    ]
    assert entries[0]["url"] == "https://comtradeapi.un.org/public/v1/preview/C/M/HS"
    assert entries[0]["params"] == CHIPS
    assert "my-secret" not in text
    assert "free-key" not in text
    assert "hidden" not in text


def test_work_done_twice_is_found(server: publisher.Publisher, client: httpx.Client) -> None:
    client.get(PREVIEW, params=CHIPS)
    client.get(PREVIEW, params={**CHIPS, "period": "202302"})
    assert server.record.answered_twice() == []
    client.get(PREVIEW, params=dict(reversed(CHIPS.items())))
    [twice] = server.record.answered_twice()
    assert "period=202301" in twice
    client.get("/_reset")
    assert server.record.entries == []


def test_a_mistake_of_the_server_is_no_fault_of_a_publisher(
    server: publisher.Publisher, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hosts.HOSTS, "broken.example", lambda _ask: 1 / 0)
    assert client.get("/broken.example/any").status_code == 599
    assert [entry.outcome for entry in server.record.entries] == ["broken"]


def test_faults_are_set_at_run_time(server: publisher.Publisher, client: httpx.Client) -> None:
    told = client.get("/_faults", params={"429": "0.5", "seed": "9", "script": "2:cut:preview"})
    assert told.json() == {
        "shares": {"429": 0.5},
        "scripts": [{"nth": 2, "kind": "cut", "match": "preview"}],
        "seed": 9,
    }
    assert server.faults.scripts == (Script(2, "cut", "preview"),)
    assert client.get("/_faults", params={"418": "1"}).status_code == 400
    assert server.faults.seed == 9
    assert {*client.get("/").json()["faults"]} == {*KINDS}


@pytest.mark.parametrize("wrong", [{"418": "1"}, {"429": "much"}, {"429": "2"}, {"script": "1:x"}])
def test_faults_that_cannot_be_read_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"expected|add up"):
        parse_faults(wrong)


@pytest.mark.skipif(not certificate.available(), reason="no openssl program here")
def test_an_expired_certificate_is_refused_and_a_valid_one_trusted() -> None:
    for kind in ("valid", "expired"):
        with publisher.running(tls=kind) as server:
            trust = ssl.create_default_context(cafile=str(server.authority))
            with httpx.Client(verify=trust, trust_env=False) as client:
                if kind == "valid":
                    assert client.get(f"{server.url}/_log").json() == []
                else:
                    with pytest.raises(httpx.ConnectError, match="expired"):
                        client.get(f"{server.url}/_log")
