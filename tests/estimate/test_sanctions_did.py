"""The sanctions designs against planted effects without noise, closed forms and worlds with it."""

from dataclasses import replace
from datetime import date
from itertools import product as combinations

import numpy as np
import pytest

from entrepot.errors import CoverageError
from entrepot.estimate.panel import Panel, read_panel
from entrepot.estimate.sanctions_did import EFFECT, extensive_margin, sanctions_did

IMPORTERS = ("ARM", "BRA", "CHL", "KAZ", "KGZ", "MEX")
PRODUCTS = ("300490", "847150", "854231", "870323")
ASKED = {"intermediaries": ["ARM", "KGZ"], "sanctioned": ["847150", "854231"], "since": "2022-03"}
MONTHS = [date(2021 + m // 12, m % 12 + 1, 1) for m in range(8, 20)]  # 2021-09 to 2022-08


def planted(rise, noise=0.0, seed=0, exporters=("DEU", "ITA")):
    """Return export rows by cell: effects of every pair of axes, times `rise` of the month."""
    random = np.random.default_rng(seed)
    axes = [exporters, IMPORTERS, PRODUCTS, MONTHS]
    cell, it, jt, kt = (
        random.normal(size=[len(axes[a]) for a in kept])
        for kept in ((0, 1, 2), (0, 3), (1, 3), (2, 3))
    )
    rows = []
    for (i, who), (j, to), (k, what), (t, month) in combinations(*map(enumerate, axes)):
        is_treated = to in ASKED["intermediaries"] and what in ASKED["sanctioned"]
        value = np.exp(cell[i, j, k] + it[i, t] + jt[j, t] + kt[k, t])
        value *= rise(month) if is_treated else 1
        value *= np.exp(noise * random.normal())
        rows.append(
            {
                "flow": "export",
                "reporter": who,
                "partner": to,
                "product": what,
                "period": month,
                "value_usd": value,
            }
        )
    return rows


def read(flows, rows, **options):
    return read_panel(
        flows(*rows),
        exporters=["DEU", "ITA"],
        importers=IMPORTERS,
        products=PRODUCTS,
        first="2021-09",
        last="2022-08",
        **options,
    )


def late(month):
    return month >= date(2022, 3, 1)


def test_a_planted_rise_is_found_exactly(flows):
    """Every flow is a product of its effects, and treated ones double: b = log 2."""
    panel = read(flows, planted(lambda month: 2 if late(month) else 1))
    found = sanctions_did(panel, **ASKED)
    assert found.effect.names == (EFFECT,)
    assert found.effect.estimate == pytest.approx([np.log(2)], abs=1e-7)
    assert found.effect.rows == len(panel.value_usd) == 2 * 6 * 4 * 12
    assert found.effect.clusters == 6 * 4
    assert found.effect.levels == {
        "exporter x importer x product": 48,
        "importer x month": 72,
        "product x month": 48,
        "exporter x month": 24,
    }
    assert found.statement == "576 monthly flows in 24 clusters of importer and product"


def test_the_path_is_the_planted_one_by_quarter(flows):
    """Before it is flat; after, treated flows are 1.5 times and then 3 times as large."""
    panel = read(flows, planted(lambda m: 3 if m >= date(2022, 6, 1) else 1.5 if late(m) else 1))
    found = sanctions_did(panel, **ASKED)
    assert found.periods == ("2021-09", "2021-12", "2022-03", "2022-06")
    assert found.reference == "2021-12"
    rows = found.rows()
    assert [row["period"] for row in rows] == list(found.periods)
    assert [row["estimate"] for row in rows] == pytest.approx(
        [0, 0, np.log(1.5), np.log(3)], abs=1e-6
    )
    assert [row["ci_low"] is None for row in rows] == [False, True, False, False]
    assert rows[2]["ci_high"] == found.path.ci_high[1]


@pytest.mark.parametrize(
    ("months", "since", "periods"),
    [
        (6, "2022-03", ("2021-09", "2022-03")),
        (4, "2022-03", ("2021-09", "2021-11", "2022-03", "2022-07")),
        (1, "2022-07", tuple(f"{month:%Y-%m}" for month in MONTHS)),
    ],
)
def test_periods_are_counted_from_the_event(flows, months, since, periods):
    panel = read(flows, planted(lambda month: 2 if late(month) else 1, noise=0.1))
    found = sanctions_did(panel, **(ASKED | {"since": since}), months=months)
    assert found.periods == periods
    assert found.path.names == tuple(p for p in periods if p != found.reference)
    assert found.reference == periods[periods.index(since) - 1]
    assert (found.pretrend_p is None) == (months == 6)


def test_noise_leaves_the_effect_within_its_interval_and_the_placebo_rare(flows):
    panel = read(flows, planted(lambda month: 2 if late(month) else 1, noise=0.1))
    found = sanctions_did(panel, **ASKED)
    assert found.effect.estimate == pytest.approx([np.log(2)], abs=3 * found.effect.se[0])
    assert found.effect.p_value[0] < 0.01
    assert found.pretrend_p > 0.05
    assert found.pretrend_p == found.path.wald("2021-09")
    assert found.placebo.units == IMPORTERS
    assert (found.placebo.assignments, found.placebo.p_value) == (15, 1 / 15)
    assert found.placebo.statistic > 0


def test_shocks_to_a_place_a_good_or_an_exporter_are_not_taken_for_the_effect(flows):
    rows = planted(lambda month: 2 if late(month) else 1)
    for row in rows:
        if late(row["period"]):
            row["value_usd"] *= 7 if row["partner"] == "KGZ" else 1
            row["value_usd"] *= 5 if row["product"] == "854231" else 1
            row["value_usd"] *= 3 if row["reporter"] == "ITA" else 1
    found = sanctions_did(read(flows, rows), **ASKED)
    assert found.effect.estimate == pytest.approx([np.log(2)], abs=1e-7)


def test_what_was_not_published_is_left_out_and_counted(flows):
    """Italy did not publish April, one value is withheld, one flow begins in no month."""
    rows = planted(lambda month: 2 if late(month) else 1)
    rows = [r for r in rows if not (r["reporter"] == "ITA" and r["period"] == date(2022, 4, 1))]
    rows[3]["value_usd"] = None
    for row in rows:
        if (row["reporter"], row["partner"], row["product"]) == ("ITA", "MEX", "870323"):
            row["value_usd"] = 0.0
    found = sanctions_did(read(flows, rows), **ASKED)
    assert found.effect.estimate == pytest.approx([np.log(2)], abs=1e-7)
    assert found.effect.rows == 576 - 24 - 1 - 11
    assert found.statement == (
        "540 monthly flows in 24 clusters of importer and product; 11 in cells that are 0 "
        "throughout left out; 1 exporter-months not published; 1 values withheld"
    )


def test_the_extensive_margin_is_a_difference_of_shares(flows):
    """Treated flows exist in half of their cells before and in all after: b = 0.5."""
    rows = []
    for place, row in enumerate(planted(lambda _month: 1)):
        cell = place // len(MONTHS)
        is_treated = (
            row["partner"] in ASKED["intermediaries"] and row["product"] in (ASKED["sanctioned"])
        )
        is_there = late(row["period"]) or cell % 4 == 1 if is_treated else cell % 2 == 0
        rows += [row] if is_there else []
    panel = read(flows, rows, all_cells=True)
    treated = [np.isin(panel.importers, ASKED["intermediaries"])[panel.importer]]
    treated += [np.isin(panel.products, ASKED["sanctioned"])[panel.product]]
    both = np.logical_and(*treated)
    after = panel.month >= 6
    there = panel.value_usd > 0
    # The grid is complete, so the effect is the triple difference of shares.
    share = {
        (a, b, c): there[(treated[0] == a) & (treated[1] == b) & (after == c)].mean()
        for a, b, c in combinations([0, 1], repeat=3)
    }
    triple = sum(s * (-1) ** (3 - sum(key)) for key, s in share.items())
    found = extensive_margin(panel, **ASKED)
    assert both.sum() == 8 * 12
    assert triple == 0.5
    assert found.effect.estimate == pytest.approx([triple], abs=1e-8)
    assert found.path.estimate == pytest.approx([0, triple, triple], abs=1e-8)
    assert (found.effect.rows, found.effect.separated) == (576, 0)


def test_the_extensive_margin_needs_flows_that_never_were(flows):
    panel = read(flows, planted(lambda _month: 1))
    with pytest.raises(CoverageError, match="read it with all_cells=True"):
        extensive_margin(panel, **ASKED)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"since": "2021-09"},
            "holds 2021-09 to 2022-08; expected months before and after 2021-09",
        ),
        ({"since": "March"}, "expected months before and after March"),
        ({"intermediaries": ["TUR"]}, "no importer TUR in the panel"),
        (
            {"sanctioned": []},
            "0 of 4 products are named; expected at least one and some to compare",
        ),
        ({"intermediaries": list(IMPORTERS)}, "6 of 6 importers are named"),
        ({"months": 0}, "periods of 0 months; expected 1 or more"),
    ],
)
def test_a_design_without_a_comparison_is_refused(flows, change, words):
    panel = read(flows, planted(lambda _month: 1))
    with pytest.raises(CoverageError, match=words):
        sanctions_did(panel, **(ASKED | change))


def test_a_larger_unit_of_value_changes_no_effect(flows):
    panel: Panel = read(flows, planted(lambda month: 2 if late(month) else 1, noise=0.3))
    first = sanctions_did(panel, **ASKED)
    second = sanctions_did(replace(panel, value_usd=panel.value_usd * 1e6), **ASKED)
    assert first.effect.estimate == pytest.approx(second.effect.estimate, abs=1e-7)
    assert first.placebo.others == pytest.approx(second.placebo.others, abs=1e-6)
