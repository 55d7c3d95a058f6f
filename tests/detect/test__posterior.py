"""Posteriors against plain loops, and the weights that are shipped."""

import numpy as np
import pytest
from scipy.special import expit

from entrepot.detect._evidence import NAMES
from entrepot.detect._posterior import FIRST, SHARE, false_share, posterior, weights

ODDS = np.array([[4.0, 1.0, np.nan], [-3.0, -6.0, 1.0]])


def by_bayes(odds, prior, share):
    likelier = np.exp(odds) * (1 - prior) / prior  # how much likelier the evidence of a route is
    return likelier * share / (likelier * share + 1 - share)


def test_the_share_of_routes_is_the_one_that_reproduces_itself():
    prior, odds = 0.1, np.append(np.full(2000, -7.0), [4.0, 1.0])
    found = posterior(odds, prior)
    share = (found.sum() + FIRST) / (len(odds) + FIRST)
    assert share < SHARE * prior
    np.testing.assert_allclose(found, by_bayes(odds, prior, share), rtol=1e-6)


def test_no_scan_is_taken_to_hold_more_routes_than_part_of_the_fitted_worlds():
    found = posterior(ODDS, 0.1)
    known = np.isfinite(ODDS)
    np.testing.assert_allclose(found[known], by_bayes(ODDS[known], 0.1, SHARE * 0.1), rtol=1e-6)
    assert np.isnan(found[0, 2])


def test_where_nothing_stands_out_nothing_is_likely():
    rng = np.random.default_rng(1)
    calm = rng.normal(-4.5, 1, 2000)
    assert posterior(calm, 0.04).max() < 0.1
    assert expit(calm).max() > 0.1  # at the fitted share something would be


def test_one_clear_cell_among_hundreds_is_found():
    calm = np.append(np.full(400, -6.0), 7.0)
    assert posterior(calm, 0.04)[-1] > 0.9


def test_the_false_share_is_the_running_mean_of_what_is_no_route():
    chance = np.array([[0.5, 0.99, np.nan], [0.9, 0.9, 0.0]])
    expected = [[(0.01 + 0.1 + 0.1 + 0.5) / 4, 0.01, np.nan],
                [0.21 / 3, 0.21 / 3, (0.71 + 1) / 5]]  # fmt: skip
    np.testing.assert_allclose(false_share(chance), expected)


def test_no_cell_gives_no_posterior():
    nothing = np.full((2, 2), np.nan)
    assert np.isnan(posterior(nothing, 0.1)).all()
    assert np.isnan(false_share(nothing)).all()


def test_the_shipped_weights_name_every_sign_and_where_they_come_from():
    held = weights()
    assert len(held.weight) == len(NAMES) == len({*NAMES})
    assert {"worlds", "seeds", "quiet_seeds", "made", "routes"} <= {*held.passport}
    assert 0 < held.prior < 0.2
    for name, most in zip(NAMES, held.most, strict=True):
        assert np.isfinite(most) == name.startswith("country_")
    assert (np.diff(held.null) >= 0).all()
    assert (np.diff(held.share) < 0).all()


def test_a_p_value_is_the_share_of_cells_without_routes_that_reach_as_far():
    held = weights()
    np.testing.assert_allclose(held.p(held.null), held.share)
    between = held.p((held.null[:1] + held.null[1:2]) / 2)[0]
    assert between == pytest.approx(np.sqrt(held.share[0] * held.share[1]))
    assert held.p(np.array([99.0]))[0] == pytest.approx(held.share[-1])
    assert np.isnan(held.p(np.array([np.nan]))[0])


def test_odds_add_up_the_signs_by_their_weights():
    held = weights()
    evidence = held.mean + 2 * held.sd
    assert held.odds(evidence) == pytest.approx(held.intercept + 2 * held.weight.sum())


def test_what_other_goods_of_a_country_say_has_an_end():
    held = weights()
    place = NAMES.index("country_pairs")
    far = held.mean.copy()
    far[place] = held.most[place]
    farther = far.copy()
    farther[place] += 9
    assert held.odds(farther) == held.odds(far) > held.odds(held.mean)
