"""The head against its promise: what it names is as written or an error, what it does not is not.

Damage is done by hand: a bit, a file, a folder, a right; the line must name it and the way out.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from datetime import date

import pytest

from entrepot.errors import StoreError
from entrepot.store import adoption, audit, head, materials
from entrepot.store.head import FilePointer, Head, HeadEntry
from entrepot.store.vintages import Store
from entrepot.workspace import Workspace
from support.plain import OWN

FIRST, SECOND = date(2023, 1, 10), date(2023, 2, 10)
SHA = "0" * 64


@pytest.fixture
def pair(kept, table):
    """Two vintages of one source, and the files they came from."""
    paths = table("a.csv", {}, {"product": "854232"}), table("b.csv", {"month": "2022-02"})

    def fill(desk):
        desk.take(paths[0], published=FIRST)
        desk.take(paths[1], published=SECOND)

    return kept("heads", fill), paths


def fresh(desk):
    """The same store, opened anew."""
    return type(desk)(desk.store.path)


def content(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def first(desk):
    return desk.store.path / "vintages" / sorted(desk.store.head()[0].vintages)[0]


def test_a_head_comes_back_as_it_was_written(tmp_path):
    made = Head(
        3,
        {"own-2023-01-10-01234567": HeadEntry(SHA, 2)},
        {"ecb/2023-01-10-01234567": HeadEntry(SHA, 1)},
    )
    assert head.parse(head.render(made), tmp_path / "head.json") == made
    assert json.loads(head.render(made))["generation"] == 3


def test_no_bit_of_a_head_can_change_unnoticed(tmp_path):
    text = head.render(Head(1, {"own-2023-01-10-01234567": HeadEntry(SHA, 1)}))
    for bit in range(8 * len(text)):
        changed = bytearray(text)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StoreError, match=r"not the head that entrepot wrote"):
            head.parse(bytes(changed), tmp_path / "head.json")
    for length in range(len(text)):
        with pytest.raises(StoreError):
            head.parse(text[:length], tmp_path / "head.json")


def test_a_pointer_moves_only_from_where_it_was_seen(tmp_path):
    pointer = FilePointer(tmp_path / "head.json")
    assert pointer.read() is None
    pointer.replace(b"one", None)
    seen = pointer.read()
    pointer.replace(b"two", seen.tag)
    for stale in (seen.tag, None):
        with pytest.raises(StoreError, match="another process changed it"):
            pointer.replace(b"three", stale)
    assert pointer.read().content == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["head.json"]


def test_a_store_serves_any_pointer_that_keeps_the_bargain(tmp_path, table):
    """As an object store would: bytes with a tag, and a put that names the tag it expects."""

    class Object:
        def __init__(self):
            self.content, self.version = None, 0

        def read(self):
            return None if self.content is None else head.Read(self.content, str(self.version))

        def replace(self, new, expected):
            if expected != (None if self.content is None else str(self.version)):
                raise StoreError("412")
            self.content, self.version = new, self.version + 1

    from support.plain import OWN

    desk = Workspace(tmp_path / "store")
    desk.store.pointer = Object()
    desk.ingest("generic", [table("a.csv", {})], mapping=OWN, published=FIRST)
    assert [vintage.sequence for vintage in desk.store.vintages()] == [1]
    assert not (desk.store.path / "head.json").exists()


@pytest.mark.parametrize("what", ["folder", "manifest.json", "slices.parquet", "flows"])
def test_what_is_deleted_is_named_with_the_way_out(pair, what):
    desk, _paths = pair
    folder = first(desk)
    if what == "folder":
        shutil.rmtree(folder)
    else:
        next(folder.glob(f"{what}*")).unlink()
    with pytest.raises(StoreError, match=rf"{folder.name}.*cannot be read.*vintage check") as one:
        _ = fresh(desk).snapshot
    assert "--published 2023-01-10" in str(one.value)
    assert "\n" not in str(one.value)


@pytest.mark.parametrize("what", ["manifest.json", "slices.parquet", "flows"])
def test_what_is_changed_is_named_with_the_way_out(pair, what):
    desk, _paths = pair
    path = next(first(desk).glob(f"{what}*"))
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(StoreError, match=rf"{path.name} changed since it was written"):
        _ = fresh(desk).snapshot


def test_every_single_bit_of_a_store_is_watched(pair):
    """Seeded flips over every file: by reading, or by the check where no question reads it."""
    desk, _paths = pair
    store = desk.store.path
    chance = random.Random(11)
    paths = sorted(p for p in store.rglob("*") if p.is_file() and p.name != "lock")
    for path in paths:
        whole = path.read_bytes()
        for _ in range(25):
            bit = chance.randrange(8 * len(whole))
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            path.write_bytes(bytes(changed))
            if path.parent.name == "raw":
                assert len(audit.check(Store(store))) == 1
            else:
                with pytest.raises(StoreError):
                    audit.verified(*Store(store).vintages())
        path.write_bytes(whole)
    assert audit.check(Store(store)) == []


def test_a_copy_beside_is_not_there(pair):
    desk, _paths = pair
    before = fresh(desk).cells()
    shutil.copytree(first(desk), first(desk).with_name(first(desk).name + ".bak"))
    (desk.store.path / "vintages" / "notes").mkdir()
    assert fresh(desk).cells() == before
    assert audit.check(desk.store) == []


def test_a_left_over_folder_yields_its_name(desk, table):
    """A writer that was killed before the head moved leaves a whole folder."""
    path = table("a.csv", {})
    (vintage,) = desk.take(path, published=FIRST)
    (desk.store.path / "head.json").write_bytes(head.render(Head()))
    assert fresh(desk).cells() == {}
    (vintage.folder / "stray").write_text("")
    (again,) = desk.take(path, published=FIRST)
    assert again == vintage
    assert audit.check(desk.store) == []


@pytest.mark.parametrize(
    "what", ["folder", "manifest.json", "slices.parquet", "flows", "raw", "raw/?"]
)
def test_a_damaged_vintage_is_made_whole_by_its_files(pair, what):
    """And the store is byte for byte what it was: same sequence, same head."""
    desk, paths = pair
    before = content(desk.store.path)
    folder = first(desk)
    if what in ("folder", "raw"):
        shutil.rmtree(folder if what == "folder" else folder / "raw")
    else:
        path = next(folder.glob(f"{what}*"))
        path.write_bytes(b"x" + path.read_bytes()[1:])
    assert audit.check(desk.store) != []
    (mended,) = desk.take(paths[0], published=FIRST)
    assert mended.id == folder.name
    assert content(desk.store.path) == before
    assert audit.check(desk.store) == []
    assert desk.take(*paths, published=SECOND) == []


def test_a_file_that_two_vintages_hold_mends_either(desk, table, tmp_path):
    """As where a store that lost its head is adopted with what a killed writer left behind."""
    path = table("a.csv", {})
    (vintage,) = desk.take(path, published=FIRST)
    other = type(desk)(tmp_path / "other")
    (again,) = other.ingest("generic", [path], mapping=OWN, published=SECOND)
    shutil.copytree(again.folder, desk.store.path / "vintages" / again.id)
    (desk.store.path / "head.json").unlink()
    adoption.adopt(desk.store, lambda _text: None)
    before = content(desk.store.path)
    for one, day in ((vintage, FIRST), (again, SECOND)):
        shutil.rmtree(desk.store.path / "vintages" / one.id / "raw")
        assert desk.take(path, published=date(2023, 1, 20)) == []
        assert [made.id for made in desk.take(path, published=day)] == [one.id]
        assert content(desk.store.path) == before


def test_a_damaged_vintage_bars_what_could_hide_or_repeat_it(pair, table):
    desk, _paths = pair
    shutil.rmtree(first(desk))
    before = content(desk.store.path)
    with pytest.raises(StoreError, match=r"cannot be read.*take its raw files in again"):
        desk.take(table("c.csv", {"month": "2022-03"}), published=SECOND)
    assert content(desk.store.path) == before


def test_mending_with_other_options_is_refused(desk, table):
    path = table("a.csv", {})
    (vintage,) = desk.take(path, published=FIRST, scope="whole")
    (vintage.folder / "slices.parquet").unlink()
    with pytest.raises(StoreError, match="the --scope and --mapping of the first time"):
        desk.take(path, published=FIRST, scope="part")
    assert desk.take(path, published=FIRST, scope="whole") == [vintage]


def test_the_check_lists_every_problem(pair):
    desk, _paths = pair
    for name in desk.store.head()[0].vintages:
        (desk.store.path / "vintages" / name / "manifest.json").unlink()
    assert len(audit.check(desk.store)) == 2
    name = first(desk).name
    assert len(audit.check(desk.store, name[:14])) == 1
    with pytest.raises(StoreError, match="2 vintages match 'own'"):
        audit.check(desk.store, "own")


def test_a_hash_is_remembered_until_the_file_is_touched(pair, monkeypatch, tmp_path):
    """Time is told to be later, as a file of this very moment is never remembered."""
    from entrepot.store import seen as module

    desk, _paths = pair
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    counted = []
    hashed = module.digest
    monkeypatch.setattr(module, "digest", lambda path: counted.append(path) or hashed(path))
    vintages = desk.store.vintages()
    for _ in range(2):
        audit.verified(*vintages)
    assert len(counted) == 8
    now = module.time.time_ns
    monkeypatch.setattr(module.time, "time_ns", lambda: now() + 5_000_000_000)
    audit.verified(*vintages)
    assert len(counted) == 12
    module._seen.cache_clear()  # another process
    audit.verified(*vintages)
    assert len(counted) == 12
    path = vintages[0].folder / "slices.parquet"
    path.write_bytes(path.read_bytes())
    audit.verified(*vintages)
    assert counted[12:] == [str(path.resolve())]


def test_a_cache_that_cannot_be_written_or_read_is_done_without(pair, monkeypatch, tmp_path):
    from entrepot.store import seen as module

    desk, _paths = pair
    now = module.time.time_ns
    monkeypatch.setattr(module.time, "time_ns", lambda: now() + 5_000_000_000)
    (tmp_path / "cache").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    audit.verified(*desk.store.vintages())
    (tmp_path / "cache").unlink()
    audit.verified(*desk.store.vintages())
    module._seen.cache_clear()
    audit.verified(*desk.store.vintages())
    (kept,) = (tmp_path / "cache/entrepot/hashes").iterdir()
    for text in ("[", "[1]", '{"vintages": 3}'):
        kept.write_text(text)
        module._seen.cache_clear()
        audit.verified(*desk.store.vintages())


# adoption


def orphan(desk):
    """Take the head away: so a store of an earlier release looks."""
    (desk.store.path / "head.json").unlink()
    return Store(desk.store.path)


def test_a_store_without_a_head_says_what_to_do_and_is_adopted(pair, tmp_path):
    desk, paths = pair
    rates = tmp_path / "rates.zip"
    rates.write_text("one")
    kept = materials.keep(
        desk.store.path, rates, name="ecb", day=FIRST, address="x", publisher="", licence=""
    )
    cells, named = fresh(desk).cells(), desk.store.head()[0]
    store = orphan(desk)
    for attempt in (store.vintages, lambda: desk.take(paths[0], published=FIRST)):
        with pytest.raises(StoreError, match=r"no head\.json, and 3 .* `entrepot vintage adopt"):
            attempt()
    said = []
    made = adoption.adopt(store, said.append)
    assert (made.vintages, made.materials) == (named.vintages, named.materials)
    assert len(said) == 3
    assert fresh(desk).cells() == cells
    assert materials.stored(store.path, "ecb") == [kept]
    with pytest.raises(StoreError, match="there is nothing to adopt"):
        adoption.adopt(store, said.append)


def test_an_empty_store_needs_no_adoption(tmp_path):
    store = Store(tmp_path)
    assert store.vintages() == []
    with pytest.raises(StoreError, match="holds no vintages"):
        adoption.adopt(store, print)
    assert list(tmp_path.iterdir()) == []


def test_adoption_passes_over_copies_and_refuses_damage(pair):
    desk, _paths = pair
    names = sorted(desk.store.head()[0].vintages)
    shutil.copytree(first(desk), first(desk).with_name("copy"))
    store = orphan(desk)
    said = []
    assert sorted(adoption.adopt(store, said.append).vintages) == names
    assert any("copy: passed over" in line for line in said)
    orphan(desk)
    raw = next(first_of(store, names[0]).glob("raw/*"))
    raw.write_bytes(b"x")
    with pytest.raises(StoreError, match=rf"{raw.name}: changed since it was written.*move"):
        adoption.adopt(store, said.append)
    assert not (store.path / "head.json").exists()


def first_of(store, name):
    return store.path / "vintages" / name


def test_two_that_arrived_at_once_are_not_adopted(pair):
    """Which is the newer of two of one day would be a guess."""
    desk, _paths = pair
    name = sorted(desk.store.head()[0].vintages)[0]
    store = orphan(desk)
    other = first_of(store, name[:-8] + "0" * 8)
    shutil.copytree(first_of(store, name), other)
    path = other / "manifest.json"
    path.write_text(path.read_text().replace(name, other.name))
    with pytest.raises(StoreError, match="say that they arrived at once"):
        adoption.adopt(store, print)


def test_a_later_vintage_is_told_from_what_a_killed_writer_left(desk, table):
    """The killed one had the next place in the order of arrival, and no name in the head."""
    desk.take(table("a.csv", {}), published=FIRST)
    one = desk.take(table("b.csv", {"value": "7"}), published=FIRST)[0]
    present = desk.store.head()[0]
    kept = {name: entry for name, entry in present.vintages.items() if name != one.id}
    (desk.store.path / "head.json").write_bytes(head.render(replace(present, vintages=kept)))
    desk.take(table("c.csv", {"value": "9"}), published=FIRST)
    store = orphan(desk)
    adopted = adoption.adopt(store, lambda _text: None).vintages
    assert sorted(entry.sequence for entry in adopted.values()) == [1, 2, 3]
