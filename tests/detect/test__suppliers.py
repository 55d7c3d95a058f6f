"""Suppliers by hand: one that rose, all that rose, goods that did not arrive."""

import numpy as np
import pytest

from entrepot.detect._counterfactual import NOISE, root_score
from entrepot.detect._suppliers import gaps, largest, strongest, suppliers

AT, LENGTH = 48, 12


def flat(reporters=4, thirds=5, products=3, usd=100.0):
    return np.full((reporters, thirds, products, AT + LENGTH), usd)


def rises(series):
    one = np.ones(series.shape[1:3])
    return suppliers(series, one, 100 * one, AT, LENGTH)


def test_one_that_doubles_beside_others_that_do_not_has_the_score_of_its_root():
    series = flat()
    series[2, 1, 0, AT:] = 200
    found = rises(series)
    # Twelve usual shipments expected, twice as many seen; the others grew by nothing.
    expected = 2 * (np.sqrt(24.375) - np.sqrt(12.375)) / np.sqrt(1 + NOISE**2 * 12)
    assert found.score[2, 1, 0] == pytest.approx(expected)
    assert found.usual[2, 1, 0] == 1200
    assert found.value[2, 1, 0] == 2400
    assert found.score[0, 2, 1] == 0


def test_demand_that_grows_every_supplier_s_exports_moves_none_of_them():
    series = flat()
    series[:, 1, 0, AT:] = 200
    others = (7200 + 200) / (3600 + 200)  # three others, and two usual shipments
    score = rises(series).score[2, 1, 0]
    assert score == pytest.approx(root_score(2400, 1200 * others, 100))
    assert abs(score) < 0.1


def test_others_that_fall_make_no_rise():
    series = flat()
    series[:3, 1, 0, AT:] = 10
    assert rises(series).score[3, 1, 0] == 0


def test_a_supplier_that_published_too_little_has_no_score():
    series = flat()
    series[2, :, :, AT + 5 :] = np.nan
    found = rises(series)
    assert np.isnan(found.score[2]).all()
    assert np.isfinite(found.score[1]).all()


def test_the_strongest_is_the_log_of_the_mean_likelihood_ratio():
    score = np.array([[[2.0, np.nan]], [[-3.0, np.nan]], [[np.nan, np.nan]]])
    found = strongest(score)
    assert found[0, 0] == pytest.approx(np.log((np.exp(2) + 1) / 2))
    assert np.isnan(found[0, 1])
    assert largest(score)[0, 0] == 2
    assert np.isnan(largest(score)[0, 1])


def gap_of(exports, imports):
    one = np.ones(exports.shape[1:3])
    gap, noise = gaps(exports, imports, rises(exports), one, AT, LENGTH)
    return gap, gap / noise


def test_goods_that_left_beyond_the_usual_and_did_not_come_are_the_gap():
    exports, imports = flat(), flat() * 1.1
    exports[1, 2, 0, AT:] = 300  # 200 a month more, none of which arrives
    gap, score = gap_of(exports, imports)
    # The smaller of the window and the window a month earlier: 3,600 - 200 USD at 1.1.
    assert gap[1, 2, 0] == pytest.approx(1.1 * 3400 - 1320)
    assert score[1, 2, 0] > 5
    assert abs(gap[0, 2, 0]) < 1e-6


def test_what_arrives_is_no_gap_and_never_more_than_left_beyond_the_usual():
    exports = flat()
    exports[1, 2, 0, AT:] = 300
    gap, _score = gap_of(exports, exports * 1.1)
    assert gap[1, 2, 0] <= 0
    imports = flat() * 1.1
    imports[1, 2, 0, AT:] = 0
    gap, _score = gap_of(flat(), imports)
    assert gap[1, 2, 0] == pytest.approx(0)


def test_a_code_that_one_reporter_changed_is_no_gap_anywhere():
    """Its goods of one product are booked under another name by all that buy them."""
    exports, imports = flat(), flat() * 1.1
    exports[1, 2, 0, AT:] = 300
    imports[1, :, 0, AT:] = 0
    gap, _score = gap_of(exports, imports)
    assert gap[1, 2, 0] == pytest.approx(0)


def test_a_pair_whose_books_never_agreed_has_a_gap_only_beyond_that():
    exports, imports = flat(), flat() * 1.1
    imports[1, 2] *= 0.2
    exports[1, 2, 0, AT:] = 300
    imports[1, 2, 0, AT:] *= 3
    gap, _score = gap_of(exports, imports)
    assert gap[1, 2, 0] <= 0


def test_months_that_one_side_did_not_publish_say_nothing():
    exports, imports = flat(), flat() * 1.1
    exports[1, 2, 0, AT:] = 300
    imports[:, 2, :, AT:] = np.nan
    gap, _score = gap_of(exports, imports)
    assert np.isnan(gap[:, 2]).all()
