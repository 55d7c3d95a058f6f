"""A store, its surroundings and its input files as an enemy would make them.

Truth is plain: what is refused is one line, and nothing beyond the store is read or changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from entrepot.errors import SourceError, StoreError
from entrepot.store import audit, head, manifests, materials
from entrepot.store.diff import diff
from entrepot.store.head import Head, HeadEntry
from entrepot.store.holdings import holdings
from entrepot.store.vintages import Store
from entrepot.workspace import Workspace
from support.plain import OWN

FIRST, SECOND = date(2023, 1, 10), date(2023, 2, 10)
ORIGIN = {"address": "https://example.org/a", "publisher": "A bank", "licence": "free"}


def content(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# paths


@pytest.mark.parametrize(
    "name",
    [
        'it\'s a "store" [1]',
        "back\\slash",
        "a*b?c",
        "  blanks  ",
        "Zürich 中文 \N{PARTY POPPER}",
        "reporter=ZZZ",
        "a,b;c{d}$HOME~%20",
        "line\nbreak",
    ],
)
def test_a_store_may_lie_in_any_folder(tmp_path, table, name):
    desk = Workspace(tmp_path / name)
    old = desk.ingest("generic", [table("a.csv", {})], mapping=OWN, published=FIRST)
    changed = table("b.csv", {"value": "7"}, {"product": "854232"})
    new = desk.ingest("generic", [changed], mapping=OWN, published=SECOND)
    rows = desk.flows.to_pyarrow().to_pylist()
    assert {(row["reporter"], row["value_usd"]) for row in rows} == {("DEU", 7), ("DEU", 100)}
    assert [cell["kind"] for cell in diff(desk.own.con, old[0], new[0]).cells] == [
        "added",
        "changed",
    ]
    assert len(holdings(desk.store.vintages(), "own").slices) == 1
    assert audit.check(desk.store) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [name]


def test_a_path_that_duckdb_cannot_read_is_refused(tmp_path, table):
    desk = Workspace(tmp_path / "back\\slash [1]")
    with pytest.raises(StoreError, match="both a backslash and one of"):
        desk.ingest("generic", [table("a.csv", {})], mapping=OWN, published=FIRST)
    assert desk.store.vintages() == []


def test_a_folder_of_an_input_file_is_no_column(desk, table, tmp_path):
    folder = tmp_path / "value=999" / "reporter=FRA"
    folder.mkdir(parents=True)
    desk.take(table("a.csv", {}).rename(folder / "a.csv"), published=FIRST)
    rows = folder / "b.parquet"
    duckdb.sql(
        "select '2022-02' as month, 'KAZ' as partner, 'X' as flow, '854231' as product, "
        "'DEU' as reporter, 5.0 as value"
    ).write_parquet(str(rows))
    desk.take(rows, published=FIRST)
    assert {(key[0], value) for key, value in desk.cells().items()} == {("DEU", 100), ("DEU", 5)}


# input files


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_at_once(desk, tmp_path, kind):
    path = Path("/dev/zero") if kind == "device" else tmp_path / "in.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(SourceError, match=rf"{path.name}: cannot be read .*check the path"):
        desk.take(path)


def test_a_day_that_is_still_to_come_is_refused(desk, table):
    path = table("a.csv", {})
    today = date.today()
    with pytest.raises(SourceError, match=r"--published .* still to come"):
        desk.take(path, published=today + timedelta(days=2))
    assert len(desk.take(path, published=today)) == 1


def test_a_name_too_long_for_a_folder_is_refused(desk, table):
    with pytest.raises(SourceError, match="give it a shorter name"):
        desk.take(table("a.csv", {}), mapping=OWN | {"name": "x" * 101})


# links


@pytest.mark.parametrize("name", ["staging", "lock", "vintages", "head.json", "materials"])
@pytest.mark.parametrize("is_new", [True, False])
def test_no_link_is_followed_in_place_of_the_stores_own(desk, table, tmp_path, name, is_new):
    target = tmp_path / "target"
    store = desk.store.path
    store.mkdir()
    if not is_new:
        desk.take(table("a.csv", {}), published=FIRST)
    if name in ("staging", "vintages", "materials"):
        target.mkdir()
        (target / "precious").write_text("mine")
        if (store / name).exists():
            (store / name).rename(tmp_path / "moved")
    else:
        target.write_text("mine")
        if (store / name).exists():
            (store / name).unlink()
    (store / name).symlink_to(target)
    before = content(tmp_path)
    rates = tmp_path / "table" / "rates.zip"
    rates.parent.mkdir()
    rates.write_text("one")

    def write():
        if name == "materials":
            materials.keep(store, rates, name="ecb", day=FIRST, **ORIGIN)
        else:
            desk.take(table("b.csv", {"month": "2022-02"}), published=FIRST)

    with pytest.raises(StoreError, match=rf"{name}: a symbolic link; expected"):
        write()
    assert {p: t for p, t in content(tmp_path).items() if p in before} == before
    assert (store / name).is_symlink()


def test_a_link_that_leads_nowhere_is_a_link_too(desk, table, tmp_path):
    desk.store.path.mkdir()
    for name in ("head.json", "lock"):
        (desk.store.path / name).symlink_to(tmp_path / "nowhere")
        with pytest.raises(StoreError, match="a symbolic link"):
            desk.take(table("a.csv", {}))
        (desk.store.path / name).unlink()
    assert not (tmp_path / "nowhere").exists()


def test_links_left_in_staging_are_unlinked_and_not_followed(desk, table, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    (desk.store.path / "staging").mkdir(parents=True)
    (desk.store.path / "staging" / "left").symlink_to(precious)
    (desk.store.path / "staging" / "file").write_text("")
    desk.take(table("a.csv", {}), published=FIRST)
    assert (precious / "file").read_text() == "mine"
    assert list((desk.store.path / "staging").iterdir()) == []


def test_a_pipe_in_place_of_a_stored_file_is_refused_at_once(desk, table):
    (vintage,) = desk.take(table("a.csv", {}), published=FIRST)
    for name in ("slices.parquet", "manifest.json"):
        (vintage.folder / name).unlink()
        os.mkfifo(vintage.folder / name)
        with pytest.raises(StoreError, match=rf"{name} cannot be read \(a pipe or a device"):
            audit.verified(*Store(desk.store.path).vintages())


# manifests and heads


def forge(store, change):
    """Write a vintage's manifest anew, and a head whose hashes fit it, as an enemy can."""
    (path,) = (store / "vintages").glob("*/manifest.json")
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    entries = {path.parent.name: HeadEntry(sha256, 1)}
    (store / "head.json").write_bytes(head.render(Head(9, entries)))


