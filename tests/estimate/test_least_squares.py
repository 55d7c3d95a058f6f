"""Least squares against differences of means and dummies for each level; pyfixest: test_ppml."""

import numpy as np
import pytest

from entrepot.errors import EntrepotError
from entrepot.estimate.least_squares import least_squares
from entrepot.estimate.regression import Design
from estimate.regressions import dense, world


def test_two_groups_and_two_periods_give_the_difference_of_differences():
    """Chances of treated rise from 1/4 to 3/4, of others from 1/4 to 2/4: by 0.25 more."""
    y = np.array([1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0], dtype=float)
    group, period = np.repeat(["t", "c"], 8), np.tile(np.repeat([0, 1], 4), 2)
    x = ((group == "t") & (period == 1)).astype(float)
    found = least_squares(
        Design(y, {"did": x}, {"group": group, "period": period}, np.arange(len(y)))
    )
    assert found.estimate == pytest.approx([0.25])
    # Squared residuals of a cell with 1 or 3 ones of 4 sum to 3/4, with 2 to 1.
    assert found.deviance == pytest.approx(3 * 3 / 4 + 1)
    # G/(G-1) = 16/15 and (N-1)/(N-K) = 15/12: one regressor, 2 groups, 2 periods less one.
    assert found.se == pytest.approx([np.sqrt(16 / 15 * 15 / 12 * (3 * 3 / 4 + 1) / 16)])
    assert (found.rows, found.separated, found.iterations) == (16, 0, 1)


@pytest.mark.parametrize("seed", range(3))
def test_many_effects_agree_with_a_dummy_for_each_level(seed):
    y, x, effects, cluster = world(seed, importers=4, months=4)
    found = least_squares(Design(y - 1, x, effects, cluster))
    columns = np.column_stack([*x.values()])
    estimate, se = dense(y - 1, columns, [*effects.values()], cluster, poisson=False)
    assert found.estimate == pytest.approx(estimate, abs=1e-8)
    assert found.se == pytest.approx(se, abs=1e-8)


def test_a_constant_added_to_the_outcome_changes_nothing():
    y, x, effects, cluster = world(4)
    first, second = (least_squares(Design(y + c, x, effects, cluster)) for c in (0, 1e3))
    assert first.estimate == pytest.approx(second.estimate, abs=1e-6)
    assert first.vcov == pytest.approx(second.vcov, abs=1e-6)


def test_a_missing_outcome_is_refused():
    y, x, effects, cluster = world(4)
    y[3] = np.nan
    with pytest.raises(EntrepotError, match="missing or infinite; leave out what was not"):
        least_squares(Design(y, x, effects, cluster))
