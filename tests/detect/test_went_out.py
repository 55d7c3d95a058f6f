"""Went out against planted rises and lumps, its expected value by hand, noise, and real books."""

from dataclasses import replace

import numpy as np
import pytest

from entrepot.detect._counterfactual import own_growth
from entrepot.detect._legs import ScanLegs
from entrepot.workspace import Workspace
from support import india
from support.panels import books_alone, changed, false_alarms, finding, noise, panel_of, run
from support.sampled import costly

SINCE = 48


@pytest.fixture(scope="module")
def calm():
    """Twelve countries, ten listed products of each and 110 others."""
    panel = noise(11, shape=(12, 120, 60), rate=1.0)
    return books_alone(replace(panel, is_listed=np.arange(120) % 12 == 8))


def flat(**cells):
    """One country, 100 products at 10 a month for two years before and one after."""
    out = np.full((1, 100, 36), 10.0)
    other = np.full((1, 100, 36), 100.0)
    panel = panel_of(np.full(out.shape, np.nan), since=24, onward_exports=out, other_exports=other)
    for (series, product), values in cells.get("cells", {}).items():
        panel[series][0, product, 24:] = values
    return books_alone(panel)


def test_what_is_expected_is_the_past_times_the_growth_of_other_goods_by_hand():
    """Unlisted goods all doubled: 10 x 2 x 12 months; their own product grew by nothing."""
    cells = {("onward_exports", k): 20.0 for k in range(100) if k % 4}
    cells |= {("onward_exports", 8): 50.0}
    panel = flat(cells=cells)
    leg = ScanLegs(panel, 24, 12).alone
    assert leg.shift.expected[0, 8] == pytest.approx(240)
    assert leg.shift.value[0, 8] == pytest.approx(600)
    assert leg.expected[0][0, 8] == pytest.approx(240), "the unlisted goods' middle lies on it"
    assert leg.amounts.recorded[0, 8] == pytest.approx(600)
    assert leg.amounts.before[0, 8] == pytest.approx(120)
    assert leg.amounts.months.above[0, 8] == 12
    assert leg.excess[0][0, 8] == pytest.approx(360)
    assert leg.found.p[0, 8] == pytest.approx(1 / 76), "of 75 unlisted goods none rose as much"
    assert leg.found.p[0, 4] == 1
    assert leg.excess[0][0, 4] == pytest.approx(-120), "less than was to be expected"


def test_amounts_are_of_the_months_published_and_the_interval_of_all():
    """Two of twelve months are missing: they may hold nothing, or twice what the others do."""
    cells = {("onward_exports", k): 20.0 for k in range(100) if k % 4}
    panel = flat(cells=cells | {("onward_exports", 8): 50.0})
    panel["onward_exports"][:, :, 34:] = np.nan
    leg = ScanLegs(panel, 24, 12).alone
    assert (leg.shift.value[0, 8], leg.amounts.recorded[0, 8]) == pytest.approx((500, 500))
    assert leg.amounts.expected[0, 8] == pytest.approx(200)
    assert leg.expected[0][0, 8] == pytest.approx(240), "of the whole window"
    assert leg.amounts.before[0, 8] == pytest.approx(100)
    assert (leg.amounts.months.published[0, 8], leg.amounts.months.window) == (10, 12)
    low, high = leg.amounts.low[0, 8], leg.amounts.high[0, 8]
    assert low == pytest.approx(0.995 * 300)
    assert high == pytest.approx(1.005 * (700 - 240))


def test_the_same_product_to_everybody_else_is_a_control_by_hand():
    """Sales elsewhere went from 100 to 200: (200 + 25) / (100 + 25), six shipments of 100 in 24."""
    panel = flat(cells={("other_exports", 8): 200.0})
    grown = own_growth(panel["onward_exports"], panel["other_exports"], panel, 24, 12)
    assert grown[0, 8] == pytest.approx(1.8)
    assert grown[0, 9] == pytest.approx(1.0)
    unknown = np.full_like(panel["other_exports"], np.nan)
    assert own_growth(panel["onward_exports"], unknown, panel, 24, 12)[0, 8] == pytest.approx(1)


