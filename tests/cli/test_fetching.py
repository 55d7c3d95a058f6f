"""What people see while a fetch runs: a plan, a pace, what was missing, where to go on."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

import publisher
from entrepot.cli import _fetching
from publisher import Faults, Limits
from support import commandline
from support.commandline import ENTREPOT, launch

TURKEY = """
title = "Turkey"
question = "What did Turkey record?"
goods = "chpl-2023-09"
headline = "Turkey recorded {direct.ratio}."
unanswered = "The store has no records of Turkey."

[params]
reporters = ["TUR"]
partners = ["RUS"]
first = "2023-01"
last = "2023-02"
base = [2022]

[[figure]]
name = "direct"
measure = "growth"
headline = ["ratio"]
[figure.show]
ratio = "Turkey's recorded exports to Russia, from a year before"
"""


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("COMTRADE", "CENSUS"):
        monkeypatch.delenv(f"ENTREPOT_{name}_KEY", raising=False)
    with publisher.running(limits=Limits(pace=0)) as server:
        monkeypatch.setenv("ENTREPOT_PUBLISHER", server.url)
        yield server


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TURKEY, "utf-8")
    return path


def run(*words):
    return commandline.run(*words, check=False)


ASKED = ("source", "fetch", "comtrade", "--reporters", "TUR", "--partners", "RUS,KAZ",
         "--goods", "chpl-2023-09", "--flows", "export")  # fmt: skip
YEAR = (*ASKED, "--first", "2023-01", "--last", "2023-12")


def test_a_dry_run_says_calls_and_duration_and_asks_nobody(server, tmp_path):
    done = run(*YEAR, "--dry-run", "--store", tmp_path / "store")
    [row] = json.loads(done.stdout)
    assert (row["source"], row["endpoint"], row["reporters"], row["periods"]) == (
        *("comtrade", "preview"),
        *(1, 12),
    )
    # The index, then 45 codes and 2 partners: the year is halved to 3 months, below 500 records.
    assert row["calls"] == 1 + 4
    assert row["lasts"] == "4 s"
    assert done.stderr == "comtrade (preview): about 5 calls, 4 s with 1.1 s between calls\n"
    assert server.record.entries == []
    assert not (tmp_path / "store").exists()


def test_a_study_is_fetched_and_the_next_command_makes_its_brief(server, study, tmp_path):
    store = tmp_path / "store"
    done = run("study", "fetch", study, "--store", store)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].startswith("comtrade (preview): about ")
    then = next(line for line in lines if line.startswith("next: "))
    assert then == f"next: entrepot brief {study} --store {store}"
    [row] = json.loads(done.stdout)
    assert f"comtrade: {row['rows']:,} rows in {row['vintages']} new vintages" in lines
    assert row["calls"] == len(server.record.entries)
    launch(*then.removeprefix("next: entrepot ").split(), "--out", tmp_path)
    [planned] = json.loads(run("study", "fetch", study, "--store", store, "--dry-run").stdout)
    assert planned["calls"] == 1
    server.reset()
    again = run("study", "fetch", study, "--store", store)
    assert "comtrade: nothing new: " in again.stderr
    assert len(server.record.entries) == 1  # the index
    server.world.revise("TUR", "2023-02", date(2025, 9, 1))
    revised = run("study", "fetch", study, "--store", store)
    assert json.loads(revised.stdout)[0]["vintages"] == 1
    [whole] = json.loads(
        run("study", "fetch", study, "--store", store, "--dry-run", "--fresh").stdout
    )
    assert whole["calls"] > 1


def test_what_is_not_published_and_what_is_empty_are_said(server, tmp_path):
    asked = [*ASKED, "--store", tmp_path / "store"]
    asked[4] = "UZB"
    done = run(*asked, "--first", "2023-05", "--last", "2023-05")
    assert "comtrade: published, with none of these goods and partners: UZB 2023-05" in done.stderr
    done = run(*asked, "--first", "2024-10", "--last", "2024-12")
    assert "comtrade: not published yet: UZB 2024-11, UZB 2024-12" in done.stderr
    assert server.record.entries


def test_ctrl_c_is_one_line_and_the_next_run_goes_on(server, tmp_path):
    server.faults = Faults(shares={"slow": 1.0}, most=99, pause=2.5)
    store = tmp_path / "store"
    # A shell's background job ignores Ctrl-C, and its children would too.
    words = ["env", "--default-signal=INT", ENTREPOT, *YEAR, "--store", str(store)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as cut:
        deadline = time.monotonic() + 60
        while len(server.record.entries) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        cut.send_signal(signal.SIGINT)
        out, err = cut.communicate()
    assert cut.returncode == 130
    assert out == ""
    assert err.splitlines()[1:] == [
        "interrupted; the store is as it was, what was answered is kept: run the same command "
        "again and it goes on from here"
    ]
    assert not (store / "vintages").exists()
    server.faults = Faults()
    done = run(*YEAR, "--store", store)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["kept_from_before"] >= 2
    assert server.record.answered_twice() == []


def test_on_a_terminal_there_is_a_bar_with_rate_and_time_left(server, tmp_path):
    server.faults = Faults(shares={"slow": 1.0}, most=99, pause=0.1)
    leader, follower = pty.openpty()
    words = [ENTREPOT, *YEAR, "--store", str(tmp_path / "store")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=follower) as done:
        os.close(follower)
        shown = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not chunk:
                break
            shown += chunk
        out = done.stdout.read()
    os.close(leader)
    text = shown.decode("utf-8", "replace")
    assert " of 13, " in text
    assert " a minute, " in text
    assert " s left" in text
    assert json.loads(out)[0]["vintages"] == 12


def test_the_pace_counts_only_what_was_asked(monkeypatch):
    clock = iter([0, 100, 120])
    monkeypatch.setattr(_fetching.time, "monotonic", lambda: next(clock))
    pace = _fetching._Pace()
    pace.total = 10
    pace.answered(kept=True)
    assert str(pace) == "1 of 10, kept from before"
    pace.answered(kept=False)
    pace.answered(kept=False)
    assert str(pace) == "3 of 10, 6 a minute, 70 s left"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (9000, "2.5 h")],
)
def test_durations_are_written_as_people_say_them(seconds, expected):
    assert _fetching.words(seconds) == expected


def test_endpoints_are_shown_with_their_limits():
    [row] = json.loads(run("source", "show", "comtrade").stdout)
    assert row["endpoints"].startswith(
        "data (needs a key from https://comtradedeveloper.un.org; 1.1 s"
    )
    assert "between calls, 500 calls a day; answers up to 400 MB; https://" in row["endpoints"]
    assert "; preview (no key; 1.1 s between calls; answers up to 20 MB; " in row["endpoints"]
    [row] = json.loads(run("source", "show", "generic").stdout)
    assert row["endpoints"] == "none: ingest files that you have"


def test_a_material_is_planned_and_an_unknown_one_refused(tmp_path):
    [row] = json.loads(run("reference", "fetch", "unsd_hs", "--dry-run").stdout)
    assert (row["calls"], row["lasts"]) == (2, "1 s")
    assert row["files"].startswith("HS2022toHS2017")
    done = run("reference", "fetch", "nope", "--store", tmp_path)
    assert done.stderr == "error: no material is called 'nope'; there are: ecb, unsd_hs\n"
    assert done.returncode == 1


@pytest.mark.usefixtures("server")
def test_the_how_to_quotes_the_plan_that_comes(tmp_path):
    page = (Path(__file__).parents[2] / "docs/how-to/fetch.md").read_text("utf-8")
    plan = ("study", "fetch", "turkey-2023", "--dry-run", "--store", tmp_path)
    assert f"```text\n{run(*plan).stderr}```" in page


@pytest.mark.usefixtures("server")
def test_with_a_free_key_the_plan_is_as_short_as_the_how_to_says(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs/how-to/fetch.md").read_text("utf-8")
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", "free-key")
    plan = ("study", "fetch", "turkey-2023", "--dry-run", "--store", tmp_path)
    [row] = json.loads(run(*plan).stdout)
    assert f"plan is {row['calls']} calls and {row['lasts']}." in page
