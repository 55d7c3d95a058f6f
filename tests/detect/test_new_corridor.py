"""New corridor against planted corridors, plain Python, null cases and simulated noise."""

from dataclasses import replace

import numpy as np
import pytest

from entrepot.detect._counterfactual import BASE
from entrepot.detect.new_corridor import _opened, _rarity
from support.panels import changed, false_alarms, noise, run

SINCE = 48


@pytest.fixture(scope="module")
def empty():
    """Noise in which one cell of each leg holds nothing."""
    panel = noise(3, rate=-3)
    sent, out = panel["coalition_exports"].copy(), panel["onward_exports"].copy()
    sent[11, 8], out[11, 8] = 0, 0
    return changed(panel, coalition_exports=sent, onward_exports=out)


def planted(panel, series, months):
    """Put a value into months after the start, by their number, in Kyrgyzstan's empty cell."""
    values = panel[series].copy()
    for month, value in months.items():
        values[11, 8, SINCE + month] = value
    return changed(panel, **{series: values})


def cell(panel, leg="in"):
    rows = run("new_corridor", panel)
    return [
        row
        for row in rows
        if (row.intermediary, row.product) == ("KGZ", panel.products[8])
        and (row.destination is None) == (leg == "in")
    ]


@pytest.mark.parametrize(
    ("series", "leg"), [("coalition_exports", "in"), ("onward_exports", "out")]
)
def test_a_planted_corridor_is_found_and_its_excess_is_its_value(empty, series, leg):
    (row,) = cell(planted(empty, series, dict.fromkeys(range(2, 12), 9e6)), leg)
    assert row.p_value < 0.01
    assert row.q_value < 0.2
    assert row.excess_usd == 90e6
    assert 0 < row.excess_low_usd <= row.excess_usd
    assert row.excess_high_usd == row.excess_usd
    assert row.first_month == "2022-03"
    assert (row.origin, row.destination) == (("coalition", None) if leg == "in" else (None, "RUS"))
    assert (
        "in the 24 months before 2022-01, and $90 million since, in 10 of 12 months"
        in row.explanation
    )


def test_a_larger_corridor_is_rarer(empty):
    small, large = (
        cell(planted(empty, "coalition_exports", dict.fromkeys(range(12), value)))[0].p_value
        for value in (1e4, 1e7)
    )
    assert large < small


@pytest.mark.parametrize(
    ("case", "months"),
    [
        ("nothing after", {}),
        ("one month is one consignment", {3: 9e6}),
        ("later than the sixth month", {6: 9e6, 7: 9e6, 8: 9e6}),
        ("one of the first six and more later", {5: 9e6, 6: 9e6, 7: 9e6}),
    ],
)
def test_what_is_no_relationship_gives_no_row(empty, case, months):
    assert cell(planted(empty, "coalition_exports", months)) == [], case


def test_two_of_the_first_six_months_are_a_relationship(empty):
    (row,) = cell(planted(empty, "coalition_exports", {0: 1e6, 5: 2e6}))
    assert (row.excess_usd, row.first_month) == (3e6, "2022-01")


def test_a_single_dollar_before_is_not_nothing(empty):
    opened = planted(empty, "coalition_exports", dict.fromkeys(range(12), 9e6))
    assert cell(planted(opened, "coalition_exports", {-BASE - 1: 1.0})) != []
    assert cell(planted(opened, "coalition_exports", {-BASE: 1.0})) == []
    assert cell(planted(opened, "coalition_exports", {-1: 1.0})) == []


@pytest.mark.parametrize(("hidden", "rows"), [(7, 1), (8, 0)])
def test_months_that_were_not_published_are_no_empty_months(empty, hidden, rows):
    """LEAST is 0.7 of 24 months: 17 published are enough, 16 are not."""
    opened = planted(empty, "coalition_exports", dict.fromkeys(range(12), 9e6))
    unseen = dict.fromkeys(range(-hidden, 0), np.nan)
    assert len(cell(planted(opened, "coalition_exports", unseen))) == rows


def test_a_window_that_is_mostly_unpublished_is_not_judged(empty):
    opened = planted(empty, "coalition_exports", dict.fromkeys(range(8), 9e6))
    assert cell(planted(opened, "coalition_exports", dict.fromkeys(range(8, 12), np.nan))) == []


def test_a_code_that_begins_for_everybody_opens_no_corridor(empty):
    sent = empty["coalition_exports"].copy()
    sent[:, 8, :SINCE] = 0
    sent[:, 8, SINCE:] = 9e6
    assert cell(changed(empty, coalition_exports=sent)) == []


