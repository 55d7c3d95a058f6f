"""Promises every material keeps, checked on each; a new file is covered on arrival."""

from __future__ import annotations

import inspect
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from entrepot import registry
from entrepot.contracts import Query
from entrepot.materials._material import Material

MATERIALS = registry.load("entrepot.materials", Material)
each_material = pytest.mark.parametrize("material", MATERIALS.values(), ids=MATERIALS)


def test_the_folder_is_the_list():
    assert sorted(MATERIALS) == ["ecb", "unsd_hs"]


@pytest.mark.parametrize("name", MATERIALS)
def test_has_a_test_file(name):
    assert (Path(__file__).parent / f"test_{name}.py").exists()


@each_material
def test_a_material_says_who_publishes_it_and_under_which_terms(material):
    assert all((material.title, material.publisher, material.url, material.licence))
    doc = inspect.getdoc(inspect.getmodule(material.check))
    for words in ("Delay:", "Coverage:", "Licence:", "No limit on calls is documented"):
        assert words in doc


@each_material
def test_a_plan_is_the_same_for_every_query_and_stays_with_the_publisher(material):
    for endpoint in material.endpoints:
        plan = list(endpoint.requests(Query("A", ("2021",)), ()))
        assert plan == list(endpoint.requests(Query("M", (), reporters=("DEU",)), ()))
        assert len({request.name for request in plan}) == len(plan) > 0
        for request in plan:
            parts = urlsplit(request.url)
            assert (parts.scheme, parts.hostname in endpoint.hosts) == ("https", True)
            assert parts.path.endswith(request.name)
