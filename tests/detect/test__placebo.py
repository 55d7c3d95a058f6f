"""Placebo p-values against brute-force counts, known tails, invariances and a worked example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.detect._placebo import adjusted, calibrate, dates, survival


def test_placebo_dates_have_a_full_base_and_end_before_the_start():
    assert dates(48, 12) == [36, 33, 30, 27, 24]
    assert dates(33, 9) == [24]


def test_a_short_history_makes_do_with_a_year_of_base_and_a_shorter_one_has_no_placebo():
    assert dates(32, 9) == [23, 20, 17, 14]
    assert dates(26, 9) == [17, 14]
    assert dates(21, 9) == [12]
    assert dates(20, 9) == []


def test_a_long_history_is_sampled_a_dozen_times_from_end_to_end():
    found = dates(150, 12)
    assert (len(found), found[0], found[-1]) == (12, 138, 24)
    assert min(-np.diff(found)) >= 3


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.integers(-6, 6))
def test_p_counts_the_placebos_as_large(null, value):
    """Fewer than 400 have no fitted tail: twenty beyond the 95th percentile are needed."""
    p = survival(np.sort(np.array(null, dtype=float)), np.array([value], dtype=float))
    assert p[0] == (1 + sum(one >= value for one in null)) / (1 + len(null))


def test_below_the_tail_a_large_null_is_counted_too():
    rng = np.random.default_rng(1)
    null = np.sort(rng.normal(size=2000))
    values = rng.normal(size=300)
    inside = values <= null[1899]
    p = survival(null, values)
    counted = [(1 + int((null >= value).sum())) / 2001 for value in values]
    assert p[inside] == pytest.approx(np.array(counted)[inside])
    assert (p[~inside] != np.array(counted)[~inside]).any()


@pytest.mark.parametrize("chance", [0.02, 1e-3, 1e-4, 1e-5])
def test_the_tail_of_an_exponential_sample_is_exponential(chance):
    null = np.sort(np.random.default_rng(2).exponential(size=20_000))
    (p,) = survival(null, np.array([-np.log(chance)]))
    assert p == pytest.approx(chance, rel=0.15 if chance > 1e-4 else 0.7)


@pytest.mark.parametrize("chance", [0.01, 1e-3, 1e-4])
def test_the_tail_of_a_heavy_sample_is_heavy(chance):
    """Pareto with exponent 4: the survival of x is x^-4."""
    null = np.sort(np.random.default_rng(3).pareto(4, size=20_000) + 1)
    (p,) = survival(null, np.array([chance**-0.25]))
    assert p == pytest.approx(chance, rel=0.5)


def test_larger_is_never_more_likely():
    null = np.sort(np.random.default_rng(4).standard_t(3, size=3000))
    p = survival(null, np.linspace(-5, 40, 500))
    assert (np.diff(p) <= 1e-12).all()
    assert (p > 0).all()


def test_a_null_without_a_spread_in_its_tail_is_counted():
    null = np.concatenate([np.zeros(500), np.ones(500)])
    assert survival(null, np.array([1.0, 2.0])).tolist() == [501 / 1001, 1 / 1001]


def test_benjamini_and_hochberg_by_hand():
    """Of four: .005 x 4 = .02; .01 x 4/2 = .02; .03 x 4/3 = .04; .04 x 4/4 = .04."""
    p = np.array([[0.01, 0.04, np.nan], [0.03, np.nan, 0.005]])
    q = adjusted(p)
    assert q[0, :2].tolist() == pytest.approx([0.02, 0.04])
    assert q[1, ::2].tolist() == pytest.approx([0.04, 0.02])
    assert np.isnan(q[0, 2])
    assert np.isnan(q[1, 1])


def test_q_is_never_above_one_and_keeps_the_order_of_p():
    p = np.random.default_rng(5).uniform(0, 1, 200) ** 0.3
    q = adjusted(p)
    assert q.max() <= 1
    assert (q >= p - 1e-12).all()
    assert (np.diff(q[np.argsort(p)]) >= -1e-12).all()


def drawn(seed=6, shape=(40, 30)):
    rng = np.random.default_rng(seed)
    placebos = [rng.normal(size=shape) for _ in range(5)]
    sizes = [np.ones(shape) for _ in range(5)]
    return rng.normal(size=shape), np.ones(shape), placebos, sizes


def test_draws_of_the_same_kind_have_uniform_p_values():
    found = calibrate(*drawn())
    assert np.quantile(found.p, [0.05, 0.25, 0.5, 0.75, 0.95]) == pytest.approx(
        [0.05, 0.25, 0.5, 0.75, 0.95], abs=0.04
    )
    assert [one.shape for one in found.placebo_p] == [(40, 30)] * 5
    assert np.mean(found.placebo_p) == pytest.approx(0.5, abs=0.01)


def test_ends_are_the_nulls_percentiles():
    actual, size, placebos, sizes = drawn()
    found = calibrate(actual, size, placebos, sizes)
    pool = np.concatenate([one.ravel() for one in placebos])
    for ends, at in ((found.low, 0.05), (found.middle, 0.5), (found.high, 0.95)):
        assert ends == pytest.approx(np.full_like(actual, np.quantile(pool, at)))


def test_what_moves_all_cells_moves_the_null_with_them():
    actual, size, placebos, sizes = drawn()
    every = np.ones(actual.shape, dtype=bool)
    still = calibrate(actual, size, placebos, sizes, like=every)
    moved = calibrate(actual + 2, size, placebos, sizes, like=every)
    assert moved.p == pytest.approx(still.p)
    assert moved.middle == pytest.approx(still.middle + 2)
    assert moved.high == pytest.approx(still.high + 2)
    alone = calibrate(actual + 2, size, placebos, sizes)
    assert alone.p.mean() < 0.15


def test_a_wider_date_widens_the_null():
    actual, size, placebos, sizes = drawn()
    every = np.ones(actual.shape, dtype=bool)
    found = calibrate(actual * 2, size, placebos, sizes, like=every)
    assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_a_cell_is_weighed_against_placebos_of_its_size():
    """Large cells scatter ten times as much: 3 is nothing there and much among small ones."""
    rng = np.random.default_rng(7)
    size = np.repeat(np.array([[1.0, 100.0]]), 200, axis=1)
    placebos = [rng.normal(size=(1, 400)) * np.where(size > 1, 10, 1) for _ in range(4)]
    actual = np.full((1, 400), 3.0)
    found = calibrate(actual, size, placebos, [size] * 4)
    assert found.p[0, 0] < 0.01
    assert found.p[0, -1] > 0.3


def test_what_is_not_judged_stays_null_on_both_sides():
    actual, size, placebos, sizes = drawn()
    actual[0], placebos[2][:, 1] = np.nan, np.nan
    found = calibrate(actual, size, placebos, sizes)
    assert np.isnan(found.p[0]).all()
    assert np.isfinite(found.p[1:]).all()
    assert np.isnan(found.placebo_p[2][:, 1]).all()


def test_fewer_than_fifty_placebos_judge_nothing():
    actual, size, _placebos, _sizes = drawn()
    few = np.full(actual.shape, np.nan)
    few.flat[:49] = 1.0
    found = calibrate(actual, size, [few], [size])
    assert np.isnan(found.p).all()
    few.flat[49] = 1.0
    assert np.isfinite(calibrate(actual, size, [few], [size]).p).all()
    assert np.isnan(calibrate(actual, size, [], []).p).all()