def test_a_planted_rise_is_found_and_measured(calm):
    out = calm["onward_exports"].copy()
    out[11, 8] = 5e5
    out[11, 8, SINCE:] *= 5
    row = finding(run("went_out", changed(calm, onward_exports=out)), "KGZ", calm.products[8],
                  leg="out")  # fmt: skip
    assert row.q_value < 0.1
    assert row.excess_usd == pytest.approx(24e6, rel=0.15)
    assert row.excess_low_usd < 24e6 < row.excess_high_usd
    assert (row.origin, row.destination, row.first_month) == (None, "RUS", "2022-01")
    assert (
        "$30 million of 850310 went out from Kyrgyzstan to Russia since 2022-01, in 12 of 12"
        in (row.explanation)
    )


def test_a_good_without_a_past_leads_and_one_consignment_does_not(calm):
    """The same sum, spread over the window in one cell and in one month in the other."""
    out = calm["onward_exports"].copy()
    out[11, [8, 20]] = 0
    out[11, 8, SINCE:] = 4e8 / 12
    out[11, 20, SINCE + 3] = 4e8
    rows = run("went_out", changed(calm, onward_exports=out))
    assert rows[0].cell == ("KGZ", calm.products[8])
    assert rows[0].q_value < 0.1
    assert "after $0 in the 24 months before" in rows[0].explanation
    lump = finding(rows, "KGZ", calm.products[20], leg="out")
    assert lump.p_value > 0.2
    assert "in 1 of 12 published months" in lump.explanation


def test_says_went_out_and_never_where_goods_came_from(calm):
    for row in run("went_out", calm):
        assert "went out" in row.explanation
        for word in ("came in", "went on", "sent on", "route", "through"):
            assert word not in row.explanation


def test_a_window_with_too_few_months_published_is_not_judged(calm):
    out = calm["onward_exports"].copy()
    out[11, :, SINCE : SINCE + 4] = np.nan
    rows = run("went_out", changed(calm, onward_exports=out))
    assert "KGZ" not in {row.intermediary for row in rows}


def test_noise_rarely_looks_rare():
    assert 0.02 < false_alarms("went_out", range(5)) < 0.07
    assert false_alarms("went_out", range(5), level=0.001) < 0.004


def test_a_short_history_is_judged_by_unlisted_goods_alone():
    panel = books_alone(noise(5, shape=(20, 60, 26), since=14, rate=1.0))
    assert ScanLegs(panel, 14, 12).places == []
    p = [row.p_value for row in run("went_out", panel)]
    assert len(p) > 100
    assert 0.35 < np.mean(p) < 0.65


# India's own records


@pytest.fixture(scope="module")
def books(tmp_path_factory, shared_data):
    return Workspace(india.stored(tmp_path_factory, shared_data))


@costly
def test_servers_lead_what_went_out_from_india(books):
    """From $20,000 in the two years before March 2022 to $475 million since."""
    from entrepot.scan.question import ScanQuestion

    made = books.scan(ScanQuestion("RUS", "2022-03", goods="chpl-2023-09").scan())
    first = made.ranking[0]
    assert (first.list, first.finding.product) == ("went-out", "847150")
    assert first.finding.q_value < 0.02
    assert "in 30 of 35 published months, after $20,000" in first.finding.explanation
    assert {"diversion", "surge", "ghost_trade"} <= {*made.unable}
    assert sum(row.finding.stands_out for row in made.ranking) <= 2


@costly
@pytest.mark.parametrize("since", ["2013-01", "2015-01", "2017-01", "2019-01", "2020-01"])
def test_nothing_stands_out_in_india_at_placebo_dates(books, since):
    from entrepot.scan.question import ScanQuestion

    asked = ScanQuestion("RUS", since, goods="chpl-2023-09", last=f"{int(since[:4]) + 1}-12")
    assert not [row for row in books.scan(asked.scan()).ranking if row.finding.stands_out]
