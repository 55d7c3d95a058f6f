"""Evidence by hand on even panels, and against its own parts on noise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from entrepot.detect._legs import BALANCE, ScanLegs, _either
from entrepot.detect._placebo import survival
from entrepot.reference import freight
from support.panels import changed, noise, panel_of

SINCE = 24


@pytest.fixture(autouse=True)
def _silent():
    with np.errstate(all="ignore"):
        yield


def even(sent=10.0, arrived=10.0):
    """Five countries and seven goods at 10 a month, all arriving with freight; one cell changes."""
    flat = np.full((5, 7, 36), 10.0)
    left, came = flat.copy(), flat * (1 + freight.IMF)
    left[1, 0, SINCE:] = sent
    came[1, 0, SINCE:] = arrived * (1 + freight.IMF)
    return panel_of(
        left,
        since=SINCE,
        listed=[0],
        all_exports=left,
        reported_imports=came,
        all_reported_imports=came,
        onward_exports=flat,
    )


@pytest.mark.parametrize(
    ("sent", "arrived", "beyond"),
    [
        (30, 10, 240),  # twice 10 a month leaves and does not come
        (30, 30, 0),  # all of it comes
        (30, 20, 120),  # half of it comes
        (10, 0, 0),  # arrivals fell, and nothing more left
        (30, 0, 240),  # never more than what left beyond the expected
        (10, 30, -240),
    ],
)
def test_the_gap_that_grew_by_hand(sent, arrived, beyond):
    first, found, scale = ScanLegs(even(sent, arrived), SINCE, 12)._gap(SINCE)
    assert found[1, 0] == pytest.approx(beyond)
    assert found[0] == pytest.approx(np.zeros(7), abs=1e-9)
    variance = 10 * (12 * sent + 120) + 0.35**2 * 120**2 + 0.1 * 10**2
    assert scale[1, 0] == pytest.approx(math.sqrt(variance))
    assert first.value[1, 0] == 12 * sent


def test_the_smaller_of_both_gaps_counts():
    panel = even(30, 10)
    panel.data["all_reported_imports"] = panel["all_reported_imports"].copy()
    panel.data["all_reported_imports"][1, 0, SINCE:] = 25 * (1 + freight.IMF)
    _first, found, _scale = ScanLegs(panel, SINCE, 12)._gap(SINCE)
    assert found[1, 0] == pytest.approx((360 - 300) - 0)


def test_placebo_dates_lie_before_the_date_and_before_the_start():
    panel = noise(41)
    assert ScanLegs(panel, 48, 12).places[0] == 36
    assert ScanLegs(panel, 40, 12).places[0] == 28
    assert ScanLegs(panel, 20, 12).places == []


@pytest.mark.parametrize("name", ["inflow", "outflow"])
def test_an_excess_is_the_value_beyond_the_placebos_middle_and_ends(name):
    """With the season in it, as it crossed the border, and half a percent more at each end."""
    panel, series = noise(42), {"inflow": "coalition_exports", "outflow": "onward_exports"}[name]
    found = ScanLegs(panel, 48, 12)
    leg, raw = getattr(found, name), panel[series][:, :, 48:]
    season = raw.sum(axis=(0, 2)) / found.clean(series, 48)[:, :, 48:].sum(axis=(0, 2))
    for excess, score, wider in zip(
        leg.excess,
        (leg.found.middle, leg.found.high, leg.found.low),
        (1, 0.995, 1.005),
        strict=True,
    ):
        beyond = raw.sum(axis=2) - leg.shift.at(score) * np.nan_to_num(season, nan=1.0)
        np.testing.assert_allclose(excess, np.maximum(beyond, 0) * wider, rtol=1e-6, atol=1e-3)
    centre, low, high = leg.excess
    judged = np.isfinite(centre)
    assert (low[judged] <= centre[judged]).all()
    assert (centre[judged] <= high[judged]).all()


def hidden(seed):
    """Noise in which nobody published the window's third month."""
    panel = noise(seed, rate=1.0)
    for values in panel.data.values():
        values[:, :, 50] = np.nan
    return changed(
        panel, coalition_exports=panel["coalition_exports"], onward_exports=panel["onward_exports"]
    )


@pytest.mark.parametrize("name", ["inflow", "outflow", "ghost"])
def test_an_unpublished_month_holds_nothing_to_twice_the_others(name):
    """Eleven months of twelve: the estimate takes 12/11 of them, the interval 11 to 13."""
    panel, series = hidden(47), "onward_exports" if name == "outflow" else "coalition_exports"
    found = ScanLegs(panel, 48, 12)
    leg, clean = getattr(found, name), found.clean(series, 48)[:, :, 48:]
    season = np.nansum(panel[series][:, :, 48:], axis=(0, 2)) / np.nansum(clean, axis=(0, 2))
    if name == "ghost":
        _sent, beyond, noise_usd = found._gap(48)
        seen, usual = beyond * season, [x * noise_usd for x in nulls(leg)]
    else:
        seen = np.nansum(panel[series][:, :, 48:], axis=2)
        usual = [leg.shift.at(x) for x in nulls(leg)]
    middle, high, low = (one * season * 12 / 11 for one in usual)
    part = np.where(seen == 0, 1, 11 / 12)  # of nothing, all is published
    wanted = (
        np.maximum(seen * 12 / 11 - middle, 0),
        np.maximum(seen * 12 / 11 - high, 0) * part * 0.995,
        np.maximum(seen * 13 / 11 - low, 0) * 1.005,
    )
    assert (wanted[1] > 0).any()
    for amount, one in zip(leg.excess, wanted, strict=True):
        np.testing.assert_allclose(amount, one, rtol=1e-6, atol=1e-3)


