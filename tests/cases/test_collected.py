"""Truth: the collected cases by hand: their own commands are run, and each ends as it must."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from entrepot.workspace import Workspace
from support.commandline import run
from support.publisher_files import CASES

EMPTY = r"your store is empty|nothing is known as of today"
LINES = {
    "01-nan-value-generic": ["error: in.csv: value is 'NaN'; expected a number; .*; line 3$"],
    "02-inf-value-generic": ["error: in.csv: value is 'inf'; expected a number; .*; line 3$"],
    "06-dot-thousands-undeclared": ["error: in.csv: value is '812.345'; expected a number; .*"],
    "10-month-range-column": ["error: in.csv: unknown period '2023 01-03' .*cumulative = true"],
    "12-month-number-three-digits": ["error: in.csv: unknown period '2023 112'; expected "],
    "42-ct-count-disagrees": ["error: in.json: 3 of the 4000 records it announces; expected all"],
    "63-ct-negative-mass": ["error: in.json: TUR .* has the net_mass_kg -5.0; expected zero or"],
    "94-es-second-row-other-dataset": ["error: in.csv: DATAFLOW ESTAT:DS-018995.*; line 3$"],
    "98-bulk-nan": ["error: in.csv: value is 'nan'; expected a number; .*; line 2$"],
    "G8-sdmx-cut": ["error: in.csv: ends in the middle of a line; expected a line break at its"],
    "H3-xlsx-formula": ["error: in.xlsx: cell D2 of sheet 'Sheet' holds a formula that was never"],
    "19-levels-8-and-12": ["", r"Exports rose 3.0-fold .* to at least \$3.6 million"],
    "E0-nan-brief": ["error: in.csv: value is 'NaN'; expected a number; ", EMPTY, EMPTY],
    "E2-two-revisions-brief": ["", r"Exports did not change .* to at least \$12,000"],
    "E3-old-download-last": ["", "", '"series_usd": 1000.0', "comtrade-2024-06-01"],
    "F0-nan-red-flag": ["error: in.csv: value is 'nan'; expected a number; ", EMPTY],
    "F3-eu-beside-members": [
        "",
        '"TUR", "value_usd": 1200.0, "share": 0.25, "total_usd": 4800.0',
        '"total_usd": 4800.0',
    ],
    "F5-two-sources-measure": [
        "",
        "",
        "error: Germany's exports are in 2 sources: comtrade, eurostat .* say which to use",
        "error: Germany's exports are in 2 sources: comtrade, eurostat .* say which to use",
    ],
    "FA-scan-long-window": ["", "", r"No placebo date is left: .* 22 months needs 34 before it"],
    "J0-cn8-only-silent-zero": [
        "",
        '"series_usd": 1076.90625, "reporters_present": 1, "cells": 1, "known": "part"',
        "error: measure economically_critical: nothing of this is known: .*not published",
    ],
    "G9-cumulative-ytd": ["", '"value_usd": 800.0'],
}
"""What each command of a case prints; a case that is not here takes its file in."""

VALUES = {
    "05-nan-eurostat-sdmx": [500.0, None],
    "08-xlsx-numeric-cells-dot-thousands": [1234.5, 20.25],
    "15-japan-nine-digits": [100.0, 150.0, 90.0],
    "16-japan-advice-followed": [100.0, 90.0],
    "22-utf16-excel-unicode-text": [100.0, 90.0],
    "24-header-with-newline": [100.0, 90.0],
    "33-excel-protected-code": [100.0],
    "44-ct-index-column": [1000.0, 1000.0],
    "45-ct-r-na": [1000.0, 1000.0],
    "46-ct-comtradr-snake": [1000.0],
    "47-ct-first-row-c3-85": [1000.0, 1000.0],
    "49-ct-two-revisions-one-month": [1000.0, 1000.0],
    "82-es-sdmx2-header": [500.0],
    "83-es-sdmx-labels": [500.0],
    "91-es-last-update-us": [500.0],
    "93-es-semicolon": [500.0],
    "A3-hm-negative-cell": [-200.0, 5000.0],
    "AD-hm-dubai": [5000.0, 5000.0],
    "B0-ce-groups-without-summary-lvl": [9000.0, 20_000.0],
    "B3-ce-flat-csv": [9000.0],
    "E4-iso3-lowercase": [100.0],
    "E6-names-upper": [50.0, 100.0],
    "I1-eu-2015": [500.0],
}
"""Values in the publisher's currency, by partner, month and code."""

PLACES = {
    "15-japan-nine-digits": {("RUS", "854231011"), ("RUS", "854231019")},
    "16-japan-advice-followed": {("RUS", "854231011")},
    "33-excel-protected-code": {("RUS", "854231")},
    "AD-hm-dubai": {("ARE", "854231"), ("KAZ", "854231")},
    "E4-iso3-lowercase": {("RUS", "854231")},
    "E6-names-upper": {("ARE", "854231"), ("KAZ", "854231")},
    "I1-eu-2015": {("_EU_DAY", "854231")},
}

collected = pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is absent")


def answers(folder):
    """Run a case's commands in its folder; yield what each printed, in one line of words."""
    for line in (folder / "commands.txt").read_text().splitlines():
        words = shlex.split(line.partition("|")[0])[1:]
        done = run(*words, check=False, cwd=folder)
        yield done.returncode, " ".join(f"{done.stdout} {done.stderr}".split())


@collected
@pytest.mark.parametrize("name", sorted(LINES))
def test_what_a_case_s_commands_say(tmp_path, name):
    folder = shutil.copytree(CASES / name, tmp_path / "case")
    printed = list(answers(folder))
    assert len(printed) == len(LINES[name])
    for (code, text), expected in zip(printed, LINES[name], strict=True):
        assert re.search(expected, text), text
        assert code == int(expected.startswith("error") or expected == EMPTY), text


@collected
@pytest.mark.parametrize("name", sorted(VALUES))
def test_what_a_case_s_file_becomes(tmp_path, name):
    folder = shutil.copytree(CASES / name, tmp_path / "case")
    assert [code for code, _text in answers(folder)] == [0]
    rows = Workspace(folder / "entrepot-store").flows.to_pyarrow().to_pylist()
    rows.sort(key=lambda row: (row["partner"], str(row["period"]), row["product"]))
    assert [row["value_local"] for row in rows] == VALUES[name]
    if name in PLACES:
        assert {(row["partner"], row["product"]) for row in rows} == PLACES[name]


@collected
def test_a_cumulative_table_by_its_setting(tmp_path):
    folder = shutil.copytree(CASES / "G9-cumulative-ytd", tmp_path / "case")
    mapping = folder / "m.toml"
    mapping.write_text(mapping.read_text().rstrip() + "\n[format]\ncumulative = true\n", "utf-8")
    (_, told), (_, found) = answers(folder)
    assert "figures since January were differenced" in told
    assert '"value_usd": 450.0' in found


@collected
def test_every_collected_case_is_here():
    names = {path.name for path in CASES.iterdir() if path.is_dir()}
    assert names == LINES.keys() | VALUES.keys()
