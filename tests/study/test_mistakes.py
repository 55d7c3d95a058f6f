"""Truth: studies with one mistake each, whose line is counted by hand, and shipped ones mutated."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.errors import EntrepotError, StudyError
from entrepot.study.check import check
from entrepot.study.question import load, names
from support.sampled import EXAMPLES

STUDY = """title = "t"
question = "q"
goods = "chpl-2023-09"
headline = "{a.value_usd}"
unanswered = "no"
basket = "stable"
[params]
reporters = ["DEU"]
partners = ["KAZ"]
first = "2022-01"
last = "2022-09"
base = [2021]
[[figure]]
name = "a"
measure = "growth"
params = { flow = "export" }
alternatives = { base = [[2020]] }
[figure.show]
value_usd = "v"
[[derived]]
name = "d"
label = "l"
add = ["a.value_usd"]
[[tally]]
name = "t"
figure = "a"
column = "ratio"
at_least = 1
[[claim]]
text = "x"
figure = "a.value_usd"
expect = 1
[[breakdown]]
name = "b"
title = "z"
by = "period"
[breakdown.series]
One = { flow = "import" }
[[picture]]
kind = "monthly"
title = "p"
reading = "r"
alt = "a"
series = { One = ["KAZ"] }
"""
MISTAKES = [
    ('"chpl-2023-09"', "5", 3, "goods is 5; expected text"),
    ("title =", "titel =", 1, "the study has the unknown key 'titel'; did you mean title?"),
    ('"stable"', '"stabel"', 6, 'basket is "stabel"; expected one of .*did you mean stable'),
    ("basket =", "caveats =", 6, 'caveats is "stable"; expected a list of texts'),
    ('basket = "stable"', 'sources = { ARM = "x" }', 6, "sources is .*list of names of sources"),
    ("[2021]", "2021", 12, r"\[params\] base is 2021; expected a list of years"),
    ("[2021]", '[2021]\nflw = "import"', 13, r"\[params\]: key 'flw'.*did you mean flow"),
    ('["KAZ"]\nf', '["KAS"]\nf', 9, r"\[params\] partners: .*'KAS'; did you mean .*KAZ"),
    ('["DEU"]', '"DEU"', 8, r"\[params\] reporters is .*expected a list of countries"),
    ('["KAZ"]\nf', '"RUS"\nf', 9, r'partners is "RUS"; expected a list of .*, such as \["TUR"'),
    ('"2022-01"', '"2022-13"', 10, r"\[params\] first is .*expected a month"),
    ("base = [2021]", 'base = [2021]\nproducts = ["8542"]', 13, "write goods = at its top"),
    ("measure =", "mesure =", 15, r"\[\[figure\]\] a .*'mesure'; did you mean measure"),
    ('"growth"', '"grwth"', 15, "measure 'grwth' does not exist; did you mean growth"),
    ("{ flow", "{ flw", 16, "parameter 'flw' does not exist; did you mean flow"),
    ('"export"', '"exports"', 16, "flow is .*did you mean export"),
    ("[[2020]]", "[2020]", 17, "alternatives: base is 2020; expected a list of years"),
    ('value_usd = "v"', "value_usd = 1", 19, "show.value_usd is 1; expected its words"),
    ('value_usd = "v"', 'value_usd = "v"\nARM.ratio = "r"', 20, r"show.ARM is .*in quotes"),
    ('value_usd = "v"', 'value_usd = "v"\n"ARM.rato" = "r"', 20, "'rato'.*did you mean ratio"),
    ('name = "d"', 'name = "a"', 21, r"\[\[derived\]\] a: another block has this name"),
    ('["a.value_usd"]', '["a.value"]', 20, "uses 'a.value'.*did you mean a.value_usd"),
    ('["a.value_usd"]', '"a.value_usd"', 23, "d: add is .*expected a list of texts"),
    ('figure = "a"\n', 'figure = "z"\n', 26, r"\[\[tally\]\] t: figure 'z'"),
    ('"ratio"', '"rato"', 27, "column 'rato' does not exist; did you mean ratio"),
    ("at_least = 1", 'at_least = "1"', 28, 'at_least is "1"; expected a number'),
    ("expect = 1", "expect = nan", 32, "expect is nan; expected a finite number"),
    ('"a.value_usd"\nexp', '"a.value"\nexp', 31, "asks for figure 'a.value'.*did you mean"),
    ('"period"', '"perid"', 36, "by 'perid' does not exist; did you mean"),
    ('{ flow = "import" }', "{ flow = 1 }", 38, r"\[\[breakdown\]\] b: One: flow is 1"),
    ('One = { flow = "import" }', "One = 1", 38, r"b: series.One is 1; expected a table"),
    ('"monthly"', '"montly"', 40, "kind 'montly' does not exist; did you mean monthly"),
    ('alt = "a"\n', "", 39, r"\[\[picture\]\] p is incomplete: it needs 'alt'"),
    ('{ One = ["KAZ"] }', '{ One = "KAZ" }', 44, "series.One is .*expected a list of texts"),
    ('{ One = ["KAZ"] }', '{ One = ["KAS"] }', 44, "One: partners: .*did you mean .*KAZ"),
    ("{a.value_usd}", "{a.value}", 4, "headline: column of a 'value' does not exist"),
    ('value_usd = "v"', 'value_usd = "v"\nreporter = "c"', 20, "shows reporter, which is a string"),
]
ESTIMATE = """[[estimate]]
name = "e"
title = "e"
estimator = "did"
[estimate.params]
exporters = ["DEU"]
intermediaries = ["KAZ"]
others = ["GEO"]
controls = "854231"
since = "listed"
draws = 99
"""
OF_ESTIMATES = [
    ('name = "e"', 'name = "a"', 46, r"\[\[estimate\]\] a: another block has this name"),
    ("title =", "titel =", 47, r"\[\[estimate\]\] e has the unknown key 'titel'; did you mean"),
    ('"did"', '"dit"', 48, r"e: estimator 'dit' does not exist; did you mean did"),
    ("exporters =", "exportes =", 50, "parameter 'exportes' does not exist; did you mean exporter"),
    ('["DEU"]', '"DEU"', 50, r"e: exporters is \"DEU\"; expected a list of countries"),
    ('["KAZ"]', '["KAS"]', 51, "intermediaries: .*'KAS'; did you mean .*KAZ"),
    ('others = ["GEO"]\n', "", 49, r"e does not say others \(countries"),
    ('"854231"', "854231", 53, "controls is 854231; expected a list of goods, or codes"),
    ('"listed"', '"lsted"', 54, "since is .*expected a month, such as .*, or .*listed"),
    ("99", '"99"', 55, r"draws is .*expected a whole number"),
    ("draws", "goods = ['8542']\ndraws", 55, "are the study's goods; write goods = at its top"),
]


def told(folder, text):
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    check(load(str(path)))


def test_the_study_without_a_mistake_is_none(tmp_path):
    told(tmp_path, STUDY)


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tmp_path, old, new, line, words):
    assert old in STUDY
    with pytest.raises(EntrepotError, match=f"^study own, line {line}: .*{words}") as caught:
        told(tmp_path, STUDY.replace(old, new, 1))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("old", "new", "line", "words"), OF_ESTIMATES)
def test_a_mistake_in_an_estimate_is_one_line_with_its_place(tmp_path, old, new, line, words):
    assert old in ESTIMATE
    with pytest.raises(EntrepotError, match=f"^study own, line {line}: .*{words}"):
        told(tmp_path, STUDY + ESTIMATE.replace(old, new, 1))


def test_an_estimate_without_a_mistake_is_none(tmp_path):
    told(tmp_path, STUDY + ESTIMATE)


def test_a_sum_of_what_does_not_add_up_is_refused_with_its_line(tmp_path):
    text = STUDY.replace('measure = "growth"', 'measure = "growth"\nper = "all"', 1)
    text = text.replace('value_usd = "v"', 'value_usd = "v"\nratio = "r"', 1)
    with pytest.raises(StudyError, match=r"line 21: .*a adds ratio up .* does not add up"):
        told(tmp_path, text)


def test_what_is_missing_at_the_top_is_named_without_a_line(tmp_path):
    with pytest.raises(StudyError, match=r"^study own: the study is incomplete: .*'title'"):
        told(tmp_path, STUDY.replace('title = "t"\n', "", 1))


def test_what_a_measure_needs_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"does not say first \(a month"):
        told(tmp_path, STUDY.replace('first = "2022-01"\n', ""))


def test_a_file_that_is_no_text_is_one_line(tmp_path):
    (tmp_path / "own.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(StudyError, match="not valid TOML"):
        load(str(tmp_path / "own.toml"))


def shipped(name):
    return files("entrepot.studies").joinpath(f"{name}.toml").read_text("utf-8")


VALUES = ("5", "-1", "nan", "true", '""', '"x"', "[]", "[1]", '["x"]', "{}", "{ a = 1 }",
          "2022-01-01", "[[2021]]", '["2022-01"]', '"\\u0000"', "1e400", "9" * 30)  # fmt: skip


@settings(max_examples=EXAMPLES * 3, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.sampled_from(names()), st.data())
def test_a_mutated_study_is_checked_whole_or_refused_in_one_line(tmp_path, name, data):
    lines = shipped(name).splitlines()
    for _time in range(data.draw(st.integers(1, 2))):
        places = [place for place, line in enumerate(lines) if line]
        place = data.draw(st.sampled_from(places))
        key, equals, value = lines[place].partition(" = ")
        kind = data.draw(st.sampled_from(("value", "key", "drop", "twice", "cut")))
        if kind == "value" and equals:
            lines[place] = f"{key} = {data.draw(st.sampled_from(VALUES))}"
        elif kind == "key" and equals:
            lines[place] = f"{key[:-1]} = {value}"
        elif kind == "drop":
            del lines[place]
        elif kind == "twice":
            lines.insert(place, lines[place])
        else:
            lines[place] = lines[place][: len(lines[place]) // 2]
    said = "study "
    try:
        told(tmp_path, "\n".join(lines))
    except EntrepotError as error:
        said = str(error)
    assert said.startswith("study ")
    assert "\n" not in said


SCHEMA = Path(__file__).parents[2] / "docs/reference/schema/study.json"


@pytest.mark.parametrize("name", names())
def test_a_study_that_ships_fits_the_schema_of_editors(name):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(shipped(name)), schema)


def test_the_schema_refuses_what_the_code_refuses():
    jsonschema = pytest.importorskip("jsonschema")
    judge = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert judge.is_valid(tomllib.loads(STUDY))
    for old, new in (("title =", "titel ="), ('"chpl-2023-09"', "5"), ("measure =", "mesure =")):
        assert not judge.is_valid(tomllib.loads(STUDY.replace(old, new, 1)))
