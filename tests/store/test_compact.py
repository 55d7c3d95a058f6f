"""Sorted files beside the vintages: every answer is the one without them, whatever happens to them.

The truth is the same store with its folder `compact` moved aside.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from datetime import date, timedelta
from itertools import chain, pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import EntrepotError, StoreError
from entrepot.store import adoption, audit, compact, compacted, rowfiles
from entrepot.store.archive import digest
from entrepot.store.vintages import MANIFEST, Store
from entrepot.workspace import Workspace
from support.bucket import on_disk
from support.commandline import run
from support.desk import Desk
from support.faults import count, die, fail, fork
from support.plain import ROW
from support.sampled import WHOLE

DAYS = tuple(date(2023, 1, 1) + timedelta(days=n) for n in range(8))
TRIES = 8 if WHOLE else 3
GOODS, WHOM = ("8542", "854231", "85423110", "854232", "TOTAL"), ("KAZ", "RUS", "WLD")


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Compact stores of a few rows, and read what was compacted."""
    monkeypatch.setattr(compact, "FEW", 0)
    monkeypatch.setattr(compact, "SMALL", 0)
    monkeypatch.setattr(rowfiles, "FILE", 10**6)


def answers(store):
    """Every row and every kind of slice that is known as of each day."""
    found = []
    for day in (*DAYS[::2], None):
        desk = Workspace(store, as_of=day)
        rows = desk.flows.order_by(desk.flows.columns).to_pyarrow().to_pylist()
        kinds = desk.snapshot.kinds
        told = desk.own.con.execute("from flows_known order by all").fetchall()
        speaks = [(*key, frozenset(kinds[place] for place in places)) for *key, places in told]
        found.append((rows, speaks, [one.id for one in desk.snapshot.vintages]))
    return found


def without(store):
    """What the store answers without its sorted files."""
    aside = store.parent / "aside"
    (store / "compact").rename(aside)
    try:
        return answers(store)
    finally:
        aside.rename(store / "compact")


def reads(store, as_of=None):
    """The names of what is read: vintages' own files, and piles."""
    return {one.name for one in Workspace(store, as_of=as_of).snapshot.reads}


rows = st.lists(
    st.tuples(
        st.sampled_from(("2022-01", "2022-02")), st.sampled_from(WHOM), st.sampled_from(GOODS),
        st.integers(1, 3),
    ),
    min_size=1, max_size=5, unique_by=lambda row: row[:3],
)  # fmt: skip
events = st.lists(
    st.one_of(
        st.just("compact"),
        st.tuples(st.sampled_from(DAYS[::2]), st.sampled_from(("whole", "part")), rows),
    ),
    min_size=2, max_size=6,
)  # fmt: skip


@settings(max_examples=12 if WHOLE else 3)
@given(life=events)
def test_no_answer_changes_as_of_any_day(life):
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "CHUNK", 2)
        desk = Desk(Path(home) / "store")
        for number, event in enumerate([*life, "compact"]):
            if event != "compact":
                day, scope, cells = event
                text = [ROW | dict(zip(("month", "partner", "product", "value"), map(str, cell),
                                       strict=True)) for cell in cells]  # fmt: skip
                path = Path(home) / f"{number}.csv"
                lines = [",".join(ROW), *(",".join(row.values()) for row in text)]
                path.write_text("\n".join(lines) + "\n")
                desk.take(path, published=day, scope=scope)
            elif desk.store.vintages():
                before = answers(desk.store.path)
                desk.compact()
                assert answers(desk.store.path) == before
                assert without(desk.store.path) == before
                assert audit.check(desk.store) == []


@pytest.fixture
def shop(desk, table):
    """A store of three vintages: what the second restates in part, and the third in whole."""
    second = [{"month": month, "value": "7"} for month in ("2022-01", "2022-02")]
    desk.take(table("a.csv", {}, {"partner": "RUS"}, {"month": "2022-02"}), published=DAYS[0])
    desk.take(table("b.csv", *second), scope="part", published=DAYS[2])
    desk.take(table("c.csv", {"month": "2022-02", "value": "9"}), scope="whole", published=DAYS[4])
    return desk


