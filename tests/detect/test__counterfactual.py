"""Counterfactuals by hand on panels small enough to follow, brute force, nulls and invariance."""

import math

import numpy as np
import pytest

from entrepot.detect._counterfactual import NOISE, deseasoned, shift
from support.panels import noise, panel_of

SINCE = 24


def flat(thirds, products, value=10.0):
    return np.full((thirds, products, 36), value)


def test_expected_and_score_by_hand():
    """Two countries, two goods: three of four cells double, so doubling is expected of all."""
    series = flat(2, 2)
    series[:, :, SINCE:] = 20
    series[0, 0, SINCE:] = 40
    found = shift(series, series, panel_of(series, since=SINCE), SINCE, 12)
    assert found.expected == pytest.approx(np.full((2, 2), 240))
    assert found.value.tolist() == [[480, 240], [240, 240]]
    assert found.size == pytest.approx(np.full((2, 2), 10))
    assert found.shipments == pytest.approx(np.full((2, 2), 24))
    top = 2 * (math.sqrt(48.375) - math.sqrt(24.375)) / math.sqrt(1 + NOISE**2 * 24)
    assert found.score[0, 0] == pytest.approx(top)
    assert found.score.ravel()[1:] == pytest.approx(np.zeros(3))
    assert found.unseen.tolist() == [[1, 1], [1, 1]]


def test_a_score_goes_back_to_the_value_it_came_from():
    panel = noise(21)
    found = shift(panel["coalition_exports"], panel["coalition_exports"], panel, 48, 12)
    judged = np.isfinite(found.score)
    assert found.at(found.score)[judged] == pytest.approx(found.value[judged], abs=1e-3)
    assert found.at(np.zeros_like(found.score))[judged] == pytest.approx(found.expected[judged])
    assert (found.at(np.full_like(found.score, -99))[judged] == 0).all()


def test_a_countrys_general_growth_is_expected_of_its_listed_goods():
    """Six unlisted goods of one country treble, nothing else moves; five are needed."""
    for products, expected in ((7, 360), (5, 120)):
        series = flat(5, products)
        series[0, :, SINCE:] = 30
        panel = panel_of(series, since=SINCE, listed=[0])
        assert shift(series, series, panel, SINCE, 12).expected[0, 0] == pytest.approx(expected)
        alone = shift(series, series, panel, SINCE, 12, pair=False)
        assert alone.expected[0, 0] == pytest.approx(120)


def test_a_products_growth_comes_from_the_controls_not_from_the_series():
    series, controls = flat(5, 7), flat(5, 7)
    controls[:, :, SINCE:] = 50
    panel = panel_of(series, since=SINCE, listed=[0])
    found = shift(series, controls, panel, SINCE, 12, pair=False)
    assert found.expected == pytest.approx(np.full((5, 7), 600))


def test_unpublished_months_of_the_window_are_neither_valued_nor_expected():
    series = flat(5, 7)
    series[2, :, 33:] = np.nan
    found = shift(series, flat(5, 7), panel_of(flat(5, 7), since=SINCE), SINCE, 12)
    assert (found.value[2, 0], found.expected[2, 0]) == (90, pytest.approx(90))
    assert found.unseen[2, 0] == pytest.approx(12 / 9)
    assert found.score[2, 0] == pytest.approx(0)


@pytest.mark.parametrize(
    ("hidden", "is_judged"),
    [(slice(24, 27), True), (slice(24, 28), False), (slice(0, 7), True), (slice(0, 8), False)],
)
def test_too_little_published_is_not_judged(hidden, is_judged):
    series = flat(5, 7)
    series[2, 0, hidden] = np.nan
    found = shift(series, flat(5, 7), panel_of(flat(5, 7), since=SINCE), SINCE, 12)
    assert np.isfinite(found.score[2, 0]) == is_judged
    assert np.isfinite(found.score[2, 1])


def test_nothing_before_and_after_is_not_judged_and_something_after_is():
    series = flat(5, 7)
    series[2, 0], series[3, 0, :SINCE] = 0, 0
    found = shift(series, flat(5, 7), panel_of(flat(5, 7), since=SINCE), SINCE, 12)
    assert np.isnan(found.score[2, 0])
    assert found.score[3, 0] > 0


@pytest.mark.parametrize(("months", "is_judged"), [(2, True), (3, False)])
def test_a_code_that_nobody_uses_all_along_is_not_judged(months, is_judged):
    """More than 0.8 of the window's twelve months: ten are enough, nine are not."""
    series = flat(5, 7)
    series[:, 0, 36 - months :] = 0
    found = shift(series, series, panel_of(series, since=SINCE), SINCE, 12)
    assert np.isfinite(found.score[:, 0]).all() == is_judged
    assert np.isfinite(found.score[:, 1:]).all()


def test_only_two_years_before_are_the_base():
    series = np.full((5, 7, 60), 10.0)
    series[:, :, :24] = 1e6
    panel = panel_of(series, since=48)
    assert shift(series, series, panel, 48, 12).expected == pytest.approx(np.full((5, 7), 120))


def test_the_usual_shipment_agrees_with_plain_python():
    panel = noise(22, shape=(4, 5, 40), since=28, rate=-1)
    series = panel["coalition_exports"]
    series[1, 2, :10] = np.nan
    found = shift(series, series, panel, 28, 12).size
    for k in range(5):
        held = [v for j in range(4) for v in series[j, k, :28] if v > 0]
        for j in range(4):
            own = [v for v in series[j, k, :28] if v > 0]
            prior = sum(held) / len(held)
            assert found[j, k] == pytest.approx((sum(own) + 6 * prior) / (len(own) + 6))


def test_the_currency_changes_no_score():
    panel = noise(23)
    one = shift(panel["coalition_exports"], panel["coalition_exports"], panel, 48, 12)
    other = shift(panel["coalition_exports"] * 7, panel["coalition_exports"] * 7, panel, 48, 12)
    assert other.score == pytest.approx(one.score, nan_ok=True)
    assert other.expected == pytest.approx(one.expected * 7)


def test_half_of_a_products_season_is_taken_out():
    """December at 2.375 and the others at 0.875 of the year's mean of one: 1.6875 and 0.9375."""
    year = np.array([7.0] * 11 + [19.0])
    series = np.tile(year, 3)[None, None, :].repeat(2, axis=0)
    found = deseasoned(series, 24)
    assert found[0, 0, :11] == pytest.approx(7 / (0.5 + 0.5 * 7 / 8))
    assert found[0, 0, 35] == pytest.approx(19 / (0.5 + 0.5 * 19 / 8))


def test_a_season_is_clipped_and_learned_only_before_the_start():
    series = np.ones((1, 1, 36))
    series[0, 0, 5:24:12] = 1000
    found = deseasoned(series, 24)
    assert found[0, 0, 5] == pytest.approx(1000 / 2)
    assert found[0, 0, 0] == pytest.approx(1 / (0.5 + 0.5 / ((11 + 1000) / 12)))
    series[0, 0, 24:] = 77
    assert deseasoned(series, 24)[0, 0, :24] == pytest.approx(found[0, 0, :24])


def test_a_product_without_a_past_keeps_its_values():
    series = np.zeros((2, 1, 36))
    series[:, :, 24:] = 3.0
    series[1] = np.nan
    found = deseasoned(series, 24)
    assert found[0, 0, 24:].tolist() == [3.0] * 12
    assert np.isnan(found[1]).all()
