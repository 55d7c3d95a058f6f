"""Truth: what a shell is offered, against the names there are and a measure's signature."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from entrepot.cli import _complete
from entrepot.parts import detectors, estimators, measures, sources
from entrepot.reference import goods, groups
from entrepot.schema import FLOW
from entrepot.study.question import names
from support.commandline import run

CODE = "import sys; from entrepot.cli import main; sys.argv = ['entrepot']; main()"


@pytest.fixture
def offered(monkeypatch):
    """What bash is offered for the last of some words."""

    def ask(*words):
        monkeypatch.setenv("_ENTREPOT_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(("entrepot", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        return [line for line in run().stdout.splitlines() if line]

    return ask


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("measure", "run", ""), measures()),
        (("measure", "show", ""), measures()),
        (("estimate", "run", ""), estimators()),
        (("estimate", "show", ""), estimators()),
        (("estimate", "run", "did", "--goods", ""), goods.names()),
        (("estimate", "run", "did", "--exporters", "TUR,KA"), ["TUR,KAZ"]),
        (("detector", "run", ""), detectors()),
        (("brief", ""), names()),
        (("study", "fetch", "turkey"), [name for name in names() if name.startswith("turkey")]),
        (("source", "show", ""), sources()),
        (("measure", "run", "growth", "--source", ""), sources()),
        (("measure", "run", "growth", "--flow", ""), FLOW.allowed),
        (("measure", "run", "growth", "--goods", ""), goods.names()),
        (("measure", "run", "growth", "--by", ""), measures()["growth"].returns.keys),
        (("measure", "run", "growth", "--by", "partner,r"), ["partner,reporter"]),
        (("measure", "run", "growth", "--reporters", "TUR,KA"), ["TUR,KAZ"]),
        (("measure", "run", "growth", "--reporters=TUR,KA"), ["TUR,KAZ"]),
        (("measure", "run", "growth", "--first", ""), []),
        (("detector", "run", "surge", "--destination", "RU"), ["RUS"]),
        (("detector", "run", "surge", "--goods", ""), goods.names()),
        (("scan", "--coalition", "gecc"), ["gecc-39"]),
    ],
)
def test_a_shell_is_offered_what_there_is(offered, words, expected):
    assert sorted(offered(*words)) == sorted(expected)


def test_groups_and_countries_are_offered_for_places(offered):
    found = offered("measure", "run", "growth", "--partners", "")
    assert {*groups.names(), "RUS", "KAZ"} <= {*found}


@pytest.mark.parametrize("name", ["growth", "mirror_gap", "red_flag"])
def test_the_options_offered_are_those_of_the_measure_named(offered, name):
    own = {f"--{key.replace('_', '-')}" for key in measures()[name].params}
    found = {*offered("measure", "run", name, "--")}
    others = {f"--{key.replace('_', '-')}" for one in measures().values() for key in one.params}
    assert found & others == own | ({"--goods"} & others)
    assert {"--demo", "--store", "--goods"} <= found


def test_vintages_of_the_store_are_offered(offered, desk, table, monkeypatch):
    desk.take(table("a.csv", {}))
    monkeypatch.setenv("ENTREPOT_STORE", str(desk.store.path))
    [vintage] = desk.store.vintages()
    assert offered("vintage", "show", "") == [vintage.id]
    monkeypatch.setenv("ENTREPOT_STORE", str(desk.store.path / "nowhere"))
    assert offered("vintage", "show", "") == []


def test_a_list_with_commas_offers_what_is_not_yet_in_it():
    complete = _complete.offer(lambda: ("a", "b"), listed=True)
    assert [word for word, _said in complete("a,")] == ["a,b"]


def test_a_process_of_its_own_completes_as_a_shell_asks_it():
    told = {
        "_ENTREPOT_COMPLETE": "complete_bash",
        "COMP_WORDS": "entrepot measure run gro",
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["growth"]


WINDOW = ("--base", "2021", "--months", "2022-01..2022-02", "--goods", "854231")


@pytest.fixture
def shop(desk, table):
    months = [f"{year}-{month:02}" for year in (2021, 2022) for month in (1, 2)]
    desk.take(table("a.csv", *({"month": month} for month in months)), scope="whole")
    return ("--store", desk.store.path, "--format", "csv")


def test_an_option_of_a_measure_is_read_with_an_equals_sign_and_without(shop):
    plain = run("measure", "run", "growth", "--reporters", "DEU", "--partners", "KAZ",
                *WINDOW, *shop)  # fmt: skip
    equal = run("measure", "run", "growth", "--reporters=DEU", "--partners=KAZ", *WINDOW, *shop)
    spread = run("measure", "run", "growth", "--reporters", "DEU,", "--partners", "KAZ,", "KAZ",
                 *WINDOW, *shop)  # fmt: skip
    assert len(plain.stdout.splitlines()) == 2
    assert plain == equal == spread


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reporters=DEU", "--reporters", "TUR"), "--reporters is given twice (DEU and TUR)"),
        (("--reporters", "--demo"), "--reporters has no value after it"),
        (("--reporters=",), "--reporters has no value after it"),
        (("--goods", "854231", "--products", "854232"), "--goods and --products say the same"),
        (("--months", "2022", "--first", "2022-01"), "--months and --first say the same"),
        (("stray",), "'stray' belongs to no option"),
        (("--flw=import",), "no option --flw; did you mean flow?"),
    ],
)
def test_options_that_make_no_sense_are_one_line(words, said):
    done = run("measure", "run", "growth", *words, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [("detector", "run", "surge"), ("scan",)])
def test_an_option_of_a_detector_is_given_once(command):
    words = ("--destination", "RUS", "--destination=KAZ", "--since", "2022-03")
    done = run(*command, *words, check=False)
    assert done.returncode == 1
    assert "--destination is given twice" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_of_a_measure_shows_its_own_parameters():
    for name, found in measures().items():
        text = run("measure", "run", name, "--help").stdout
        assert all(f"--{key.replace('_', '-')}" in text for key in found.params)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--others=KAZ", "--others", "GEO"), "--others is given twice (KAZ and GEO)"),
        (("--months", "2022", "--first", "2022-01"), "--months and --first say the same"),
        (("--othrs=KAZ",), "no option --othrs; did you mean others?"),
    ],
)
def test_options_of_an_estimator_are_read_as_those_of_a_measure(words, said):
    done = run("estimate", "run", "did", *words, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
