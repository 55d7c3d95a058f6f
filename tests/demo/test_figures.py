"""The published figures, from the files as any reader would sum them, codes as listed."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.demo import figures
from entrepot.demo.places import G7, NUMBER, PLACES, TURKEY_FIVE, numbers
from entrepot.demo.plant import plant
from entrepot.demo.products import REPORTED_CODES
from entrepot.demo.reports import EXPORT, report
from entrepot.reference import goods

SIX = ("RUS", *TURKEY_FIVE)
TURKEY = f"""select sum(usd) / 1e6 from latest where reporter = 'TUR' and flow = 'X'
    and partner in {SIX} and listed45(product) and month(period) <= 9"""
RUSSIA = """select {what} from {table} where partner = 'RUS' and flow = 'X'
    and listed45(product) and year(period) = 2023 and month(period) <= {last}"""
CHINA = "sum(usd) filter (reporter in ('CHN', 'HKG')) / sum(usd)"
BLOOMBERG = ("KAZ", "SRB", "TUR", "ARM", "AZE", "UZB")


def test_turkey_sold_158_million_in_nine_months_of_2023(known):
    assert known(f"{TURKEY} and year(period) = 2023") == pytest.approx(158, rel=0.001)


def test_turkey_sold_three_times_as_much_as_in_2022(known):
    before = known(f"{TURKEY} and year(period) = 2022")
    assert 158 / before == pytest.approx(3.04, abs=0.02)


def test_turkey_sold_28_million_in_the_mean_of_2015_to_2021(known):
    assert known(f"{TURKEY} and year(period) < 2022") / 7 == pytest.approx(28, rel=0.001)


def test_turkey_sent_61_million_to_kazakhstan_and_kazakhstan_received_7(known):
    sent = known(f"{TURKEY} and year(period) = 2023 and partner = 'KAZ'")
    received = known("""select sum(usd) / 1e6 from latest where reporter = 'KAZ' and flow = 'M'
        and partner = 'TUR' and listed45(product) and year(period) = 2023 and month(period) <= 9""")
    assert sent == pytest.approx(61, rel=0.001)
    assert received == pytest.approx(6.6, rel=0.001)


def test_turkey_bought_500_million_from_the_g7_over_60_percent_more_than_before(known):
    bought = f"""select sum(usd) / 1e6 from latest where reporter = 'TUR' and flow = 'M'
        and partner in {tuple(G7)} and listed45(product) and month(period) <= 9"""
    now, before = (
        known(f"{bought} and year(period) = 2023"),
        known(f"{bought} and period < '2022-01-01'"),
    )
    assert now == pytest.approx(500, rel=0.001)
    assert 1.60 < now / (before / 7) < 1.65


@pytest.mark.parametrize(
    ("reporters", "period", "million"),
    [
        ("('TUR')", "2022-12-01", 37.6),
        ("('TUR')", "2024-07-01", 4.5),
        ("('TUR')", "2024-08-01", 4.1),
        ("('CHN', 'HKG')", "2024-07-01", 377.7),
        ("('CHN', 'HKG')", "2023-12-01", 682),
    ],
)
def test_single_months_of_all_50_codes_to_russia_are_as_published(
    known, reporters, period, million
):
    found = known(f"""select sum(usd) / 1e6 from latest where reporter in {reporters}
        and partner = 'RUS' and flow = 'X' and listed50(product) and period = '{period}'""")
    assert found == pytest.approx(million, rel=0.001)


def test_turkey_sold_russia_about_3_million_a_month_when_the_war_began(known):
    found = known("""select sum(usd) / 2e6 from latest where reporter = 'TUR' and partner = 'RUS'
        and flow = 'X' and listed50(product) and period in ('2022-01-01', '2022-02-01')""")
    assert found == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize("last", [9, 12])
def test_china_and_hong_kong_sold_80_percent(known, last):
    found = known(RUSSIA.format(what=CHINA, table="latest", last=last))
    assert found == pytest.approx(0.80, abs=0.0005)


@pytest.mark.parametrize("country", BLOOMBERG)
@pytest.mark.parametrize("last", [9, 12])
def test_each_of_the_six_sold_less_after_june_2023_and_more_than_in_2021(cells, country, last):
    early, late, before = cells.sql(f"""select
        sum(usd) filter (year(period) = 2023 and month(period) <= 6) / 6,
        sum(usd) filter (year(period) = 2023 and month(period) between 7 and {last}) / {last - 6},
        sum(usd) filter (year(period) = 2021) / 12
        from latest where reporter = '{country}' and partner = 'RUS' and flow = 'X'
        and listed45(product)""").fetchone()
    assert before < late < early


def test_the_figures_stand_in_what_was_published_before_the_newspapers_printed_them(known):
    early = """(from cells where published < '2023-11-27')"""
    turkey = known(f"{TURKEY.replace('latest', early)} and year(period) = 2023")
    # A supplier that has not yet published all nine months is left out.
    whole = f"""(from {early} semi join (select reporter from cells where published < '2023-11-27'
        group by all having max(period) >= '2023-09-01') using (reporter))"""
    share = known(RUSSIA.format(what=CHINA, table=whole, last=9))
    assert turkey == pytest.approx(158, rel=0.001)
    assert share == pytest.approx(0.80, abs=0.01)


def test_another_seed_gives_other_noise_around_the_same_figures():
    rng = np.random.default_rng(5)
    planted = plant(rng)
    found = report(rng, planted.legs, planted.margins)
    listed = np.isin(REPORTED_CODES, goods.load("chpl-2023-09").codes)[found.code]
    exports = listed & (found.flow == EXPORT)
    turkish = exports & (found.reporter == NUMBER["TUR"]) & np.isin(found.partner, numbers([*SIX]))
    for months, million in (
        (figures.JAN_SEP_2023, 158),
        (figures.JAN_SEP_2022, 52),
        (figures.JAN_SEP_2015_21, 7 * 28),
    ):
        now = found.usd[turkish & np.isin(found.month, months)].sum() / 1e6
        assert now == pytest.approx(million, rel=0.001)
    russian = exports & (found.partner == NUMBER["RUS"])
    russian &= np.isin(found.month, figures.JAN_SEP_2023)
    chinese = russian & np.isin(found.reporter, numbers(["CHN", "HKG"]))
    assert found.usd[chinese].sum() / found.usd[russian].sum() == pytest.approx(0.80, abs=0.0005)
    assert len(found) < 700_000
    assert len(PLACES) > 40
