"""The rows behind each figure: added up from brief.csv, and by the command that is named."""

from __future__ import annotations

import csv
import json
import shlex
from datetime import date

import pytest

from entrepot.study import load, run
from entrepot.study.behind import FIRST
from entrepot.workspace import Workspace
from support.commandline import run as launch
from support.sampled import costly

DEFAULT = "eu-to-central-asia-2022"


@pytest.fixture(scope="module")
def made(briefs):
    brief, folder = briefs(DEFAULT)
    with (folder / "brief.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return brief, rows


def of(rows, figure):
    return [row for row in rows if figure in row["figures"].split("; ")]


def test_the_rows_of_a_sum_add_up_to_it(made):
    brief, rows = made
    sums = [f for f in brief.figures if f.name.endswith((".value_usd", ".base_usd"))]
    assert len(sums) >= 6
    for figure in sums:
        total = sum(float(row["value_usd"] or 0) for row in of(rows, figure.name))
        assert total == pytest.approx(figure.value), figure.name


def test_two_years_compared_are_counted_apart_and_a_ratio_rests_on_both(made):
    brief, rows = made
    counts = {figure.name: figure.evidence.rows for figure in brief.figures}
    assert (counts["five.value_usd"], counts["five.base_usd"]) == (845, 599)
    assert counts["five.ratio"] == 845 + 599
    for figure in brief.figures:
        assert len(of(rows, figure.name)) == figure.evidence.rows
        assert sum(count for _months, count in figure.evidence.windows) == figure.evidence.rows
    (ratio,) = [f.evidence for f in brief.figures if f.name == "five.ratio"]
    assert [count for _months, count in ratio.windows] == [599, 845]
    assert [months[-4:] for months, _count in ratio.windows] == ["2021", "2022"]


def test_a_row_names_its_figures_and_no_others(made):
    _brief, rows = made
    five = {row["partner"] for row in of(rows, "five.value_usd")}
    assert five == {"ARM", "GEO", "KAZ", "KGZ", "UZB"}
    assert {row["partner"] for row in of(rows, "russia.base_usd")} == {"RUS"}
    months = {date.fromisoformat(row["period"]) for row in of(rows, "five.base_usd")}
    assert (min(months), max(months)) == (date(2021, 1, 1), date(2021, 9, 1))
    assert any(not row["figures"] for row in rows)  # months that only a picture shows


def test_the_first_rows_are_those_of_the_file(made):
    brief, rows = made
    for figure in brief.figures:
        shown = figure.evidence.first
        assert len(shown) == min(FIRST, figure.evidence.rows)
        same = of(rows, figure.name)[: len(shown)]
        assert [row["product"] for row in shown] == [row["product"] for row in same]
        assert [f"{row['period']}" for row in shown] == [row["period"] for row in same]


def test_evidence_names_files_that_the_brief_lists(made):
    brief, _rows = made
    listed = {(v.vintage, f["sha256"][:12]) for v in brief.evidence.vintages for f in v.files}
    for figure in brief.figures:
        assert figure.evidence.files
        assert {*figure.evidence.files} <= listed


def test_data_leave_the_stored_rows_to_the_file_of_rows(made):
    told = made[0].to_dict()["figures"][0]["evidence"]
    assert "first" not in told
    assert told["rows"] == 845


@costly
@pytest.mark.usefixtures("demo")
def test_the_command_of_a_figure_gives_it_again(demo):
    brief, _books = run(load("turkey-2023"), Workspace(demo), place=["--demo"], command="entrepot")
    seen = {}
    for figure in brief.figures:
        words = shlex.split(figure.evidence.command)
        assert words[:3] == ["entrepot", "measure", "run"]
        if figure.evidence.command not in seen:
            ran = launch(*words[1:], "--format", "json")
            (seen[figure.evidence.command],) = json.loads(ran.stdout)
        column = figure.name.rpartition(".")[2]
        assert seen[figure.evidence.command][column] == pytest.approx(figure.value), figure.name


@costly
def test_each_side_of_a_mirror_is_of_its_own_book(demo):
    brief, _books = run(load("turkey-2023"), Workspace(demo))
    by_name = {figure.name: figure.evidence for figure in brief.figures}
    sent, came = by_name["kazakhstan.export_usd"], by_name["kazakhstan.import_usd"]
    assert {row["reporter"] for row in sent.first} == {"TUR"}
    assert {row["reporter"] for row in came.first} == {"KAZ"}
    assert sent.rows + came.rows == by_name["kazakhstan.recorded_share"].rows
