"""A store under a random life, against a dictionary that lives the same: months and their values.

Files are taken in, by one process or two at once, and by one that is killed at any of its calls to
the system; the store is read as of days, compared, damaged in every way, mended, copied, written as
a release before wrote it, adopted. Whatever comes first, it answers as the dictionary does, or
names a vintage that was damaged. `make faults` runs it for MINUTES=60 of lives, from SEED=1.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from entrepot.errors import StoreError
from entrepot.store import adoption, audit, compact
from entrepot.store.archive import digest
from entrepot.store.diff import diff
from entrepot.store.known import FACTS
from entrepot.store.vintages import MANIFEST, SLICES
from entrepot.workspace import Workspace
from support.faults import count, fork
from support.lives import campaign, live
from support.plain import OWN, ROW
from support.sampled import LONG, WHOLE

MONTHS, DAYS = ("2022-01", "2022-02", "2022-03"), tuple(date(2023, 1, day) for day in range(1, 8))
done: Counter[str] = Counter()


class Life(RuleBasedStateMachine):
    """One store, and what it must know."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = self.folder / "store"
        self.known = {}  # id: (day, arrival, month, value, file)
        self.damaged = {}  # id: the bytes of its folder before
        self.aged = set()  # those written as a release before wrote them
        self.stranded = []  # files of those killed before their vintage had a name in the head

    def teardown(self):
        shutil.rmtree(self.folder)

    def desk(self, as_of=None):
        return Workspace(self.store, as_of=as_of)

    def ingest(self, path, day):
        return self.desk().ingest("generic", [path], mapping=OWN, published=day)

    @rule(month=st.sampled_from(MONTHS), value=st.integers(1, 4), day=st.sampled_from(DAYS))
    def take(self, month, value, day):
        path = self.file(month, value)
        holders = {name for name, (*_, file) in self.known.items() if file == path}
        lost = holders & self.damaged.keys()
        if holders and not lost:
            assert self.ingest(path, day) == []
            done["known file"] += 1
        elif (lost and self.known[min(lost)][0] != day) or (not lost and self._unreadable()):
            with pytest.raises(StoreError, match="vintage check"):
                self.ingest(path, day)
            done["barred by damage"] += 1
        else:
            (made,) = self.ingest(path, day)
            self.known.setdefault(made.id, (day, made.sequence, month, value, path))
            done["mended" if self.damaged.pop(made.id, None) else "taken"] += 1

    @precondition(lambda self: not self.damaged)
    @rule(
        month=st.sampled_from(MONTHS), value=st.integers(1, 4), day=st.sampled_from(DAYS),
        step=st.integers(1, 90),
    )  # fmt: skip
    def die(self, month, value, day, step):
        """Take a file in and be killed at a call to the system: before it lands, or after."""
        path = self.file(month, value)
        child = fork.Process(target=take, args=(self.store, path, day, step))
        child.start()
        child.join()
        landed = self.find(path, day, month, value)
        if child.exitcode and not landed:
            self.stranded.append((path, day, month, value))
        is_held = any(file == path for *_, file in self.known.values())
        assert child.exitcode in (0, -signal.SIGKILL)
        assert is_held or child.exitcode
        done[f"killed: {'after' if landed else 'before'}" if child.exitcode else "taken"] += 1

    @precondition(lambda self: not self.damaged)
    @rule(files=st.lists(st.tuples(st.sampled_from(MONTHS), st.integers(1, 4)), min_size=2,
                         max_size=3), day=st.sampled_from(DAYS))  # fmt: skip
    def take_at_once(self, files, day):
        """Several processes take files in at once, some the same one: each lands, and once."""
        paths = {one: self.file(*one) for one in files}
        children = [fork.Process(target=take, args=(self.store, paths[one], day)) for one in files]
        for child in children:
            child.start()
        for child in children:
            child.join()
            assert child.exitcode == 0
        for (month, value), path in paths.items():
            self.find(path, day, month, value)
            assert any(file == path for *_, file in self.known.values())
        done["taken at once"] += 1

    def file(self, month, value):
        path = self.folder / f"{month}-{value}.csv"
        row = ROW | {"month": month, "value": str(value)}
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
        return path

    def find(self, path, day, month, value):
        """Learn the vintage that holds a file, in the order of arrival; whether it is a new one."""
        for vintage in self.desk().store.vintages():
            if vintage.id not in self.known and vintage.raw[0].name == path.name:
                assert vintage.published == day
                self.known[vintage.id] = (day, vintage.sequence, month, value, path)
                return True
        return False

    @precondition(lambda self: len(self.known) > 1 and not self.damaged)
    @rule(data=st.data())
    def compare(self, data):
        two = data.draw(st.lists(st.sampled_from(sorted(self.known)), min_size=2, max_size=2))
        held = {one.id: one for one in self.desk().store.vintages()}
        found = diff(self.desk().own.con, *(held[name] for name in two))
        (_, _, old, before, _), (_, _, new, after, _) = (self.known[name] for name in two)
        revised = [] if old != new or before == after else [after - before]
        assert [row["change_usd"] for row in found.cells] == revised
        assert (found.only_old, found.only_new) == (old != new, old != new)
        done["compared"] += 1

    @precondition(lambda self: self.known and not self.damaged)
    @rule(data=st.data())
    def age(self, data):
        """Write a vintage and its manifest as a release before wrote them: without facts."""
        name = data.draw(st.sampled_from(sorted(self.known)))
        folder = self.store / "vintages" / name
        rows = pq.read_table(folder / SLICES)
        kept = [column for column in rows.column_names if column not in FACTS]
        pq.write_table(rows.select(kept), folder / SLICES)
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["parts"][SLICES] = digest(folder / SLICES).sha256
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
        (self.store / "head.json").unlink()
        self.take_over()
        self.aged.add(name)
        done["aged"] += 1

    @precondition(lambda self: self.damaged)
    @rule(data=st.data())
    def mend(self, data):
        name = data.draw(st.sampled_from(sorted(self.damaged)))
        day, *_, path = self.known[name]
        (made,) = self.ingest(path, day)
        assert made.id == name
        was = self.damaged.pop(name)
        now = content(made.folder)
        if name in self.aged and now[MANIFEST] != was[MANIFEST]:
            self.aged.remove(name)  # it could only be written anew, as this release writes it
            was = {path: text for path, text in was.items() if "raw" in path}
        assert was.items() <= now.items()
        done["mended"] += 1

    @precondition(lambda self: self.known)
    @rule(data=st.data(), how=st.sampled_from(("flip", "cut", "delete", "shut", "folder")))
    def damage(self, data, how):
        name = data.draw(st.sampled_from(sorted(self.known)))
        folder = self.store / "vintages" / name
        if not folder.exists() or name in self.damaged:
            return
        whole = content(folder)
        path = folder / data.draw(st.sampled_from(sorted(whole)))
        if how == "folder":
            shutil.rmtree(folder)
        elif how == "delete":
            path.unlink()
        elif how == "shut":
            path.unlink()
            path.mkdir()  # what no one may read, the superuser of a test could
        else:
            text = bytearray(path.read_bytes())
            bit = data.draw(st.integers(0, 8 * len(text) - 1))
            text[bit // 8] ^= 1 << bit % 8
            path.write_bytes(text if how == "flip" else text[: bit // 8])
        self.damaged[name] = whole
        done[f"damaged: {how}"] += 1

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def flip_head(self, data):
        path = self.store / "head.json"
        whole = path.read_bytes()
        text = bytearray(whole)
        bit = data.draw(st.integers(0, 8 * len(text) - 1))
        text[bit // 8] ^= 1 << bit % 8
        path.write_bytes(text)
        with pytest.raises(StoreError, match=r"head\.json: not the head"):
            _ = self.desk().snapshot
        path.write_bytes(whole)
        done["head flipped"] += 1

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def copy(self, data):
        name = data.draw(st.sampled_from(sorted(self.known)))
        folder = self.store / "vintages" / name
        if folder.exists():
            shutil.rmtree(folder.with_name(f"{name}.bak"), ignore_errors=True)
            shutil.copytree(folder, folder.with_name(f"{name}.bak"))
            done["copied"] += 1

    @precondition(lambda self: any(self.store.glob("vintages/*")))
    @rule()
    def lose_head(self):
        head = self.store / "head.json"
        whole = head.read_bytes()
        head.unlink()
        with pytest.raises(StoreError, match=r"no head\.json, and .* vintage adopt"):
            _ = self.desk().snapshot
        if self.damaged:
            head.write_bytes(whole)
        else:
            self.take_over()

    def take_over(self):
        """Adopt what lies there: all that is known, and what a kill left whole but unnamed."""
        while True:
            try:
                adoption.adopt(self.desk().store, lambda _text: None)
                break
            except StoreError as error:
                copies = self.store.glob("vintages/*.bak")
                (spoilt,) = [copy for copy in copies if str(copy) in str(error)]
                whole = spoilt.with_suffix("") / MANIFEST
                assert content(spoilt).get(MANIFEST) != whole.read_bytes()
                shutil.rmtree(spoilt)
                done["barred by a copy"] += 1
        done["adopted"] += 1
        for one in self.stranded:
            self.find(*one)
        self.stranded = []
        assert set(self.desk().store.head()[0].vintages) == set(self.known)

    @precondition(lambda self: self.known and not self.damaged)
    @rule()
    def compact(self):
        """Write the rows into sorted files too, which are then read."""
        self.desk().compact()
        done["compacted"] += 1

    @precondition(lambda self: any(self.store.glob("compact/*/*")))
    @rule(data=st.data())
    def damage_compacted(self, data):
        """Change a bit of a sorted file: no answer changes, and the check names it."""
        path = data.draw(st.sampled_from(sorted(self.store.glob("compact/*/*"))))
        text = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(text) - 1))
        text[bit // 8] ^= 1 << bit % 8
        path.write_bytes(text)
        assert any(path.parent.name in one for one in audit.check(self.desk().store))
        self.read(None)
        shutil.rmtree(path.parent)
        done["compacted: damaged"] += 1

    @rule(as_of=st.sampled_from((None, *DAYS)))
    def read(self, as_of):
        if self._unreadable():
            with pytest.raises(StoreError) as caught:
                _ = self.desk(as_of).snapshot
            assert any(name in str(caught.value) for name in self.damaged)
            done["read: named"] += 1
            return
        truth = {}
        for day, _order, month, value, _file in sorted(self.known.values(), key=lambda k: k[:2]):
            if as_of is None or day <= as_of:
                truth[month] = value
        rows = self.desk(as_of).flows.to_pyarrow().to_pylist()
        assert {f"{row['period']:%Y-%m}": row["value_usd"] for row in rows} == truth
        done["read: right"] += 1

    def _unreadable(self):
        """Whether damage is where a question reads; the raw files are the check's."""
        for name, whole in self.damaged.items():
            now = content(self.store / "vintages" / name)
            if any(now.get(path) != text for path, text in whole.items() if "raw" not in path):
                return True
        return False

    @invariant()
    def the_check_names_the_damaged_and_no_other(self):
        problems = audit.check(self.desk().store)
        for name in self.known:
            assert any(name in one for one in problems) == (name in self.damaged)


def content(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def take(store, path, day, step=0):
    """Take a file in, in a process of its own that dies at the step-th call to the system."""
    if step:
        count(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    Workspace(store).ingest("generic", [path], mapping=OWN, published=day)


def test_whatever_happens_the_store_answers_right_or_names_the_damage(capsys, monkeypatch):
    monkeypatch.setattr(compact, "FEW", 0)
    monkeypatch.setattr(compact, "SMALL", 0)
    if not LONG:
        live(Life, lives=6 if WHOLE else 4)
        assert {"taken", "read: right"} <= done.keys()
        return
    first, minutes = os.environ.get("SEED", "1"), os.environ.get("MINUTES", "1")
    campaign(Life, done, capsys, first=int(first), seconds=float(minutes) * 60, lives=10)
    assert {"read: named", "barred by damage", "mended", "adopted", "aged"} <= done.keys()
    assert {"killed: before", "killed: after", "taken at once", "compared"} <= done.keys()
