"""Code switch against planted switches, values by hand, plain Python, null cases and noise."""

import math

import numpy as np
import pytest

from entrepot.detect._placebo import Calibrated
from entrepot.detect.code_switch import _amounts, _moved, _older, _paired, _related
from support.panels import changed, codes, false_alarms, finding, noise, panel_of, run

SINCE, K, S = 48, 8, 10


def moved(panel, series, share, *, to=S, back=False):
    """Book a share of a listed code's trade under a sibling since the start, or the reverse."""
    values = panel[series].copy()
    here, there = (to, K) if back else (K, to)
    part = share * values[11, here, SINCE:]
    values[11, here, SINCE:] -= part
    values[11, there, SINCE:] += part
    return changed(panel, **{series: values})


@pytest.fixture(scope="module")
def steady():
    """Noise in which Kyrgyzstan's trade in one heading runs evenly."""
    panel = noise(4, rate=1.0)
    sent, out = panel["coalition_exports"].copy(), panel["onward_exports"].copy()
    sent[11, 8:12], out[11, 8:12] = 5e5, 5e5
    return changed(panel, coalition_exports=sent, onward_exports=out)


@pytest.mark.parametrize(
    ("series", "leg"), [("coalition_exports", "in"), ("onward_exports", "out")]
)
def test_goods_under_another_code_are_found_and_measured(steady, series, leg):
    """Of 5e5 a month, 90% over twelve months: 5.4 million under the sibling."""
    panel = moved(steady, series, 0.9)
    row = finding(run("code_switch", panel), "KGZ", panel.products[K], leg=leg)
    assert row.p_value < 0.01
    assert row.q_value < 0.1
    assert row.excess_usd == pytest.approx(-5.4e6), "it left the code"
    assert row.recorded_usd - row.expected_usd == row.excess_usd
    assert row.excess_low_usd <= row.excess_usd <= row.excess_high_usd
    assert row.first_month == "2022-01"
    assert (row.origin, row.destination) == (("coalition", None) if leg == "in" else (None, "RUS"))
    assert (
        "$5.4 million lower in 850310 and $5.4 million higher in 850312 than before"
        in row.explanation
    )
    assert (
        "up to $5.4 million may be goods that are 850312 now, 100% of the fall of 850310"
        in row.explanation
    )


def test_a_surge_that_comes_from_a_sibling_names_it(steady):
    """The sibling gave 4.5 million of a rise of 10.5: 43%."""
    panel = moved(steady, "coalition_exports", 0.75, back=True)
    more = panel["coalition_exports"].copy()
    more[11, K, SINCE:] += 5e5
    row = finding(
        run("code_switch", changed(panel, coalition_exports=more)), "KGZ", panel.products[K]
    )
    assert row.excess_usd == pytest.approx(4.5e6)
    assert row.p_value < 0.01
    assert "up to $4.5 million may be goods that were 850312 before, 43% of the rise of 850310" in (
        row.explanation
    )


def test_the_month_of_the_switch_is_dated(steady):
    values = steady["coalition_exports"].copy()
    values[11, K, SINCE + 4 :] -= 4e5
    values[11, S, SINCE + 4 :] += 4e5
    row = finding(
        run("code_switch", changed(steady, coalition_exports=values)), "KGZ", steady.products[K]
    )
    assert row.first_month == "2022-05"


def test_goods_that_stay_under_their_code_are_no_switch(steady):
    rows = run("code_switch", steady)
    assert [r for r in rows if (r.intermediary, r.product) == ("KGZ", "850310")] == []
    assert all(row.q_value > 0.05 for row in rows)


def test_moves_in_the_same_direction_and_in_other_headings_are_no_switch(steady):
    both = steady["coalition_exports"].copy()
    both[11, [K, S], SINCE:] *= 5
    other = moved(steady, "coalition_exports", 0.9, to=20)
    for panel in (changed(steady, coalition_exports=both), other):
        cells = {(row.intermediary, row.product) for row in run("code_switch", panel)}
        assert ("KGZ", "850310") not in cells


