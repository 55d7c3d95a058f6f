"""Randomisation against scores by hand for every set, and its size and power on worlds."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from entrepot.errors import EntrepotError
from entrepot.estimate.ppml import ppml
from entrepot.estimate.randomisation import randomisation
from entrepot.estimate.regression import Design
from entrepot.estimate.score_bootstrap import score_bootstrap
from estimate.regressions import world
from support.sampled import costly
from support.scores import by_hand


def case(seed, **options):
    """Return a world without its treatment, with exposure and importers."""
    options = {"importers": 6, "products": 4, "months": 6, "zeros": 0.2} | options
    y, x, effects, cluster = world(seed, **options)
    late = effects["product-month"] % options["months"] >= options["months"] // 2
    exposure = (late & (cluster % options["products"] < options["products"] // 2)).astype(float)
    importer = cluster // options["products"]
    return Design(y, {"other": x["other"]}, effects, cluster), exposure, importer


@pytest.mark.parametrize("model", ["ppml", "least_squares"])
def test_every_set_has_the_statistic_of_its_own_regressor(model):
    given, exposure, importer = case(0, exporters=2, importers=5, months=4, zeros=0)
    found = randomisation(given, exposure=exposure, unit=importer, treated=[0, 1], model=model)
    y = given.outcome / given.outcome.mean() if model == "ppml" else given.outcome
    expected = {}
    for chosen in combinations(range(5), 2):
        x = exposure * np.isin(importer, chosen)
        scores = by_hand(
            *(y, x, given.regressors["other"], [*given.effects.values()], given.cluster),
            poisson=model == "ppml",
        )
        expected[chosen] = scores.sum() / np.sqrt((scores**2).sum())
    assert found.statistic == pytest.approx(expected[0, 1], abs=1e-6)
    assert found.others == pytest.approx([*expected.values()], abs=1e-6)
    large = [abs(value) >= abs(expected[0, 1]) - 1e-6 for value in expected.values()]
    assert found.p_value == np.mean(large)
    assert (found.assignments, found.is_exhaustive) == (10, True)
    assert found.units == (0, 1, 2, 3, 4)


def test_the_statistic_is_that_of_the_score_bootstrap():
    given, exposure, importer = case(1)
    treated = exposure * np.isin(importer, [0, 1])
    found = randomisation(given, exposure=exposure, unit=importer, treated=[0, 1])
    regressors = {"treated": treated, **given.regressors}
    other = score_bootstrap(
        Design(given.outcome, regressors, given.effects, given.cluster), "treated", draws=99
    )
    assert abs(found.statistic) == pytest.approx(other.statistic, abs=1e-6)


def test_any_set_is_as_likely_to_be_rare():
    """Ranks are exact: over all sets as the actual one, p-values are at most p in p of cases."""
    given, exposure, importer = case(2)
    values = np.array(
        [
            randomisation(given, exposure=exposure, unit=importer, treated=list(chosen)).p_value
            for chosen in combinations(range(6), 2)
        ]
    )
    assert sorted(values) == pytest.approx(np.arange(1, 16) / 15)


def test_a_planted_effect_is_rare_and_no_effect_is_not():
    found = {}
    for effect in (0.0, 2.0, -2.0):
        given, exposure, importer = case(3, effect=effect, importers=10, exporters=4, months=10)
        found[effect] = randomisation(given, exposure=exposure, unit=importer, treated=[0, 1])
    assert found[2.0].p_value == 1 / 45
    assert found[-2.0].p_value <= 2 / 45
    assert found[2.0].statistic > 0 > found[-2.0].statistic
    assert found[0.0].p_value > 0.1


def shaken(seed):
    """Return a world without effect in which each importer has its own late shock to listed goods.

    Clusters of importer by product are then not independent: two treated importers share two shocks
    over four clusters of goods.
    """
    random = np.random.default_rng(seed)
    importer, product, month = (axis.ravel() for axis in np.indices((10, 8, 6)))
    exposure = ((product < 4) & (month >= 3)).astype(float)
    log = random.normal(size=80)[importer * 8 + product] + random.normal(size=10)[importer] * (
        exposure
    )
    y = random.poisson(10 * np.exp(log)).astype(float)
    effects = {
        "cell": importer * 8 + product,
        "importer-month": importer * 6 + month,
        "product-month": product * 6 + month,
    }
    return Design(y, {}, effects, importer * 8 + product), exposure, importer


@costly
def test_shocks_to_importers_are_not_taken_for_an_effect_as_a_t_test_does():
    """150 worlds: a true test at 4 of 45 rejects 3 to 26 of 150 but twice in 1,000."""
    tests, t_tests = [], []
    for seed in range(150):
        given, exposure, importer = shaken(seed)
        found = randomisation(given, exposure=exposure, unit=importer, treated=[0, 1])
        tests.append(found.p_value <= 4 / 45)
        treated = {"treated": exposure * (importer < 2)}
        t_tests.append(ppml(replace(given, regressors=treated)).p_value[0] <= 4 / 45)
    assert 3 <= sum(tests) <= 26
    assert sum(t_tests) >= 60


def test_with_many_sets_some_are_drawn_and_the_actual_one_is_counted():
    given, exposure, importer = case(3, effect=3.0, importers=12)
    options = {"exposure": exposure, "unit": importer, "treated": [0, 1]}
    found = randomisation(given, **options, draws=40, seed=1)
    assert (found.assignments, found.is_exhaustive) == (41, False)
    assert found.others[0] == found.statistic
    assert found.p_value == (np.abs(found.others) >= found.statistic * (1 - 1e-9)).mean() >= 1 / 41
    assert (found.others == randomisation(given, **options, draws=40, seed=1).others).all()
    whole = randomisation(given, **options)
    assert whole.assignments == 66
    assert {*found.others.round(8)} <= {*whole.others.round(8)}


def test_a_unit_that_is_never_affected_cannot_be_drawn():
    given, exposure, importer = case(0)
    exposure = exposure * (importer != 5)
    found = randomisation(given, exposure=exposure, unit=importer, treated=[0])
    assert found.units == (0, 1, 2, 3, 4)
    with pytest.raises(EntrepotError, match=r"5 has no exposure .* expected some of 0, 1, 2, 3, 4"):
        randomisation(given, exposure=exposure, unit=importer, treated=[0, 5])


@pytest.mark.parametrize("treated", [[], [0, 1, 2, 3, 4, 5]])
def test_there_must_be_treated_and_others(treated):
    given, exposure, importer = case(0)
    with pytest.raises(EntrepotError, match=f"{len(treated)} of 6 units are treated; expected"):
        randomisation(given, exposure=exposure, unit=importer, treated=treated)


def test_clusters_as_coarse_as_units_are_refused():
    given, exposure, importer = case(0)
    coarse = Design(given.outcome, given.regressors, given.effects, importer)
    with pytest.raises(EntrepotError, match="6 clusters for 6 units; expected clusters finer"):
        randomisation(coarse, exposure=exposure, unit=importer, treated=[0])
