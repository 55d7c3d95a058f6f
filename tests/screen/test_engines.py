"""Engines: yente by its answers, nomenklatura where it is, the interface with its token."""

from __future__ import annotations

import json
from importlib.util import find_spec

import httpx
import pytest

from entrepot.api.app import create, here
from entrepot.errors import FetchError, RegistryError
from entrepot.screen.match._types import Entry, Party
from entrepot.screen.match.nomenklatura import Nomenklatura
from entrepot.screen.match.yente import Yente
from support.web import Client

ANSWER = {"responses": {"q": {"results": [
    {"id": "NK-1", "caption": "Ivan Zavodov", "schema": "Person", "score": 0.91,
     "datasets": ["us_ofac_sdn"], "properties": {"name": ["Ivan Zavodov"], "country": ["ru"]}},
    {"id": "NK-2", "caption": "Other", "schema": "Company", "score": 0.4, "properties": {}},
]}}}  # fmt: skip


def test_yente_is_asked_and_its_answers_are_hits():
    asked = []

    def answer(request):
        asked.append((str(request.url), json.loads(request.content)))
        return httpx.Response(200, json=ANSWER)

    yente = Yente("http://localhost:8000", httpx.MockTransport(answer))
    [hit] = yente.match(Party("Zavodov", "RUS", ("7701234567",)), least=0.7)
    assert (hit.entry.id, hit.entry.list, hit.entry.countries, hit.score) == (
        "NK-1", "us_ofac_sdn", ("RUS",), 0.91
    )  # fmt: skip
    address, body = asked[0]
    assert address.startswith("http://localhost:8000/match/default?")
    assert body["queries"]["q"]["properties"]["country"] == ["ru"]


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.Response(200, text="<html>"), httpx.Response(200, json={"a": 1})],
)
def test_what_is_no_yente_is_one_line(answer):
    yente = Yente("http://localhost:1", httpx.MockTransport(lambda _request: answer))
    with pytest.raises(FetchError, match="yente"):
        yente.match(Party("x"))
    with pytest.raises(FetchError, match="no address"):
        Yente("ftp://x")


ENTRIES = [Entry("a", "1", "person", ("Ivanov Petr Sergeevich",), countries=("RUS",)),
           Entry("a", "2", "organisation", ("Vostok Signal Trading LLC",))]  # fmt: skip


@pytest.mark.skipif(find_spec("nomenklatura") is not None, reason="nomenklatura is here")
def test_without_nomenklatura_the_remedy_is_told():
    with pytest.raises(RegistryError, match="make screen"):
        Nomenklatura(ENTRIES)


@pytest.mark.skipif(find_spec("nomenklatura") is None, reason="the extra `screen` is not here")
def test_nomenklatura_finds_what_it_is_asked_one_after_another():
    engine = Nomenklatura(ENTRIES)
    for name, entry in (("Petr Sergeevich Ivanov", "1"), ("Vostok Signal Trading", "2")):
        assert engine.match(Party(name))[0].entry.id == entry


@pytest.fixture
def client(tmp_path):
    def made(token=""):
        return Client(create(tmp_path / "store", token=token, run=here(tmp_path / "store")))

    return made


def test_rows_are_screened_with_a_token_and_not_without(client):
    rows = {
        "rows": [
            {"importer": "Alfa", "hs code": "854231", "destination": "Russia"},
            {"importer": "x"},
        ]
    }
    key = {"authorization": "Bearer s3cret"}
    assert client().ask("POST", "/api/screen", json=rows, headers=key).status_code == 403
    open_one = client("s3cret")
    assert open_one.ask("POST", "/api/screen", json=rows).status_code == 401
    assert open_one.ask("POST", "/api/ask", json=rows, headers=key).status_code == 405
    assert open_one.ask("POST", "/api/screen", json={"rows": []}, headers=key).status_code in (
        400,
        422,
    )
    big = {"rows": [{"importer": "x" * 1_100_000}]}
    assert open_one.ask("POST", "/api/screen", json=big, headers=key).status_code == 413
    found = open_one.ask("POST", "/api/screen", json=rows, headers=key)
    assert found.status_code == 200
    assert [one["verdict"] for one in found.json()["verdicts"]] == ["stop", "cannot say"]
    assert "no licence decision" in found.json()["notice"]
    assert found.headers["cache-control"] == "no-store"
