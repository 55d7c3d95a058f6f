"""Truth: mappings with one mistake each, whose line is counted by hand, and one mutated at will."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.errors import EntrepotError, SourceError
from entrepot.parts import mappings, read_mapping
from entrepot.sources.generic import mapping
from support.sampled import EXAMPLES

MAPPING = """name = "an-office"
publisher = "p"
published = 2024-02-01
[columns]
period = { year = "Y", month = "M" }
partner = "Land"
product = "HS"
value = "Value"
ignore = ["Note"]
[constants]
freq = "M"
reporter = "TUR"
flow = "export"
currency = "USD"
[codes]
partner = { scheme = "name", Others = "_X" }
freq = { monthly = "M" }
[classification]
6 = "HS2022"
[valuation]
export = "FOB"
[format]
decimal = ","
missing = [
  "..",
  "-",
]
scale = { value = 1000 }
[filter]
Unit = { not = ["kg"] }
[expect]
Kind = "USD"
"""
MISTAKES = [
    ('"an-office"', '"An Office"', 1, "'name' is 'An Office'; expected a short name"),
    ('"p"', "5", 2, "'publisher' is 5; expected text"),
    ("publisher", "publsher", 2, "'publsher' is unknown; known: .*did you mean publisher"),
    ("2024-02-01", "10:00:00", 3, "'published' is .*expected a day"),
    ("[columns]", "[colums]", 4, "'colums' is unknown; known: .*did you mean columns"),
    ("{ year", "{ yaer", 5, r"'yaer' is unknown in \[columns.period\]; .*did you mean year"),
    ('"Land"', "5", 6, "'columns.partner' is 5; expected a column's name"),
    ("product =", "produkt =", 7, r"'produkt' is unknown in \[columns\]; .*mean product"),
    ('["Note"]', '"Note"', 9, "'columns.ignore' is 'Note'; expected a list of columns' names"),
    ('freq = "M"', 'freq = "Q"', 11, "'constants.freq' is 'Q'; expected one of A, M"),
    ('"export"', '"exports"', 13, "'constants.flow' is 'exports'.*did you mean export"),
    ('flow = "export"', 'value = "1"', 13, r"'value' is unknown in \[constants\]"),
    ('"TUR"', '"TUR"\nproduct = "x"', 13, "gives 'product' a column and a constant"),
    ('"name"', '"names"', 16, "code 'partner' is 'names'; .*did you mean name"),
    ('"_X"', "5", 16, "'codes.partner' is .*expected|'codes.partner.Others' is 5; expected text"),
    ('{ monthly = "M" }', '{ monthly = "Q" }', 17, "'codes.freq.monthly' is 'Q'; expected one"),
    ('"HS2022"', '"HS2023"', 19, "classification 6 = 'HS2023' is unknown"),
    ('"HS2022"', "[1]", 19, r"'classification.6' is \[1\]; expected text"),
    ('export = "FOB"', 'exports = "FOB"', 21, r"'exports' is unknown in \[valuation\].*export"),
    ('"FOB"', '"FAS"', 21, "'valuation.export' is 'FAS'; expected one of CIF, FOB"),
    ('","', '";"', 23, "'format.decimal' is ';'; expected one of"),
    ("decimal", "decimals", 23, r"'decimals' is unknown in \[format\]; .*mean decimal"),
    ('  "-"', "  [1]", 26, "'format.missing' is .*expected a list of words"),
    ("1000", "0", 28, "'format.scale.value' is 0; expected a number above zero"),
    ("1000", "nan", 28, "'format.scale.value' is nan; expected a number above zero"),
    ('{ not = ["kg"] }', "true", 30, "'filter.Unit' is True; expected the words to keep"),
    ("{ not =", "{ nott =", 30, r"'nott' is unknown in \[filter.Unit\]; .*mean not"),
    ('"USD"\n', "[]\n", 14, "'constants.currency' is"),
    ('Kind = "USD"', "Kind = []", 32, r"'expect.Kind' is \[\]; expected text or a list"),
    ("[expect]", "[flows]\nexport = 3\n[expect]", 32, "'flows.export' is 3; expected its column"),
    ("[expect]", "[wide]\nyear = 1\n[expect]", 31, r"says nothing of 'months' in \[wide\]"),
]


def told(folder, text):
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return mapping.check(read_mapping(str(path)), "table.csv")


def test_the_mapping_without_a_mistake_is_a_layout(tmp_path):
    layout = told(tmp_path, MAPPING)
    assert layout.columns["period"] == {"year": "Y", "month": "M"}
    assert layout.filter == {"Unit": (("kg",), False)}


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tmp_path, old, new, line, words):
    assert old in MAPPING
    place = f"^table.csv: generic: own.toml, line {line}: mapping .*({words})"
    with pytest.raises(SourceError, match=place) as caught:
        told(tmp_path, MAPPING.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_a_mapping_that_came_as_a_table_has_a_path_and_no_line():
    data = tomllib.loads(MAPPING.replace('"Land"', "5"))
    with pytest.raises(SourceError, match=r"^table.csv: generic: mapping key 'columns.partner'"):
        mapping.check(data, "table.csv")


VALUES = ("5", "-1", "nan", "true", '""', '"x"', "[]", "[[1]]", '["x"]', "{}", "{ a = 1 }",
          "2022-01-01", "10:00:00", '"\\u0000"', "1e400", "9" * 30)  # fmt: skip


@settings(max_examples=EXAMPLES * 5, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.data())
def test_a_mutated_mapping_is_a_layout_or_refused_in_one_line(tmp_path, data):
    lines = MAPPING.splitlines()
    for _time in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(lines) - 1))
        key, equals, value = lines[place].partition(" = ")
        kind = data.draw(st.sampled_from(("value", "key", "drop", "swap")))
        if kind == "value" and equals:
            lines[place] = f"{key} = {data.draw(st.sampled_from(VALUES))}"
        elif kind == "key" and equals:
            lines[place] = f"{key[:-1] or 'k'} = {value}"
        elif kind == "drop" and len(lines) > 1:
            del lines[place]
        else:
            lines[place], lines[0] = lines[0], lines[place]
    said = ""
    try:
        told(tmp_path, "\n".join(lines))
    except EntrepotError as error:
        said = str(error)
    assert "\n" not in said


SCHEMA = Path(__file__).parents[2] / "docs/reference/schema/mapping.json"


def as_written(text):
    """A mapping as an editor sees it: days are text of the form of a day."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_mappings_fit_the_schema_of_editors_and_mistakes_do_not():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    for name in mappings():
        path = files("entrepot.sources.generic").joinpath(f"mappings/{name}.toml")
        judge.validate(as_written(path.read_text("utf-8")))
    judge.validate(as_written(MAPPING))
    for old, new in (("[columns]", "[colums]"), ('"Land"', "5"), ('freq = "M"', 'freq = "Q"')):
        assert not judge.is_valid(as_written(MAPPING.replace(old, new, 1)))