def test_rows_are_read_where_they_are_sorted(shop):
    before = answers(shop.store.path)
    (segment,) = shop.compact()
    assert answers(shop.store.path) == before
    assert [(pile.slices, pile.rows) for pile in segment.piles] == [(3, 4), (2, 2)]
    assert reads(shop.store.path) == {"entrepot_pile_0"}
    assert [one.kept for one in shop.snapshot.reads] == [""]
    assert reads(shop.store.path, DAYS[0]) == {"entrepot_pile_0", "entrepot_pile_1"}
    shutil.rmtree(shop.store.path / "compact")
    assert reads(shop.store.path) == {"entrepot_whole", "entrepot_part"}
    assert answers(shop.store.path) == before


def test_files_are_sorted_and_hold_a_range_of_products_each(desk, table, monkeypatch):
    monkeypatch.setattr(compact, "CHUNK", 3)
    codes = [f"8542{n}" for n in (39, 31, 33, 32, 35, 34)]
    desk.take(table("a.csv", *({"product": c, "partner": w} for c in codes for w in WHOM[:2])),
              published=DAYS[0])  # fmt: skip
    (segment,) = desk.compact()
    found = [pq.read_table(path)["product"].to_pylist() for path in segment.files(compacted.LIVE)]
    assert len(found) > 2
    assert [*chain(*found)] == sorted(codes * 2)
    assert all(not {*one} & {*after} for one, after in pairwise(found))


def test_what_came_later_is_read_beside_and_joins_the_next_time(shop, table):
    (first,) = shop.compact()
    assert shop.compact() == []
    shop.take(table("d.csv", {"month": "2022-03"}), published=DAYS[5])
    assert reads(shop.store.path) == {"entrepot_pile_0", "entrepot_whole"}
    (second,) = shop.compact()
    assert len(second.vintages) == 1  # the other has more than twice its rows
    assert reads(shop.store.path) == {"entrepot_pile_0", "entrepot_pile_2"}
    late = table("e.csv", {"month": "2022-01"}, {"month": "2022-04"})
    shop.take(late, published=DAYS[6], scope="part")
    before = answers(shop.store.path)
    (third,) = shop.compact()
    assert len(third.vintages) == 5
    assert answers(shop.store.path) == before == without(shop.store.path)
    day_ago = time.time() - compact.GRACE - 60
    for old in (first, second):
        assert old.folder.exists()  # somebody may be reading it
        os.utime(old.folder, (day_ago, day_ago))
    assert shop.compact() == []
    assert not first.folder.exists()
    assert not second.folder.exists()


@pytest.mark.parametrize("how", ["flip", "cut", "delete", "manifest"])
def test_what_was_changed_is_named_by_the_check_and_not_read(shop, how, caplog):
    before = answers(shop.store.path)
    (segment,) = shop.compact()
    path = Path(segment.files(compacted.LIVE)[0])
    if how == "manifest":
        path = segment.folder / MANIFEST
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    if how == "delete":
        path.unlink()
    else:
        path.write_bytes(text[:-9] if how == "cut" else text)
    assert answers(shop.store.path) == before
    assert "entrepot store compact" in caplog.messages[0]
    (problem,) = audit.check(shop.store)
    assert path.name in problem
    (again,) = shop.compact()
    assert again.folder == segment.folder
    assert audit.check(shop.store) == []
    assert reads(shop.store.path) == {"entrepot_pile_0"}


@on_disk
def test_a_vintage_that_was_replaced_is_read_from_its_own_files(shop):
    shop.compact()
    one = shop.store.vintages()[-1]
    (path,) = map(Path, one.flows)
    rows = pq.read_table(path)
    at = rows.column_names.index("value_usd")
    pq.write_table(rows.set_column(at, "value_usd", [[55.0] * rows.num_rows]), path)
    manifest = json.loads((one.folder / MANIFEST).read_text())
    manifest["parts"][path.name] = digest(path).sha256
    (one.folder / MANIFEST).write_text(json.dumps(manifest))
    (shop.store.path / "head.json").unlink()
    adoption.adopt(shop.store, lambda _text: None)
    assert 55.0 in Desk(shop.store.path).cells().values()
    assert answers(shop.store.path) == without(shop.store.path)
    shop.compact()
    assert 55.0 in Desk(shop.store.path).cells().values()


