"""Promises every source and measure keeps, checked on each; a new file is covered on arrival."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from entrepot import registry, schema
from entrepot.contracts import Measure, Source
from entrepot.errors import RegistryError, SchemaError
from entrepot.parts import measures, part, sources

SOURCES, MEASURES = sources(), measures()
FOLDERS = [("sources", name) for name in SOURCES] + [("measures", name) for name in MEASURES]
each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
ENDPOINTS = {
    f"{n}-{endpoint.name}": endpoint
    for n, source in SOURCES.items()
    for endpoint in source.endpoints
}
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
each_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)


@pytest.mark.parametrize(("folder", "name"), FOLDERS)
def test_has_a_test_file(folder, name):
    assert (Path(__file__).parent / folder / f"test_{name}.py").exists()


@each_source
def test_a_source_says_who_publishes_and_how_its_files_are_read(source):
    assert all((source.title, source.publisher, source.url, source.licence))
    assert inspect.getdoc(inspect.getmodule(source.parse))
    assert "Raises:" in source.parse.__doc__


@each_endpoint
def test_an_endpoint_says_where_its_limits_are_documented_and_how_it_is_asked(endpoint):
    assert endpoint.reference.startswith("https://")
    assert endpoint.hosts
    assert endpoint.largest > 0
    assert endpoint.pause > 0
    assert endpoint.requests.__doc__
    assert endpoint.judge.__doc__
    assert (endpoint.index is None) == (endpoint.releases is None)
    if endpoint.key:
        assert endpoint.key.register.startswith("https://")
        assert bool(endpoint.key.header) != bool(endpoint.key.param)


@each_source
def test_a_source_touches_neither_network_nor_disk_until_it_is_called(source):
    assert list(inspect.signature(source.parse).parameters) == ["raw", "connection"]


@each_measure
def test_a_measure_documents_every_parameter_its_result_and_its_reference(measure):
    doc = inspect.getdoc(measure.run)
    for words in (
        "Args:",
        "Returns:",
        "    flows: ",
        *(f"    {name}: " for name in measure.params),
    ):
        assert words in doc
    assert measure.reference


@each_measure
def test_a_measure_takes_flows_first_and_the_rest_by_name(measure):
    first, *others = inspect.signature(measure.run).parameters.values()
    assert first.name == "flows"
    assert {param.kind for param in others} == {inspect.Parameter.KEYWORD_ONLY}


@each_measure
def test_a_measure_refuses_a_table_that_is_not_flows(measure, flows):
    with pytest.raises(SchemaError, match="no column 'value_usd'"):
        measure(flows({}).drop("value_usd"))


def test_a_column_name_has_one_meaning():
    tables = [schema.REPORTED, schema.FLOWS, *(measure.returns for measure in MEASURES.values())]
    meanings = {}
    for column in (column for table in tables for column in table.columns):
        assert meanings.setdefault(column.name, column) == column


def test_a_column_of_dollars_or_kilograms_says_so_in_its_name():
    for measure in MEASURES.values():
        for column in measure.returns.columns:
            assert column.name.endswith("_usd") == (column.unit == "USD"), column.name
            assert column.name.endswith("_kg") == (column.unit == "kg"), column.name


def test_a_table_says_what_identifies_its_rows():
    for table in (schema.REPORTED, schema.FLOWS, *(m.returns for m in MEASURES.values())):
        assert table.grain
        assert len(set(table.names)) == len(table.names)


@pytest.mark.parametrize("kind", [Measure, Source])
def test_a_file_that_breaks_its_promise_is_named(kind, tmp_path, monkeypatch):
    name = f"broken_{kind.__name__.lower()}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "nothing.py").touch()
    (folder / "_helper.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RegistryError, match=f"must define a {kind.__name__} called 'nothing'"):
        registry.load(name, kind)


TESTS = Path(__file__).parent


def imported(path):
    """Every module that a file imports, and every name it imports from one, with dots."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_test_imports_from_another_test_or_from_a_conftest():
    found = {
        str(path.relative_to(TESTS)): name
        for path in TESTS.rglob("*.py")
        for name in imported(path)
        if any(part.startswith("test_") or part == "conftest" for part in name.split(".")[:-1])
    }
    assert found == {}, "what tests share lies in tests/support"


def test_what_tests_share_says_in_one_line_what_it_is():
    helpers = sorted((TESTS / "support").glob("*.py"))
    assert len(helpers) > 10
    assert all(ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in helpers)


def test_a_part_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(RegistryError, match=f"'growht'; there are: .*{next(iter(MEASURES))}"):
        part(MEASURES, "measure", "growht")
