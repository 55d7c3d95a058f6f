"""A store under a random life, against a dictionary that lives the same: months and their values.

Files are taken in, read as of days, damaged in every way, mended, copied, adopted; whatever comes
first, the store answers as the dictionary does, or names a vintage that was damaged.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conftest import OWN, ROW
from entrepot.errors import StoreError
from entrepot.store import adoption, audit
from entrepot.workspace import Workspace
from sampled import LONG, WHOLE

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

    def teardown(self):
        shutil.rmtree(self.folder)

    def desk(self, as_of=None):
        return Workspace(self.store, as_of=as_of)

    def ingest(self, path, day):
        return self.desk().ingest("generic", [path], mapping=OWN, published=day)

    @rule(month=st.sampled_from(MONTHS), value=st.integers(1, 4), day=st.sampled_from(DAYS))
    def take(self, month, value, day):
        path = self.folder / f"{month}-{value}.csv"
        row = ROW | {"month": month, "value": str(value)}
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
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
            self.known.setdefault(made.id, (day, len(self.known), month, value, path))
            done["mended" if self.damaged.pop(made.id, None) else "taken"] += 1

    @precondition(lambda self: self.damaged)
    @rule(data=st.data())
    def mend(self, data):
        name = data.draw(st.sampled_from(sorted(self.damaged)))
        day, *_, path = self.known[name]
        (made,) = self.ingest(path, day)
        assert made.id == name
        assert content(made.folder) == self.damaged.pop(name)
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
            shutil.copytree(folder, folder.with_name(f"{name}.bak"), dirs_exist_ok=True)
            done["copied"] += 1

    @precondition(lambda self: any(self.store.glob("vintages/*")))
    @rule()
    def adopt(self):
        head = self.store / "head.json"
        whole = head.read_bytes()
        head.unlink()
        with pytest.raises(StoreError, match=r"no head\.json, and .* vintage adopt"):
            _ = self.desk().snapshot
        if self.damaged:
            head.write_bytes(whole)
            return
        adoption.adopt(self.desk().store, lambda _text: None)
        assert set(self.desk().store.head()[0].vintages) == set(self.known)
        done["adopted"] += 1

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


def test_whatever_happens_the_store_answers_right_or_names_the_damage(capsys):
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=60 if LONG else 6 if WHOLE else 3,
            stateful_step_count=30 if LONG else 14,
            deadline=None,
            derandomize=not LONG,
        ),
    )
    assert {"taken", "read: right"} <= done.keys()
    if LONG:
        assert {"read: named", "barred by damage", "mended", "adopted"} <= done.keys()
        with capsys.disabled():
            print(f"\n{sum(done.values()):,} steps: {dict(sorted(done.items()))}")
