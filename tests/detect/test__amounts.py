"""Amounts by hand: unpublished months, an interval that holds both unknowns, a year, the months."""

from types import SimpleNamespace

import numpy as np
import pytest

from entrepot.detect._amounts import SLACK, before, full, interval, months, part, whole
from entrepot.detect._legs import ScanLegs
from support.panels import noise


def test_unpublished_months_hold_nothing_the_same_or_twice_as_much():
    series = np.array([[[10.0, 20.0, np.nan], [1.0, 2.0, 3.0]]])
    least, likely, most = whole(series, np.array([[1.5, 1.0]]))
    assert least.tolist() == [[30, 6]]
    assert likely.tolist() == [[45, 6]]
    assert most.tolist() == [[60, 6]]


def test_the_published_part_is_that_of_the_value_and_of_the_months_where_there_is_none():
    held = tuple(np.array([[x, 0.0]]) for x in (30.0, 45.0, 60.0))
    assert part(held, np.array([[1.2, 2.0]])).tolist() == [[30 / 45, 0.5]]


def ends(held, expected, seen):
    of = ([np.array([float(x)]) for x in three] for three in (held, expected))
    return [float(one[0]) for one in interval(*of, np.array([seen]))]


@pytest.mark.parametrize(
    ("held", "expected", "seen", "low", "high"),
    [
        ((100, 100, 100), (40, 30, 55), 1, 45, 70),  # all published
        ((80, 100, 120), (40, 30, 55), 0.8, 45 * 0.8, 90),  # a fifth of it is not
        ((100, 100, 100), (0, 0, 0), 1, 100, 100),  # nothing was expected
        ((20, 20, 20), (40, 30, 55), 1, -35, -10),  # less than expected came
        ((16, 20, 24), (40, 30, 55), 0.8, -35, -6),  # the unpublished may fall as short, or not
        ((35, 35, 35), (40, 30, 55), 1, -20, 5),  # it may yet be a little more
        ((4, 5, 6), (40, 30, 55), 0.8, -50, -20),  # what is unpublished cannot make it better
        ((0, 0, 0), (0, 0, 0), 1, 0, 0),
    ],
)
def test_an_interval_by_hand(held, expected, seen, low, high):
    wider = low - SLACK * abs(low), high + SLACK * abs(high)
    assert ends(held, expected, seen) == pytest.approx(wider)
    assert wider[0] <= held[0] - expected[0] * seen <= wider[1]


def test_what_is_unknown_stays_unknown():
    assert np.isnan(ends((1, 1, 1), (np.nan,) * 3, 1)).all()


def test_before_is_the_same_months_of_the_year_before():
    """Months 12 to 25 of 26: the year before is 0 to 11, and its first two months count twice."""
    series = np.arange(26.0)[None, None, :]
    assert before(series, 12, 14).tolist() == [[sum(range(12)) + 0 + 1]]
    hidden = series.copy()
    hidden[0, 0, 14] = np.nan  # not in the window: its counterpart does not count
    assert before(hidden, 12, 14).tolist() == [[sum(range(12)) + 0 + 1 - 2]]
    hidden[0, 0, 3] = np.nan  # a counterpart that is not known
    assert np.isnan(before(hidden, 12, 14)).all()
    assert np.isnan(before(series, 11, 14)).all()


def test_months_by_hand():
    beyond = np.array([[[3.0, -1.0, 8.0, np.nan]], [[-1.0, -2.0, 0.0, -1.0]], [[np.nan] * 4]])
    found = months(beyond, np.array([[3.0], [4.0], [0.0]]), np.array([False, True]))
    assert found.above[:, 1].tolist() == [2, 0, pytest.approx(np.nan, nan_ok=True)]
    assert found.published[:, 1].tolist() == [3, 4, 0]
    assert found.share[0, 1] == pytest.approx(0.8)
    assert np.isnan(found.share[1:, 1]).all()
    assert found.largest.tolist() == [[-1, 2], [-1, -1], [-1, -1]]
    assert found.window == 4


def test_a_month_is_published_in_full_when_every_reporter_of_the_cell_has():
    """Two reporters; the second sells only the first product and is silent in the last month."""
    by_origin = np.array([[[[1.0, 1.0], [1.0, 0.0]]], [[[0.0, 2.0], [0.0, 0.0]]]])
    present = np.array([[True] * 4, [True, True, True, False]])
    seen = SimpleNamespace(
        since=1, by_origin=by_origin, present=present, is_listed=np.array([True, True])
    )
    series = np.array([[[1.0, 2.0, 3.0], [1.0, np.nan, 1.0]]])
    assert full(seen, series, 1).tolist() == [[2, 2]]
    assert full(seen, series, 0).tolist() == [[3, 2]]
    assert full(seen, series, 1, ours=False).tolist() == [[3, 2]]


@pytest.mark.parametrize("at", [48, 36])
def test_signed_amounts_of_a_quiet_world_add_up_to_nearly_nothing(at):
    """Measured 0.6% and 2% of the expected over six seeds; clipped at zero they were 11 and 13%."""
    recorded = expected = clipped = 0.0
    for seed in range(4):
        panel = noise(seed)
        with np.errstate(all="ignore"):
            found = ScanLegs(panel, at, 12).inflow.amounts
        known = panel.is_listed[None, :] & np.isfinite(found.expected)
        recorded += found.recorded[known].sum()
        expected += found.expected[known].sum()
        clipped += np.maximum(found.excess[known], 0).sum()
    assert abs(recorded - expected) < 0.05 * expected < 0.5 * clipped
