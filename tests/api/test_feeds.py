"""The feeds over HTTP: against the files that `entrepot watch` writes, and the vintages."""

from __future__ import annotations

import json
import shutil
from xml.etree import ElementTree

import pytest

from entrepot.api.app import create, here
from entrepot.store.vintages import Store
from support.commandline import run
from support.web import Client, links

ATOM = {"a": "http://www.w3.org/2005/Atom"}
QUESTION = ("--destination", "RUS", "--since", "2022-03", "--coalition", "DEU,JPN,USA")


def test_every_vintage_is_an_item_of_a_feed(client, world):
    vintages = Store(world).vintages()
    found = client.get("/feeds/vintages.json")
    assert found.headers["content-type"].startswith("application/feed+json")
    items = found.json()["items"]
    assert [item["date_published"][:10] for item in items] == ["2023-02-01", "2022-07-01"]
    assert vintages[-1].id in items[0]["content_text"]
    atom = client.get("/feeds/vintages.xml")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(atom.text)
    assert [one.text for one in root.findall(".//a:entry/a:id", ATOM)] == [i["id"] for i in items]


def test_an_invented_world_says_so_in_every_title(marked):
    titles = [one["title"] for one in marked.get("/feeds/vintages.json").json()["items"]]
    assert titles
    assert all(title.startswith("SYNTHETIC: ") for title in titles)


def test_pages_name_the_feed_in_their_head(client):
    assert "/feeds/vintages.xml" in links(client.get("/study"))


@pytest.fixture
def watched(world, tmp_path):
    """A store whose watch has run, and the folder of its feeds."""
    own = shutil.copytree(world, tmp_path / "store")
    run("watch", "mine", *QUESTION, "--store", own, "--out", tmp_path / "feeds")
    return own, tmp_path / "feeds"


def test_a_watch_has_the_feed_that_the_command_writes(watched):
    own, written = watched
    client = Client(create(own, run=here(own)))
    assert "/feeds/mine.xml" in links(client.get("/study"))
    assert client.get("/feeds/mine.json").text == (written / "feed.json").read_text("utf-8")
    xml = client.get("/feeds/mine.xml")
    assert xml.text == (written / "feed.xml").read_text("utf-8")
    tag = {"if-none-match": xml.headers["etag"]}
    assert client.get("/feeds/mine.xml", headers=tag).status_code == 304
    path = own / "watch/mine.json"
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**told, "items": []}))
    again = client.get("/feeds/mine.xml", headers=tag)
    assert again.status_code == 200
    assert "<entry>" not in again.text


@pytest.mark.parametrize(
    "name", ["none.xml", "vintages", "vintages.html", "..%2fhead.json", ".json", "x.xml.json"]
)
def test_what_is_no_feed_is_404(client, name):
    assert client.get(f"/feeds/{name}").status_code == 404
