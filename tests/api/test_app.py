"""The web page against the files that the command writes."""

from __future__ import annotations

import asyncio
import json
import re

import httpx
import pytest

from entrepot.api import app as module
from entrepot.errors import CoverageError
from entrepot.study.question import DEFAULT, load, names
from entrepot.workspace import Workspace


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("web") / "store"


class Client:
    """Asks an application in this process; no socket is opened."""

    def __init__(self, app):
        self.transport = httpx.ASGITransport(app=app)

    def get(self, path):
        async def ask():
            async with httpx.AsyncClient(transport=self.transport, base_url="http://web") as web:
                return await web.get(path)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def client(store):
    return Client(module.create(store))


def test_the_first_page_lists_every_study_with_its_question(client):
    page = client.get("/")
    assert page.status_code == 200
    for study in map(load, names()):
        assert f'<a href="/brief/{study.name}">' in page.text
    assert load(DEFAULT).title in page.text
    assert "SYNTHETIC" not in page.text


def test_a_brief_is_the_same_as_the_files_of_the_command(client, briefs):
    _brief, folder = briefs(DEFAULT)
    for path, kind in (("", "html"), (".json", "json"), (".csv", "csv")):
        served = client.get(f"/brief/{DEFAULT}{path}")
        assert served.status_code == 200
        assert served.headers["content-type"].startswith(module.KINDS[kind])
        assert served.content == (folder / f"brief.{kind}").read_bytes()
    assert json.loads((folder / "brief.json").read_text())["study"] == DEFAULT


@pytest.mark.parametrize(
    "name", ["nothing", f"{DEFAULT}.xml", f"{DEFAULT}.toml", "..%2F..%2Fsecret.toml", "a.toml"]
)
def test_a_brief_that_does_not_exist_is_404(client, name):
    assert client.get(f"/brief/{name}").status_code == 404


def test_a_refusal_is_a_page_with_the_one_line(client, monkeypatch):
    def refuse(*_args, **_options):
        raise CoverageError("store X: lacks <months>; ingest them")

    monkeypatch.setattr(module, "answer", refuse)
    page = client.get(f"/brief/{names()[-1]}")
    assert page.status_code == 422
    assert "store X: lacks &lt;months&gt;; ingest them" in page.text


def test_a_brief_is_made_once_per_state_of_the_store(tmp_path, monkeypatch):
    made = []

    def fake(study, _store, *, place, out):
        made.append((study, place))
        for kind in module.KINDS:
            (out / f"brief.{kind}").write_text(f"{study} {len(made)}")

    monkeypatch.setattr(module, "answer", fake)
    client = Client(module.create(tmp_path / "store"))
    first = [client.get(f"/brief/{DEFAULT}").text for _again in range(3)]
    assert first == [f"{DEFAULT} 1"] * 3
    csv = tmp_path / "own.csv"
    csv.write_text("month,value\n2023-01,5\n")
    Workspace(tmp_path / "store").ingest("generic", [csv], mapping=OWN, scope="part")
    assert client.get(f"/brief/{DEFAULT}").text == f"{DEFAULT} 2"
    assert client.get(f"/brief/{names()[-1]}").text == f"{names()[-1]} 3"


OWN = {
    "name": "own",
    "columns": {"period": "month", "value": "value"},
    "constants": {
        "freq": "M",
        "reporter": "TUR",
        "partner": "KAZ",
        "flow": "export",
        "product": "854231",
        "currency": "USD",
    },
    "classification": "HS2022",
    "valuation": {"export": "FOB"},
}


def test_the_demo_world_is_marked_on_the_first_page(demo):
    client = Client(module.create(demo))
    assert "SYNTHETIC" in client.get("/").text


def test_no_page_loads_anything_from_elsewhere(client):
    for path in ("/", f"/brief/{DEFAULT}", "/brief/nothing"):
        page = client.get(path)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"<(script|link|img|iframe)\b|@import|url\(http", page.text)


def test_health_says_that_the_server_runs(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/docs").status_code == 404
