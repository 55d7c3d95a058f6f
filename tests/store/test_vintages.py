"""Vintages against the rules they promise: once written, whole or absent, read as of a day."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from entrepot.errors import (
    DuplicateError,
    RateError,
    ScopeError,
    SourceError,
    StoreError,
    UnknownCodeError,
)
from entrepot.workspace import Workspace
from support.bucket import on_disk
from support.folders import content
from support.plain import HEADER, LINE, OWN, as_toml
from support.sampled import costly

FIRST, SECOND, THIRD = date(2023, 1, 10), date(2023, 2, 10), date(2023, 3, 10)


def known(desk, day):
    return type(desk)(desk.store.path, as_of=day).cells()


def test_rows_lead_back_to_the_raw_bytes(desk, table):
    path = table("a.csv", {})
    (vintage,) = desk.take(path, published=FIRST)
    (row,) = desk.flows.to_pyarrow().to_pylist()
    assert (row["vintage"], row["source"]) == (vintage.id, "own")
    assert vintage.raw[0].sha256.startswith(row["file"])
    assert (vintage.folder / "raw" / vintage.raw[0].sha256).read_bytes() == path.read_bytes()
    assert (vintage.publisher, vintage.published) == ("A statistical office", FIRST)


def test_the_same_file_twice_changes_nothing(desk, table):
    path = table("a.csv", {})
    assert len(desk.take(path, published=FIRST)) == 1
    before = content(desk.store.path)
    assert desk.take(path, published=SECOND) == []
    assert content(desk.store.path) == before


def test_a_known_file_beside_a_new_one_is_passed_over(desk, table):
    one, two = table("a.csv", {}), table("b.csv", {"month": "2022-02"})
    desk.take(one, published=FIRST)
    (vintage,) = desk.take(one, two, published=SECOND)
    assert [raw.name for raw in vintage.raw] == ["b.csv"]


def test_as_of_gives_each_day_what_was_known_then(desk, table):
    desk.take(table("a.csv", {"value": "100"}), published=FIRST)
    desk.take(table("b.csv", {"value": "130"}), published=THIRD)
    cell = ("DEU", "KAZ", "854231", "2022-01")
    assert known(desk, date(2023, 1, 9)) == {}
    assert known(desk, FIRST) == known(desk, date(2023, 3, 9)) == {cell: 100}
    assert known(desk, THIRD) == known(desk, None) == {cell: 130}


def test_an_older_vintage_that_arrives_later_stays_behind(desk, table):
    desk.take(table("b.csv", {"value": "130"}), published=THIRD)
    desk.take(table("a.csv", {"value": "100"}), published=FIRST)
    assert set(known(desk, None).values()) == {130}
    assert set(known(desk, SECOND).values()) == {100}


def test_a_whole_vintage_withdraws_what_it_lacks(desk, table):
    desk.take(table("a.csv", {}, {"product": "854232"}, {"month": "2022-02"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), published=SECOND, scope="whole")
    assert known(desk, None) == {
        ("DEU", "KAZ", "854231", "2022-01"): 7,
        ("DEU", "KAZ", "854231", "2022-02"): 100,
    }


def test_a_part_leaves_the_rest_in_place(desk, table):
    desk.take(table("a.csv", {}, {"product": "854232"}, {"partner": "RUS"}), published=FIRST)
    desk.take(table("b.csv", {"value": "7"}), published=SECOND, scope="part")
    assert known(desk, None) == {
        ("DEU", "KAZ", "854231", "2022-01"): 7,
        ("DEU", "KAZ", "854232", "2022-01"): 100,
        ("DEU", "RUS", "854231", "2022-01"): 100,
    }


def test_an_undeclared_lack_is_refused_and_changes_nothing(desk, table):
    desk.take(table("a.csv", {}, {"product": "854232"}), published=FIRST)
    before = content(desk.store.path)
    with pytest.raises(ScopeError, match=r"854232.*--scope part.*--scope whole"):
        desk.take(table("b.csv", {"value": "7"}), published=SECOND)
    with pytest.raises(ScopeError, match="newer and lacks 1 more products"):
        desk.take(table("c.csv", {}, {"product": "854233"}), published=date(2022, 12, 1))
    assert content(desk.store.path) == before


def test_files_of_other_months_need_no_scope(desk, table):
    desk.take(table("a.csv", {}, {"product": "854232"}), published=FIRST)
    desk.take(table("b.csv", {"month": "2022-02"}), published=SECOND)
    assert len(known(desk, None)) == 3


@costly
def test_random_scopes_agree_with_a_plain_dictionary(desk, table):
    """Brute force: replay random vintages into a dict, cell by cell."""
    chance = random.Random(7)
    products, partners, months = (
        ["854231", "854232", "854233"],
        ["KAZ", "RUS"],
        ["2022-01", "2022-02"],
    )
    vintages = []
    for number in range(12):
        cells = {
            (p, c, m): str(chance.randint(1, 999))
            for p in products
            for c in partners
            for m in months
            if chance.random() < 0.5
        } or {("854231", "KAZ", "2022-01"): "5"}
        scope = chance.choice(["part", "whole"])
        day = date(2023, 1, chance.randint(1, 28))
        rows = [
            {"product": p, "partner": c, "month": m, "value": v} for (p, c, m), v in cells.items()
        ]
        desk.take(table(f"{number}.csv", *rows), published=day, scope=scope)
        vintages.append((day, number, scope, cells))
    truth = {}
    for _day, _number, scope, cells in sorted(vintages, key=lambda v: v[:2]):
        seen = [{cell[i] for cell in cells} for i in range(3)]
        for cell in list(truth):
            inside = scope == "whole" or (cell[0] in seen[0] and cell[1] in seen[1])
            if cell[2] in seen[2] and inside:
                del truth[cell]
        truth |= cells
    expected = {("DEU", c, p, m): float(v) for (p, c, m), v in truth.items()}
    assert known(desk, None) == expected


def test_real_and_synthetic_files_never_mix(desk, table):
    desk.take(table("a.csv", {}), published=FIRST)
    with pytest.raises(StoreError, match="never mix"):
        desk.take(table("b.csv", {"month": "2022-02"}), synthetic=True)


def test_a_vintage_is_found_by_the_beginning_of_its_name(desk, table):
    (one,) = desk.take(table("a.csv", {}), published=FIRST)
    desk.take(table("b.csv", {"month": "2022-02"}), published=SECOND)
    assert desk.store.vintage(one.id) == desk.store.vintage("own-2023-01") == one
    with pytest.raises(StoreError, match="2 vintages match 'own'"):
        desk.store.vintage("own")


def broken(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


BAD_TABLES = {
    "missing column": (
        b"month,reporter,partner,flow,product\n2022-01,DEU,KAZ,X,854231\n",
        SourceError,
        "no column 'value'",
    ),
    "unknown country": (
        HEADER + LINE + b"2022-01,DEU,QQQ,X,854231,100\n",
        UnknownCodeError,
        "QQQ.*line 3",
    ),
    "text in a value": (
        HEADER + LINE + b"2022-02,DEU,KAZ,X,854231,many\n",
        SourceError,
        "many.*line 3",
    ),
    "wrong encoding": (HEADER + LINE + b"2022-01,DEU,KAZ,X,\xe9,100\n", SourceError, "UTF-8|utf-8"),
    "a duplicate cell": (HEADER + LINE + LINE, DuplicateError, "appears 2 times"),
    "truncated gzip": (__import__("gzip").compress(HEADER + LINE * 500)[:-20], SourceError, "gzip"),
    "a negative value": (HEADER + b"2022-01,DEU,KAZ,X,854231,-5\n", SourceError, "-5"),
    "no rows": (HEADER, SourceError, "no trade value|no rows|holds no"),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_a_bad_file_is_one_line_and_changes_nothing(desk, table, tmp_path, kind):
    data, error, words = BAD_TABLES[kind]
    desk.take(table("good.csv", {"month": "2021-01"}), published=FIRST)
    before = content(desk.store.path)
    bad = broken(tmp_path, "bad.csv.gz" if "gzip" in kind else "bad.csv", data)
    with pytest.raises(error, match=words) as caught:
        desk.take(table("fine.csv", {"month": "2021-02"}), bad, published=SECOND)
    assert "\n" not in str(caught.value)
    assert "bad.csv" in str(caught.value)
    assert content(desk.store.path) == before


def test_an_unknown_revision_is_one_line(desk, table):
    desk.take(table("good.csv", {"month": "2021-01"}), published=FIRST)
    before = content(desk.store.path)
    with pytest.raises(SourceError, match="HS2031"):
        desk.take(table("a.csv", {}), mapping=OWN | {"classification": "HS2031"})
    assert content(desk.store.path) == before


def test_two_files_that_overlap_are_both_named(desk, table):
    with pytest.raises(
        DuplicateError, match=r"a\.csv and b\.csv overlap: both give DEU export KAZ"
    ):
        desk.take(table("a.csv", {}), table("b.csv", {"value": "5"}), published=FIRST)
    assert desk.store.vintages() == []


def test_the_same_file_under_two_names_is_refused(desk, table):
    with pytest.raises(DuplicateError, match="the same file"):
        desk.take(table("a.csv", {}), table("b.csv", {}), published=FIRST)


def test_a_missing_file_is_named(desk, tmp_path):
    with pytest.raises(SourceError, match=r"gone\.csv: cannot be read"):
        desk.take(tmp_path / "gone.csv")


def test_a_month_without_a_rate_is_refused(desk, table):
    mapping = OWN | {"constants": {"freq": "M", "currency": "EUR"}}
    with pytest.raises(RateError, match=r"a\.csv: no complete ECB rate for EUR in 2031-01-01"):
        desk.take(table("a.csv", {"month": "2031-01"}), mapping=mapping)
    assert desk.store.vintages() == []


def test_a_currency_without_a_rate_names_the_file(desk, table):
    mapping = OWN | {"constants": {"freq": "M", "currency": "AED"}}
    with pytest.raises(RateError, match=r"a\.csv: rates: the ECB quotes no 'AED'"):
        desk.take(table("a.csv", {}), mapping=mapping)


def test_a_full_disk_is_one_line_and_changes_nothing(desk, table):
    """A real full disk: the writer's files may not grow beyond 4 kB."""
    desk.take(table("good.csv", {"month": "2021-01"}), published=FIRST)
    rows = [{"product": f"{n:06}", "value": str(n * 7919 % 9973)} for n in range(10_001, 30_000)]
    big = table("big.csv", *rows)
    before = content(desk.store.path)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from entrepot.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); main()"
    )
    mapping = big.with_name("own.toml")
    mapping.write_text(as_toml(OWN), "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "source",
            "ingest",
            "generic",
            str(big),
            "--mapping",
            str(mapping),
            "--store",
            str(desk.store.path),
            "--published",
            "2023-02-10",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert content(desk.store.path) == before


def test_an_unwritable_store_is_one_line(tmp_path, table):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot be written \(Not a directory\).*--store"):
        Workspace(tmp_path / "file" / "store").ingest("generic", [table("a.csv", {})], mapping=OWN)


def ingest_slowly(store, path):
    Workspace(Path(store)).ingest("generic", [Path(path)], mapping=OWN, published=SECOND)


@on_disk
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_a_killed_writer_leaves_the_store_as_before_or_as_after(desk, table, delay):
    desk.take(table("a.csv", {"value": "100"}), published=FIRST)
    rows = [{"product": f"{n:06}", "value": str(n)} for n in range(10_001, 40_000)]
    new = table("b.csv", {"value": "130"}, *rows)
    before = known(desk, None)
    start = multiprocessing.get_context("fork")
    writer = start.Process(target=ingest_slowly, args=(desk.store.path, new))
    writer.start()
    time.sleep(delay)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    after = known(desk, None)
    assert after == before or len(after) == 30_000
    assert len(desk.store.vintages()) in (1, 2)
    desk.take(new, published=SECOND)  # and the next writer is not hindered
    assert len(known(desk, None)) == 30_000
    assert not list((desk.store.path / "staging").iterdir())


@on_disk
def test_two_writers_at_once_both_land(desk, table):
    one, two = table("a.csv", {}), table("b.csv", {"month": "2022-02"})
    start = multiprocessing.get_context("fork")
    writers = [
        start.Process(target=ingest_slowly, args=(desk.store.path, path)) for path in (one, two)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(known(desk, None)) == 2
    assert [vintage.sequence for vintage in desk.store.vintages()] == [1, 2]


@on_disk
def test_a_manifest_that_was_tampered_with_is_an_error(desk, table):
    (vintage,) = desk.take(table("a.csv", {}), published=FIRST)
    (vintage.folder / "manifest.json").write_text("{}")
    with pytest.raises(StoreError, match=r"manifest\.json changed since it was written"):
        desk.store.vintages()
