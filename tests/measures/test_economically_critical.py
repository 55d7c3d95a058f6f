"""The European rule against values at its thresholds, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.economically_critical import economically_critical
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {
    "reporters": ("DEU",),
    "partners": ("KAZ", "KGZ"),
    "products": ("854231",),
    "base": (2021,),
    "threshold_usd": 1000.0,
}


def year(number, usd, **changes):
    """Twelve months of a year, with all the trade in March."""
    return [
        {
            "reporter": "DEU",
            "partner": "KAZ",
            "flow": "export",
            "period": date(number, month, 1),
            "value_usd": float(usd) * (month == 3),
        }
        | changes
        for month in range(1, 13)
    ]


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def test_known_value(flows):
    table = flows(*year(2021, 600), *year(2022, 700), *year(2022, 500, partner="KGZ"))
    row = one(economically_critical(table, **ASKED))
    assert (row["value_usd"], row["base_usd"], row["ratio"]) == (1200, 600, 2)
    assert row["is_critical"] is True
    assert (row["months"], row["reporter_months"], row["reporter_months_expected"]) == (12, 12, 12)


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [(600, 1199, False), (100, 1000, False), (100, 1001, True), (0, 1001, True), (0, 0, False)],
)
def test_both_thresholds_must_be_passed(flows, before, now, verdict):
    row = one(economically_critical(flows(*year(2021, before), *year(2022, now)), **ASKED))
    assert row["is_critical"] is verdict


def test_the_defaults_are_the_commissions(flows):
    def verdict(now):
        means = ((2018, 9e9), (2019, 400_000), (2020, 500_000), (2021, 679_500))
        years = [row for n, usd in means for row in year(n, usd)]
        table = flows(*years, *year(2022, now))
        return one(economically_critical(table, reporters=("DEU",), partners=("KAZ",)))

    assert verdict(1_053_000)["is_critical"] is False
    assert verdict(1_053_001)["is_critical"] is True
    assert verdict(1_053_001)["base_usd"] == 526_500


def test_goods_that_began_or_ended_count_as_zero_before_or_after(flows):
    other = {"product": "010121"}
    began = flows(*year(2021, 9, **other), *year(2022, 2000))
    row = one(economically_critical(began, **ASKED))
    assert (row["value_usd"], row["base_usd"], row["is_critical"]) == (2000, 0, True)
    ended = flows(*year(2021, 2000), *year(2022, 9, **other))
    row = one(economically_critical(ended, **ASKED))
    assert (row["value_usd"], row["base_usd"], row["is_critical"]) == (0, 2000, False)


def test_a_base_of_zero_has_no_ratio(flows):
    row = one(economically_critical(flows(*year(2021, 0), *year(2022, 2000)), **ASKED))
    assert (row["ratio"], row["is_critical"]) == (None, True)


@pytest.mark.parametrize("missing", [date(2022, 11, 1), date(2021, 11, 1)])
def test_a_missing_month_gives_no_verdict(flows, missing):
    rows = [row for row in [*year(2021, 600), *year(2022, 1200)] if row["period"] != missing]
    row = one(economically_critical(flows(*rows), **ASKED))
    assert (row["is_critical"], row["ratio"], row["reporter_months"]) == (None, 2, 11)


def test_a_silent_reporter_gives_no_verdict(flows):
    table = flows(*year(2021, 600), *year(2022, 1200))
    row = one(economically_critical(table, **ASKED | {"reporters": ("DEU", "FRA")}))
    assert (row["is_critical"], row["reporter_months_expected"]) == (None, 24)


def test_every_six_digit_code_is_looked_at_unless_some_are_named(flows):
    rows = [*year(2021, 1), *year(2022, 2)]
    for product in ("8542", "848210", "presence", "85423190"):
        rows += year(2022, 5, product=product)
    found = economically_critical(flows(*rows), **ASKED | {"products": ()})
    assert {row["product"] for row in found.to_pyarrow().to_pylist()} == {"854231", "848210"}


def test_other_partners_and_flows_are_left_out(flows):
    plain = [*year(2021, 600), *year(2022, 1200)]
    noise = [
        row
        for change in ({"partner": "WLD"}, {"flow": "import"}, {"freq": "A"}, {"reporter": "FRA"})
        for row in year(2022, 1e9, **change)
    ]
    assert one(economically_critical(flows(*plain, *noise), **ASKED)) == one(
        economically_critical(flows(*plain), **ASKED)
    )


def test_a_rule_without_a_base_is_refused(flows):
    with pytest.raises(CoverageError, match="no base year"):
        economically_critical(flows(*year(2022, 1)), **ASKED | {"base": (2022,)})


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    years = (2022, 2019, 2021)
    compared = {
        (who, n)
        for who in WHO
        for n in range(1, 13)
        if all((who, date(year, n, 1)) in published for year in years)
    }
    found = economically_critical(
        flows(*world), reporters=WHO, partners=("KAZ",), products=GOODS, base=(2019, 2021),
        threshold_usd=6000.0, rise=0.1,
    )  # fmt: skip
    verdicts = []
    for row in found.to_pyarrow().to_pylist():
        sums = {
            number: sum(
                r["value_usd"]
                for r in world
                if (r["flow"], r["partner"], r["product"]) == ("export", "KAZ", row["product"])
                and (r["reporter"], r["period"].month) in compared
                and r["period"].year == number
            )
            for number in (2019, 2021, 2022)
        }
        base = (sums[2019] + sums[2021]) / 2
        assert (row["value_usd"], row["base_usd"]) == (sums[2022], base)
        meets = sums[2022] > 6000 and sums[2022] >= 1.1 * base
        assert row["is_critical"] == (meets if len(compared) == 24 else None)
        assert row["reporter_months"] == len(compared)
        verdicts.append(row["is_critical"])
    assert len(verdicts) == 2


@FEW
@given(scale=st.floats(1e-3, 1e3), now=st.floats(0, 3000))
def test_the_verdict_has_no_unit(flows, scale, now):
    def verdict(by):
        table = flows(*year(2021, 600 * by), *year(2022, now * by))
        return one(economically_critical(table, **ASKED | {"threshold_usd": 1000.5 * by}))

    assert verdict(scale)["is_critical"] == verdict(1)["is_critical"]
