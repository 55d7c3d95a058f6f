"""Writers that die, fail or meet: the store is as before or as after, and never in between.

The truth is two readings of the store: before the batch of two vintages, and after it went well.
A child process is killed, or its disk fails, at a chosen one of its calls to the system.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from entrepot.errors import EntrepotError, StoreError
from entrepot.ingest import Batch, InputFile, ingest
from entrepot.parts import sources
from entrepot.store import audit, lock
from entrepot.store.vintages import Store
from entrepot.workspace import Workspace
from support.faults import count, die, fail, fork
from support.plain import OWN
from support.sampled import WHOLE

FIRST, SECOND, THIRD = date(2023, 1, 10), date(2023, 2, 10), date(2023, 3, 10)
TRIES = int(os.environ.get("FAULTS", "8" if WHOLE else "4"))
"""Steps tried of each kind; `make faults` tries all there are."""


def two_vintages(store, paths):
    """Take in two files that were published on two days: one batch, two vintages."""
    days = (SECOND, THIRD)
    batch = Batch(
        name="generic",
        source=sources()["generic"],
        files=tuple(InputFile(p, published=d) for p, d in zip(paths, days, strict=True)),
        today=THIRD,
        mapping=OWN,
    )
    return ingest(Store(store), batch, lambda _text: None)


def child(store, paths, step, fault, pipe):
    seen = count(step, fault)
    try:
        two_vintages(store, paths)
        pipe.send(("done", seen[0]))
    except EntrepotError as error:
        pipe.send(("refused", str(error)))


def attempt(store, paths, step, fault):
    """Run the batch in a child that meets a fault; return what it said, or how it died."""
    mine, its = fork.Pipe(duplex=False)
    process = fork.Process(target=child, args=(store, paths, step, fault, its))
    process.start()
    its.close()
    try:
        said = mine.recv()
    except EOFError:
        said = ("died", "")
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return said


def reading(store):
    assert audit.check(Store(store)) == []
    rows = Workspace(store).flows.to_pyarrow().to_pylist()
    return sorted((row["vintage"], row["product"], row["value_usd"]) for row in rows)


def steps(total, seed):
    """Some of the steps; those of the commit, which come last, among them."""
    if total <= TRIES:
        return range(1, total + 1)
    chance = random.Random(seed)
    late = range(total - 25, total + 1)
    return sorted({*chance.sample(late, TRIES // 2), *chance.sample(range(1, total), TRIES // 2)})


@pytest.fixture
def batch(desk, table):
    """A store of one vintage, and two files that revise it and add to it."""
    desk.take(table("a.csv", {}), published=FIRST)
    files = table("b.csv", {"value": "7"}), table("c.csv", {"month": "2022-02"})
    return desk.store.path, files


@pytest.mark.parametrize("fault", [die, fail])
def test_an_order_of_two_vintages_is_never_half(batch, tmp_path, fault):
    store, files = batch
    spare = tmp_path / "spare"
    shutil.copytree(store, spare)
    before = reading(store)
    kind, total = attempt(store, files, 0, fault)
    assert kind == "done"
    after = reading(store)
    assert len(after) == 2
    assert before != after
    found = {"before": 0, "after": 0}
    for step in steps(total, seed=5):
        shutil.rmtree(store)
        shutil.copytree(spare, store)
        said, text = attempt(store, files, step, fault)
        now = reading(store)
        assert now in (before, after), (step, said)
        found["before" if now == before else "after"] += 1
        if said == "refused":
            assert now == before
            assert "\n" not in text
        if two_vintages(store, files):  # the next writer is not hindered, and clears what is left
            assert list((store / "staging").iterdir()) == []
        assert reading(store) == after
    print(f"{fault.__name__}: {total} steps, {found}")
    assert found["before"]


def test_a_first_vintage_that_was_killed_leaves_an_empty_store(table, tmp_path):
    """Not one that asks to be adopted."""
    files = table("b.csv", {}), table("c.csv", {"month": "2022-02"})
    _done, total = attempt(tmp_path / "whole", files, 0, die)
    for step in steps(total, seed=6)[-TRIES // 2 :]:
        store = tmp_path / f"store{step}"
        attempt(store, files, step, die)
        assert len(Store(store).vintages()) in (0, 2)


# two at once


def take(store, path, is_synthetic, pipe):
    try:
        made = Workspace(store).ingest(
            "generic", [path], mapping=OWN, published=SECOND, synthetic=is_synthetic
        )
        pipe.send(len(made))
    except StoreError as error:
        pipe.send(str(error))


def race(store, *takes):
    """Let writers find the lock held, each by its own view of the store; return what each says."""
    pipes = []
    with Store(store).writing():
        for path, is_synthetic in takes:
            mine, its = fork.Pipe(duplex=False)
            fork.Process(target=take, args=(store, path, is_synthetic, its)).start()
            pipes.append(mine)
        time.sleep(1)
    return [pipe.recv() for pipe in pipes]


def test_the_same_file_twice_at_once_is_one_vintage(desk, table):
    path = table("a.csv", {})
    assert sorted(race(desk.store.path, (path, False), (path, False))) == [0, 1]
    assert len(desk.store.vintages()) == 1


def test_real_and_synthetic_at_once_are_one_of_them(desk, table):
    files = table("a.csv", {}), table("b.csv", {"month": "2022-02"})
    said = race(desk.store.path, (files[0], False), (files[1], True))
    (refused,) = [one for one in said if one != 1]
    assert "never mix" in refused
    assert len(desk.store.vintages()) == 1


def test_what_one_hides_the_other_sees(desk, table):
    """Two revisions at once: the second is checked against the first, not against the past."""
    files = table("a.csv", {}, {"product": "854232"}), table("b.csv", {"product": "854233"})
    said = race(desk.store.path, (files[0], False), (files[1], False))
    (refused,) = [one for one in said if one != 1]
    assert "--scope part" in refused


def hold(path, seconds):
    with lock.locked(path, "holds"):
        time.sleep(seconds)


@pytest.fixture
def held(tmp_path):
    """A lock in the hands of another process, for a while."""

    def run(seconds):
        path = tmp_path / "lock"
        process = fork.Process(target=hold, args=(path, seconds))
        process.start()
        while not path.exists():
            time.sleep(0.01)
        time.sleep(0.1)
        return path

    return run


def test_who_waits_is_told_and_then_goes_on(held, monkeypatch, caplog):
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    with caplog.at_level(logging.WARNING), lock.locked(held(0.8), "writes to a store"):
        pass
    assert caplog.messages == ["waiting for another entrepot that writes to a store"]


def test_who_waited_too_long_gives_up_in_one_line(held, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    monkeypatch.setattr(lock, "BOUND", 0.2)
    waiting = lock.locked(held(1.5), "writes to a store")
    with pytest.raises(StoreError, match=r"another entrepot writes to a store.*run this again"):
        waiting.__enter__()


def test_the_line_of_who_waits_is_on_standard_error(held):
    code = (
        "import sys; from pathlib import Path; from entrepot.store import lock\n"
        "lock.PATIENCE = 0.05\n"
        "with lock.locked(Path(sys.argv[1]), 'writes to it'): print('mine')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(held(2.0))], capture_output=True, text=True, check=False
    )
    assert done.stderr == "waiting for another entrepot that writes to it\n"
    assert done.stdout == "mine\n"
