"""A measure of another package is one file and nothing else: its figures by hand, on every way out.

`faraway.py` has measures whose parameters and columns are called like no other's. They are found by
an entry point, as an installed package's are.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from entrepot import registry
from entrepot.errors import RegistryError, StudyError
from entrepot.parts import measures
from entrepot.study import answer as study_answer
from entrepot.study.needs import needs
from entrepot.study.question import load
from support.commandline import run

FALSE = "holds nothing of what is needed"
NAMES = ("lanes", "pulse", "swing")
CELLS = {
    ("DEU", "2021-01"): 10,
    ("DEU", "2021-02"): 20,
    ("DEU", "2022-01"): 40,
    ("DEU", "2022-02"): 50,
    ("FRA", "2021-01"): 5,
    ("FRA", "2021-02"): 5,
    ("FRA", "2022-01"): 7,
    ("FRA", "2022-02"): 8,
}
"""Millions of dollars to Kazakhstan: 105 in the window, 40 a year before."""
HEAD = """
title = "Chips"
question = "Who sold?"
goods = "854231"
headline = "Sales {all:moved}, from {all.sold_before_usd}; most in {all.when_biggest}. \
{senders:rises}"
unanswered = "Not known."
[params]
reporters = ["DEU", "FRA"]
partners = ["KAZ"]
first = "2022-01"
last = "2022-02"
base = [2021]
flow = "export"
"""
FIGURES = """
[[figure]]
name = "all"
measure = "swing"
headline = ["sold_usd"]
alternatives = { years_before = [[2020, 2021]] }
show = { sold_usd = "Sold", sold_before_usd = "Before", swing_usd = "More", times = "Times" }
[[figure]]
name = "each"
measure = "swing"
params = { split = ["sender"] }
show = { "DEU.sold_usd" = "Germany", "FRA.times" = "France" }
[[figure]]
name = "added"
measure = "swing"
params = { split = ["sender", "ware"] }
per = "all"
show = { swing_usd = "More" }
[[figure]]
name = "german"
measure = "swing"
params = { senders = ["DEU"], since = "2022-02" }
show = { sold_usd = "Germany in February" }
[[figure]]
name = "lane"
measure = "lanes"
params = { who = ["FRA"] }
show = { code = "Part" }
"""
TABLES = """
[[breakdown]]
name = "senders"
title = "By sender"
by = "sender"
measure = "swing"
each = true
[[breakdown]]
name = "wares"
title = "By ware"
by = "ware"
measure = "swing"
[[breakdown]]
name = "moments"
title = "By month"
by = "moment"
measure = "pulse"
[[breakdown]]
name = "lanes"
title = "By lane"
by = "lane"
measure = "lanes"
[[picture]]
kind = "change"
title = "Change"
reading = "r"
alt = "a"
of = "senders"
[[picture]]
kind = "monthly"
title = "Months"
reading = "r"
alt = "a"
of = "moments"
[[picture]]
kind = "monthly"
title = "Series"
reading = "r"
alt = "a"
series = { Kazakhstan = ["KAZ"] }
"""


def offer(folder, *lines):
    """Write what an installer leaves of a package that offers measures."""
    made = folder / "faraway-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: faraway\nVersion: 1.0\n", "utf-8")
    points = "\n".join(("[entrepot.measures]", *lines))
    (made / "entry_points.txt").write_text(f"{points}\n", "utf-8")


@pytest.fixture
def found():
    """Forget what was found before, and afterwards what was found in between."""
    registry._parts.cache_clear()
    yield
    registry._parts.cache_clear()


@pytest.fixture
def faraway(tmp_path, monkeypatch, found):  # noqa: ARG001
    offer(tmp_path, *(f"{name} = measures.faraway:{name}" for name in NAMES))
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def held(faraway, table, kept):  # noqa: ARG001
    rows = [
        {"reporter": who, "month": when, "value": f"{usd}e6"} for (who, when), usd in CELLS.items()
    ]
    return kept("chips", lambda desk: desk.take(table("chips.csv", *rows)))


@pytest.fixture
def write(tmp_path):
    def to_file(text):
        path = tmp_path / "chips.toml"
        path.write_text(text, "utf-8")
        return str(path)

    return to_file


@pytest.mark.usefixtures("faraway")
def test_it_is_listed_and_shown_and_says_its_own_options():
    listed = {row["measure"]: row for row in json.loads(run("measure", "list", "--format",
                                                            "json").stdout)}  # fmt: skip
    assert listed["swing"]["finds"] == "Compare what was sold with the mean of earlier years."
    assert listed["lanes"]["finds"] == ""  # it says nothing of itself
    shown = run("measure", "show", "swing").stdout
    assert "sold_before_usd [USD]: In the mean year." in shown
    assert "laden_kg [kg]: Mass." in run("measure", "show", "lanes").stdout
    told = run("measure", "run", "swing", "--help").stdout
    for option, kind in (
        ("senders", "countries or groups, as TUR,KAZ or eu27"),
        ("receivers", "countries or groups, as Russia,ft-turkey-5"),
        ("wares, --goods", "codes or a list"),
        ("till", "a month, as 2022-01"),
        ("years-before", "years, as 2020,2021"),
        ("direction", "export or import  [default: export]"),
    ):
        assert f"--{option}  {kind}" in told
    assert "Years compared with." in told
    told = run("measure", "run", "pulse", "--help").stdout
    assert "--when  a window" in told
    assert "--how  export or import  [default: none]" in told


WORDS = {
    "swing": (
        *("--senders", "Germany, France", "--receivers", "Kazakhstan", "--goods", "8542.31"),
        *("--months", "2022-01..2022-02", "--years-before", "2021"),
    ),
    "pulse": (
        *("--who", "Germany", "--whom", "Kazakhstan", "--things", "854231"),
        *("--when", "2022-01..2022-02"),
    ),
    "lanes": ("--who", "DEU,FRA", "--whom", "all", "--months", "2022-01..2022-02"),
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("swing", [{"sender": None, "sold_usd": 105e6, "sold_before_usd": 40e6, "swing_usd": 65e6,
                    "times": 2.625, "biggest_usd": 50e6, "when_biggest": "2022-02"}]),
        ("pulse", [{"moment": "2022-01-01", "moved_usd": 40e6, "crates": 1},
                   {"moment": "2022-02-01", "moved_usd": 50e6, "crates": 1}]),
        ("lanes", [{"lane": "DEU-KAZ", "code": 90 / 105}, {"lane": "FRA-KAZ", "code": 15 / 105}]),
    ],
)  # fmt: skip
def test_it_runs_by_its_own_words(held, name, expected):
    done = run("measure", "run", name, *WORDS[name], "--format", "json", "--store", held.store.path)
    rows = json.loads(done.stdout)
    assert [{key: row[key] for key in one} for row, one in zip(rows, expected, strict=True)] == [
        {key: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
         for key, value in one.items()} for one in expected
    ]  # fmt: skip
    assert name == "lanes" or {row["known"] for row in rows} == {"all"}


@pytest.fixture
def answered(held, write):
    """Answer a study of foreign measures."""

    def answer(text):
        return study_answer.run(load(write(text)), held)[0]

    return answer


def test_a_study_says_once_for_every_measure_what_it_asks(answered):
    brief = answered(HEAD + FIGURES + TABLES)
    values = {figure.name: figure.value for figure in brief.figures}
    assert values == {
        "all.sold_usd": 105e6,
        "all.sold_before_usd": 40e6,
        "all.swing_usd": 65e6,
        "all.times": pytest.approx(2.625),
        "each.DEU.sold_usd": 90e6,
        "each.FRA.times": pytest.approx(1.5),
        "added.swing_usd": 65e6,
        "german.sold_usd": 50e6,
        "lane.code": 1.0,
    }
    assert {figure.unit for figure in brief.figures} == {"USD", "ratio", "share"}
    assert all(figure.evidence.rows for figure in brief.figures)
    assert brief.headline == (
        "Sales rose 2.6-fold (2.6\N{EN DASH}5.3 times over the choices shown) to $105 million, "
        "from $40 million; most in 2022-02. Largest rises: "
        "Germany (by $60 million to $90 million) and France (by $5.0 million to $15 million)."
    )
    whole, *_rest = brief.figures
    assert whole.coverage.reporter_months_expected == 8
    assert whole.coverage.is_whole
    # Of 2020 nothing is held, so that choice says nothing; and no choice is taken for another.
    options = {(one.choice, one.option): one.value for one in whole.sensitivity}
    assert options["basket", "stable"] == 105e6
    assert ("years_before", "2020 and 2021") in options


def test_its_tables_and_pictures_show_its_columns(answered):
    brief = answered(HEAD + FIGURES + TABLES)
    tables = {table.name: table for table in brief.breakdowns}
    heads = [label for _key, label, _unit in tables["senders"].columns]
    assert heads == ["Sender", "Before", "After", "Change", "Ratio"]
    assert [
        (row["label"], row["base_usd"], row["value_usd"]) for row in tables["senders"].rows
    ] == [("Germany", 30e6, 90e6), ("France", 10e6, 15e6)]
    (ware,) = tables["wares"].rows
    assert (ware["code"], ware["change_usd"]) == ("854231", 65e6)
    assert [(row["code"], row["value_usd"]) for row in tables["moments"].rows] == [
        ("2022-01", 47e6),
        ("2022-02", 58e6),
    ]
    assert [label for _key, label, _unit in tables["lanes"].columns] == ["Lane", "Code", "Laden"]
    (first, second) = tables["lanes"].rows
    assert (first["code"], first["code_"]) == ("DEU-KAZ", pytest.approx(90 / 105))
    assert (second["code"], second["laden_kg"]) == ("FRA-KAZ", None)
    drawn = {picture.title: picture.rows for picture in brief.pictures}
    assert [row["after_usd"] for row in drawn["Change"]] == [90e6, 15e6]
    assert [row["value_usd"] for row in drawn["Months"]] == [47e6, 58e6]
    assert [row["value_usd"] for row in drawn["Series"]] == [47e6, 58e6]


def test_its_brief_is_written_with_every_picture(held, write, tmp_path):
    path = write(HEAD + FIGURES + TABLES)
    done = run("brief", path, "--store", held.store.path, "--out", tmp_path / "out")
    assert "$105 million" in done.stdout
    page = (tmp_path / "out" / "brief.html").read_text("utf-8")
    assert "Evidence: 4 stored rows" in page
    assert "Laden" in page
    assert len((tmp_path / "out" / "brief.csv").read_text("utf-8").splitlines()) == 1 + len(CELLS)


@pytest.mark.usefixtures("faraway")
def test_what_it_needs_is_planned(write, tmp_path):
    text = HEAD.replace("{senders:rises}", "") + FIGURES
    study = load(write(text))
    asked = {
        (who, query.flows, query.partners, period)
        for query in needs(study)
        for who in query.reporters
        for period in query.periods
    }
    months = [f"{year}-0{month}" for year in (2020, 2021, 2022) for month in (1, 2)]
    export = ("export",), ("KAZ",)
    assert asked == {(who, *export, period) for who in ("DEU", "FRA") for period in months}
    plan = run("study", "fetch", write(text), "--dry-run", "--store", tmp_path / "new",
               "--source", "comtrade", "--format", "json")  # fmt: skip
    (row,) = json.loads(plan.stdout)
    assert (row["source"], row["reporters"], row["periods"]) == ("comtrade", 2, 6)


@pytest.mark.parametrize("who", ["TUR", "DEU"])
def test_what_is_not_held_is_named_and_never_zero(held, write, who, tmp_path):
    text = (
        (HEAD + FIGURES + TABLES)
        .replace('["DEU", "FRA"]', f'["{who}"]')
        .replace('["DEU"]', f'["{who}"]')
    )
    text = text.replace('["FRA"]', f'["{who}"]').replace("2022-0", "2023-0")
    done = run("brief", write(text), "--store", held.store.path, check=False, cwd=tmp_path)
    told = done.stdout + done.stderr
    assert FALSE not in told
    assert "Traceback" not in told
    assert "$0" not in told
    assert "0 times" not in told
    assert "\N{MINUS SIGN}$" not in told
    if who == "TUR":
        assert done.returncode == 1
        assert "none of its 9 figures: the store holds none of the months needed" in told
    else:  # of the year before it is known what Germany sold
        assert "Not known." in told
        assert "Germany January\N{EN DASH}February 2023" in " ".join(told.split())
    words = ("--who", who, "--whom", "KAZ", "--when", "2023-01..2023-02")
    done = run("measure", "run", "pulse", *words, "--store", held.store.path, check=False)
    assert done.returncode == 1
    name = {"TUR": "Turkey", "DEU": "Germany"}[who]
    months = "January\N{EN DASH}February 2023"
    assert f"nothing of this is known: not published: {name} {months}" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('partners = ["KAZ"]', "", r"\[\[figure\]\] all does not say receivers \(countries"),
        ("base = [2021]", "", r"does not say years_before \(years"),
        ("base = [2021]", "base = 2021", r"line 12: \[params\] base is 2021; expected a list of y"),
        ('split = ["sender"]', 'spilt = ["sender"]', "'spilt' does not exist.*split"),
        ('show = { code = "Part" }', 'show = { lane = "Part" }', "lane, which is a string"),
        ("{ swing_usd", "{ biggest_usd", "it does not add up; show one of sold_usd, sold_before"),
        ('by = "ware"', 'by = "weird"', "'weird' does not exist.*ware"),
        ('of = "senders"', 'of = "lanes"', "the breakdown lanes compares nothing with a base"),
        ('by = "lane"', 'by = "lane"\neach = true', "lane of lanes is none; leave it out"),
        ('params = { split = ["sender"] }', 'params = { split = ["buyer", "sender", "ware"] }', ""),
    ],
)
def test_a_study_that_it_cannot_answer_is_one_line(answered, old, new, words):
    text = HEAD + FIGURES + TABLES
    assert old in text
    if not words:
        answered(text.replace(old, new))
        return
    with pytest.raises(StudyError, match=words) as error:
        answered(text.replace(old, new))
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("faraway")
def test_it_has_a_page_of_reference():
    place = Path(__file__).parents[2] / "docs" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate", place)
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    pages = generate.pages()
    assert "| `years_before` |" in pages["measure-swing.md"]
    assert "`laden_kg`" in pages["measure-lanes.md"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("growth = measures.faraway:swing", "faraway offers entrepot.measures 'growth', which is"),
        ("lost = nowhere.at.all:lost", "'lost' as nowhere.at.all:lost, which cannot be loaded"),
        ("gone = measures.faraway:gone", "which cannot be loaded"),
        ("table = measures.faraway:LANES", "must define a Measure called 'table'"),
    ],
)
@pytest.mark.usefixtures("found")
def test_a_package_that_breaks_its_promise_is_named(tmp_path, monkeypatch, line, words):
    offer(tmp_path, line)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RegistryError, match=words):
        measures()