def test_a_listed_sibling_is_no_way_out(steady):
    """All four codes of the heading are listed: there is nothing to switch to."""
    panel = moved(steady, "coalition_exports", 0.9)
    listed = panel.is_listed.copy()
    listed[8:12] = True
    panel = type(panel)(**{**vars(panel), "is_listed": listed})
    assert "850310" not in {row.product for row in run("code_switch", panel)}


@pytest.mark.parametrize("series", ["coalition_exports", "onward_exports"])
def test_unpublished_months_give_no_row(steady, series):
    """LEAST is 0.7 of 12 months: eight are too few, nine enough."""
    for hidden, rows in ((4, 0), (3, 1)):
        values = moved(steady, series, 0.9)[series]
        values[11, :, SINCE : SINCE + hidden] = np.nan
        leg = "RUS" if series == "onward_exports" else None
        found = [
            r
            for r in run("code_switch", changed(steady, **{series: values}))
            if (r.intermediary, r.product, r.destination) == ("KGZ", "850310", leg)
        ]
        assert len(found) == rows


def test_cells_that_never_traded_are_not_judged(steady):
    values = steady["coalition_exports"].copy()
    values[11, 8:12] = 0
    size = np.ones(values.shape[:2])
    now, _noise = _moved(values, size, SINCE, 12)
    assert np.isnan(now.score[11, 8:12]).all()


def test_the_move_of_a_cell_by_hand():
    """Base at 10, 21 of 24 months known; of the window 11 of 12 at 30: expected 110, value 330."""
    series = np.full((1, 1, 60), 10.0)
    series[0, 0, 30:33] = np.nan
    series[0, 0, SINCE:] = 30
    series[0, 0, 50] = np.nan
    series[0, 0, : SINCE - 24] = 1e9
    now, noise_usd = _moved(series, np.array([[5.0]]), SINCE, 12)
    assert (now.value[0, 0], now.expected[0, 0]) == (330, 110)
    sd = math.sqrt(5 * (330 + 110) + 0.35**2 * 110**2 + 0.1 * 5**2)
    assert noise_usd[0, 0] == pytest.approx(sd)
    assert now.score[0, 0] == pytest.approx(220 / sd)
    assert now.unseen[0, 0] == pytest.approx(12 / 11)


@pytest.mark.parametrize(
    ("hidden", "is_judged"),
    [(slice(24, 31), True), (slice(24, 32), False), (slice(48, 51), True), (slice(48, 52), False)],
)
def test_base_and_window_must_be_published_for_the_most_part(hidden, is_judged):
    series = np.full((1, 1, 60), 10.0)
    series[0, 0, hidden] = np.nan
    now, _noise = _moved(series, np.ones((1, 1)), SINCE, 12)
    assert np.isfinite(now.score[0, 0]) == is_judged


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(-1, 2, (-60, -70, -40)), (1, 2, (-60, -60, -40)), (-1, 9, (-60, -70, 30))],
)
def test_the_interval_by_hand(low, high, ends):
    """100 fell and 60 rose, with a noise of 10 and 4."""
    one = np.ones((1, 1))
    found = Calibrated(one, low * one, one, high * one, ())
    amounts = _amounts(-100 * one, 60 * one, (4 * one, 10 * one), found)
    assert tuple(float(amount[0, 0]) for amount in amounts) == ends


def test_the_pairing_agrees_with_plain_python():
    rng = np.random.default_rng(9)
    z = rng.normal(0, 2, (6, 12))
    z[rng.random(z.shape) < 0.15] = np.nan
    z[2] = np.nan
    panel = panel_of(np.ones((6, 12, 30)), since=24)
    best, count, place = _paired(z, _related(panel))
    for j in range(6):
        for k in range(12):
            found = {}
            for s in range(12):
                same = panel.products[s][:4] == panel.products[k][:4]
                if s == k or not same or panel.is_listed[s]:
                    continue
                if np.isfinite(z[j, k]) and np.isfinite(z[j, s]):
                    found[s] = max(min(z[j, k], -z[j, s]), min(-z[j, k], z[j, s]))
            assert count[j, k] == len(found)
            if found:
                assert best[j, k] == max(found.values())
                equal = [s for s in found if found[s] == max(found.values())]
                assert place[j, k] == max(equal, key=lambda s: abs(z[j, s]))
            else:
                assert np.isnan(best[j, k])


