"""Amounts by hand: season, unpublished months, and an interval that holds both unknowns."""

import numpy as np
import pytest

from entrepot.detect._amounts import SLACK, excess, season, whole


def test_a_season_is_what_the_window_held_over_what_it_holds_without():
    series = np.array([[[2.0, 4.0], [0.0, 0.0]], [[6.0, np.nan], [0.0, 0.0]]])
    cleaned = np.array([[[1.0, 2.0], [0.0, 0.0]], [[5.0, np.nan], [0.0, 0.0]]])
    assert season(series, cleaned).tolist() == [[12 / 8, 1.0]]


def test_unpublished_months_hold_nothing_the_same_or_twice_as_much():
    series = np.array([[[10.0, 20.0, np.nan], [1.0, 2.0, 3.0]]])
    least, likely, most = whole(series, np.array([[1.5, 1.0]]))
    assert least.tolist() == [[30, 6]]
    assert likely.tolist() == [[45, 6]]
    assert most.tolist() == [[60, 6]]


def amounts(held, expected):
    found = excess(*([np.array([float(x)]) for x in three] for three in (held, expected)))
    return [float(one[0]) for one in found]


@pytest.mark.parametrize(
    ("held", "expected", "found"),
    [
        ((100, 100, 100), (40, 30, 55), (60, 45, 70)),  # all published
        ((80, 100, 120), (40, 30, 55), (60, 45 * 0.8, 90)),  # a fifth of it is not
        ((100, 100, 100), (0, 0, 0), (100, 100, 100)),  # nothing was expected
        ((20, 20, 20), (40, 30, 55), (0, 0, 0)),  # less than expected came
        ((35, 35, 35), (40, 30, 55), (0, 0, 5)),  # it may yet be a little more
        ((0, 0, 0), (0, 0, 0), (0, 0, 0)),
    ],
)
def test_an_excess_by_hand(held, expected, found):
    estimate, low, high = found
    assert amounts(held, expected) == pytest.approx(
        [estimate, low * (1 - SLACK), high * (1 + SLACK)]
    )


def test_what_is_unknown_stays_unknown():
    assert np.isnan(amounts((1, 1, 1), (np.nan,) * 3)).all()
