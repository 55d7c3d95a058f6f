"""Run: a file from end to end, twice the same bytes, interrupted and gone on with, harmless."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import UTC, date, datetime

import pytest

from entrepot.errors import StoreError
from entrepot.screen import decisions, run
from entrepot.screen.answer import answer, setting
from entrepot.screen.lists import stored
from entrepot.screen.output import LINES
from entrepot.workspace import Workspace
from support.commandline import run as command
from support.screened import EU_XML, SDN, line, table

HOSTILE = [
    line("=1+1", "=cmd|' /C calc'!A0", goods="@SUM(1)", code="870323"),
    line("+x", "<script>alert(1)</script>", goods="<img src=x onerror=alert(1)>"),
    line("bidi", "Al\u202egnidart\u202c Ltd", goods="a\u200bb\x1b[31mred"),
    line("hit", "Zavodov Ivan Petrovich", "Russia", to="KAZ", code="854231"),
    line("http://x.example/?a=b", "Petr Schukin"),
    '"open,x',
    line("dde", "-2+3+cmd|' /C calc'!A0"),
]


@pytest.fixture
def store(tmp_path):
    for name, text in (("sdn.csv", SDN), ("eu.xml", EU_XML)):
        (tmp_path / name).write_text(text, "utf-8")
        stored.take(tmp_path / "store", tmp_path / name, published=date(2024, 1, 5))
    return tmp_path / "store"


def screened(store, path, out, pages=3):
    given = setting(date(2024, 6, 1), "chpl-2024-02", "RUS", "plain")
    return answer(Workspace(store, as_of=date(2024, 6, 1)), path, None, given, out, pages=pages)


def test_a_second_run_gives_the_same_bytes(store, tmp_path):
    path = table(tmp_path / "a.csv", *HOSTILE)
    for out in ("one", "two"):
        screened(store, path, tmp_path / out)
    names = sorted(one.name for one in (tmp_path / "one").iterdir())
    assert {"verdicts.jsonl", "verdicts.xlsx", "about.json", "index.html", "entities.ftm.json"} < {
        *names
    }
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), (
            name
        )


def test_nothing_hostile_is_alive_in_what_is_written(store, tmp_path):
    found, _about = screened(store, table(tmp_path / "a.csv", *HOSTILE), tmp_path / "out", pages=9)
    assert sum(found.counts.values()) == len(HOSTILE)
    with zipfile.ZipFile(tmp_path / "out/verdicts.xlsx") as book:
        sheets = b"".join(book.read(n) for n in book.namelist() if "sheet" in n)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets
    pages = [one.read_text("utf-8") for one in (tmp_path / "out").glob("*.html")]
    assert len(pages) > 3
    for page in pages:
        assert not re.search("<script|<img|javascript:", page)
        assert not {"\u202e", "\u200b", "\x1b"} & {*page}
        assert "no licence decision" in page
    for name in (LINES, "about.json"):
        assert "no licence decision" in (tmp_path / "out" / name).read_text("utf-8")


def test_every_reason_leads_to_its_entry_and_vintage(store, tmp_path):
    found, about = screened(store, table(tmp_path / "a.csv", *HOSTILE), tmp_path / "out")
    [first] = [one for one in found.ranked() if one["ref"] == "hit"]
    behind = first["reasons"][0]["behind"]
    assert first["verdict"] == "stop"
    assert (behind["list"], behind["entry"]) == ("ofac-sdn", "306")
    assert behind["vintage"] in {one["id"] for one in about["lists"]}
    links = [
        json.loads(one) for one in (tmp_path / "out/entities.ftm.json").read_text().splitlines()
    ]
    assert {one["schema"] for one in links} == {"LegalEntity", "EconomicActivity", "UnknownLink"}


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(store, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "EVERY", 5)
    path = table(tmp_path / "a.csv", *(line(f"r{n}", f"Firm {n % 7}") for n in range(23)))
    screened(store, path, tmp_path / "whole")
    seen = []

    def stop(rows, _all):
        seen.append(rows)
        if rows == 10:
            raise KeyboardInterrupt

    given = setting(date(2024, 6, 1), "chpl-2024-02", "RUS", "plain")
    work = Workspace(store, as_of=date(2024, 6, 1))
    for done in (stop, lambda rows, _all: seen.append(rows)):
        try:
            answer(work, path, None, given, tmp_path / "cut", done=done)
        except KeyboardInterrupt:
            assert json.loads((tmp_path / "cut/state.json").read_text())["rows"] == 10
    assert seen == [5, 10, 15, 20, 23]
    assert (tmp_path / "cut" / LINES).read_bytes() == (tmp_path / "whole" / LINES).read_bytes()


def test_an_earlier_day_gives_the_lists_of_that_day(store, tmp_path):
    newer = tmp_path / "eu.xml"
    newer.write_text(EU_XML.replace("Shchukin", "Sokolov").replace("Щукин", "Соколов"), "utf-8")
    stored.take(store, newer, published=date(2024, 5, 1))
    path = table(tmp_path / "a.csv", line("a", "Petr Shchukin Ltd"))
    words = {}
    for day in (date(2024, 2, 1), date(2024, 6, 1)):
        given = setting(day, "chpl-2024-02", "RUS", "plain")
        found, _about = answer(Workspace(store, as_of=day), path, None, given, tmp_path / f"{day}")
        words[str(day)] = [one["verdict"] for one in found.ranked()]
    assert words == {"2024-02-01": ["ask"], "2024-06-01": ["pass"]}


def test_decisions_only_grow_and_a_change_shows(tmp_path):
    moment = datetime(2024, 6, 1, 12, tzinfo=UTC)
    for case in ("a", "b", "c"):
        decisions.add(
            tmp_path, who="N. N.", case=case, decision="released", why="other person", when=moment
        )
    assert [one.number for one in decisions.log(tmp_path)] == [1, 2, 3]
    path = tmp_path / decisions.FILE
    lines = path.read_text().splitlines(keepends=True)
    first, second, third = lines
    changed = second.replace("released", "stopped")
    for damaged in ([first, third], [first, changed, third], [first, second[:-9], third]):
        path.write_text("".join(damaged))
        with pytest.raises(StoreError, match="line 2 is not as it was written"):
            decisions.log(tmp_path)
    with pytest.raises(StoreError, match="expected one of"):
        decisions.add(tmp_path, who="x", case="a", decision="guilty", why="x", when=moment)


def test_the_commands_say_what_they_did(store, tmp_path):
    path = table(tmp_path / "a.csv", *HOSTILE)
    done = command("screen", path, "--store", store, "--out", tmp_path / "out", "--format", "table",
                   "--as-of", "2024-06-01")  # fmt: skip
    assert "1 stop" in done.stderr
    assert "no licence decision" in done.stderr
    found = json.loads(command("party", "find", "Zavodov Ivan", "--store", store).stdout)
    assert found[0]["entry"] == "306"
    assert len(json.loads(command("party", "list", "--store", store).stdout)) == 2
    command("decision", "add", "abc", "--decision", "stopped", "--who", "me", "--why", "so",
            "--store", store)  # fmt: skip
    assert json.loads(command("decision", "list", "--store", store).stdout)[0]["case"] == "abc"
