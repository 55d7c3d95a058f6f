"""Surge against planted rises, its counterfactual by hand, null cases and simulated noise."""

import numpy as np
import pytest

from entrepot.detect._legs import ScanLegs
from support.panels import changed, false_alarms, finding, noise, panel_of, run

SINCE = 48


@pytest.fixture(scope="module")
def calm():
    return noise(11, rate=1.0)


def risen(panel, series, times):
    values = panel[series].copy()
    values[11, 8] = 5e5
    values[11, 8, SINCE:] *= times
    return changed(panel, **{series: values})


@pytest.mark.parametrize(
    ("series", "leg"), [("coalition_exports", "in"), ("onward_exports", "out")]
)
def test_a_planted_rise_is_found_and_measured(calm, series, leg):
    """From 5e5 a month to five times as much: 24 million beyond over twelve months."""
    row = finding(run("surge", risen(calm, series, 5)), "KGZ", calm.products[8], leg=leg)
    assert row.p_value < 0.01
    assert row.q_value < 0.1
    assert row.excess_usd == pytest.approx(24e6, rel=0.15)
    assert row.excess_low_usd < 24e6 < row.excess_high_usd
    assert row.first_month == "2022-01"
    assert (row.origin, row.destination) == (("coalition", None) if leg == "in" else (None, "RUS"))
    who = {"in": "exports of 850310 to Kyrgyzstan worth $30", "out": "850310 to Russia worth $30"}
    assert who[leg] in row.explanation


def test_a_larger_rise_is_rarer_and_a_fall_is_none(calm):
    found = [
        finding(run("surge", risen(calm, "coalition_exports", times)), "KGZ", calm.products[8])
        for times in (0.2, 1.0, 2.0, 8.0)
    ]
    p = [row.p_value for row in found]
    assert p == sorted(p, reverse=True)
    assert p[0] > 0.9
    assert found[0].excess_low_usd < found[0].excess_usd < found[0].excess_high_usd < 0


def test_a_country_that_buys_three_times_as_much_of_all_has_no_surge(calm):
    """Its last three years' shipments arrive in one."""
    sent = calm["coalition_exports"].copy()
    sent[11, :, SINCE:] += sent[11, :, SINCE - 12 : SINCE] + sent[11, :, SINCE - 24 : SINCE - 12]
    rows = run("surge", changed(calm, coalition_exports=sent))
    mine = [r.p_value for r in rows if r.intermediary == "KGZ" and not r.destination]
    assert len(mine) == 15
    assert sum(p < 0.05 for p in mine) <= 2


def test_most_of_what_every_country_buys_more_of_a_product_is_expected(calm):
    """Of x3 in 20 countries; five more are taken to have stayed as all products did: 3^0.8."""
    sent = calm["coalition_exports"].copy()
    sent[:, 8, SINCE:] *= 3
    before, after = (
        ScanLegs(panel, SINCE, 12).inflow.shift.expected[:, 8]
        for panel in (calm, changed(calm, coalition_exports=sent))
    )
    assert np.median(after / before) == pytest.approx(3**0.8, rel=0.1)


def test_a_code_that_begins_or_ends_for_everybody_is_not_judged(calm):
    for hidden in (slice(0, SINCE), slice(SINCE, None)):
        sent = calm["coalition_exports"].copy()
        sent[:, 8, hidden] = 0
        rows = run("surge", changed(calm, coalition_exports=sent))
        assert calm.products[8] not in {row.product for row in rows if not row.destination}


@pytest.mark.parametrize(("hidden", "is_judged"), [(3, True), (4, False)])
def test_unpublished_months_are_no_fall(calm, hidden, is_judged):
    """LEAST is 0.7 of twelve months."""
    out = risen(calm, "onward_exports", 5)["onward_exports"]
    out[11, :, -hidden:] = np.nan
    rows = run("surge", changed(calm, onward_exports=out))
    mine = [row for row in rows if row.intermediary == "KGZ" and row.destination]
    assert bool(mine) == is_judged
    if is_judged:
        row = finding(rows, "KGZ", calm.products[8], leg="out")
        assert row.excess_usd == pytest.approx(18e6, rel=0.2), "of the months published"
        assert row.excess_low_usd < 24e6 < row.excess_high_usd, "of the whole window"
        assert (row.months_published, row.months_window) == (9, 12)
        assert "3 of them not published in full" in row.explanation


def test_nothing_before_and_after_gives_no_row(calm):
    sent = calm["coalition_exports"].copy()
    sent[11, 8] = 0
    rows = run("surge", changed(calm, coalition_exports=sent))
    cells = {(row.intermediary, row.product) for row in rows if not row.destination}
    assert ("KGZ", calm.products[8]) not in cells


def test_only_listed_goods_are_findings(calm):
    listed = {
        code for code, is_listed in zip(calm.products, calm.is_listed, strict=True) if is_listed
    }
    assert {row.product for row in run("surge", calm)} == listed


def test_without_a_history_unlisted_goods_stand_in(calm):
    """Twenty months in all: no placebo date has a year of base."""
    name = "coalition_exports"
    found = [
        finding(
            run("surge", panel_of(risen(calm, name, times)[name][:, :, 40:], since=14)),
            "KGZ",
            calm.products[8],
        )
        for times in (1, 12)
    ]
    assert found[1].p_value < 0.05 < found[0].p_value


def test_in_noise_false_alarms_keep_near_their_level():
    """Stated 5%, measured 6.3% over a dozen seeds."""
    assert 0.02 < false_alarms("surge", range(4)) < 0.09
