"""The worked examples of the measures' docstrings, run as they stand."""

import doctest

import pytest

from entrepot.demo.lesson import lesson, show
from entrepot.parts import measures

MEASURES = measures()


@pytest.fixture(scope="module")
def world():
    return lesson()


@pytest.mark.parametrize("name", MEASURES)
def test_the_worked_example_gives_what_it_says(name, world):
    measure = MEASURES[name]
    text = measure.run.__doc__ or ""
    names = {"world": world, "show": show, name: measure}
    example = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert example.examples, f"{name} has no worked example"
    said = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not said, "".join(said)
