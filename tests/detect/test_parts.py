"""Promises every detector keeps, checked on each; a new file is covered on arrival."""

from __future__ import annotations

import inspect
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

from entrepot.contracts import Detector
from entrepot.detect._legs import ScanLegs
from entrepot.findings import Finding
from entrepot.parts import detectors
from entrepot.schema import FINDINGS
from support.panels import changed, noise

DETECTORS = detectors()
GRAIN = FINDINGS.keys
each = pytest.mark.parametrize("name", DETECTORS)


def invented():
    """Noise with one planted rise, and goods so rare that some corridors open."""
    panel = noise(31, rate=-1)
    for name in ("coalition_exports", "all_exports", "onward_exports"):
        panel.data[name][11, 8] = 1e5
        panel.data[name][11, 8, 48:] = 3e5
    return changed(
        panel, coalition_exports=panel["coalition_exports"], onward_exports=panel["onward_exports"]
    )


def in_another_currency(panel):
    scaled = {k: v * (1 if k.endswith("_kg") else 4.0) for k, v in panel.data.items()}
    return changed(panel, **scaled)


def in_another_order(panel):
    rng = np.random.default_rng(1)
    j, k = rng.permutation(len(panel.thirds)), rng.permutation(len(panel.products))
    ordered = replace(
        panel,
        thirds=tuple(panel.thirds[i] for i in j),
        products=tuple(panel.products[i] for i in k),
        is_listed=panel.is_listed[k],
    )
    return changed(ordered, **{key: values[j][:, k] for key, values in panel.data.items()})


def unpublished(panel):
    return changed(panel, **{key: np.full_like(v, np.nan) for key, v in panel.data.items()})


@pytest.fixture(scope="module")
def told():
    """What each detector says of the invented panel, or of the panel changed by a function."""
    seen = {}

    def rows(name, change=lambda panel: panel):
        key = change.__name__
        if key not in seen:
            panel = change(invented())
            seen[key] = (ScanLegs(panel, panel.since, panel.length), {})
        evidence, found = seen[key]
        if name not in found:
            with np.errstate(all="ignore"):
                found[name] = DETECTORS[name](evidence)
        return found[name]

    return rows


def by_cell(rows):
    return {tuple(getattr(row, key) for key in GRAIN): row for row in rows}


def near(p, other):
    """Equal, or apart by a placebo that ties with the cell up to rounding."""
    return p == other or p == pytest.approx(other, rel=0.05)


def test_the_folder_holds_the_detectors_there_are():
    assert {"break_date", "code_switch", "diversion", "ghost_trade"} <= {*DETECTORS}
    assert {"new_corridor", "surge", "unit_value"} <= {*DETECTORS}


@each
def test_has_a_test_file(name):
    assert (Path(__file__).parent / f"test_{name}.py").exists()


@each
def test_documents_what_it_takes_and_gives_and_has_a_reference(name):
    part = DETECTORS[name]
    assert isinstance(part, Detector)
    assert part.reference
    doc = inspect.getdoc(part.run)
    for words in ("Args:", "Returns:", "    evidence: "):
        assert words in doc
    assert list(inspect.signature(part.run).parameters) == ["evidence"]


@each
def test_gives_findings_one_per_cell_and_leg(name, told):
    rows, panel = told(name), invented()
    assert rows
    assert len(by_cell(rows)) == len(rows)
    listed = {code for code, is_in in zip(panel.products, panel.is_listed, strict=True) if is_in}
    for row in rows:
        assert isinstance(row, Finding)
        assert {type(value) for value in astuple(row)} <= {str, float, int, type(None)}
        assert (row.detector, row.product in listed) == (name, True)
        assert (row.p_value is None) == (row.q_value is None)
        if row.p_value is not None:
            # That of `diversion` is no rank of p-values: it counts how many routes there are.
            least = 0 if name == "diversion" else row.p_value
            assert 0 < row.p_value <= 1
            assert least <= row.q_value + 1e-12 <= 1 + 1e-12
        if row.excess_usd is not None:
            assert row.excess_usd == row.recorded_usd - row.expected_usd
            if row.excess_low_usd is not None:
                assert row.excess_low_usd <= row.excess_usd <= row.excess_high_usd
        assert row.explanation.endswith(".")
        assert "nan" not in row.explanation
        assert (row.first_month or "2022-01") >= "2022-01"


@each
def test_gives_the_rarest_first_and_the_untested_last(name, told):
    p = [2 if row.p_value is None else row.p_value for row in told(name)]
    assert p == sorted(p)
    assert p[0] < 0.5


@each
def test_the_currency_changes_no_evidence_and_scales_the_excess(name, told):
    in_usd, other = by_cell(told(name)), by_cell(told(name, in_another_currency))
    assert {*in_usd} == {*other}
    for cell, row in in_usd.items():
        assert near(other[cell].p_value, row.p_value)
        assert near(other[cell].excess_usd, 4 * (row.excess_usd or 0) or row.excess_usd)
        assert other[cell].first_month == row.first_month


@each
def test_the_order_of_countries_and_goods_changes_nothing(name, told):
    before, after = by_cell(told(name)), by_cell(told(name, in_another_order))
    assert {*before} == {*after}
    for cell, row in before.items():
        assert near(after[cell].p_value, row.p_value)
        assert near(after[cell].excess_usd, row.excess_usd)


@each
def test_blames_nobody(name, told):
    """A finding says what was recorded; the words of a verdict are none of it."""
    for row in told(name):
        for word in ("guilty", "evad", "smuggl", "illegal", "because", "caused"):
            assert word not in row.explanation.lower()


@each
def test_says_nothing_where_nothing_is_published(name, told):
    assert told(name, unpublished) == []
