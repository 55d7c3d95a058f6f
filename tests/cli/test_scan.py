"""scan, detector and watch as a person meets them, on a small planted world."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from datetime import date

import pytest

from entrepot.schema import FINDINGS
from entrepot.workspace import Workspace
from support import scan_world
from support.commandline import launch, run
from support.scan_world import GHOST, ROUTE

CELLS = len(scan_world.THIRDS) * len(scan_world.LISTED)
QUESTION = ("--destination", "RUS", "--since", "2022-03", "--coalition", "DEU,JPN,USA")


class Terminal(io.StringIO):
    """A stream that says it is a terminal; rich takes its width from COLUMNS."""

    def isatty(self):
        return True


def on_a_terminal(monkeypatch, *words):
    """What a command prints on a terminal of 80 columns, and its progress."""
    from entrepot.cli import main

    out, err = Terminal(), Terminal()
    for name, value in (("COLUMNS", "80"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["entrepot", *map(str, words)])
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit):
        main()
    return tuple(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", one.getvalue()) for one in (out, err))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return scan_world.stored(tmp_path_factory)


@pytest.fixture(scope="module")
def scanned(stored, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "pages"
    return launch("scan", *QUESTION, "--store", stored, "--out", out, "--top", "2"), out


def test_a_scan_prints_the_ranking_as_json(scanned):
    made = json.loads(scanned[0].stdout)
    assert [*made] == ["mark", "said", "elsewhere", "panel", "placebos", "findings"]
    assert [*made["panel"]] == ["thirds", "products", "months", "bytes"]
    assert all(size > 0 for size in made["panel"].values())
    rows = made["findings"]
    assert [*rows[0]] == [*FINDINGS.names, "signals", "origins", "list"]
    assert {row["list"] for row in rows} == {"route"}
    found = {(r["intermediary"], r["product"]) for r in rows if (r["q_value"] or 1) <= 0.1}
    assert found == {ROUTE}
    places = [(r["intermediary"], r["product"]) for r in rows]
    assert places.index(GHOST) < 4
    assert "the gap to the records of Kazakhstan was" in rows[places.index(GHOST)]["explanation"]
    assert {signal["detector"] for signal in rows[0]["signals"]} >= {"surge", "ghost_trade"}
    assert {origin["origin"] for origin in rows[0]["origins"]} == {"DEU", "JPN", "USA"}
    assert len({(r["intermediary"], r["product"]) for r in rows}) == len(rows)


def test_a_scan_says_what_it_means_beside_the_numbers(scanned):
    said = scanned[0].stderr
    assert "One of 128 routes tested stands out" in said
    assert "about one in ten is expected to be chance" in said
    assert "not tested, 8 cells: The coalition recorded nothing to the country" in said
    assert "never who is guilty" in said


def test_a_scan_looks_at_other_destinations_too(scanned, stored):
    """Turkey alone has exports of all the third countries, and nothing binds it."""
    made = json.loads(scanned[0].stdout)
    (turkey,) = made["placebos"]
    assert (turkey["destination"], turkey["routes"]) == ("TUR", 0)
    assert turkey["cells"] > 30
    sentence = (
        "The same look at 1 destination that no controls bind (Turkey) found 0 routes among "
        f"{turkey['cells']} cells that could be judged; at Russia it found"
    )
    assert made["elsewhere"].startswith(sentence)
    assert sentence in scanned[0].stderr
    assert sentence in (scanned[1] / "index.html").read_text("utf-8")
    none = run("scan", *QUESTION, "--store", stored, "--placebos", "0")
    assert json.loads(none.stdout)["placebos"] == []
    assert "same look" not in none.stderr


def test_nothing_is_found_on_the_way_to_where_nothing_goes(stored):
    """All but Russia publish, and nothing to Fiji: whatever came in, it is no route there."""
    done = run("scan", "--destination", "FJI", *QUESTION[2:], "--store", stored)
    rows = json.loads(done.stdout)["findings"]
    assert {(row["list"], row["intermediary"]) for row in rows} == {("came-in", "RUS")}
    assert all(row["q_value"] > 0.1 for row in rows)
    assert "No route to Fiji could be tested on both legs" in done.stderr
    assert "No third country recorded exports of listed goods to Fiji" in done.stderr
    assert "Nothing shows that controls keep listed goods from Fiji" in done.stderr
    assert "sent on" not in done.stdout + done.stderr


def test_a_scan_writes_its_pages_and_the_rows_behind_them(scanned):
    shown = scanned[0].stdout
    out = scanned[1]
    names = {path.name for path in out.iterdir()}
    rows = json.loads(shown)["findings"]
    slugs = {f"{r['intermediary']}-{r['product']}" for r in rows[:2]}
    assert names == {"index.html", "findings.json", "findings.csv"} | {
        f"{slug}.{kind}" for slug in slugs for kind in ("html", "csv")
    }
    assert (out / "findings.json").read_text("utf-8") == shown
    listed = [*csv.DictReader(io.StringIO((out / "findings.csv").read_text("utf-8")))]
    assert [r["product"] for r in listed] == [r["product"] for r in rows]
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<svg") == 6, "a map, a heat map and the ribbon, at two widths"
    behind = [*csv.DictReader(io.StringIO((out / f"{sorted(slugs)[0]}.csv").read_text("utf-8")))]
    assert {row["leg"] for row in behind} == {"into", "arrived", "onward"}
    assert all(row["vintage"] and row["file"] for row in behind)


def test_a_table_shows_the_first_and_csv_all(stored):
    table = run("scan", *QUESTION, "--store", stored, "--top", "1", "--format", "table").stdout
    assert len(table.splitlines()) == 3
    assert "KGZ" in table
    assert table.splitlines()[-1].startswith("Source: A statistical office, published 2023-02-01")
    rows = run("scan", *QUESTION, "--store", stored, "--top", "1", "--format", "csv").stdout
    assert len([*csv.DictReader(io.StringIO(rows))]) == CELLS


@pytest.mark.parametrize("through", ["KGZ", "Kyrgyzstan"])
def test_a_scan_narrowed_to_a_country_keeps_the_p_values_of_all(stored, through, tmp_path):
    how = ("--store", stored, "--out", tmp_path / "pages")
    done = run("scan", *QUESTION, *how, "--through", through)
    rows = json.loads(done.stdout)["findings"]
    every = json.loads(run("scan", *QUESTION, "--store", stored).stdout)["findings"]
    assert rows == [row for row in every if row["intermediary"] == "KGZ"]
    assert "Narrowed to Kyrgyzstan: p- and q-values are those of the whole scan" in done.stderr
    pages = {path.name for path in (tmp_path / "pages").glob("*-*.html")}
    assert pages == {f"KGZ-{row['product']}.html" for row in rows}
    assert "Narrowed to Kyrgyzstan" in (tmp_path / "pages" / "index.html").read_text("utf-8")


def test_a_scan_narrowed_to_a_group_holds_its_members_only(stored):
    done = run("scan", *QUESTION, "--store", stored, "--through", "eaeu,Georgia")
    rows = json.loads(done.stdout)["findings"]
    assert {row["intermediary"] for row in rows} == {"ARM", "GEO", "KAZ", "KGZ"}


def test_a_scan_narrowed_to_a_country_without_trade_is_refused(stored):
    done = run("scan", *QUESTION, "--store", stored, "--through", "FJI", check=False)
    assert done.returncode == 1
    assert "--through FJI is no third country of this scan" in done.stderr


@pytest.mark.parametrize("words", [("scan",), ("detector", "run", "surge"), ("watch", "mine")])
def test_on_a_terminal_80_columns_hold_and_names_stand_beside_codes(
    stored, tmp_path, monkeypatch, words
):
    store = shutil.copytree(stored, tmp_path / "store") if words[0] == "watch" else stored
    text, progress = on_a_terminal(monkeypatch, *words, *QUESTION, "--store", store)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    said = " ".join(text.split())
    assert {"Kyrgyzstan", "KGZ"} <= {*said.split()}
    assert "854232" in said
    if words[0] == "scan":
        heads = (
            "# through product recorded, expected excess, 90% range q since what else stands out"
        )
        assert {*heads.split()} <= {*" ".join(lines[:4]).split()}
    assert "opening the store" in progress


def test_progress_is_not_captured(scanned):
    assert "looking for" not in scanned[0].stderr


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
    answer = json.loads(made.stdout)
    assert (answer["said"], answer["elsewhere"], answer["placebos"]) == ([], "", [])
    rows = answer["findings"]
    assert {(row["list"], row["detector"], row["origin"]) for row in rows} == {
        ("went-out", "went_out", None)
    }
    assert len(rows) == CELLS
    assert all(row["excess_usd"] == pytest.approx(row["recorded_usd"] - row["expected_usd"], abs=1)
               for row in rows)  # fmt: skip
    assert (rows[0]["intermediary"], rows[0]["product"]) == ROUTE
    assert f"of {CELLS} ways out to Russia" in made.stderr
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
    assert len(json.loads(ran.stdout)) == CELLS


def test_a_watch_is_quiet_until_a_vintage_comes(stored, tmp_path):
    store = shutil.copytree(stored, tmp_path / "store")
    place = ("--store", store, "--out", tmp_path / "feeds")
    first = run("watch", "mine", *QUESTION, *place, "--as-of", "2022-08-01")
    assert json.loads(first.stdout) == []
    assert "first run; no change" in first.stderr
    second = run("watch", "mine", *place)
    assert [row["change"] for row in json.loads(second.stdout)] == ["new"]
    assert "1 new vintage; 1 new" in second.stderr
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
