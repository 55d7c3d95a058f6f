"""Materials against the rules of a store: once written, whole or absent, read as of a day."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from datetime import date

import pytest

from entrepot.errors import SourceError, StoreError
from entrepot.store import archive, disk, materials
from entrepot.store.vintages import Store

OLD, NEW = date(2024, 1, 31), date(2024, 2, 29)
ORIGIN = {"address": "https://example.org/a", "publisher": "A bank", "licence": "free"}


@pytest.fixture
def keep(tmp_path):
    """Keep a file with that content, of that day."""

    def run(content, day, file="rates.zip", name="ecb"):
        path = tmp_path / "fetched" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
        return materials.keep(tmp_path / "store", path, name=name, day=day, **ORIGIN)

    return run


def newest(tmp_path, *args, **options):
    path = materials.newest(tmp_path / "store", *args, **options)
    return path and path.read_text("utf-8")


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_kept_file_lies_where_its_day_and_its_bytes_say(keep, tmp_path):
    made = keep("one", OLD)
    assert made.path == (
        tmp_path / "store/materials/ecb" / f"2024-01-31-{made.sha256[:8]}" / "rates.zip"
    )
    assert made.path.read_text("utf-8") == "one"
    assert materials.stored(tmp_path / "store", "ecb") == [made]
    manifest = json.loads((made.folder / "manifest.json").read_text("utf-8"))
    assert manifest == ORIGIN | {
        "name": "ecb",
        "file": "rates.zip",
        "day": "2024-01-31",
        "sha256": made.sha256,
        "bytes": 3,
        "sequence": 1,
        "layout": 1,
    }


def test_the_newest_file_is_that_of_the_latest_day_whatever_came_first(keep, tmp_path):
    assert newest(tmp_path, "ecb") is None
    keep("new", NEW)
    keep("old", OLD)
    assert newest(tmp_path, "ecb") == "new"


def test_a_question_as_of_a_day_gets_the_file_that_was_there(keep, tmp_path):
    keep("old", OLD)
    keep("new", NEW)
    assert newest(tmp_path, "ecb", date(2024, 1, 30)) is None
    assert newest(tmp_path, "ecb", OLD) == "old"
    assert newest(tmp_path, "ecb", date(2024, 2, 28)) == "old"
    assert newest(tmp_path, "ecb", as_of=NEW) == "new"


def test_of_two_files_of_one_day_the_later_one_counts(keep, tmp_path):
    for content in ("zero", "one", "two", "three"):
        keep(content, OLD)
    assert newest(tmp_path, "ecb") == "three"
    sequences = [one.sequence for one in materials.stored(tmp_path / "store", "ecb")]
    assert sequences == [1, 2, 3, 4]


def test_materials_and_files_are_told_apart(keep, tmp_path):
    keep("old table", OLD, file="a.xlsx", name="unsd_hs")
    keep("other table", NEW, file="b.xlsx", name="unsd_hs")
    assert newest(tmp_path, "ecb") is None
    assert newest(tmp_path, "unsd_hs", file="a.xlsx") == "old table"
    assert newest(tmp_path, "unsd_hs", file="b.xlsx", as_of=OLD) is None


def test_the_same_bytes_twice_change_nothing(keep, tmp_path):
    made = keep("one", OLD)
    before = everything(tmp_path / "store")
    assert keep("one", NEW) == made
    assert everything(tmp_path / "store") == before


def test_a_file_that_changed_in_the_store_is_refused(keep, tmp_path):
    made = keep("one", OLD)
    made.path.write_text("two", "utf-8")
    with pytest.raises(StoreError, match="changed since it was written"):
        newest(tmp_path, "ecb")
    made.path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        newest(tmp_path, "ecb")


def test_a_manifest_of_another_release_is_refused(keep):
    made = keep("one", OLD)
    text = (made.folder / "manifest.json").read_bytes()
    assert materials.load(text, made.folder) == made
    with pytest.raises(StoreError, match="written by another release of entrepot"):
        materials.load(text.replace(b'"layout": 1', b'"layout": 2'), made.folder)


@pytest.mark.parametrize("text", [b"{}", b"[]", b"{", b"null"])
def test_a_manifest_that_we_did_not_write_is_refused(keep, tmp_path, text):
    made = keep("one", OLD)
    with pytest.raises(StoreError, match=r"not a manifest that entrepot wrote"):
        materials.load(text, made.folder)
    (made.folder / "manifest.json").write_bytes(text)
    with pytest.raises(StoreError, match=r"manifest\.json changed .* reference fetch ecb"):
        newest(tmp_path, "ecb")


@pytest.mark.parametrize("file", ["rates.zip", "manifest.json", None])
def test_a_damaged_material_is_mended_by_the_same_file(keep, tmp_path, file):
    keep("older", OLD)
    made = keep("one", NEW)
    before = everything(tmp_path / "store" / "materials")
    if file:
        (made.folder / file).write_text("two", "utf-8")
    else:
        shutil.rmtree(made.folder)
    with pytest.raises(StoreError, match="reference fetch ecb"):
        newest(tmp_path, "ecb")
    keep("one", date(2024, 3, 5))  # fetched on another day, and still the file of its own
    assert everything(tmp_path / "store" / "materials") == before
    assert newest(tmp_path, "ecb") == "one"


def test_a_file_that_is_not_there_changes_nothing(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        materials.keep(tmp_path / "store", tmp_path / "none", name="ecb", day=OLD, **ORIGIN)
    assert not (tmp_path / "store").exists()


def test_a_writer_that_fails_leaves_nothing_that_a_reader_sees(keep, tmp_path, monkeypatch):
    keep("old", OLD)
    before = everything(tmp_path / "store" / "materials")

    def full(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "flush", full)
    with pytest.raises(StoreError, match="No space left on device"):
        keep("new", NEW)
    assert everything(tmp_path / "store" / "materials") == before
    assert list((tmp_path / "store" / "staging").iterdir()) == []


def _keep(store, path, day):
    materials.keep(store, path, name="ecb", day=day, **ORIGIN)


def test_two_writers_take_turns(tmp_path):
    paths = []
    for number in range(4):
        path = tmp_path / f"{number}.zip"
        path.write_text(str(number) * 1000, "utf-8")
        paths.append(path)
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_keep, args=(tmp_path / "store", path, OLD)) for path in paths
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    held = materials.stored(tmp_path / "store", "ecb")
    assert sorted(one.sequence for one in held) == [1, 2, 3, 4]
    assert all(archive.digest(one.path).sha256 == one.sha256 for one in held)


def test_vintages_do_not_see_materials(keep, tmp_path):
    keep("one", OLD)
    assert Store(tmp_path / "store").vintages() == []
