"""Rows against findings written out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from entrepot.detect._amounts import Amounts, Months, known
from entrepot.detect._rows import rows
from entrepot.findings import Finding
from support.panels import panel_of


def test_an_amount_that_is_not_known_is_null():
    assert known(float("nan")) is None
    assert known(3) == 3.0


def made(**options):
    panel = panel_of(np.ones((2, 4, 30)), since=24, listed=[0, 2])
    p = np.array([[0.01, 0.9, 0.03, 1e-9], [np.nan, 0.5, 0.04, 0.5]])
    excess = np.arange(8.0).reshape(2, 4)
    excess[1, 2] = np.nan
    first = np.where(p == 0.01, 25, -1)
    evidence = SimpleNamespace(panel=panel, at=24, length=6)
    count = np.full((2, 4), 4.0)
    months = Months(count, count + 1, excess / 10, np.full((2, 4), 3), 6)
    amounts = Amounts(2 * excess, excess, excess - 1, excess + 1, excess / 2, months)
    return rows(
        "surge",
        evidence,
        p,
        amounts,
        first,
        lambda j, k, said: f"cell {j} {k} {said.largest_month}",
        **options,
    )


def test_listed_cells_with_a_p_value_become_findings():
    first, second, third = made(origin="coalition")
    assert first == Finding(
        detector="surge",
        origin="coalition",
        intermediary="ARE",
        destination=None,
        product="850110",
        score=pytest.approx(2),
        p_value=0.01,
        q_value=pytest.approx(0.03),
        recorded_usd=0,
        expected_usd=0,
        excess_usd=0,
        excess_low_usd=-1,
        excess_high_usd=1,
        before_usd=0,
        months_above=4,
        months_published=5,
        months_window=6,
        first_month="2020-02",
        explanation="cell 0 0 2020-04",
    )
    assert (second.product, second.first_month) == ("850112", None)
    assert (third.intermediary, third.excess_usd) == ("ARM", None)


def test_q_counts_listed_cells_only():
    """Three p-values: 0.01, 0.03 and 0.04 of three tested."""
    assert [row.q_value for row in made()] == pytest.approx([0.03, 0.04, 0.04])


def test_a_score_of_its_own_ranks_and_keeps_cells_without_a_p_value():
    score = np.full((2, 4), 7.0)
    score[0, 2] = np.nan
    found = made(score=score, destination="RUS")
    assert [(r.product, r.p_value, r.score) for r in found] == [
        ("850110", 0.01, 7),
        ("850110", None, 7),
        ("850112", 0.04, 7),
    ]
    assert {row.destination for row in found} == {"RUS"}
