"""ask as a person meets it: on the demo world against measures run by themselves, and by hand."""

from __future__ import annotations

import json

import openpyxl
import pytest

from support.commandline import run
from support.plain import OWN, as_toml


def ask(*words, **options):
    return run("ask", *words, **options)


def told(*words):
    return json.loads(ask(*words, "--demo", "--format", "json").stdout)


@pytest.fixture
def shop(tmp_path, kept, table):
    """A store of one table: DEU to KAZ and KGZ in January 2022, made by the command line."""
    mapping = tmp_path / "own.toml"
    mapping.write_text(as_toml(OWN), "utf-8")
    path = table("a.csv", {}, {"partner": "KGZ", "value": "7"})

    def fill(desk):
        run("source", "ingest", "generic", path, "--mapping", mapping,
            "--store", desk.store.path, "--scope", "part")  # fmt: skip

    return kept("two-partners", fill).store.path


@pytest.mark.usefixtures("demo")
def test_by_month_is_what_the_measure_gives():
    found = told("chpl-2023-09", "--from", "turkey", "--to", "kazakhstan", "--months", "2022")
    rows = json.loads(
        run("measure", "run", "monthly_series", "--demo", "--reporters", "TUR", "--partners", "KAZ",
            "--goods", "chpl-2023-09", "--months", "2022").stdout
    )  # fmt: skip
    assert [row["value_usd"] for row in found["rows"]] == [row["series_usd"] for row in rows]
    assert found["synthetic"] is True
    assert found["notice"].startswith("SYNTHETIC")
    assert found["known"] == "all"


@pytest.mark.usefixtures("demo")
def test_which_eu_countries_rose_most_is_what_growth_gives():
    found = told("tier:1", "--from", "eu27", "--to", "Kazakhstan", "--months", "2022", "--by",
                 "reporter")  # fmt: skip
    rows = json.loads(
        run("measure", "run", "growth", "--demo", "--reporters", "eu27", "--partners", "KAZ",
            "--goods", "tier:1", "--months", "2022", "--base", "2021", "--by", "reporter").stdout
    )  # fmt: skip
    changes = {row["reporter"]: row["change_usd"] for row in rows}
    shown = {row["reporter"]: row["change_usd"] for row in found["rows"]}
    assert {who: change for who, change in shown.items() if change} == changes
    largest = max(changes, key=changes.get)
    assert f"Largest rises: {'Germany' if largest == 'DEU' else ''}" in found["answer"]
    assert shown["BGR"] is None


@pytest.mark.usefixtures("demo")
def test_everyone_to_one_place_in_the_last_months():
    found = told("chpl-2023-09", "--to", "Iran", "--from", "all", "--months", "last-12", "--by",
                 "reporter")  # fmt: skip
    assert "stayed at $0 in 2024" in found["answer"]
    assert any("Belarus and Russia" in gap for gap in found["missing"])


@pytest.mark.usefixtures("demo")
def test_two_partners_in_one_picture(tmp_path):
    out = tmp_path / "two.svg"
    ask("chpl-2023-09", "--from", "Turkey", "--to", "Armenia, Georgia", "--by", "partner", "--demo",
        "--out", out)  # fmt: skip
    drawing = out.read_text("utf-8")
    assert ">Armenia<" in drawing
    assert ">Georgia<" in drawing
    assert "SYNTHETIC" in drawing


@pytest.mark.usefixtures("demo")
def test_an_importers_suppliers_are_in_its_own_books():
    found = told("851762", "--imports", "--of", "Kyrgyzstan", "--by", "partner", "--months", "2023",
                 "--base", "none")  # fmt: skip
    assert found["rows"][0]["partner"] == "USA"
    assert sum(row["share"] for row in found["rows"]) == pytest.approx(1)
    assert "imports of HS 851762" in found["answer"]
    turned = told("851762", "--imports", "--from", "all", "--to", "kgz", "--by", "origin",
                  "--months", "2023", "--base", "none")  # fmt: skip
    assert turned["rows"] == found["rows"]


