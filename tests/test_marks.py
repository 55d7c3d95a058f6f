"""Marks: every file that any command writes of an invented world says so, row by row."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pytest

from entrepot.publish.mark import COLUMNS, SYNTHETIC
from entrepot.workspace import Workspace
from support import scan_world
from support.commandline import run
from support.once import once
from support.plain import OWN

QUESTION = ("--destination", "RUS", "--since", "2022-03", "--coalition", "DEU,JPN,USA")
ASK = ("ask", "854232", "--from", "DEU", "--to", "KGZ", "--months", "2022")
MEASURE = ("measure", "run", "growth", "--reporters", "DEU", "--partners", "KGZ",
           "--months", "2022-04..2022-12", "--base", "2021", "--goods", "854232")  # fmt: skip
DETECTOR = ("detector", "run", "surge", *QUESTION)
CALENDAR = ("vintage", "calendar", "--reporter", "KGZ")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The small world of a scan, taken in as invented."""

    def fill(folder):
        desk = Workspace(folder / "store")
        scan_world.ingest(desk, folder, "b.csv", date(2023, 2, 1), synthetic=True)

    return once(tmp_path_factory, "marked", fill) / "store"


@pytest.fixture(scope="module")
def folder(store, tmp_path_factory):
    """The files of a scan, a watch and a question, in every kind there is."""
    out = tmp_path_factory.mktemp("marked")
    place = ("--store", store)
    run("scan", *QUESTION, *place, "--placebos", "0", "--top", "2", "--out", out / "scan")
    kinds = ",".join(f"{out}/answer.{kind}" for kind in KINDS)
    run(*ASK, *place, "--out", kinds)
    run(*ASK, *place, "--rows", "--out", f"{out}/rows.csv,{out}/rows.parquet,{out}/rows.xlsx")
    return out


KINDS = ("html", "json", "csv", "xlsx", "parquet", "svg", "png")


def said_by(path):
    """Return every unit of a file that must say it: its rows, its drawings, the document."""
    kind = path.suffix[1:]
    if kind == "csv":
        return [row["notice"] for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))]
    if kind == "parquet":
        return pq.read_table(path).column("notice").to_pylist()
    if kind == "json":
        return [json.loads(path.read_text("utf-8"))["mark"]["notice"]]
    if kind == "xlsx":
        sheets = openpyxl.load_workbook(path).worksheets
        return ["\n".join(f"{c}" for row in s.values for c in row) for s in sheets]
    text = path.read_text("utf-8")
    if kind == "svg":
        ElementTree.fromstring(text)
        return [text]
    return [text, *text.split("<svg ")[1:]]


def test_every_file_says_that_it_is_invented(folder):
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert {path.suffix[1:] for path in found} == {*KINDS} - {"png"}
    for path in found:
        said = said_by(path)
        assert said, path.name
        assert all("SYNTHETIC" in one for one in said), path.name


def test_every_row_names_publisher_day_and_licence(folder):
    for path in folder.rglob("*.csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
        assert {*COLUMNS} <= {*rows[0]}, path.name
        assert all(row["publisher"] and row["as_of"] and row["licence"] for row in rows), path.name


@pytest.mark.parametrize(
    "words", [ASK, (*ASK, "--rows"), MEASURE, DETECTOR, CALENDAR], ids=lambda w: w[0]
)
@pytest.mark.parametrize("kind", ["csv", "json", "table"])
def test_what_a_command_prints_says_that_it_is_invented(words, kind, store):
    text = run(*words, "--store", store, "--format", kind).stdout
    if kind == "csv":
        assert {row["notice"] for row in csv.DictReader(io.StringIO(text))} == {SYNTHETIC}
    elif kind == "json":
        told = json.loads(text)
        marks = told if isinstance(told, list) else [told["mark"]]
        assert {one["notice"] for one in marks} == {SYNTHETIC}
    else:
        assert "SYNTHETIC" in text


@pytest.mark.parametrize("options", [(), ("--cells",)], ids=["slices", "cells"])
def test_revisions_of_an_invented_vintage_say_so(options, tmp_path, table):
    desk = Workspace(tmp_path / "store")
    for name, value in (("a.csv", "100"), ("b.csv", "110")):
        desk.ingest("generic", [table(name, {"value": value})], mapping=OWN,
                    published=date(2023, 1, int(value) - 99), synthetic=True)  # fmt: skip
    old, new = (one.id for one in desk.store.vintages())
    ran = run("vintage", "diff", old, new, *options, "--store", desk.store.path)
    (row,) = json.loads(ran.stdout)
    assert row["notice"] == SYNTHETIC
    assert SYNTHETIC in ran.stderr


def test_a_watch_says_it_in_its_rows_and_in_each_item_of_its_feeds(store, tmp_path):
    import shutil

    own = shutil.copytree(store, tmp_path / "store")
    place = ("--store", own, "--out", tmp_path / "feeds")
    ran = run("watch", "mine", *QUESTION, *place)
    rows = json.loads(ran.stdout)
    assert rows
    assert {row["notice"] for row in rows} == {SYNTHETIC}
    feed = json.loads((tmp_path / "feeds" / "feed.json").read_text("utf-8"))
    assert feed["title"].startswith("SYNTHETIC: ")
    assert feed["items"]
    for item in feed["items"]:
        assert item["title"].startswith("SYNTHETIC: ")
        assert SYNTHETIC in item["content_text"]
    root = ElementTree.parse(tmp_path / "feeds" / "feed.xml").getroot()
    names = {"a": "http://www.w3.org/2005/Atom"}
    titles = root.findall(".//a:title", names)
    assert all((title.text or "").startswith("SYNTHETIC: ") for title in titles)
