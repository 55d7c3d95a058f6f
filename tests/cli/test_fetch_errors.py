"""Every way a fetch can end badly: its exact line, exit code 1, an unchanged store."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path

import pytest

import publisher
from publisher import Faults, Limits, Script, comtrade
from publisher import instead as replies
from publisher.certificate import available
from publisher.hosts import HOSTS
from publisher.reply import Reply
from support.folders import content
from support.once import once

API = "comtradeapi.un.org"
MONTH = "comtrade-M-TUR-2023-01-X-1062404a.json"
PATIENT = """
import atexit, os, pathlib
import certifi

def peak():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    pathlib.Path(os.environ["HOME"], "peak").write_text(kilobytes)

atexit.register(peak)
if authority := os.environ.get("AUTHORITY"):
    certifi.where = lambda: authority
from entrepot.sources import _fetch
_fetch.FIRST_PAUSE = 0.001
from entrepot.cli import main
main()
"""
ASKED = {
    "--reporters": "TUR",
    "--partners": "RUS",
    "--products": "854231,854232",
    "--first": "2023-01",
    "--last": "2023-01",
    "--flows": "export",
}
TEN_GB = 10_000_000_000


def always(kind):
    return {"faults": Faults(scripts=(Script(0, kind, "preview"),), bomb=TEN_GB)}


def no_answer(why):
    return (
        f"comtrade: {API} gave no answer in 6 attempts (last: {why}); what was answered before is "
        "kept: run the same command later"
    )


CASES = {
    "wrong key": (
        {"key": "wrong-key"},
        "comtrade: the key is refused (HTTP 401, 'Access denied: this subscription key is "
        "invalid for this product.'); check it in ENTREPOT_COMTRADE_KEY or "
        "{config}/entrepot/keys.toml, or get one at https://comtradedeveloper.un.org",
    ),
    "exhausted quota": (
        {"key": "free-key", "limits": Limits(pace=0, calls_per_day=0)},
        "comtrade: the publisher allows no more calls for now (Out of call volume quota. It is "
        "filled up again in 05:00:00.); what was answered is kept: run the same command again "
        "tomorrow and it goes on from here",
    ),
    "unpublished month": (
        {"--reporters": "UZB", "--first": "2024-11", "--last": "2024-12"},
        "comtrade: none of the 2 reporter-periods asked for is published yet (first: UZB 2024-11); "
        "ask for earlier ones, or again later; `entrepot source show comtrade` says whose records "
        "it has",
    ),
    "empty answer": ({"nothing": True}, no_answer("not complete JSON")),
    "truncated answer": (always("short"), no_answer("an answer that is cut or cannot be unpacked")),
    "changed field": (
        always("drift"),
        f"{MONTH}: unknown field sanctionsFlag; expected the 47 fields of a Comtrade record; "
        "update entrepot, or report the new field",
    ),
    "HTML instead of JSON": (always("html"), no_answer("a web page instead of JSON")),
    "expired certificate": (
        {"tls": "expired"},
        f"comtrade: the certificate of {API} is not valid (certificate has expired); expected one "
        "this machine trusts; check its clock and whether a proxy stands between; nothing was sent",
    ),
    "redirect to another host": (
        always("redirect"),
        "comtrade: redirected to https://elsewhere.example, which is not the publisher's; expected "
        f"https://{API}; nothing was sent there: check the network (a login page, a proxy), or "
        "report the change",
    ),
    "a bomb of 10 GB in 10 MB": (
        always("bomb"),
        "comtrade: {host} sends more than 20 MB, more than any answer of this kind has; nothing "
        "was kept: ask for less, or report the change",
    ),
}


def command(store, *words):
    return [sys.executable, "-c", PATIENT, *words, "--store", str(store)]


def megabytes(home):
    """The most memory the last command held, as the system counted it for that process alone."""
    return int((Path(home["HOME"]) / "peak").read_text()) / 1000


def fetch(store, environment, **asked):
    words = [word for option in (ASKED | asked).items() for word in option]
    return subprocess.run(
        command(store, "source", "fetch", "comtrade", *words),
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path):
    """The environment of a command, with a folder of settings of its own."""
    folder = tmp_path / "config"
    return {"XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}


@pytest.fixture
def shop(tmp_path, home, tmp_path_factory):
    """A store of the test's own with a good vintage of another month."""

    def fill(folder):
        with publisher.running(limits=Limits(pace=0)) as server:
            done = fetch(
                folder / "store",
                home | {"ENTREPOT_PUBLISHER": server.url},
                **{"--first": "2022-01", "--last": "2022-02"},
            )
        assert done.returncode == 0, done.stderr

    good = once(tmp_path_factory, "good-fetch", fill)
    return shutil.copytree(good / "store", tmp_path / "store")


def vintages(store):
    return content(store / "vintages")


