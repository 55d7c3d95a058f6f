"""Every way a file can be wrong: one line that names it, exit code 1, an unchanged store."""

from __future__ import annotations

import gzip

import openpyxl
import pytest

from support import commandline
from support.folders import content
from support.plain import HEADER, LINE, OWN, as_toml

FIELDS = b"typeCode\tfreqCode\trefPeriodId\n"

KINDS = {
    "truncated gzip": ("bad.csv.gz", gzip.compress(HEADER + LINE * 999)[:-30], "download"),
    "wrong encoding": ("bad.csv", HEADER + b"2022-01,DEU,\xc5\xe4,X,854231,1\n", "encoding"),
    "missing column": ("bad.csv", b"month,reporter,partner,flow,product\n", "mapping"),
    "unknown country": ("bad.csv", HEADER + LINE + b"2022-02,DEU,ZZZ,X,854231,1\n", "line 3"),
    "text in a value": ("bad.csv", HEADER + LINE + b"2022-02,DEU,KAZ,X,854231,n/a\n", "line 3"),
    "a duplicate cell": ("bad.csv", HEADER + LINE + LINE, "remove the repeated rows"),
    "an unknown column": ("bad.csv", HEADER[:-1] + b",x\n" + LINE[:-1] + b",1\n", "ignore"),
    "an unknown flow": ("bad.csv", HEADER + b"2022-01,DEU,KAZ,Q,854231,1\n", "flow"),
    "a lost zero": ("bad.csv", HEADER + b"2022-01,DEU,KAZ,X,10121,1\n", "pad_products"),
}


PARQUET, WORKBOOK = b"PAR1\x15\0\x15\xd8", b"PK\x03\x04\x14\0\x08\0"


def run(store, *words, by=commandline.run):
    return by("source", "ingest", *words, "--store", store, check=False)


@pytest.fixture
def shop(tmp_path, kept, table):
    """A store with one good vintage, and the mapping of the tables."""
    desk = kept("good", lambda desk: desk.take(table("good.csv", {"month": "2021-01"})))
    mapping = tmp_path / "own.toml"
    mapping.write_text(as_toml(OWN), "utf-8")
    return desk.store.path, mapping


def check(done, store, before, name, remedy):
    assert done.returncode == 1
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert name in error
    assert remedy in error
    assert "Traceback" not in done.stderr
    assert sum(line.startswith("error") for line in done.stderr.splitlines()) == 1
    assert content(store) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_table(shop, tmp_path, kind):
    store, mapping = shop
    name, data, remedy = KINDS[kind]
    (tmp_path / name).write_bytes(data)
    before = content(store)
    done = run(store, "generic", tmp_path / name, "--mapping", mapping)
    check(done, store, before, name, remedy)


def test_a_process_of_its_own_says_the_same(shop, tmp_path):
    store, mapping = shop
    name, data, remedy = KINDS["truncated gzip"]
    (tmp_path / name).write_bytes(data)
    before = content(store)
    words = (store, "generic", tmp_path / name, "--mapping", mapping)
    done = run(*words, by=commandline.launch)
    check(done, store, before, name, remedy)
    assert done == run(*words)


def test_an_unknown_revision(shop, tmp_path, table):
    store, _mapping = shop
    mapping = tmp_path / "odd.toml"
    mapping.write_text(as_toml(OWN | {"classification": "HS2031"}), "utf-8")
    before = content(store)
    path = table("a.csv", {})
    done = run(store, "generic", path, "--mapping", mapping)
    check(done, store, before, "a.csv", "HS2031")


def test_a_workbook_without_a_data_sheet(shop, tmp_path):
    store, _mapping = shop
    book = openpyxl.Workbook()
    book.active.title = "Summary"
    book.save(tmp_path / "empty.xlsx")
    before = content(store)
    done = run(store, "eurostat", tmp_path / "empty.xlsx")
    check(done, store, before, "empty.xlsx", "download")


def test_two_files_that_overlap(shop, table):
    store, mapping = shop
    one, two = table("a.csv", {}), table("b.csv", {"value": "2"})
    before = content(store)
    done = run(store, "generic", one, two, "--mapping", mapping)
    check(done, store, before, "a.csv and b.csv overlap", "drop one")


def test_a_comtrade_file_of_other_fields(shop, tmp_path):
    store, _mapping = shop
    (tmp_path / "bulk.tsv.gz").write_bytes(gzip.compress(FIELDS + b"C\tA\t20220101\n"))
    before = content(store)
    done = run(store, "comtrade", tmp_path / "bulk.tsv.gz")
    check(done, store, before, "bulk.tsv.gz", "expected")


def test_an_unwritable_store(tmp_path, shop, table):
    _store, mapping = shop
    (tmp_path / "taken").write_text("a file where the store should be")
    done = run(tmp_path / "taken", "generic", table("a.csv", {}), "--mapping", mapping)
    assert done.returncode == 1
    assert "taken" in done.stderr
    assert "--store" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("source", ["baci", "census", "comtrade", "eurostat", "hmrc", "hongkong"])
def test_a_parquet_file_is_no_publishers(shop, tmp_path, source):
    store, _mapping = shop
    (tmp_path / "own.parquet").write_bytes(PARQUET)
    before = content(store)
    done = run(store, source, tmp_path / "own.parquet")
    check(done, store, before, "own.parquet: a Parquet file", "as source generic, with a mapping")


def test_a_workbook_is_not_taken_for_a_table_of_comtrade(shop, tmp_path):
    store, _mapping = shop
    (tmp_path / "book.xlsx").write_bytes(WORKBOOK)
    before = content(store)
    done = run(store, "comtrade", tmp_path / "book.xlsx")
    check(done, store, before, "book.xlsx: not text", "save a workbook as CSV")