def test_without_own_records_there_is_no_way_out(empty):
    silent = changed(empty, onward_exports=np.full_like(empty["onward_exports"], np.nan))
    assert all(row.destination is None for row in run("new_corridor", silent))


def test_the_statistic_agrees_with_plain_python():
    rng = np.random.default_rng(5)
    series = rng.poisson(0.05, (5, 7, 40)) * rng.lognormal(3, 1, (5, 7, 40))
    series[2, :, 3:20] = np.nan
    series[4, 3, 30:33] = np.nan
    series[0, 2, :28], series[1, 3, :28], series[:, 6, :28] = 0, 0, 0
    series[0, 2, 30:], series[1, 3, 28] = 4, 4
    at, length = 28, 10
    statistic, chance = _opened(series, at, length)

    def had(j, k):
        return any(v > 0 for v in series[j, k, at - 24 : at])

    for j in range(5):
        for k in range(7):
            base, window = list(series[j, k, 4:28]), list(series[j, k, 28:38])
            known = sum(v == v for v in base) >= 0.7 * 24 and sum(v == v for v in window) >= 7
            common = sum(had(i, k) for i in range(5)) / 5
            wide = sum(had(j, i) for i in range(7)) / 7
            assert chance[j, k] == pytest.approx(common * wide)
            if had(j, k) or not known or common == 0:
                assert np.isnan(statistic[j, k])
            elif sum(v > 0 for v in window[:6]) >= 2:
                held = [v for i in range(5) for v in series[i, k, 4:28] if v > 0]
                usual = sum(held) / len(held)
                assert statistic[j, k] == pytest.approx(sum(v for v in window if v == v) / usual)
            else:
                assert statistic[j, k] == 0
    assert np.nanmax(statistic) > 0
    assert np.isnan(statistic).any()


def test_in_noise_false_alarms_keep_to_their_level():
    def tested(panel):
        legs = [_opened(panel[s], SINCE, 12)[0] for s in ("coalition_exports", "onward_exports")]
        return sum(np.isfinite(leg[:, panel.is_listed]).sum() for leg in legs)

    assert false_alarms("new_corridor", range(6), tested=tested, rate=-3.5) < 0.05
    rows = [row for seed in range(6) for row in run("new_corridor", noise(seed, rate=-3.5))]
    assert len(rows) > 5
    assert sum(row.q_value < 0.05 for row in rows) <= 1


def test_where_corridors_open_often_the_low_end_leaves_out_what_is_usual():
    rows = [row for seed in range(4) for row in run("new_corridor", noise(seed, rate=-1.5))]
    assert any(row.excess_low_usd < row.excess_usd for row in rows)
    assert all(row.excess_low_usd <= row.excess_usd == row.excess_high_usd for row in rows)


def test_p_is_the_share_that_opened_times_the_share_as_large():
    """30 empty placebo cells of one class, 9 opened, 2 of them at 5 or more."""
    null = np.array([0.0] * 21 + [1, 1, 2, 2, 3, 3, 4, 5, 6] + [0.0] * 30)[None, :]
    here = np.array([[5.0, 0.0, np.nan]])
    p, usual = _rarity((here, np.zeros((1, 3))), [(null, np.zeros_like(null))])
    assert p[0, 0] == pytest.approx((1 + 9) / (1 + 60) * (1 + 2) / (1 + 9))
    assert p[0, 1] == 1
    assert np.isnan(p[0, 2])
    assert usual[0, 0] == np.quantile(null, 0.95)


def test_cells_are_weighed_against_placebos_as_likely_to_fill():
    null = np.array([[0.0] * 50 + [1.0] * 50 + [0.0] * 10])
    chance = np.array([[0.1] * 50 + [0.9] * 50 + [0.1] * 10])
    here = np.array([[1.0, 1.0]])
    p, _usual = _rarity((here, np.array([[0.1, 0.9]])), [(null, chance)])
    assert p[0].tolist() == pytest.approx([1 / 61, 1.0])


def test_too_few_placebos_judge_nothing():
    null = np.zeros((1, 49))
    p, _usual = _rarity((np.ones((1, 2)), np.ones((1, 2))), [(null, null)])
    assert np.isnan(p).all()


def test_a_short_history_is_weighed_against_unlisted_goods(empty):
    """Nothing before but 22 months: no placebo date fits, so other goods at the date stand in."""
    short = changed(empty, **{name: values[:, :, 26:] for name, values in empty.data.items()})
    short = replace(short, months=empty.months[26:])
    opened = short["coalition_exports"].copy()
    opened[11, 8, 22:] = 9e6
    (row,) = cell(changed(short, coalition_exports=opened))
    assert row.p_value < 0.05
    assert "in the 22 months before" in row.explanation