@pytest.fixture
def quick_bomb(monkeypatch):
    """Ten gigabytes of blanks in ten megabytes: one packed block, ten thousand times."""
    packer = zlib.compressobj(9, wbits=31)
    first = packer.compress(b" " * replies.BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * replies.BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)

    def packed(size):
        return first + block * (size // replies.BLOCK - 1)

    monkeypatch.setattr(replies, "_gzip_bomb", packed)
    return packed


def _silent(ask):
    return Reply(b"") if "preview" in ask.path else comtrade.answer(ask)


@pytest.mark.parametrize("case", CASES)
def test_each_has_its_own_line_and_changes_nothing(case, shop, home, monkeypatch, quick_bomb):
    settings, line = CASES[case]
    if settings.get("tls") and not available():
        pytest.skip("certificates are made by the openssl program, which is absent")
    if settings.get("nothing"):
        monkeypatch.setitem(HOSTS, API, _silent)
    before = vintages(shop)
    with publisher.running(
        limits=settings.get("limits", Limits(pace=0)),
        faults=settings.get("faults"),
        tls=settings.get("tls", ""),
    ) as server:
        own = {
            "ENTREPOT_PUBLISHER": server.url,
            "ENTREPOT_COMTRADE_KEY": settings.get("key", ""),
            "AUTHORITY": str(server.authority or ""),
        }
        asked = {name: word for name, word in settings.items() if name.startswith("--")}
        done = fetch(shop, home | own, **asked)
        host = server.url.split("//")[1].split(":")[0]
    assert done.returncode == 1
    errors = [text for text in done.stderr.splitlines() if text.startswith("error: ")]
    assert errors == ["error: " + line.format(config=home["XDG_CONFIG_HOME"], host=host)]
    assert done.stderr.splitlines()[-1] == errors[0]
    assert done.stdout == ""
    assert vintages(shop) == before
    assert sum(path.stat().st_size for path in shop.rglob("*") if path.is_file()) < 1_000_000
    assert megabytes(home) < 1_000
    assert len(quick_bomb(TEN_GB)) < 15_000_000


def test_the_bomb_unpacks_to_what_it_says(quick_bomb):
    assert len(zlib.decompressobj(wbits=31).decompress(quick_bomb(5_000_000))) == 5_000_000


def test_a_month_with_nothing_in_it_is_said_and_known_afterwards(shop, home):
    asked = {"--reporters": "UZB", "--first": "2023-05", "--last": "2023-05"}
    with publisher.running(limits=Limits(pace=0)) as server:
        own = home | {"ENTREPOT_PUBLISHER": server.url}
        done = fetch(shop, own, **asked)
        asked_first = len(server.record.entries)
        fetch(shop, own, **asked)
        assert len(server.record.entries) == asked_first + 1  # the index alone
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert "comtrade: published, with none of these goods and partners: UZB 2023-05" in lines
    [row] = json.loads(done.stdout)
    assert (row["rows"], row["vintages"], row["nothing_recorded"]) == (0, 1, 1)


def test_a_local_file_that_is_a_bomb_is_refused(shop, home, tmp_path, quick_bomb):
    path = tmp_path / "COMTRADE-FINALCLASSIC-CM792202301[2023-06-01].gz"
    path.write_bytes(quick_bomb(TEN_GB))
    before = vintages(shop)
    done = subprocess.run(
        command(shop, "source", "ingest", "comtrade", str(path)),
        capture_output=True, text=True, check=False, env=home,
    )  # fmt: skip
    assert done.returncode == 1
    assert [line[:6] for line in done.stderr.splitlines()].count("error:") == 1
    assert vintages(shop) == before
    assert megabytes(home) < 1_000


def test_what_was_answered_before_the_quota_ended_is_not_asked_again(tmp_path, home):
    asked = {"--first": "2023-01", "--last": "2023-06"}
    store = tmp_path / "store"
    with publisher.running(limits=Limits(pace=0, calls_per_day=4)) as server:
        server.world.today = date(2026, 1, 1)
        own = home | {"ENTREPOT_PUBLISHER": server.url, "ENTREPOT_COMTRADE_KEY": "free-key"}
        cut = fetch(store, own, **asked)
        assert cut.returncode == 1
        assert "run the same command again tomorrow" in cut.stderr
        assert not (store / "vintages").exists()
        server.meter = type(server.meter)()  # the next day
        done = fetch(store, own, **asked)
        assert done.returncode == 0, done.stderr
        [twice] = server.record.answered_twice()
        assert "getDA" in twice  # what is out by now, and nothing else
    [row] = json.loads(done.stdout)
    assert row["kept_from_before"] == 4  # months
    assert row["vintages"] == 6
    assert not list(Path(store).glob("answers/comtrade/*/answer.json"))
