"""The pages against what the commands say, and against what a reader needs of each."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import Future
from datetime import date

import pytest

from entrepot.api.answers import EACH, WAITING
from entrepot.api.app import create, here
from entrepot.study.question import DEFAULT, load, names
from entrepot.workspace import Workspace
from support.commandline import run
from support.scan_world import ROUTE
from support.web import Client, links

PAGES = (
    "/", "/ask", "/ask?goods=854232&from=Germany&to=Kyrgyzstan", "/country/KGZ",
    "/product/854232", "/corridor/DEU/KGZ", "/study", "/findings", "/sources", "/search?q=kyrgyz",
    f"/findings/{'-'.join(ROUTE)}",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_loads_nothing_from_elsewhere(client, path):
    page = client.get(path)
    assert page.status_code == 200, page.text
    assert "Being computed" not in page.text
    assert not re.search(r"<(script|img|iframe|object)\b|@import|url\(http|\bon\w+=", page.text)
    heads = {one for one in re.findall(r"<link[^>]*>", page.text) if 'rel="alternate"' not in one}
    assert heads <= {'<link rel="stylesheet" href="/site.css">'}
    assert page.text.count("<h1") == 1


def test_every_link_of_the_pages_leads_somewhere(client):
    kinds = {}
    for path in PAGES:
        for link in links(client.get(path)):
            if link.startswith("/study/"):  # this store has not what studies ask for
                continue
            shape = re.sub(r"[A-Z]{3}(?![a-z])|[0-9]{6}", "*", link.partition("?")[0])
            kinds.setdefault((shape, "format=" in link and link[-4:]), link)
    assert len(kinds) > 15
    lost = {link: found.status_code for link in kinds.values()
            if (found := client.get(link)).status_code >= 400}  # fmt: skip
    assert not lost


def test_a_page_says_the_sentence_of_the_command(client, world):
    words = ("ask", "854232", "--from", "Germany", "--to", "Kyrgyzstan", "--store", world)
    told = json.loads(run(*words, "--format", "json").stdout)
    page = client.get("/ask?goods=854232&from=Germany&to=Kyrgyzstan")
    assert told["answer"] in page.text
    for vintage in told["evidence"]["vintages"]:
        assert f'href="/vintage/{vintage["vintage"]}"' in page.text
    assert told["evidence"]["command"] in page.text


def test_what_the_command_refuses_a_page_refuses_with_its_line(client, world):
    done = run("ask", "854232", "--from", "Turky", "--store", world, check=False)
    page = client.get("/ask?goods=854232&from=Turky")
    assert page.status_code == 422
    line = done.stderr.strip().removeprefix("error: ")
    assert line.replace("'", "&#39;").replace('"', "&#34;") in page.text


def test_words_in_the_box_lead_to_an_address(client):
    said = 'entrepot ask 8542.31 tier:1 --from "Korea, South" --to=KAZ --mirror --source a '
    said += "--source b"
    found = client.get("/ask/words", params={"said": said})
    assert found.status_code == 303
    assert found.headers["location"] == (
        "/ask?from=Korea%2C+South&to=KAZ&mirror=true&source=a&source=b&goods=8542.31%2C+tier%3A1"
    )
    for wrong in ("854231 --fro Turkey", "854231 --from", "854231 --from A --from B", "'854231"):
        assert client.get("/ask/words", params={"said": wrong}).status_code == 422, wrong


def test_a_route_planted_stands_on_the_pages_of_its_country_and_product(client):
    third, product = ROUTE
    link = f'href="/findings/{third}-{product}"'
    for path in ("/", "/findings", f"/country/{third}", f"/product/{product}"):
        assert link in client.get(path).text, path
    assert link not in client.get("/country/BRA").text
    alone = client.get(f"/findings/{third}-{product}")
    assert 'href="/findings"' in alone.text
    rows = client.get(f"/api/findings/{third}-{product}/rows")
    assert rows.text.startswith('"leg","source",')


def test_a_page_shows_what_was_known_on_a_day(client):
    then, now = client.get("/sources?as_of=2022-08-01"), client.get("/sources")
    assert "2022-05" in then.text
    assert "2022-05" not in now.text
    link = "/ask?goods=854232&from=Germany&to=Kyrgyzstan&by=product&as_of=2022-08-01"
    page = client.get(link)
    assert "As known on 2022-08-01" in page.text
    assert 'href="/product/854232?as_of=2022-08-01"' in page.text


@pytest.mark.parametrize("path", ["/", "/ask?goods=854231&from=DEU&to=KAZ", "/country/KAZ",
                                  "/sources", "/corridor/DEU/KAZ"])  # fmt: skip
def test_an_invented_world_says_so_in_every_part_with_numbers(marked, path):
    text = marked.get(path).text
    assert text.count("SYNTHETIC") >= 2
    for sentence in re.findall(r'<p class="sentence">(.*?)</p>', text, re.DOTALL):
        assert "SYNTHETIC" in sentence


def test_a_real_world_does_not(client):
    assert "SYNTHETIC" not in client.get("/").text


def test_what_is_not_ready_is_said_and_asked_again(world):
    begun = []

    def never(job):
        begun.append(job)
        return Future()

    app = create(world, run=never)
    slow, other = Client(app), Client(app, whom="10.0.0.2")
    page = slow.get("/country/KGZ")
    assert page.status_code == 202
    assert page.headers["refresh"] == "1"
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count("Being computed:") == 5
    assert "the scan of every third country" in page.text
    number = len(begun)
    slow.get("/country/KGZ")
    assert len(begun) == number
    assert slow.get("/healthz").json() == {"status": "ok"}
    codes = ["KAZ", "ARM", "AZE", "BRA", "EGY", "GEO", "IND", "MAR", "MDA", "MNG", "SRB", "TJK"]
    for client, most in ((slow, EACH), (other, WAITING)):  # nobody takes all the places
        for code in codes:
            page = client.get(f"/country/{code}?months={1990 + most}")
        assert len(begun) == most
        assert "too many answers are being computed" in page.text
    assert slow.get("/healthz").status_code == 200


def test_an_answer_is_made_once_per_state_of_the_store(tmp_path, invented):
    store = tmp_path / "store"
    shutil.copytree(invented, store)
    made, runner = [], here(store)

    def counted(job):
        made.append(job.said)
        return runner(job)

    client = Client(create(store, run=counted))
    path = "/ask?goods=854231&from=DEU&to=KAZ"
    first = client.get(path)
    assert client.get(path).content == first.content
    assert len(made) == 1
    tag = {"if-none-match": first.headers["etag"]}
    assert client.get(path, headers=tag).status_code == 304
    more = tmp_path / "b.csv"
    more.write_text("month,reporter,partner,flow,product,value\n2022-03,DEU,KAZ,X,854231,3000000\n")
    from support.plain import OWN

    Workspace(store).ingest(
        "generic", [more], mapping=OWN, scope="part", published=date.today(), synthetic=True
    )
    again = client.get(path, headers=tag)
    assert again.status_code == 200
    assert "$3.0 million" in again.text
    assert "$3.0 million" not in first.text
    assert again.headers["etag"] != first.headers["etag"]
    assert len(made) == 2


def test_an_empty_store_says_what_to_do(tmp_path):
    empty = Client(create(tmp_path / "none", run=here(tmp_path / "none")))
    page = empty.get("/")
    assert page.status_code == 200
    assert "entrepot serve --demo" in page.text
    assert page.text.count("Nothing is stored") == 3
    assert page.text.count("No answer:") == 1
    assert not (tmp_path / "none").exists()


def test_a_brief_is_found_by_the_name_of_its_command(client):
    found = client.get(f"/brief/{DEFAULT}?as_of=2024-05-31")
    assert found.status_code == 308
    assert found.headers["location"] == f"/study/{DEFAULT}?as_of=2024-05-31"
    away = client.get("/brief/evil.example%0D%0Aset-cookie:a").headers["location"]
    assert away.startswith("/study/")


def test_the_studies_are_listed_with_their_questions(client):
    page = client.get("/study")
    for study in map(load, names()):
        assert f'<a href="/study/{study.name}">' in page.text


def test_a_brief_is_the_same_as_the_files_of_the_command(briefs, tmp_path):
    _brief, folder = briefs(DEFAULT)
    store = tmp_path / "store"
    client = Client(create(store, run=here(store)))
    for path, kind in ((".json", "json"), (".csv", "csv")):
        served = client.get(f"/study/{DEFAULT}{path}")
        assert served.content == (folder / f"brief.{kind}").read_bytes()
    found = client.get(f"/study/{DEFAULT}")
    page = found.text
    head, _open, rest = (folder / "brief.html").read_text("utf-8").partition("<body>")
    for form in ("csv", "json"):  # beside the command's page lie its files
        rest = rest.replace(f'href="brief.{form}"', f'href="/study/{DEFAULT}.{form}"')
    assert page.startswith(head)
    own = f"/study/{DEFAULT}."
    rest = re.sub(r'(href="|download>)(brief\.|(?=picture-))', rf"\1{own}", rest)
    assert page.endswith(rest)
    linked = {link for link in re.findall(r'href="([^"]*)"', page) if link.startswith(own)}
    assert {link.rpartition(".")[2] for link in linked} == {"csv", "json", "svg", "png"}
    assert all(client.get(link).status_code == 200 for link in linked)
    assert 'href="/study"' in page
    assert {f"/study/{DEFAULT}.csv", f"/study/{DEFAULT}.json"} <= {*links(found)}


@pytest.mark.parametrize(
    "path",
    ["/study/nothing", f"/study/{DEFAULT}.xml", "/study/..%2F..%2Fsecret.toml", "/study/a.toml",
     "/country/XXX", "/country/kaz", "/product/abc", "/product/1", "/product/%D9%A1%D9%A2",
     "/corridor/DEU/nowhere", "/vintage/none", "/findings/KGZ", "/nothing", "/country/",
     "/site.css/x"],
)  # fmt: skip
def test_what_does_not_exist_is_404_as_a_page(client, path):
    page = client.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is no such thing" in page.text
