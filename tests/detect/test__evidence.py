"""Evidence against loops and by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from entrepot.detect._evidence import LIKE, MOST, NAMES, _alike, _deviates, _elsewhere, every
from entrepot.detect._legs import ScanLegs
from entrepot.detect._signals import Signals, echo
from support.panels import changed, noise


def test_equal_amounts_are_alike_and_one_spread_apart_less():
    assert _alike(np.array(5e6), np.array(5e6)) == 1
    assert _alike(np.array(1e6), np.array(1e6 * np.exp(LIKE))) == pytest.approx(np.exp(-0.5))


def test_elsewhere_is_the_mean_of_the_other_goods_of_the_country():
    found = np.array([[1.0, 5.0, 0.0], [0.0, 0.0, 2.0]])
    for j, k in np.ndindex(found.shape):
        rest = [min(found[j, other], MOST) for other in range(3) if other != k]
        assert _elsewhere(found)[j, k] == pytest.approx(np.mean(rest))


def of(score, size):
    return Signals({"way_in": score}, {"way_in": size}, {})


def test_a_score_becomes_the_deviate_of_how_rare_it_is():
    rng = np.random.default_rng(3)
    placebos = [of(rng.normal(size=(40, 50)), np.ones((40, 50)))]
    here = rng.normal(size=(40, 50))
    here[0, 0] = 2.5
    made = _deviates("way_in", of(here, np.ones((40, 50))), placebos)
    assert made[0, 0] == pytest.approx(2.5, abs=0.3)
    assert np.median(made) == pytest.approx(0, abs=0.1)
    assert norm.sf(made).mean() == pytest.approx(0.5, abs=0.03)


def test_with_too_few_placebos_nothing_is_judged():
    few = [of(np.zeros((7, 7)), np.ones((7, 7)))]
    assert np.isnan(_deviates("way_in", of(np.zeros((7, 7)), np.ones((7, 7))), few)).all()


def test_goods_that_go_on_two_months_later_echo():
    rng = np.random.default_rng(5)
    came = rng.lognormal(10, 1, (1, 2, 40))
    went = np.concatenate([np.zeros((1, 2, 2)), came[..., :-2]], axis=-1)
    went[0, 1] = rng.lognormal(10, 1, 40)
    found = echo(came, went)
    assert found[0, 0] > 0.8 > 0.6 > found[0, 1]
    went[0, 0, 12:] = np.nan
    assert np.isnan(echo(came, went)[0, 0])


def test_evidence_of_every_date_has_every_name_and_is_finite():
    panel = noise(6)
    with np.errstate(all="ignore"):
        made = every(ScanLegs(panel, panel.since, panel.length), bound=True)
    assert len(made) == 1 + 5
    for one in made:
        assert one.shape == (20, int(panel.is_listed.sum()), len(NAMES))
        assert np.isfinite(one).all()


def test_without_a_placebo_date_unlisted_goods_of_the_date_stand_in():
    panel = noise(6, since=14)
    legs = ScanLegs(panel, panel.since, panel.length)
    assert legs.places == []
    with np.errstate(all="ignore"):
        (made,) = every(legs, bound=True)
    assert (made[..., NAMES.index("supplier_rise")] == 0).all()
    assert made[..., NAMES.index("way_out_net")].std() > 0.3


def test_what_is_silent_is_neither_for_nor_against():
    panel = noise(6)
    silent = {name: panel[name].copy() for name in ("onward_exports", "onward_exports_kg")}
    for values in silent.values():
        values[3] = np.nan
    quiet = changed(panel, **silent)
    with np.errstate(all="ignore"):
        made = every(ScanLegs(quiet, quiet.since, quiet.length), bound=True)[0]
    for name, value in (("way_out_rise", 0), ("in_and_out", 0), ("way_out_unknown", 1)):
        assert (made[3, :, NAMES.index(name)] == value).all()


def test_ways_that_name_no_destination_say_nothing_of_one_that_is_not_bound():
    panel = noise(6)
    sent = panel["coalition_exports"].copy()
    sent[3, 8, panel.since :] *= 20
    vanished = changed(panel, coalition_exports=sent)
    legs = ScanLegs(vanished, panel.since, panel.length)
    with np.errstate(all="ignore"):
        held, free = (every(legs, bound=bound)[0][3, 2] for bound in (True, False))
    for name in ("gap_rise", "gap_sum", "in_and_gap", "in_and_total_gap", "strongest_pair"):
        assert free[NAMES.index(name)] == 0 < held[NAMES.index(name)]
    assert free[NAMES.index("gap_unknown")] == 1
    assert free[NAMES.index("supplier_rise")] == held[NAMES.index("supplier_rise")]
