"""The fetch engine, one request at a time, against a server that behaves as publishers do."""

from __future__ import annotations

import json

import pytest

import publisher
from entrepot.contracts import Endpoint, Query, Request, Verdict
from entrepot.errors import AccessError, FetchError, QuotaError
from entrepot.sources import _fetch
from entrepot.sources.comtrade.endpoints import BULK, DATA, PREVIEW
from publisher import Faults, Limits, Script

HOST = "comtradeapi.un.org"
ASKED = Query("M", ("2023-01",), ("TUR",), ("KAZ", "RUS"), ("export",), ("854231", "854232"))


@pytest.fixture(scope="module")
def shared_server():
    with publisher.running(limits=Limits(pace=0)) as running:
        yield running


@pytest.fixture
def server(shared_server, monkeypatch):
    shared_server.reset()
    shared_server.faults = Faults()
    monkeypatch.setenv("ENTREPOT_PUBLISHER", shared_server.url)
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    return shared_server


@pytest.fixture
def ask(tmp_path):
    """Ask one request of an endpoint; give the verdict, the bytes, the pauses and what was told."""

    def one(endpoint: Endpoint, request: Request | None = None):
        pauses, told = [], []
        if request is None:
            (known,) = (r for r in _index() if r.period == "2023-01")
            (request,) = endpoint.requests(ASKED, (known,))
        target = tmp_path / "answer"
        with _fetch.Fetcher("comtrade", endpoint, sleep=pauses.append, told=told.append) as fetcher:
            verdict, _why = fetcher.get(request, target)
        return verdict, target.read_bytes(), pauses, told

    def _index():
        (request,) = PREVIEW.index(ASKED)
        target = tmp_path / request.name
        with _fetch.Fetcher("comtrade", PREVIEW, sleep=lambda _s: None) as fetcher:
            fetcher.get(request, target)
        return PREVIEW.releases([target])

    return one


def test_an_answer_is_kept_byte_for_byte(server, ask):
    verdict, body, pauses, told = ask(PREVIEW)
    assert verdict is Verdict.GOOD
    assert body.startswith(b"{")
    assert json.loads(body)["count"] == 4
    assert len([entry for entry in server.record.entries if "preview" in entry.url]) == 1
    assert not told
    assert not pauses


@pytest.mark.parametrize("kind", ["429", "500", "503", "cut", "half", "short", "garbage", "html"])
def test_what_is_not_an_answer_is_asked_for_again_after_a_growing_pause(server, ask, kind):
    server.faults = Faults(scripts=(Script(1, kind, "preview"), Script(2, kind, "preview")))
    verdict, _body, pauses, told = ask(PREVIEW)
    assert verdict is Verdict.GOOD
    assert pauses == [1.0, 2.0]
    assert len(told) == 2
    assert all("asking again in" in line for line in told)
    assert not server.record.answered_twice()


def test_the_publishers_own_pause_is_kept_to(server, ask):
    server.faults = Faults(scripts=(Script(1, "429", "preview"),), retry_after=7)
    _verdict, _body, pauses, _told = ask(PREVIEW)
    assert pauses == [7.0]


def test_a_long_pause_is_left_to_the_user(server, ask):
    server.faults = Faults(scripts=(Script(1, "429", "preview"),), retry_after=3600)
    with pytest.raises(QuotaError, match=r"asks to wait 3,600 s; .* goes on from here"):
        ask(PREVIEW)


def test_six_attempts_are_enough(server, ask):
    server.faults = Faults(scripts=(Script(0, "html", "preview"),))
    with pytest.raises(FetchError, match=r"no answer in 6 attempts \(last: a web page instead"):
        ask(PREVIEW)
    assert len([e for e in server.record.entries if "preview" in e.url]) == 6


