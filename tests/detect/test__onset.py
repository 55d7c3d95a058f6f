"""Onset against steps worked by hand."""

import numpy as np

from entrepot.detect._counterfactual import Shift
from entrepot.detect._onset import onset


def month(window, expected):
    """The onset in a window of four months after two of history, given the expected total."""
    series = np.array([[[0.0, 0.0, *window]]])
    one = np.ones((1, 1))
    past = Shift(one, np.array([[float(expected)]]), one, one, one)
    return int(onset(series, past, 2, len(window))[0, 0])


def test_the_step_is_where_the_rest_of_the_window_lies_highest():
    """10 a month expected; from the third on 40: 60 / sqrt 2 beats 60 / sqrt 3 and 30."""
    assert month([10, 10, 40, 40], 40) == 4


def test_a_level_that_was_high_all_along_begins_at_once():
    assert month([40, 40, 40, 40], 40) == 2


def test_a_short_peak_that_ends_is_weighed_with_what_follows():
    """From the first month: (30 - 10 x 3) / 2 = 0; nothing else lies above."""
    assert month([40, 0, 0, 0], 40) == -1


def test_nothing_above_has_no_month():
    assert month([10, 9, 8, 7], 40) == -1


def test_unpublished_months_count_neither_way():
    """40 over four published of five months are 10 a month."""
    assert month([10, np.nan, 10, 40, 40], 40) == 5


def test_a_step_after_an_unpublished_month_is_dated_from_that_month():
    """The data cannot tell them apart, and the earlier of equals is taken."""
    assert month([10, 10, np.nan, 40], 30) == 4
