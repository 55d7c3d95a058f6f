"""The tutorials: every command in them is run, in its order, where the page says it is."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from entrepot.api.pages import study
from support import scan_world
from support.commandline import ENTREPOT, run
from support.sampled import costly

FOLDER = Path(__file__).resolve().parents[1] / "docs/tutorial"
NETWORK = "study fetch"
"""What asks publishers; with --dry-run nobody is asked, but for their index."""


def commands(page):
    """Every line of every shell block of a page, as words."""
    text = (FOLDER / page).read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for line in "".join(blocks).splitlines() if line]


def follow(page, folder, **options):
    """Run every entrepot command of a page in a folder; return what each printed."""
    return [
        run(*words[1:], cwd=folder, **options)
        for words in commands(page)
        if words[0] == "entrepot" and NETWORK not in " ".join(words)
    ]


@pytest.mark.usefixtures("demo")
def test_a_first_figure(tmp_path, monkeypatch):
    monkeypatch.delenv("ENTREPOT_STORE", raising=False)
    one, *_rest, brief = follow("first-figure.md", tmp_path)
    assert json.loads(one.stdout)["answer"].endswith("came to $10 million in 2022.")
    assert {path.name for path in tmp_path.iterdir()} == {
        "first.html", "first.xlsx", "rows.csv", "first-brief"
    }  # fmt: skip
    assert "EMBEDDED FIGURES" in brief.stdout


@costly
@pytest.mark.usefixtures("demo")
def test_a_published_claim(tmp_path):
    _list, shown, now, then = follow("check-a-claim.md", tmp_path)
    assert "high-priority goods towards Russia" in shown.stdout
    assert "SYNTHETIC" in now.stdout
    assert "arithmetic agrees" in now.stdout
    for name in ("checked", "then"):
        assert (tmp_path / name / "brief.csv").is_file()
    told = json.loads((tmp_path / "then/brief.json").read_text("utf-8"))
    assert told["evidence"]["as_of"] == "2023-11-27"
    assert now.stdout != then.stdout


@pytest.fixture
def own(tmp_path, tmp_path_factory):
    """A folder with the small world in entrepot-store."""
    shutil.copytree(scan_world.stored(tmp_path_factory), tmp_path / "entrepot-store")
    return tmp_path


@costly
def test_a_corridor(own, monkeypatch):
    monkeypatch.delenv("ENTREPOT_STORE", raising=False)
    months, books, _scan, first, again, calendar, _moves = follow("watch-a-corridor.md", own)
    assert "Germany recorded to Kyrgyzstan" in json.loads(months.stdout)["answer"]
    assert "of imports from Germany" in json.loads(books.stdout)["answer"]
    assert (own / "scan/index.html").is_file()
    assert (own / "feeds/feed.json").is_file()
    assert first.returncode == again.returncode == 0
    assert json.loads(calendar.stdout)[0]["reporter"] == "KGZ"


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def served(words, port, cwd):
    """Start a server of a tutorial on a free port, and wait until it answers."""
    words = [f"{port}" if word == "8000" else word for word in words[1:]]
    process = subprocess.Popen([ENTREPOT, *words], cwd=cwd, stderr=subprocess.PIPE, text=True)
    for _try in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[1])


@costly
@pytest.mark.usefixtures("demo")
def test_a_teams_server(desk, table, port, tmp_path, monkeypatch):
    monkeypatch.delenv("ENTREPOT_STORE", raising=False)
    monkeypatch.setattr(study, "names", lambda: ("turkey-2023",))  # each takes as long
    desk.take(table("a.csv", {}))
    desk.store.path.rename(tmp_path / "entrepot-store")
    own = tmp_path
    lines = commands("team-server.md")
    answers = {}
    for words in (line for line in lines if line[:2] == ["entrepot", "serve"]):
        server = served(words, port, own)
        try:
            for curl in (line for line in lines if line[0] == "curl"):
                found = httpx.get(curl[1].replace("8000", f"{port}"), timeout=120)
                assert found.status_code == 200, curl
                answers[curl[1].partition("?")[0].rpartition("/")[2]] = found
            if "--allow-host" in words:
                host = {"host": words[words.index("--allow-host") + 1]}
                home = httpx.get(f"http://127.0.0.1:{port}/study", headers=host, timeout=120)
                assert home.status_code == 200
        finally:
            server.terminate()
            server.communicate(timeout=30)
    assert answers["ask"].json()["answer"].endswith("came to $10 million in 2022.")
    assert answers["calendar"].json()["total"] > 100
    assert answers["calendar.ics"].text.startswith("BEGIN:VCALENDAR")
    (site,) = (line for line in lines if line[:2] == ["entrepot", "site"])
    run(*site[1:], cwd=own)
    assert (own / "public/index.html").is_file()


@costly
def test_every_fetch_of_the_tutorials_is_a_dry_run_of_a_study_that_ships():
    from entrepot.study.question import names

    fetches = [line for page in FOLDER.glob("*.md") for line in commands(page.name)
               if NETWORK in " ".join(line)]  # fmt: skip
    assert fetches
    for words in fetches:
        assert "--dry-run" in words
        assert words[3] in names()


@costly
@pytest.mark.usefixtures("demo")
def test_the_notebook_runs_and_says_what_it_says():
    """In a process of its own: its kernel warns of what pytest makes an error."""
    root = FOLDER.parents[1]
    words = (sys.executable, root / "tools/make_notebook.py", "--check")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_notebook_names_no_folder_of_a_machine():
    text = (FOLDER / "notebook.ipynb").read_text("utf-8")
    assert not re.search(r"/(root|home|work|tmp|Users)/", text)
