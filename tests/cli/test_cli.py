"""The command line as a person meets it: every command, one line per error."""

import json
import os
import subprocess
import sys

import pytest

from support.commandline import launch, run
from support.plain import OWN, as_toml


@pytest.fixture
def shop(tmp_path, kept, table):
    """A store with two vintages of one table, made by the command line."""
    mapping = tmp_path / "own.toml"
    mapping.write_text(as_toml(OWN), "utf-8")

    def fill(desk):
        for name, day, value in (("a.csv", "2023-01-10", "100"), ("b.csv", "2023-02-10", "130")):
            path = table(name, {"value": value}, {"month": "2022-02"})
            run("source", "ingest", "generic", path, "--mapping", mapping,
                "--store", desk.store.path, "--published", day)  # fmt: skip

    return kept("two-vintages", fill).store.path


def test_help_names_every_command():
    text = run("--help").stdout
    for command in ("brief", "source", "vintage", "measure", "reference", "study", "serve"):
        assert command in text
        assert "Usage" in run(command, "--help").stdout


@pytest.mark.parametrize("noun", ["source", "measure", "reference", "study"])
def test_every_noun_lists_and_shows(noun):
    rows = json.loads(run(noun, "list").stdout)
    assert rows
    name = rows[0].get("name") or rows[0][noun]
    assert run(noun, "show", name).stdout.strip()


def test_ingest_reports_what_it_made_and_a_second_time_nothing(shop, tmp_path):
    vintages = json.loads(run("vintage", "list", "--store", shop).stdout)
    assert [v["published"] for v in vintages] == ["2023-01-10", "2023-02-10"]
    again = run(
        "source",
        "ingest",
        "generic",
        tmp_path / "a.csv",
        "--mapping",
        tmp_path / "own.toml",
        "--store",
        shop,
    )
    assert json.loads(again.stdout) == []
    assert "nothing new" in again.stderr


def test_vintages_are_shown_compared_and_checked(shop):
    first, second = json.loads(run("vintage", "list", "--store", shop).stdout)
    shown = json.loads(run("vintage", "show", first["vintage"], "--store", shop).stdout)
    assert shown["raw"][0]["name"] == "a.csv"
    changed = run("vintage", "diff", first["vintage"], second["vintage"], "--store", shop)
    (piece,) = json.loads(changed.stdout)
    assert (piece["changed"], piece["change_usd"]) == (1, 30)
    assert "1 changed; together +30 USD" in changed.stderr
    cells = run("vintage", "diff", first["vintage"], second["vintage"], "--store", shop, "--cells")
    assert json.loads(cells.stdout)[0]["new_usd"] == 130
    assert "2 vintages are as they were written" in run("vintage", "check", "--store", shop).stdout


def test_a_damaged_store_is_named(shop):
    next(shop.rglob("flows-*.parquet")).write_bytes(b"")
    done = run("vintage", "check", "--store", shop, check=False)
    assert done.returncode == 1
    assert "changed since it was written" in done.stdout
    assert "1 problems" in done.stderr


def test_a_measure_runs_by_itself(shop):
    done = run(
        "measure",
        "run",
        "period_to_date",
        "--store",
        shop,
        "--reporters",
        "DEU",
        "--partners",
        "central",
        "--products",
        "854231",
        "--first",
        "2022-01",
        "--last",
        "2022-02",
        "--years",
        "2022",
        check=False,
    )
    assert done.returncode == 1
    assert "central" in done.stderr
    done = run(
        "measure",
        "run",
        "period_to_date",
        "--store",
        shop,
        "--reporters",
        "DEU",
        "--partners",
        "KAZ",
        "--products",
        "854231",
        "--first",
        "2022-01",
        "--last",
        "2022-02",
        "--years",
        "2022",
    )
    (row,) = json.loads(done.stdout)
    assert (row["value_usd"], row["months"]) == (230, 2)
    early = run(
        "measure",
        "run",
        "period_to_date",
        "--store",
        shop,
        "--as-of",
        "2023-01-31",
        "--reporters",
        "DEU",
        "--partners",
        "KAZ",
        "--products",
        "854231",
        "--first",
        "2022-01",
        "--last",
        "2022-02",
        "--years",
        "2022",
        "--format",
        "csv",
    )
    assert "200" in early.stdout


def test_the_store_can_come_from_the_environment(shop, monkeypatch):
    monkeypatch.setenv("ENTREPOT_STORE", str(shop))
    assert len(json.loads(run("vintage", "list").stdout)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["brief", "turky-2023"], "did you mean turkey-2023"),
        (["source", "ingest", "nosuch", "x.csv"], "no source is called 'nosuch'"),
        (["source", "ingest", "generic", "gone.csv"], "gone.csv: cannot be read"),
        (["source", "show", "nosuch"], "there are: baci, census, comtrade, eurostat, generic"),
        (["measure", "show", "nosuch"], "no measure is called"),
        (["measure", "run", "growth", "--nosuch", "1"], "no option --nosuch; known are base, by"),
        (["measure", "run", "growth", "--partner", "RUS"], "did you mean partners?"),
        (["brief", "--store", "stroe"], "store stroe: there is no such folder"),
        (["vintage", "list", "--store", "stroe"], "store stroe: there is no such folder"),
        (["brief", "turkey-2023"], "`entrepot study fetch turkey-2023`"),
        (["measure", "run", "growth"], "needs --reporters"),
        (["vintage", "show", "nosuch"], "0 vintages match 'nosuch'"),
        (["reference", "show", "nosuch"], "nosuch"),
        (["brief", "--as-of", "2001-01-01"], "nothing is known as of 2001-01-01"),
    ],
)
def test_an_error_is_one_line_and_exit_code_one(tmp_path, words, said):
    done = run(*words, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")


def test_a_process_of_its_own_says_and_ends_the_same(shop):
    """The other tests run commands within their own process."""
    for words in (("vintage", "list", "--store", shop), ("measure", "show", "nosuch")):
        assert launch(*words, check=False) == run(*words, check=False)


def test_wrong_usage_is_exit_code_two():
    assert run("brief", "--nosuch", check=False).returncode == 2


def test_the_brief_is_printed_and_written(tmp_path):
    done = launch("brief", "--out", tmp_path, cwd=tmp_path)
    assert done.stdout.startswith("EMBEDDED FIGURES")
    assert "rose by 71%" in " ".join(done.stdout.split())
    assert {path.name for path in tmp_path.glob("brief.*")} == {
        "brief.html",
        "brief.json",
        "brief.csv",
    }


def test_lists_are_checked():
    assert "every list has its passport" in run("reference", "check").stdout


def test_a_store_without_a_head_is_adopted(shop):
    (shop / "head.json").unlink()
    refused = run("vintage", "list", "--store", shop, check=False)
    assert refused.stderr.count("\n") == 1
    assert f"entrepot vintage adopt --store {shop}" in refused.stderr
    done = run("vintage", "adopt", "--store", shop)
    assert done.stdout == "2 vintages and 0 materials adopted\n"
    assert len(json.loads(run("vintage", "list", "--store", shop).stdout)) == 2
    assert "nothing to adopt" in run("vintage", "adopt", "--store", shop, check=False).stderr


def test_a_console_of_one_alphabet_is_no_traceback():
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from entrepot.cli import main; main()"),
            *("reference", "show", "countries", "--format", "csv"),
        ],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert b",?land Islands," in done.stdout