def child(store, step, fault, pipe):
    seen = count(step, fault)
    try:
        compact.compact(Store(store), lambda _text: None)
        pipe.send(("done", seen[0]))
    except EntrepotError as error:
        pipe.send(("refused", str(error)))


def attempt(store, step, fault):
    """Compact in a child that meets a fault; return what it said, or how it died."""
    mine, its = fork.Pipe(duplex=False)
    process = fork.Process(target=child, args=(store, step, fault, its))
    process.start()
    its.close()
    try:
        said = mine.recv()
    except EOFError:
        said = ("died", "")
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return said


@on_disk
@pytest.mark.parametrize("fault", [die, fail])
def test_a_run_that_was_killed_changes_nothing_and_the_next_completes(shop, fault, monkeypatch):
    monkeypatch.setattr(compact, "CHUNK", 1)
    store, before = shop.store.path, answers(shop.store.path)
    kind, total = attempt(store, 0, fault)
    assert kind == "done"
    for step in sorted({*range(2, total, max(1, total // TRIES)), total - 2, total - 1}):
        shutil.rmtree(store / "compact")
        said, text = attempt(store, step, fault)
        assert said == "refused" or fault is die or said == "done", (step, said)
        assert "\n" not in str(text)
        assert answers(store) == before
        assert audit.check(shop.store) == []
        compact.compact(shop.store, lambda _text: None)
        assert reads(store) == {"entrepot_pile_0"}
        assert sorted(path.name for path in (store / "compact").glob(".work*")) == []


def test_a_run_goes_on_after_the_last_whole_file(desk, table, monkeypatch):
    monkeypatch.setattr(compact, "CHUNK", 1)
    codes = ({"product": f"8542{n}"} for n in range(31, 36))
    desk.take(table("a.csv", *codes), published=DAYS[0])
    real, made = compact._file, []

    def dying(con, rows, work, stem):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(real(con, rows, work, stem))
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(compact, "_file", dying)
        with pytest.raises(KeyboardInterrupt):
            desk.compact()
    (work,) = (desk.store.path / "compact").glob(".work*")
    kept = {path.name: path.stat().st_mtime_ns for path in work.glob("flows*.parquet")}
    assert len(kept) == 2
    (work / "flows-0-0002.fresh").write_bytes(b"half")
    (segment,) = desk.compact()
    now = {name: (segment.folder / name).stat().st_mtime_ns for name in kept}
    assert now == kept
    assert audit.check(desk.store) == []


@on_disk
def test_a_damaged_vintage_is_not_compacted(shop):
    path = Path(shop.store.vintages()[0].flows[0])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreError, match="vintage check"):
        shop.compact()
    assert compacted.folders(shop.store.path) == []


def test_few_files_are_left_as_they_are(shop, monkeypatch):
    monkeypatch.setattr(compact, "FEW", 4)
    monkeypatch.setattr(compact, "SMALL", 100)
    assert shop.compact() == []


def test_a_link_in_the_place_of_the_folder_is_refused(shop, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (shop.store.path / "compact").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="symbolic link"):
        shop.compact()
    assert reads(shop.store.path) == {"entrepot_whole", "entrepot_part"}


def test_the_command_says_what_it_made_and_an_ingest_what_it_would_gain(desk, table, monkeypatch):
    for number in range(6):
        desk.take(table(f"{number}.csv", {"month": f"2022-0{number + 1}"}), published=DAYS[number])
    assert compact.offer(desk.store) == ""
    monkeypatch.setattr(compact, "MANY", 6)
    monkeypatch.setattr(compact, "SECONDS", 0.5)
    assert "6 files, which costs each question some 3.0 s" in compact.offer(desk.store)
    done = run("store", "compact", "--store", desk.store.path)
    assert done.stdout == "own: 6 rows of 6 vintages in 1 sorted file\n"
    again = run("store", "compact", "--store", desk.store.path)
    assert "nothing to gain" in again.stdout
    assert (
        "6 vintages are as they were" in run("vintage", "check", "--store", desk.store.path).stdout
    )