@pytest.mark.usefixtures("demo")
def test_both_sides_of_the_mirror_and_the_study_of_it(tmp_path):
    study = tmp_path / "mirror.toml"
    words = ("chpl-2023-09", "--from", "Turkey", "--to", "Kazakhstan", "--months",
             "2023-01..2023-09", "--mirror")  # fmt: skip
    done = ask(*words, "--demo", "--save", study, "--format", "table")
    assert "Turkey recorded $61 million of exports" in " ".join(done.stdout.split())
    assert "and Kazakhstan $6.6 million of imports from Turkey" in " ".join(done.stdout.split())
    brief = run("brief", study, "--demo", "--out", tmp_path)
    assert "Turkey recorded $61 million of exports" in " ".join(brief.stdout.split())


def test_a_table_says_the_answer_first_and_how_to_repeat_it(shop):
    done = ask("8542.31", "--from", "germany", "--to", "KAZ, kgz", "--by", "partner", "--months",
               "2022-01", "--store", shop, "--format", "table")  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].startswith("The exports of HS 854231")
    assert "came to $107 in January 2022" in " ".join(done.stdout.split())
    assert "Kazakhstan" in done.stdout
    assert (
        "entrepot ask 8542.31 --from DEU --to KAZ,KGZ --months 2022-01 --by partner" in done.stdout
    )
    assert "never who is guilty" in done.stdout


def test_csv_and_stored_rows_are_printed(shop, tmp_path):
    words = ("854231", "--from", "DEU", "--to", "KAZ", "--months", "2022-01", "--store", shop)
    done = ask(*words, "--format", "csv")
    head, row = done.stdout.splitlines()
    assert head == "period,value_usd,known,missing,notice,publisher,as_of,licence"
    assert row.startswith('2022-01,100,all,,,"A statistical office, published ')
    stored = ask(*words, "--rows", "--format", "csv").stdout.splitlines()
    assert "reporter,reporter_name,partner,partner_name" in stored[0].replace('"', "")
    assert len(stored) == 2
    book = tmp_path / "rows.xlsx"
    ask(*words, "--rows", "--out", book)
    assert openpyxl.load_workbook(book)["Rows"].max_row == 2


def test_what_was_never_asked_for_is_named_and_the_rest_at_least(shop):
    done = ask("854231", "--from", "DEU", "--to", "KAZ,UZB", "--months", "2022-01", "--store", shop,
               "--format", "csv")  # fmt: skip
    assert "2022-01,100,part,Germany's exports to Uzbekistan were never asked for" in done.stdout
    assert "not known: Germany's exports to Uzbekistan were never asked for" in done.stderr


def test_nothing_known_is_one_line_and_the_study_is_kept(shop, tmp_path):
    study = tmp_path / "mine.toml"
    done = ask("854231", "--from", "FRA", "--to", "KAZ", "--months", "2022-01", "--store", shop,
               "--save", study, check=False)  # fmt: skip
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("error: ")]
    assert "France January 2022" in line
    assert "entrepot study fetch ./my.toml" in line
    assert study.exists()
    assert json.loads(
        run("study", "fetch", study, "--dry-run", "--store", shop, "--format", "json").stdout
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("854231", "--from", "germny"),
            "--from: nothing is called 'germny'; did you mean Germany",
        ),
        (("85423", "--from", "DEU"), "has 5 digits"),
        (("854231", "--from", "DEU", "--months", "2022-13"), "has month 13, expected 1 to 12"),
        (("854231", "--from", "DEU", "--months", "Jan 22"), "has no year of four digits"),
        (("854231",), "says neither who sends the goods nor who gets them"),
        (("854231", "--from", "DEU", "--out", "a.doc"), "--out 'a.doc' ends in .doc"),
        (("854231", "--from", "DEU", "--save", "a.txt"), "--save a.txt ends in .txt"),
        (("854231", "--of", "DEU", "--imports", "--flow", "import"), "say the same in two ways"),
    ],
)
def test_a_wrong_word_is_one_line(shop, tmp_path, words, line):
    done = ask(*words, "--store", shop, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_wrong_option_names_the_near_one(shop):
    done = ask("854231", "--form", "DEU", "--store", shop, check=False)
    assert done.returncode == 2
    assert "--from" in done.stderr
