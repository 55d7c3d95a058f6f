"""Evidence by hand on even panels, and against its own parts on noise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from entrepot.detect._counterfactual import season
from entrepot.detect._legs import ScanLegs
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
    first, found, scale = ScanLegs(even(sent, arrived), SINCE, 12).gap(SINCE)
    assert found[1, 0] == pytest.approx(beyond)
    assert found[0] == pytest.approx(np.zeros(7), abs=1e-9)
    variance = 10 * (12 * sent + 120) + 0.35**2 * 120**2 + 0.1 * 10**2
    assert scale[1, 0] == pytest.approx(math.sqrt(variance))
    assert first.value[1, 0] == 12 * sent


def test_the_smaller_of_both_gaps_counts():
    panel = even(30, 10)
    panel.data["all_reported_imports"] = panel["all_reported_imports"].copy()
    panel.data["all_reported_imports"][1, 0, SINCE:] = 25 * (1 + freight.IMF)
    _first, found, _scale = ScanLegs(panel, SINCE, 12).gap(SINCE)
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
    leg = getattr(ScanLegs(panel, 48, 12), name)
    recorded = panel[series][:, :, 48:].sum(axis=2)
    factor = season(panel[series], 48)[:, 48:].mean(axis=1)
    scores = (leg.found.middle, leg.found.high, leg.found.low)
    wanted = [recorded - leg.shift.at(score) * factor for score in scores]
    for amount, beyond, slack in zip(leg.excess, wanted, (0, -0.005, 0.005), strict=True):
        judged = np.isfinite(beyond)
        wider = beyond + slack * np.abs(beyond)
        np.testing.assert_allclose(amount[judged], wider[judged], rtol=1e-6, atol=1e-3)
    assert (leg.amounts.recorded == recorded).all()
    centre, low, high = leg.excess
    judged = np.isfinite(low)
    assert (low[judged] <= centre[judged]).all()
    assert (centre[judged] <= high[judged]).all()
    months, listed = leg.amounts.months, panel.is_listed
    usual = leg.amounts.expected[:, :, None] * season(panel[series], 48)[:, 48:] / factor[:, None]
    above = (panel[series][:, :, 48:] > usual / 12).sum(axis=2)
    known = np.isfinite(leg.amounts.expected) & listed[None, :]
    assert (months.above[known] == above[known]).all()


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
    leg = getattr(found, name)
    factor = season(panel[series], 48)[:, [48, 49, *range(51, 60)]].mean(axis=1)
    if name == "ghost":
        _sent, beyond, noise_usd = found.gap(48)
        seen, usual = beyond * factor, [x * noise_usd * factor for x in nulls(leg)]
    else:
        seen = np.nansum(panel[series][:, :, 48:], axis=2)
        usual = [leg.shift.at(x) * factor for x in nulls(leg)]
        assert (leg.amounts.recorded == seen).all()
    middle, high, low = usual
    part = 11 / 12
    lower = seen * 12 / 11 - high * 12 / 11
    upper = np.maximum(seen * 13 / 11 - low * 12 / 11, seen - low * 12 / 11 * part)
    wanted = (
        seen - middle * 12 / 11 * part,
        np.where(lower > 0, lower * part * 0.995, lower * 1.005),
        upper + 0.005 * np.abs(upper),
    )
    assert (wanted[1] > 0).any()
    judged = np.isfinite(leg.found.middle)
    for amount, one in zip(leg.excess, wanted, strict=True):
        np.testing.assert_allclose(amount[judged], one[judged], rtol=1e-6, atol=1e-3)
    months = leg.amounts.months.published[:, panel.is_listed]
    assert {*months.ravel()} == {11}


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
