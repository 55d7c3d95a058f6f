"""The static site against the pages of the server, and against a reader who follows every link."""

from __future__ import annotations

import json
import posixpath
import re
from datetime import date
from html import unescape

import pytest

from entrepot.api.app import create, here
from entrepot.api.pages import study
from entrepot.api.static import site as making
from entrepot.api.static.asking import PageAnswer, get
from entrepot.api.static.links import canonical, standing_alone
from entrepot.errors import StoreError
from entrepot.store.vintages import Store
from support.commandline import run
from support.once import once
from support.sampled import costly
from support.web import Client

TARGET = re.compile(r'\b(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module", autouse=True)
def _few_studies():
    """One study for all that ship: most of the time goes into why each cannot be answered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "names", lambda: ("turkey-2023",))
        yield


@pytest.fixture(scope="module", params=["invented", pytest.param("world", marks=costly)])
def store(request):
    """A store of one vintage, and the small world, whose scan and countries take a minute."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def site(store, tmp_path_factory):
    """The site of a store."""

    def fill(folder):
        making.write(folder / "site", store)

    return once(tmp_path_factory, f"site-{store.parent.name}", fill) / "site"


def pages(site):
    return sorted(path for path in site.rglob("*.html"))


def test_every_link_of_every_page_is_relative_and_leads_to_a_file(site):
    found = 0
    for path in pages(site):
        here = path.relative_to(site).as_posix()
        for link in map(unescape, TARGET.findall(path.read_text("utf-8"))):
            if re.match(r"https?://|data:", link):
                continue
            assert not link.startswith("/"), (here, link)
            target, _mark, fragment = link.partition("#")
            name = posixpath.normpath(posixpath.join(posixpath.dirname(here), target)) if target \
                else here  # fmt: skip
            assert (site / name).is_file(), (here, link)
            if fragment:
                text = (site / name).read_text("utf-8")
                assert f'id="{fragment}"' in text, (here, link)
            found += 1
    assert found > 20


def test_the_site_has_every_kind_of_page(site, store):
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {"index.html", "sources.html", "study.html", "site.css", "country/DEU.html",
            "api/calendar.ics"} <= names  # fmt: skip
    sources = (site / "sources.html").read_text("utf-8")
    assert '<a class="home" href="index.html">' in sources
    assert '<a href="country/DEU.html">' in sources
    for vintage in Store(store).vintages():
        assert f"vintage/{vintage.id}.html" in names
    if len(Store(store).vintages()) > 1:
        assert {"findings.html", "findings/KGZ-854232.html", "api/findings/KGZ-854232/rows.csv",
                "api/revisions.json"} <= names  # fmt: skip


def test_the_record_names_every_file_with_its_hash(site):
    import hashlib

    record = json.loads((site / making.RECORD).read_text("utf-8"))
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {*record["files"]} == names - {making.RECORD}
    for name, sha256 in record["files"].items():
        assert hashlib.sha256((site / name).read_bytes()).hexdigest() == sha256
    lacking = ("/study/", "/findings")  # a small store has not what they ask for
    assert all(address.startswith(lacking) for address in record["refused"])


def test_a_page_says_what_the_server_says_without_what_needs_a_server(site, store):
    served = Client(create(store, run=here(store))).get("/country/DEU")
    ours, theirs = (site / "country/DEU.html").read_text("utf-8"), served.text
    assert re.findall(r"<td[^>]*>[^<]*</td>", ours) == re.findall(r"<td[^>]*>[^<]*</td>", theirs)
    for path in pages(site):
        text = path.read_text("utf-8")
        assert "<form" not in text
        assert "Being computed" not in text
    assert "needs a server" in (site / "index.html").read_text("utf-8")


@costly
def test_the_same_state_again_writes_nothing_and_another_day_another_site(invented, tmp_path):
    out, day = tmp_path / "out", date(2100, 8, 1)
    first = making.write(out, invented, as_of=day)
    assert first.is_new
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert not making.write(out, invented, as_of=day).is_new
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert "as known on 2100-08-01" in (out / "index.html").read_text("utf-8")
    assert making.write(out, invented).is_new
    assert "as known on 2100-08-01" not in (out / "index.html").read_text("utf-8")
    assert [*tmp_path.iterdir()] == [out]


PLAIN = {
    "/": b'<a href="/country/DEU">D</a> <a href="/country/FRA">F</a>',
    "/country/DEU": b'<a href="/">Home</a> <a href="/country/FRA">F</a>',
}
"""Pages of a small server; any other address is refused."""


def test_a_run_that_was_cut_off_goes_on_and_the_old_site_stays_until_the_end(
    invented, tmp_path, monkeypatch
):
    out, asked = tmp_path / "out", []

    def answer(_app, address):
        asked.append(address)
        if len(asked) == 3:
            raise KeyboardInterrupt
        status = 200 if address in PLAIN else 422
        return PageAnswer(status, "text/html", PLAIN.get(address, b"refused"))

    monkeypatch.setattr(making, "get", answer)
    with pytest.raises(KeyboardInterrupt):
        making.write(out, invented)
    assert not out.exists()
    made = making.write(out, invented)
    assert asked[3] == asked[2]  # the two before it are kept
    assert len(asked) == len({*asked}) + 1
    assert {*made.files} == {"index.html", "country/DEU.html"}
    assert "/country/FRA" in made.refused
    text = (out / "country/DEU.html").read_text("utf-8")
    assert text == '<a href="../index.html">Home</a> <span class="unlinked">F</span>'


def test_an_answer_that_is_sent_in_pieces_arrives_whole(marked, invented):
    where = "/api/flows?goods=854231&from=Germany&to=Kazakhstan&months=2022&format=csv"
    found = get(create(invented, run=here(invented)), where)
    theirs = marked.get(where)
    assert (found.status, found.media) == (200, "text/csv")
    assert found.body == theirs.content
    assert found.body.count(b"SYNTHETIC") == 2


def test_a_folder_of_something_else_is_refused(invented, tmp_path):
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(StoreError, match="holds something else"):
        making.write(tmp_path, invented)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    ran = run("site", "--out", tmp_path, "--store", invented, check=False)
    assert ran.returncode == 1
    assert "holds something else" in ran.stderr


def test_a_file_in_the_way_is_one_line(invented, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be written"):
        making.write(tmp_path / "file" / "out", invented)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/country/KGZ", "/country/KGZ"),
        ("/country/KGZ?goods=85", None),
        ("/country/KGZ?as_of=2020-01-01", None),
        ("/ask", None),
        ("KGZ#x", "/country/KGZ"),
        ("//evil.example/country/KGZ", None),
        ("/country/../../etc/passwd", None),
        ("/vintage/..%2f..", None),
        ("https://example.org/", None),
    ],
)
def test_an_address_is_a_file_only_where_it_has_no_filter(link, address):
    assert canonical(link, "/country/KAZ", None) == address


