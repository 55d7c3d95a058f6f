"""Diversion against planted routes, one-sided rises, null cases and simulated noise."""

from dataclasses import replace

import numpy as np
import pytest

from support.panels import changed, false_alarms, noise, run

SINCE = 48


@pytest.fixture(scope="module")
def calm():
    """Noise in which one cell runs evenly on all its legs."""
    panel = noise(13, rate=1.0)
    even = {
        "coalition_exports": 5e5,
        "all_exports": 8e5,
        "reported_imports": 5.3e5,
        "all_reported_imports": 8.48e5,
        "onward_exports": 3e5,
        "coalition_exports_kg": 5e3,
        "onward_exports_kg": 3e3,
    }
    series = {name: panel[name].copy() for name in even}
    for name, usd in even.items():
        series[name][11, 8] = usd
    return changed(panel, **series)


def more(panel, **by):
    """The panel with more USD a month in one cell since the scan's month, and kg in proportion."""
    series = {name: panel[name].copy() for name in by}
    for name, usd in by.items():
        if (mass := f"{name}_kg") in panel.data:
            series[mass] = panel[mass].copy()
            series[mass][11, 8, SINCE:] *= 1 + usd / panel[name][11, 8, SINCE:]
        series[name][11, 8, SINCE:] += usd
    return changed(panel, **series)


def cell(panel):
    (row,) = [
        r
        for r in run("diversion", panel)
        if (r.intermediary, r.product) == ("KGZ", panel.products[8])
    ]
    return row


SENT = {"coalition_exports": 1e6, "all_exports": 1e6}
CAME = {"reported_imports": 1.06e6, "all_reported_imports": 1.06e6}


def test_a_planted_route_is_found_and_measured(calm):
    """A million a month goes in and most of it on: 12 million are compatible with diversion."""
    row = cell(more(calm, **SENT, **CAME, onward_exports=6e5))
    assert row.p_value < 0.001
    assert row.q_value < 0.2, "one alone: see _posterior.FIRST"
    assert row.excess_low_usd < 12e6 < row.excess_high_usd
    assert (row.origin, row.destination) == ("coalition", "RUS")
    assert row.first_month == "2022-01"
    assert (
        "Onward, Kyrgyzstan recorded exports of it to Russia worth $11 million; " in row.explanation
    )


def test_goods_that_never_arrive_are_a_route_too(calm):
    row = cell(more(calm, **SENT))
    assert row.p_value < 0.05
    assert "the gap to the records of Kyrgyzstan was $12 million; " in row.explanation


def test_a_route_ranks_above_one_sided_rises(calm):
    both, home, own = (
        cell(more(calm, **by))
        for by in (SENT | CAME | {"onward_exports": 6e5}, SENT | CAME, {"onward_exports": 6e5})
    )
    assert both.score > max(home.score, own.score)
    assert both.p_value < min(home.p_value, own.p_value)


def test_demand_at_home_and_own_production_are_no_diversion(calm):
    """A way in without a way on, and a way out of goods that nobody sent."""
    both = cell(more(calm, **SENT, **CAME, onward_exports=6e5)).p_value
    for one in (SENT | CAME, {"onward_exports": 6e5}):
        assert cell(more(calm, **one)).p_value > max(0.02, 5 * both)


def test_without_the_countrys_own_records_nothing_is_said_to_be_sent_on(calm):
    """What came in is all that is known; where the destination is free nothing ties it there."""
    own = ("reported_imports", "all_reported_imports", "onward_exports", "onward_exports_kg",
           "other_exports", "third_exports")  # fmt: skip
    silent = {name: calm[name].copy() for name in own}
    for values in silent.values():
        values[11] = np.nan
    panel = changed(more(calm, **SENT), **silent)
    row = cell(panel)
    assert row.q_value > 0.1
    assert "sent on" not in row.explanation
    assert "What became of it no record says" in row.explanation
    free = replace(panel, direct=np.full_like(panel.direct, 1e6))
    assert "KGZ" not in {row.intermediary for row in run("diversion", free)}


def test_what_went_to_nobody_is_tied_to_no_destination_that_is_free(calm):
    """Goods that vanish name no destination: where direct trade did not fall, they are no route."""
    free = replace(calm, direct=np.full_like(calm.direct, 1e6))
    nothing = calm["onward_exports"].copy()
    nothing[:, :, :] = 0.0
    for panel, is_route in ((calm, True), (free, False)):
        rows = run("diversion", changed(more(panel, **SENT), onward_exports=nothing))
        cells = {(row.intermediary, row.product) for row in rows}
        assert (("KGZ", calm.products[8]) in cells) is is_route
        assert bool(rows) is is_route


def test_a_second_country_has_the_numbers_of_its_own_way_in(calm):
    """It got nothing from the coalition, and a million a month more from others."""
    sent, everybody = calm["coalition_exports"].copy(), calm["all_exports"].copy()
    everybody[11, 8] -= sent[11, 8]
    sent[11, 8] = 0
    panel = changed(calm, coalition_exports=sent, all_exports=everybody)
    row = cell(more(panel, all_exports=1e6, onward_exports=9e5))
    assert row.origin is None
    assert row.excess_usd == pytest.approx(12e6, rel=0.1)
    assert row.recorded_usd == pytest.approx(12 * 1.3e6)
    assert "Other third countries recorded exports of 850310 to Kyrgyzstan worth $16 million" in (
        row.explanation
    )


def test_in_noise_false_alarms_keep_to_their_level():
    """Measured 5.2% at a stated 5% over a dozen seeds."""
    assert false_alarms("diversion", range(4)) < 0.075


def test_the_strongest_route_has_a_p_value(calm):
    """A p-value too small to be taken from one is a p-value still."""
    row = cell(more(calm, coalition_exports=9e6, all_exports=9e6, onward_exports=9e6))
    assert row.p_value is not None
    assert row.p_value < 0.01