def revised(steady, *, links=()):
    """A code that ends for everybody in 2021-11 and one of another heading that takes its place."""
    sent = steady["coalition_exports"].copy()
    sent[:, 21] = sent[:, K] + 1e5
    sent[:, 21, SINCE - 1 :] = 0
    sent[:, K, : SINCE - 1] = 0
    sent[:, K, SINCE - 1 :] = 6e5
    products = [*codes(60)]
    products[21], products[K] = "880330", "880730"
    return panel_of(sent, since=SINCE, products=products, links=links)


def test_a_revision_for_everybody_is_told_by_the_goods_lists_predecessors(steady):
    panel = revised(steady)
    row = finding(run("code_switch", panel), "KGZ", "880730")
    assert row.explanation.endswith(
        "for everybody 880330 ends in 2021-11 and 880730 begins in 2021-12."
    )
    assert (
        "up to $6.9 million may be goods that were 880330 before, 100% of the rise of 880730"
        in (row.explanation)
    )
    surged = [r for r in run("surge", panel) if r.product == "880730"]
    assert surged == []


def test_the_scans_own_links_name_predecessors_too(steady):
    """Of the three links one leads to a listed code from one that is not."""
    panel = revised(
        steady,
        links=(
            ("HS2017", "850513", "850410"),
            ("HS2017", "850510", "880730"),
            ("HS2017", "850511", "850512"),
        ),
    )
    names = panel.products
    older = {names[new]: [names[o] for o in old] for new, old in _older(panel).items()}
    assert older == {"850410": ["850513"], "880730": ["880330"]}


def test_a_code_with_predecessors_keeps_its_siblings(steady):
    products = [*codes(60)]
    products[K], products[K + 1], products[21] = "880730", "880710", "880330"
    panel = panel_of(steady["coalition_exports"], since=SINCE, products=products)
    last = {panel.products[k]: others for ks, others in _related(panel) for k in ks}
    assert {panel.products[s] for s in last["880730"]} == {"880710", "880330"}
    assert "880730" not in {panel.products[s] for s in last["880710"]}, "it is listed"


def test_a_sibling_that_rose_by_more_explains_no_more_than_the_fall(steady):
    """3 million fell; the sibling rose by 9."""
    values = moved(steady, "coalition_exports", 0.5)["coalition_exports"].copy()
    values[11, S, SINCE:] += 5e5
    row = finding(run("code_switch", changed(steady, coalition_exports=values)), "KGZ", "850310")
    assert row.excess_usd == pytest.approx(-3e6)
    assert "$3.0 million lower in 850310 and $9.0 million higher in 850312" in row.explanation
    assert (
        "up to $3.0 million may be goods that are 850312 now, 100% of the fall" in row.explanation
    )


def test_a_code_that_some_still_use_did_not_end_for_everybody(steady):
    panel = revised(steady)
    all_sent = panel["all_exports"].copy()
    all_sent[3, 21, SINCE + 1] = 5.0
    row = finding(run("code_switch", changed(panel, all_exports=all_sent)), "KGZ", "880730")
    assert "for everybody" not in row.explanation


def test_in_noise_false_alarms_keep_to_their_level():
    def tested(panel):
        related = _related(panel)
        size = np.ones(panel["coalition_exports"].shape[:2])
        legs = [
            _paired(_moved(panel[s], size, SINCE, 12)[0].score, related)[0]
            for s in ("coalition_exports", "onward_exports")
        ]
        return sum(np.isfinite(leg[:, panel.is_listed]).sum() for leg in legs)

    assert 0.02 < false_alarms("code_switch", range(4), tested=tested) < 0.075