def test_a_site_of_a_day_asks_for_that_day_everywhere():
    day = date(2022, 8, 1)
    assert canonical("/sources", "/", day) == "/sources?as_of=2022-08-01"
    assert canonical("/sources?as_of=2022-08-01", "/", day) == "/sources?as_of=2022-08-01"
    assert canonical("/site.css", "/", day) == "/site.css"


def test_links_without_a_file_become_their_text():
    page = (
        '<nav><a href="/">Home</a> <a href="/ask">Ask</a><form>x</form></nav>'
        '<p><a class="b" href="/country/KGZ?as_of=#top" id="k">K</a> <a href="/product/1">P</a></p>'
        '<form role="search">x</form><form class="box">y</form><a href="https://example.org">E</a>'
    )
    files = {"/": "index.html", "/country/KGZ": "country/KGZ.html", "/findings": "findings.html"}
    assert standing_alone(page, "/findings", files, None) == (
        '<nav><a href="index.html">Home</a> </nav>'
        '<p><a class="b" href="country/KGZ.html#top" id="k">K</a> '
        '<span class="unlinked">P</span></p>'
        '<p class="note">This box needs a server: <code>entrepot serve</code> has it, and '
        "<code>entrepot ask</code> answers on the command line.</p>"
        '<a href="https://example.org">E</a>'
    )