def nulls(leg):
    return leg.found.middle, leg.found.high, leg.found.low


def test_the_coalition_s_own_months_count_at_the_scan_s_date_only():
    panel = noise(48, rate=1.0)
    twice = replace(panel, by_origin=panel.by_origin * 2)
    for at, is_own in ((48, True), (36, False)):
        plain, more = (ScanLegs(one, at, 12).inflow for one in (panel, twice))
        sent = panel["coalition_exports"][:, :, at : at + 12].sum(axis=2)
        risen = np.nan_to_num(plain.excess[0]) > 0
        change = (more.excess[0] - plain.excess[0])[risen]
        np.testing.assert_allclose(change, sent[risen] if is_own else 0 * sent[risen], rtol=1e-9)


def test_without_placebo_dates_unlisted_goods_are_the_null():
    panel = noise(43, shape=(8, 40, 30), since=18)
    leg = ScanLegs(panel, 18, 12).inflow
    score = leg.shift.score
    null = np.sort(score[:, ~panel.is_listed][np.isfinite(score[:, ~panel.is_listed])])
    one_class = ScanLegs(panel, 18, 12).calibrated([(score, np.ones_like(score))])
    listed = np.isfinite(score) & panel.is_listed[None, :]
    assert one_class.p[listed] == pytest.approx(survival(null, score[listed]))


def test_of_two_p_values_the_smaller_is_corrected_for_the_choice():
    one, other = np.array([0.1, 0.1, np.nan, np.nan]), np.array([0.4, np.nan, 0.4, np.nan])
    np.testing.assert_allclose(_either(one, other), [0.19, 0.1, 0.4, np.nan])


def test_the_joint_score_by_its_formula():
    panel = noise(44, rate=1.0)
    found = ScanLegs(panel, 48, 12)
    into, out, ghost = (
        -np.log10(leg.found.p) for leg in (found.inflow, found.outflow, found.ghost)
    )
    others = [k for k in np.flatnonzero(panel.is_listed) if k != 8]
    mean = sum(min(out[11, k], 4) for k in others) / len(others)
    expected = 0.6 * into[11, 8] ** 0.5 + 1.5 * out[11, 8] ** 0.5 + 0.8 * ghost[11, 8] ** 0.5
    expected += 0.9 * min(into[11, 8], out[11, 8]) ** 0.5 + 4.5 * mean
    expected += BALANCE * found.balanced[0][11, 8]
    assert found.joint_score[11, 8] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("went", "fits"), [(0.3, False), (0.4, True), (1.0, True), (1.4, True), (1.6, False)]
)
def test_what_goes_on_balances_what_came_in(went, fits):
    """A million a month more came in; of it a third to one and a half goes on."""
    panel = noise(46, rate=1.0)
    for name in (
        "coalition_exports",
        "all_exports",
        "reported_imports",
        "all_reported_imports",
        "onward_exports",
    ):
        panel.data[name][11, 8] = (1 + freight.IMF) * 1e5 if "reported_imports" in name else 1e5
        usd = (1 + freight.IMF) * 1e6 if "reported_imports" in name else 1e6
        panel.data[name][11, 8, 48:] += went * usd if name == "onward_exports" else usd
    assert ScanLegs(panel, 48, 12).balanced[0][11, 8] == fits


@pytest.mark.parametrize(("came", "fits"), [(0.2, True), (0.6, False), (1.0, False)])
def test_of_what_does_not_arrive_most_must_be_missing(came, fits):
    panel = noise(46, rate=1.0)
    for name in ("coalition_exports", "all_exports", "reported_imports", "all_reported_imports"):
        panel.data[name][11, 8] = 1e5
        panel.data[name][11, 8, 48:] += came * 1e6 if "reported_imports" in name else 1e6
    panel.data["onward_exports"][11, 8] = 0
    assert ScanLegs(panel, 48, 12).balanced[0][11, 8] == fits


def test_the_joint_p_is_never_below_what_both_legs_need():
    """At most as rare as the weaker leg is among placebos; uniform or above in noise."""
    panel = noise(45, rate=1.0)
    p = ScanLegs(panel, 48, 12).joint_p[:, panel.is_listed]
    p = p[np.isfinite(p)]
    assert len(p) > 200
    assert (p <= 0.05).mean() < 0.09
    assert p.max() <= 1
