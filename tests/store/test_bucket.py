"""A store in a bucket, of a real S3 server: read by all, written by one at a time, never halved."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date

import pytest

from entrepot import config
from entrepot.errors import StoreError
from entrepot.store import audit, compact, remote
from entrepot.store.vintages import Store
from support import bucket
from support.commandline import run
from support.desk import Desk
from support.plain import OWN, as_toml

FIRST, SECOND, THIRD = date(2023, 1, 10), date(2023, 2, 10), date(2023, 3, 10)
numbers = itertools.count()


@pytest.fixture
def address(bucket_address):
    return bucket_address


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """As on another machine: with a cache in which nothing is."""

    @contextmanager
    def there():
        with monkeypatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache{next(numbers)}"))
            yield

    return there


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(as_toml(OWN))
    return path


def code(path, day):
    """A process that takes a file in, in the words of Python."""
    return (
        "import sys; from datetime import date; from entrepot.workspace import Workspace\n"
        f"from entrepot.errors import EntrepotError\nOWN = {OWN!r}\n"
        "def take(address):\n"
        f"    Workspace(address).ingest('generic', [__import__('pathlib').Path({str(path)!r})],\n"
        f"        mapping=OWN, published=date.fromisoformat('{day}'))\n"
        "def main(address):\n"
        "    try: take(address)\n"
        "    except EntrepotError as error: sys.exit(str(error))\n"
    )


def process(text, cache):
    return subprocess.Popen(
        [sys.executable, "-c", text], env=bucket.at(cache), stderr=subprocess.PIPE, text=True
    )


KAZ, RUS = ("DEU", "KAZ", "854231", "2022-01"), ("DEU", "RUS", "854231", "2022-01")


def test_what_one_took_in_another_reads_as_of_each_day(address, table, elsewhere):
    desk = Desk(address)
    desk.take(table("a.csv", {}, {"partner": "RUS"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), scope="part", published=SECOND)
    assert desk.take(table("b.csv", {"value": "7"}), published=SECOND) == []
    with elsewhere():
        assert Desk(address).cells() == {KAZ: 7, RUS: 100}
        assert Desk(address, as_of=FIRST).cells() == {KAZ: 100, RUS: 100}
        assert audit.check(Store(config.place(address))) == []
        brought = [path.name for path in config.place(address).rglob("raw")]
        assert brought == []  # what no question reads is not brought
        Desk(address).take(table("c.csv", {"month": "2022-02"}), published=THIRD)
    assert len(Desk(address).store.vintages()) == 3
    assert len(Desk(address).cells()) == 3


def test_compacting_a_mirror_changes_no_answer(address, table, monkeypatch):
    monkeypatch.setattr(compact, "FEW", 0)
    monkeypatch.setattr(compact, "SMALL", 0)
    desk = Desk(address)
    desk.take(table("a.csv", {}, {"partner": "RUS"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), scope="part", published=SECOND)
    desk.compact()
    assert Desk(address).cells() == {KAZ: 7, RUS: 100}
    assert {one.name for one in Desk(address).snapshot.reads} >= {"entrepot_pile_0"}


def test_the_command_line_takes_an_address(address, table, mapping):
    path = table("a.csv", {})
    run("source", "ingest", "generic", path, "--mapping", mapping, "--published", FIRST,
        "--store", address)  # fmt: skip
    assert "own-2023-01-10" in run("vintage", "list", "--store", address).stdout
    assert "as they were written" in run("vintage", "check", "--store", address).stdout
    adopted = run("vintage", "adopt", "--store", address, check=False)
    assert "restore it from the bucket's versions" in adopted.stderr


def test_of_two_writers_one_is_first_and_the_other_is_told(
    address, table, tmp_path, monkeypatch, elsewhere
):
    desk = Desk(address)
    desk.take(table("a.csv", {}), published=FIRST)
    other = table("b.csv", {"month": "2022-02"})
    real = remote.Remote.send

    def beaten(self, files):
        real(self, files)
        monkeypatch.setattr(remote.Remote, "send", real)
        rival = process(code(other, SECOND) + f"main({address!r})", tmp_path / "rival")
        assert rival.communicate()[1] == ""

    monkeypatch.setattr(remote.Remote, "send", beaten)
    mine = table("c.csv", {"month": "2022-03"})
    with pytest.raises(StoreError, match=r"another writer was first.*run this again") as caught:
        desk.take(mine, published=SECOND)
    assert "\n" not in str(caught.value)
    assert len(Desk(address).store.vintages()) == 2
    assert len(desk.take(mine, published=SECOND)) == 1
    with elsewhere():
        assert len(Desk(address).cells()) == 3
        assert audit.check(Store(config.place(address))) == []


def test_writers_at_once_lose_nothing_and_a_reader_sees_whole_vintages(
    address, table, tmp_path, elsewhere
):
    """Each lands or is told so; a reader meanwhile sees the rows of whole vintages alone."""
    Desk(address).take(table("0.csv", {}, {"partner": "RUS"}), published=FIRST)
    paths = [
        table(f"{n}.csv", {"month": f"2022-0{n}"}, {"month": f"2022-0{n}", "partner": "RUS"})
        for n in (2, 3, 4)
    ]
    left, seen, is_over = list(paths), [], threading.Event()

    def watch():
        while not is_over.is_set():
            seen.append(len(Desk(address).cells()))

    with elsewhere():
        reader = threading.Thread(target=watch)
        reader.start()
        while left:
            several = [
                process(code(path, SECOND) + f"main({address!r})", tmp_path / path.stem)
                for path in left
            ]
            said = {path: one.communicate()[1] for path, one in zip(left, several, strict=True)}
            assert all("another writer was first" in line for line in said.values() if line)
            assert "" in said.values()  # one of them was first
            left = [path for path, line in said.items() if line]
        is_over.set()
        reader.join()
    assert seen
    assert seen == sorted(seen)
    assert {*seen} <= {2, 4, 6, 8}
    assert len(Desk(address).cells()) == 8


@pytest.mark.parametrize("held", [0, 1])
def test_a_writer_that_was_killed_before_its_head_is_as_if_it_had_never_been(
    address, table, tmp_path, held, elsewhere
):
    if held:
        Desk(address).take(table("a.csv", {}), published=FIRST)
    path = table("b.csv", {"month": "2022-02"})
    dying = (
        "import os, signal; from entrepot.store.vintages import Store\n"
        "Store.move = lambda *_all: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = process(code(path, SECOND) + dying + f"take({address!r})", tmp_path / "killed")
    killed.communicate()
    assert killed.returncode < 0
    with elsewhere():
        assert len(Desk(address).store.vintages()) == held
    assert len(Desk(address).take(path, published=SECOND)) == 1
    with elsewhere():
        assert len(Desk(address).cells()) == held + 1


def test_a_changed_object_is_named_and_a_changed_mirror_is_mended(address, table, elsewhere):
    desk = Desk(address)
    (made,) = desk.take(table("a.csv", {}), published=FIRST)
    ((name, sha256), *_) = made.parts.items()
    (made.folder / name).write_bytes(b"changed here")
    assert Desk(address).cells() == {KAZ: 100}
    objects = desk.store.remote.objects
    objects.put(f"objects/{sha256[:2]}/{sha256}", b"changed there")
    assert "changed since it was written" in audit.check(desk.store)[0]
    with elsewhere(), pytest.raises(StoreError, match="changed since it was written"):
        Desk(address).cells()
    objects.delete(f"objects/{sha256[:2]}/{sha256}")
    with elsewhere(), pytest.raises(StoreError, match="is missing"):
        Desk(address).cells()
    objects.delete("head.json")
    with pytest.raises(StoreError, match=r"no head\.json, and objects"):
        Desk(address).store.vintages()


def test_a_server_that_takes_any_put_is_refused(address, monkeypatch):
    place = remote.of(config.place(address))
    place.refuse_unconditional()

    def careless(self, name, content, _expected):
        self.objects.put(name, content)

    monkeypatch.setattr(remote.Remote, "_put", careless)
    with pytest.raises(StoreError, match="whatever If-None-Match"):
        Store(config.place(address)).writing().__enter__()


def test_a_put_that_landed_and_was_tried_again_is_no_conflict(address):
    place = remote.of(config.place(address))
    place.replace(b"one", None)
    place.replace(b"one", None)
    with pytest.raises(StoreError, match="another writer was first"):
        place.replace(b"two", None)
    place.replace(b"two", place.read().tag)
    assert place.read().content == b"two"


def test_a_server_that_is_away_is_one_line(address, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(remote, "RETRIES", 0)
    remote._opened.cache_clear()
    with pytest.raises(StoreError, match="does not do what is asked") as caught:
        Desk(address).store.vintages()
    assert "\n" not in str(caught.value)
    remote._opened.cache_clear()
