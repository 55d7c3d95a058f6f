"""Score bootstrap against all patterns of signs, scores by hand, and its size on worlds."""

from itertools import product

import numpy as np
import pytest

from entrepot.errors import EntrepotError
from entrepot.estimate.ppml import ppml
from entrepot.estimate.regression import Design
from entrepot.estimate.score_bootstrap import score_bootstrap
from estimate.regressions import world
from support.sampled import costly
from support.scores import by_hand


@pytest.mark.parametrize("model", ["ppml", "least_squares"])
@pytest.mark.parametrize("seed", range(3))
def test_all_patterns_of_signs_are_compared(model, seed):
    y, x, effects, _ = world(seed, exporters=2, importers=4, months=4, zeros=0)
    cluster = np.random.default_rng(seed).integers(0, 7, len(y))
    found = score_bootstrap(Design(y, x, effects, cluster), "treated", model=model)
    poisson = model == "ppml"
    scores = by_hand(
        y / y.mean() if poisson else y,
        x["treated"],
        x["other"],
        [*effects.values()],
        cluster,
        poisson=poisson,
    )
    sums = np.array([np.dot(signs, scores) for signs in product([-1, 1], repeat=7)])
    length = np.sqrt((scores**2).sum())
    assert found.statistic == pytest.approx(abs(scores.sum()) / length, abs=1e-6)
    assert found.p_value == (np.abs(sums) >= abs(scores.sum()) - 1e-7 * length).mean()
    assert (found.clusters, found.draws, found.is_exhaustive) == (7, 64, True)
    assert found.largest_part == pytest.approx((scores**2).max() / length**2, abs=1e-6)


def test_random_signs_come_near_all_signs_and_repeat_with_their_seed():
    y, x, effects, _ = world(3)
    given = Design(y, x, effects, np.arange(len(y)) % 12)
    whole = score_bootstrap(given, "other")
    drawn = score_bootstrap(given, "other", draws=2_000, seed=1)
    assert (whole.draws, whole.is_exhaustive) == (2048, True)
    assert (drawn.draws, drawn.is_exhaustive) == (2001, False)
    assert score_bootstrap(given, "other", draws=2_048) == whole
    assert drawn.statistic == whole.statistic
    # Four standard errors of a share of 2,000.
    reach = 4 * np.sqrt(whole.p_value * (1 - whole.p_value) / 2_000) + 1 / 2_001
    assert drawn.p_value == pytest.approx(whole.p_value, abs=reach)
    assert drawn == score_bootstrap(given, "other", draws=2_000, seed=1)
    assert drawn != score_bootstrap(given, "other", draws=2_000, seed=2)


def test_a_drawn_p_value_counts_the_actual_signs():
    """However large the effect, one of all the patterns compared is the actual one."""
    y, x, effects, _ = world(3, effect=6, zeros=0)
    cells = effects["cell"]
    found = score_bootstrap(Design(y, x, effects, cells), "treated", draws=99)
    assert found.p_value == 1 / 100


def clusters(seed, effect=0.0, treated=5):
    """Return 10 clusters with shocks of their own, observed 8 times; the first are treated late."""
    random = np.random.default_rng(seed)
    unit, period = (axis.ravel() for axis in np.indices((10, 8)))
    x = ((unit < treated) & (period >= 4)).astype(float)
    shock = random.gamma(2, 0.5, (10, 2))[unit, period // 4]
    y = random.poisson(20 * shock * np.exp(effect * x)).astype(float)
    return Design(y, {"x": x}, {"unit": unit, "period": period}, unit)


def test_few_clusters_are_rejected_no_more_than_is_said():
    """200 worlds without effect: at 10% a true test rejects 8 to 34 of 200 but twice in 1,000."""
    values = np.array([score_bootstrap(clusters(seed), "x").p_value for seed in range(200)])
    assert 8 <= (values <= 0.1).sum() <= 34
    values = [score_bootstrap(clusters(seed, effect=2.5), "x").p_value for seed in range(20)]
    assert np.median(values) < 0.02


@costly
def test_one_treated_cluster_is_hardly_ever_rejected_where_a_t_test_is_most_of_the_time():
    """200 worlds without effect, at 10%; `largest_part` says that one cluster decides."""
    worlds = [clusters(seed, treated=1) for seed in range(200)]
    found = [score_bootstrap(given, "x") for given in worlds]
    assert sum(test.p_value <= 0.1 for test in found) <= 5
    assert np.median([test.largest_part for test in found]) > 0.5
    assert sum(ppml(given).p_value[0] <= 0.1 for given in worlds) >= 100


def test_a_regressor_that_is_not_there_is_named():
    with pytest.raises(EntrepotError, match="no regressor 'z'; expected one of x"):
        score_bootstrap(clusters(0), "z")


def test_a_separated_regressor_is_refused():
    given = clusters(0)
    given.outcome[given.regressors["x"] > 0] = 0
    with pytest.raises(EntrepotError, match="'x' is separated"):
        score_bootstrap(given, "x")
