"""Flows: checked by hand against the words of the schema and the letters of UN Comtrade."""

from __future__ import annotations

import pytest

from entrepot.errors import StudyError
from entrepot.schema import FLOW, FREQ
from entrepot.terms import flow, flows, freq

SPELT = """
export export exports Exported X e EX out EXP dispatches
import import imports IMPORTED M i in imp arrivals
re-export re-export Re-Exports reexport rx RE_EXPORTS
re-import re-import reimports RM
"""


@pytest.mark.parametrize("row", SPELT.strip().splitlines())
def test_every_flow_is_understood_in_its_usual_forms(row):
    name, *words = row.split()
    assert name in FLOW.allowed
    for word in words:
        assert flow(word) == flow(f" {word.lower()} ") == name


@pytest.mark.parametrize("name", FLOW.allowed)
def test_every_flow_of_the_schema_is_understood(name):
    assert flow(name) == flow(name.replace("-", " ")) == name


def test_several_flows_keep_their_order_and_come_once():
    assert flows("X, M; exports") == ("export", "import")
    assert flows("imports and re-exports") == ("import", "re-export")
    assert flows("both") == flows("import & export") == ("import", "export")
    assert flows("") == ()


@pytest.mark.parametrize("text", ["both", "", "export, import"])
def test_two_flows_are_not_one(text):
    with pytest.raises(StudyError, match="is not one flow; write export or import"):
        flow(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("exprot", "did you mean export"),
        ("imprts", "did you mean import"),
        ("banana", "write one of export, import, both"),
        ("trans\nit" * 99, "write one of export, import, both"),
    ],
)
def test_an_unknown_flow_is_named_with_the_nearest(text, hint):
    with pytest.raises(StudyError) as caught:
        flows(f"export, {text}")
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("row", ["M m monthly Month MONTHS", "A a annual Yearly year years"])
def test_how_often_is_understood_in_its_usual_forms(row):
    letter, *words = row.split()
    assert letter in FREQ.allowed
    assert {freq(word) for word in words} == {letter}


def test_another_frequency_is_refused():
    with pytest.raises(StudyError, match=r"'quarterly' is no frequency; write one of monthly, "):
        freq("quarterly")
    with pytest.raises(StudyError, match=r"'anual' is no frequency; did you mean annual"):
        freq("anual")
