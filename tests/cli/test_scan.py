"""scan, detector and watch as a person meets them, on a small planted world."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date

import pytest

from entrepot.schema import FINDINGS
from entrepot.workspace import Workspace
from support import scan_world
from support.commandline import launch, run
from support.scan_world import GHOST, ROUTE

QUESTION = ("--destination", "RUS", "--since", "2022-03", "--coalition", "DEU,JPN,USA")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return scan_world.stored(tmp_path_factory)


@pytest.fixture(scope="module")
def scanned(stored, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "pages"
    return launch("scan", *QUESTION, "--store", stored, "--out", out, "--top", "2"), out


def test_a_scan_prints_the_ranking_as_json(scanned):
    rows = json.loads(scanned[0].stdout)
    assert [*rows[0]] == ["list", *FINDINGS.names, "signals", "origins"]
    assert {row["list"] for row in rows} == {"route"}
    found = {(r["intermediary"], r["product"]) for r in rows if (r["q_value"] or 1) <= 0.1}
    assert found == {ROUTE, GHOST}
    assert {signal["detector"] for signal in rows[0]["signals"]} >= {"surge", "ghost_trade"}
    assert {origin["origin"] for origin in rows[0]["origins"]} == {"DEU", "JPN", "USA"}
    assert len({(r["intermediary"], r["product"]) for r in rows}) == len(rows)


def test_a_scan_says_what_it_means_beside_the_numbers(scanned):
    said = scanned[0].stderr
    assert "Two of 32 routes tested stand out" in said
    assert "about one in ten is expected to be chance" in said
    assert "not tested, 4 cells: The coalition recorded nothing to the country" in said
    assert "never who is guilty" in said


def test_a_scan_writes_its_pages_and_the_rows_behind_them(scanned):
    shown = scanned[0].stdout
    out = scanned[1]
    names = {path.name for path in out.iterdir()}
    rows = json.loads(shown)
    slugs = {f"{r['intermediary']}-{r['product']}" for r in rows[:2]}
    assert names == {"index.html", "findings.json", "findings.csv"} | {
        f"{slug}.{kind}" for slug in slugs for kind in ("html", "csv")
    }
    assert (out / "findings.json").read_text("utf-8") == shown
    listed = [*csv.DictReader(io.StringIO((out / "findings.csv").read_text("utf-8")))]
    assert [r["product"] for r in listed] == [r["product"] for r in rows]
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<svg") == 2
    behind = [*csv.DictReader(io.StringIO((out / f"{sorted(slugs)[0]}.csv").read_text("utf-8")))]
    assert {row["leg"] for row in behind} == {"into", "arrived", "onward"}
    assert all(row["vintage"] and row["file"] for row in behind)


def test_a_table_shows_the_first_and_csv_all(stored):
    table = run("scan", *QUESTION, "--store", stored, "--top", "1", "--format", "table").stdout
    assert len(table.splitlines()) == 2
    assert "KGZ" in table
    rows = run("scan", *QUESTION, "--store", stored, "--top", "1", "--format", "csv").stdout
    assert len([*csv.DictReader(io.StringIO(rows))]) == 32


def test_detectors_are_listed_shown_and_run(stored):
    listed = json.loads(run("detector", "list").stdout)
    assert {"diversion", "surge", "ghost_trade"} <= {row["detector"] for row in listed}
    assert all(row["finds"].endswith(".") for row in listed)
    shown = run("detector", "show", "ghost_trade").stdout
    assert "Reference:" in shown
    assert "excess_usd [USD]" in shown
    rows = json.loads(run("detector", "run", "ghost_trade", *QUESTION, "--store", stored).stdout)
    assert {row["detector"] for row in rows} == {"ghost_trade"}
    assert (rows[0]["intermediary"], rows[0]["product"]) == GHOST


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A store with the third countries' own exports and nobody else's."""
    folder = tmp_path_factory.mktemp("alone")
    scan_world.ingest(Workspace(folder), folder, "own.csv", date(2023, 3, 1), alone=True)
    return folder


def test_third_countries_books_alone_rank_what_went_out(alone, tmp_path):
    how = (*QUESTION, "--store", alone)
    made = launch("scan", *how, "--out", tmp_path / "pages", "--top", "2")
    rows = json.loads(made.stdout)
    assert {(row["list"], row["detector"], row["origin"]) for row in rows} == {
        ("went-out", "went_out", None)
    }
    assert len(rows) == 32
    assert (rows[0]["intermediary"], rows[0]["product"]) == ROUTE
    assert "of 32 ways out to Russia" in made.stderr
    assert "for want of the coalition's exports: break_date, code_switch, diversion" in made.stderr
    pages = [(tmp_path / "pages" / name).read_text("utf-8") for name in
             ("index.html", "KGZ-854232.html")]  # fmt: skip
    assert "854232 from Kyrgyzstan" in pages[0]
    for text in (made.stdout, made.stderr, *(page.partition("</style>")[2] for page in pages)):
        assert not re.search(r"went on|sent on|\broutes?\b|on the way", text)
        assert not re.search(r" through (?!Russia)", text)


def test_a_detector_that_needs_the_coalition_says_so(alone):
    refused = launch("detector", "run", "surge", *QUESTION, "--store", alone, check=False)
    assert refused.returncode == 1
    assert "surge cannot judge without the coalition's exports" in refused.stderr
    assert "Traceback" not in refused.stderr
    ran = launch("detector", "run", "went_out", *QUESTION, "--store", alone)
    assert len(json.loads(ran.stdout)) == 32


def test_a_watch_is_quiet_until_a_vintage_comes(stored, tmp_path):
    store = shutil.copytree(stored, tmp_path / "store")
    place = ("--store", store, "--out", tmp_path / "feeds")
    first = run("watch", "mine", *QUESTION, *place, "--as-of", "2022-08-01")
    assert json.loads(first.stdout) == []
    assert "first run; no change" in first.stderr
    second = run("watch", "mine", *place)
    assert [row["change"] for row in json.loads(second.stdout)] == ["new", "new"]
    assert "1 new vintage; 2 new" in second.stderr
    third = run("watch", "mine", *place)
    assert json.loads(third.stdout) == []
    assert "nothing new" in third.stderr
    assert {path.name for path in (tmp_path / "feeds").iterdir()} == {"feed.json", "feed.xml"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("detector", "show", "nobody"), "no detector is called 'nobody'"),
        (("detector", "run", "nobody", *QUESTION), "no detector is called 'nobody'"),
        (("watch", "mine"), "expected --destination and --since"),
        (("watch", "mine", "--destination", "RUS"), "needs --since as well"),
        (("watch", "mine", "--first", "2020-01"), "needs --destination and --since as well"),
        (
            ("scan", "--destination", "RUS", "--since", "2026-06"),
            "expected months before and after",
        ),
        (("scan", "--destination", "RUS", "--since", "2099-01"), "has the year 2099, expected"),
        (("scan", "--destination", "DEU", "--since", "2022-03"), "in the coalition too"),
    ],
)
def test_an_error_is_one_line(stored, words, message):
    place = () if words[:2] == ("detector", "show") else ("--store", stored)
    done = run(*words, *place, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_process_of_its_own_says_and_ends_the_same(stored):
    words = ("detector", "run", "nobody", *QUESTION, "--store", stored)
    assert launch(*words, check=False) == run(*words, check=False)
