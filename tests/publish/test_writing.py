"""Files as a set: whatever goes wrong before the end, the folder is as it was."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from entrepot.errors import StoreError
from entrepot.publish import writing
from entrepot.publish.writing import together

OLD = {"a.html": "old a", "b.json": "old b"}
NEW = {"a.html": "new a", "b.json": "new b"}


@pytest.fixture
def out(tmp_path):
    for name, text in OLD.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "own.txt").write_text("mine")
    return tmp_path


def write(folder, texts=NEW):
    for name, text in texts.items():
        (folder / name).write_text(text)


def content(out):
    return {path.name: path.read_text() for path in out.iterdir() if path.is_file()}


def test_a_set_is_written_whole_and_leaves_the_rest(out):
    with together(out, "the brief") as folder:
        write(folder)
        assert content(out) == OLD | {"own.txt": "mine"}
    assert content(out) == NEW | {"own.txt": "mine"}
    assert len(list(out.iterdir())) == 3


def test_a_folder_that_is_not_there_is_made(tmp_path):
    with together(tmp_path / "a" / "b", "the brief") as folder:
        write(folder)
    assert content(tmp_path / "a" / "b") == NEW


def full(folder):
    write(folder)
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_one_line_and_leaves_the_old_set(out):
    def run():
        with together(out, "the brief") as folder:
            full(folder)

    with pytest.raises(StoreError, match=r"the brief cannot be written \(No space left.*--out"):
        run()
    assert content(out) == OLD | {"own.txt": "mine"}
    assert len(list(out.iterdir())) == 3


def test_a_folder_in_the_place_of_a_file_changes_nothing(out):
    (out / "b.json").unlink()
    (out / "b.json").mkdir()

    def run():
        with together(out, "the brief") as folder:
            write(folder)

    with pytest.raises(StoreError, match=r"b\.json is a folder"):
        run()
    assert (out / "a.html").read_text() == "old a"


def killed(out):
    with together(out, "the brief") as folder:
        write(folder)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_leaves_the_old_set_and_a_later_run_sweeps(out, monkeypatch):
    process = multiprocessing.get_context("fork").Process(target=killed, args=(out,))
    process.start()
    process.join()
    assert content(out) == OLD | {"own.txt": "mine"}
    (left,) = out.glob(".entrepot-*")
    with together(out, "the brief") as folder:
        write(folder)
    assert left.exists()  # it could be that of a run that goes on
    now = time.time()
    monkeypatch.setattr(writing.time, "time", lambda: now + 4000)
    with together(out, "the brief") as folder:
        write(folder)
    assert not left.exists()
