"""All charts: each is a valid Vega-Lite specification, and a pure function of its rows."""

from __future__ import annotations

import copy
from types import FunctionType

import pytest

from entrepot.registry import load
from support.sample_charts import SAMPLES
from support.sampled import costly

CHARTS = load("entrepot.publish.charts", FunctionType)


def test_every_chart_has_a_sample():
    assert set(SAMPLES) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_leaves_its_rows_alone_and_is_the_same_twice(name):
    rows, options = copy.deepcopy(SAMPLES[name])
    first = CHARTS[name](rows, **options, width=860)
    assert CHARTS[name](rows, **options, width=860) == first
    assert (rows, options) == SAMPLES[name]


@costly
@pytest.mark.parametrize("width", [860, 340])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_by_the_schema_of_vega_lite(name, width):
    altair = pytest.importorskip("altair")  # it brings the schema
    rows, options = SAMPLES[name]
    chart = CHARTS[name](rows, **options, width=width)
    assert altair.Chart.from_dict(chart).to_dict()