EVIL = "x') union all select * from read_text('/etc/passwd'); --"
FORGERIES = {
    "another folder's id": lambda m: m.update(id="own-2023-01-10-00000000"),
    "an id that climbs": lambda m: m.update(id="../../own-2023-01-10-00000000"),
    "SQL in the source": lambda m: m.update(source=EVIL),
    "a part that climbs": lambda m: m["parts"].update({"../x.parquet": "0" * 64}),
    "a part with a quote": lambda m: m["parts"].update({"flows-'.parquet": "0" * 64}),
    "a part with a backslash": lambda m: m["parts"].update({"a\\b": "0" * 64}),
    "no slices": lambda m: m["parts"].pop("slices.parquet"),
    "a hash that is none": lambda m: m["parts"].update({"slices.parquet": "0"}),
    "a raw file that climbs": lambda m: m["raw"][0].update(sha256="../../../etc/passwd"),
    "a raw name with a slash": lambda m: m["raw"][0].update(name="../x"),
    "a size as text": lambda m: m["raw"][0].update(bytes="1"),
    "true for a number": lambda m: m.update(rows=True),
    "a number for true": lambda m: m.update(synthetic=0),
    "a negative number": lambda m: m.update(sequence=-1),
    "another day": lambda m: m.update(published="2023-01-11"),
    "no day": lambda m: m.update(published="2023-02-31"),
    "a scope that is a list": lambda m: m.update(scope=[]),
    "a product that is a number": lambda m: m["scope"].update(products=[854231]),
    "a field too many": lambda m: m.update(folder="/etc"),
    "a field too few": lambda m: m.pop("licence"),
    "rates that are a list": lambda m: m.update(rates=[]),
    "a layout to come": lambda m: m.update(layout=99),
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_manifest_is_refused_though_its_hash_fits(desk, table, kind):
    desk.take(table("a.csv", {}), published=FIRST)
    forge(desk.store.path, FORGERIES[kind])
    with pytest.raises(
        StoreError, match=r"not a manifest that entrepot wrote|another release|hold"
    ):
        Store(desk.store.path).vintages()


@pytest.mark.parametrize("text", ["[]", "null", "3", "[" * 100_000, '{"layout": 2}', "{}", ""])
def test_a_manifest_that_is_something_else_is_refused(tmp_path, text):
    with pytest.raises(StoreError, match="not a manifest"):
        manifests.parse(text.encode(), tmp_path)


def test_quotes_in_what_a_vintage_speaks_for_stay_text(desk, table):
    """A diff writes the scope into SQL."""
    (old,) = desk.take(table("a.csv", {}), published=FIRST)
    forge(desk.store.path, lambda m: m["scope"].update(products=["854231", EVIL], partners=None))
    (new,) = Store(desk.store.path).vintages()
    assert new.scope.products == ("854231", EVIL)
    assert diff(desk.own.con, old, new).slices == []


@pytest.mark.parametrize(
    "data",
    [
        {"vintages": {"../own-2023-01-10-00000000": {"manifest": "0" * 64, "sequence": 1}}},
        {"vintages": {"own-2023-01-10-00000000": {"manifest": "0" * 63, "sequence": 1}}},
        {"vintages": {"own-2023-01-10-00000000": {"manifest": "0" * 64, "sequence": 0}}},
        {"vintages": []},
        {"materials": {"ecb/../2023-01-10-00000000": {"manifest": "0" * 64, "sequence": 1}}},
        {"generation": "1"},
        {"layout": 1},
        {"more": 1},
    ],
)
def test_a_forged_head_is_refused_though_its_checksum_fits(tmp_path, data):
    plain = {"layout": 2, "generation": 1, "vintages": {}, "materials": {}}
    (tmp_path / "head.json").write_bytes(head.seal(plain | data))
    with pytest.raises(StoreError, match=r"not the head that entrepot wrote|another release"):
        Store(tmp_path).vintages()


def test_a_workspace_reads_its_store_and_nothing_else(desk, table, tmp_path):
    desk.take(table("a.csv", {}), published=FIRST)
    assert len(desk.cells()) == 1
    for query in (
        f"from read_csv('{tmp_path / 'a.csv'}')",
        "from read_text('/etc/passwd')",
        f"attach '{tmp_path / 'x.db'}'",
        f"copy (select 1) to '{tmp_path / 'x.csv'}'",
        f"from read_text('{desk.store.path}/../a.csv')",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
    ):
        with pytest.raises(duckdb.Error):
            desk.own.con.execute(query)
    assert not (tmp_path / "x.csv").exists()


# rights

UNPRIVILEGED = """
import ctypes, struct
ctypes.CDLL(None).capset(struct.pack("II", 0x20080522, 0), bytes(24))
from entrepot.cli import main
main()
"""
"""Without its capabilities even the superuser is held to what a file's mode allows."""


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are those of Linux")
@pytest.mark.parametrize("what", ["manifest.json", "slices.parquet", "head.json", "folder"])
def test_what_may_not_be_read_is_named(desk, table, tmp_path, what):
    (vintage,) = desk.take(table("a.csv", {}), published=FIRST)
    shut = {"folder": vintage.folder, "head.json": desk.store.path / what}
    path = shut.get(what, vintage.folder / what)
    path.chmod(0)
    done = subprocess.run(
        [
            *(sys.executable, "-c", UNPRIVILEGED, "brief"),
            *("--store", str(desk.store.path), "--out", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    path.chmod(0o755)
    line = done.stderr.splitlines()[-1]
    assert (done.returncode, done.stderr.count("Traceback")) == (1, 0)
    assert "Permission denied" in line
    assert vintage.id in line or what == "head.json"
