"""Studies as their files state them."""

import pytest

from entrepot.errors import StudyError
from entrepot.study.question import DEFAULT, load, names

PLAIN = """
title = "t"
question = "q"
goods = "chpl-2023-09"
headline = "{a.value_usd}"
unanswered = "no"
[[figure]]
name = "a"
measure = "growth"
show = { value_usd = "v" }
"""


def write(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize("name", names())
def test_every_study_that_ships_is_valid(name):
    study = load(name)
    assert (study.name, study.title != "", study.figure != ()) == (name, True, True)
    assert study.caveats


def test_the_default_comes_first():
    assert names()[0] == DEFAULT
    assert set(names()) >= {"eu-to-central-asia-2022", "turkey-2023", "russia-suppliers-2023"}


def test_a_study_of_ones_own_is_a_path(tmp_path):
    assert load(write(tmp_path, PLAIN)).name == "own"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLAIN + "[[claim]]\ntext = 'x'\nfigure = 'a.ratio'", "asks for figure 'a.ratio'"),
        (PLAIN.replace("title", "titel"), "unknown key 'titel'"),
        (PLAIN.replace('question = "q"\n', ""), "incomplete.*question"),
        (PLAIN + "[[claim]]\ntext = 'x'\nfigure = 'a.value_usd'\nexpects = 3", "'expects'"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path, text, words):
    with pytest.raises(StudyError, match=words) as caught:
        load(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_an_unknown_study_names_its_neighbour():
    with pytest.raises(StudyError, match="did you mean turkey-2023"):
        load("turky-2023")
    with pytest.raises(StudyError, match="no study is called 'nosuch'; there are: "):
        load("nosuch")
    with pytest.raises(StudyError, match="no such file"):
        load("nowhere.toml")