def test_a_redirect_to_another_host_is_refused_and_not_followed(server, ask):
    server.faults = Faults(scripts=(Script(1, "redirect", "preview"),))
    with pytest.raises(FetchError, match=r"redirected to https://elsewhere.example, which is not"):
        ask(PREVIEW)


def test_an_answer_that_unpacks_to_too_much_is_stopped_while_it_arrives(server, ask):
    server.faults = Faults(scripts=(Script(1, "bomb", "preview"),))
    with pytest.raises(FetchError, match="sends more than 20 MB, more than any answer"):
        ask(PREVIEW)


@pytest.mark.usefixtures("server")
def test_a_missing_key_and_a_refused_one_are_two_messages(ask, monkeypatch):
    with pytest.raises(AccessError, match=r"needs a key; get one at https://comtradedeveloper"):
        ask(DATA)
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "hunter2-not-a-key")
    with pytest.raises(AccessError, match="the key is refused") as caught:
        ask(DATA)
    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("server")
def test_a_spent_quota_says_when_to_go_on(ask, monkeypatch):
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "free-key")
    verdict, *_rest = ask(DATA)
    assert verdict is Verdict.GOOD
    with publisher.running(limits=Limits(pace=0, calls_per_day=0)) as strict:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", strict.url)
        with pytest.raises(QuotaError, match="again tomorrow and it goes on from here"):
            ask(DATA)


def test_the_key_goes_into_the_header_and_nowhere_else(server, ask, monkeypatch):
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "free-key")
    ask(DATA)
    entry = server.record.entries[-1]
    assert entry.key == "free"
    assert "key" not in entry.name


@pytest.mark.usefixtures("server")
def test_a_bulk_file_is_fetched_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "premium-key")
    (listing,) = BULK.index(ASKED)
    with _fetch.Fetcher("comtrade", BULK, sleep=lambda _s: None) as fetcher:
        fetcher.get(listing, tmp_path / "list.json")
        known = BULK.releases([tmp_path / "list.json"])
        (request,) = BULK.requests(ASKED, known)
        assert request.name.startswith("COMTRADE-FINALCLASSIC-CM792202301[")
        fetcher.get(request, tmp_path / "file.gz")
    assert (tmp_path / "file.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_an_expired_certificate_is_named_and_nothing_is_sent(monkeypatch, tmp_path):
    with publisher.running(limits=Limits(pace=0), tls="expired") as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        (request,) = PREVIEW.index(ASKED)
        fetcher = _fetch.Fetcher("comtrade", PREVIEW, sleep=lambda _s: None)
        with fetcher, pytest.raises(FetchError, match=r"certificate of comtradeapi.un.org is not"):
            fetcher.get(request, tmp_path / "answer")
        assert not server.record.entries


def test_a_publisher_that_cannot_be_reached_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("ENTREPOT_PUBLISHER", "http://127.0.0.1:9")
    (request,) = PREVIEW.index(ASKED)
    fetcher = _fetch.Fetcher("comtrade", PREVIEW, sleep=lambda _s: None)
    with fetcher, pytest.raises(FetchError, match=r"last: comtradeapi.un.org cannot be reached"):
        fetcher.get(request, tmp_path / "answer")


def test_only_a_server_of_this_machine_may_stand_in(monkeypatch):
    for address in ("http://10.0.0.1:80", "https://publisher.example", "ftp://127.0.0.1"):
        monkeypatch.setenv("ENTREPOT_PUBLISHER", address)
        with pytest.raises(FetchError, match="is not a server on this machine"):
            _fetch.Fetcher("comtrade", PREVIEW)


def test_calls_keep_the_publishers_pace(monkeypatch):
    monkeypatch.delenv("ENTREPOT_PUBLISHER", raising=False)
    pauses = []
    fetcher = _fetch.Fetcher("comtrade", PREVIEW, sleep=pauses.append)
    for _ in range(3):
        fetcher._wait_turn()
    assert [round(pause, 1) for pause in pauses] == [1.1, 1.1]
