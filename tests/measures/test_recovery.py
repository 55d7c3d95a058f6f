"""What the demo world plants, and what each measure finds of it in the reporters' own books.

The mirror measures are in `test_recovery_mirror.py`.

The truth is computed from the tables of the truth, never from reported flows. Reported cells are
whole dollars, so a sum may be off by a dollar a cell; imports carry 2% to 10% of freight. Except
for the newspapers' amounts, the goods are those whose code is the same in every revision.

| measure | planted | found |
|---|---|---|
| coverage | holes, late and silent reporters | each, but a month without any trade looks absent |
| coverage_weight | late months of five reporters | the dollars of a year before; the part of this \
year's trade to 13 points, since the Emirates sold less at the year's end |
| monthly_series, period_to_date, growth, monthly_pace | amounts of the newspapers | equal |
| supplier_share, concentration, route_share | amounts to Russia by seller | equal |
| red_flag, economically_critical | amounts by product | every verdict |
| importer_pattern | goods that only diversion or ghosts bring | each as new, and nothing else |
| unit_value | mark-ups Russia pays China: 87%, twice, four times | within the noise of masses |
| excess_trade | goods diverted to Russia | inside the interval for nine hubs in ten; no control \
shows what rises without diversion after the base, as Turkey's ordinary sales do |
| mass_balance | what came in and went on | at most the ceiling, always |
| attribution | makers of what went on | the shares, where all that is new goes on; in Turkey, \
where most stays, no (the convention is no bound) |
| re_export_ratio | onward over inflow, FOB | inside the band |
| mirror_pair, mirror_gap | what is booked less than sent, and its change | inside the band; of \
3,000 changes two are outside by $400, as freight differs by the way goods come |
| ghost_trade | goods that never arrive | inside unexplained_usd to ghost_high_usd by importer; \
3 in 1,000 pairs and goods are outside, where a maker's ghosts hide behind goods sent on |
| reporter_reliability | gaps, ghosts, books by origin | no distance where none is planted; never \
more than planted |
"""

from math import log

import pytest

from entrepot.demo.places import COALITION, EU, HUBS, OTHERS, TURKEY_FIVE
from entrepot.reference import goods
from support.intervals import intervals
from support.planted import FORTY_FIVE, LISTED, STEADY, found, known

COALITION, EU, HUBS, OTHERS = tuple(COALITION), tuple(EU), tuple(HUBS), tuple(OTHERS)
TO_RUSSIA = ("RUS", *TURKEY_FIVE)
NUMBERS = goods.load("chpl-2023-09").codes
NINE = {"first": "2023-01", "last": "2023-09"}
YEAR = {"first": "2023-01", "last": "2023-12"}
IN_2023 = f"k in {FORTY_FIVE} and year(period) = 2023"


def figure(name):
    ((value,),) = known(f"select value from figures where figure = '{name}'")
    return value * 1e6


def test_holes_silence_and_delay_are_the_planted_ones():
    status = {(who, day): word for who, day, word in known("from coverage")}
    traded = set(known("select distinct exporter, period from legs"))
    rows = found("coverage", reporters=tuple({who for who, _ in status}), first="2015-01",
                 last="2024-12")  # fmt: skip
    assert len(rows) == len(status) == 5520
    for row in rows:
        cell = (row["reporter"], row["period"])
        assert row["is_present"] == (status[cell] == "reported" and cell in traded)


def test_missing_months_weigh_what_they_were_worth():
    late = ("UZB", "ARE", "VNM", "AZE", "KGZ")
    rows = found("coverage_weight", reporters=late, partners=("RUS",), products=FORTY_FIVE,
                 first="2024-01", last="2024-12", by=("reporter",))  # fmt: skip
    planted_share = {
        who: (before, now)
        for who, before, now in known(f"""select exporter,
            sum(value_usd) filter (year(legs.period) = 2023 and here.period is not null)
                / sum(value_usd) filter (year(legs.period) = 2023),
            sum(value_usd) filter (year(legs.period) = 2024 and now.period is not null)
                / sum(value_usd) filter (year(legs.period) = 2024)
            from legs
            left join pub here on here.reporter = exporter
                and here.period = legs.period + interval 1 year
            left join pub now on now.reporter = exporter and now.period = legs.period
            where exporter in {late} and importer = 'RUS' and product in {FORTY_FIVE}
            group by all""")
    }
    assert len(rows) == 5
    for row in rows:
        before, now = planted_share[row["reporter"]]
        assert row["covered_share"] == pytest.approx(before, rel=1e-5)
        assert row["covered_share"] == pytest.approx(now, abs=0.13)


def test_the_newspapers_amounts_come_out():
    asked = {"reporters": ("TUR",), "partners": TO_RUSSIA, "products": NUMBERS, **NINE}
    rows = found("period_to_date", years=(2022, 2023), **asked)
    sums = {row["year"]: row["value_usd"] for row in rows}
    assert sums == pytest.approx({2022: figure("FT-2"), 2023: figure("FT-1")}, rel=1e-6)
    (row,) = found("growth", base=tuple(range(2015, 2022)), **asked)
    assert row["base_usd"] == pytest.approx(figure("FT-3"), rel=1e-6)
    assert row["change_usd"] == pytest.approx(figure("FT-1") - figure("FT-3"), rel=1e-6)
    rows = found("monthly_series", **asked)
    assert sum(row["series_usd"] for row in rows) == pytest.approx(figure("FT-1"), rel=1e-6)


def test_every_month_of_the_series_is_the_planted_one():
    rows = found("monthly_series", reporters=("TUR", "UZB"), partners=("RUS",),
                 products=FORTY_FIVE, first="2015-01", last="2024-12")  # fmt: skip
    truth = dict(known(f"""select period, sum(usd) from sent where x in ('TUR', 'UZB')
        and m = 'RUS' and k in {FORTY_FIVE} group by all"""))  # fmt: skip
    assert len(rows) == 120
    for row in rows:
        assert row["series_usd"] == pytest.approx(truth.get(row["period"], 0), abs=row["cells"])


def test_the_pace_of_the_six_slows_as_planted():
    """The six of BB-2 sell less after June 2023 than before, and more than in 2021."""
    six = ("KAZ", "ARM", "UZB", "SRB", "AZE", "GEO")
    spans = {"late": ("2023-07", "2023-12"), "early": ("2023-01", "2023-06"),
             "before": ("2021-01", "2021-12")}  # fmt: skip
    rows = found("monthly_pace", reporters=six, partners=("RUS",), products=FORTY_FIVE, **spans)
    assert len(rows) == 6
    for row in rows:
        for name, (first, last) in spans.items():
            where = f"x = '{row['reporter']}' and period between '{first}-01' and '{last}-01'"
            ((usd,),) = known(f"""select sum(usd) from sent where {where} and m = 'RUS'
                and k in {FORTY_FIVE}""")
            assert row[f"{name}_usd"] == pytest.approx(usd / row[f"{name}_months"], rel=1e-3)
        assert row["late_to_early"] < 1 < row["late_to_before"]


def test_suppliers_shares_and_their_index_are_the_planted_ones():
    china = ("CHN", "HKG")
    rows = found("supplier_share", destination="RUS", products=NUMBERS, together=china, **YEAR)
    (row,) = [row for row in rows if row["reporter"] == "CHN+HKG"]
    assert row["share"] == pytest.approx(figure("BB-1") / 1e6, rel=1e-6)
    asked = {"destination": "RUS", "products": FORTY_FIVE, **YEAR}
    (row,) = found("concentration", together=china, **asked)
    ((index, total, n),) = known(f"""with sold as (select if(x in {china}, 'both', x) as who,
            sum(usd) as usd from sent where m = 'RUS' and {IN_2023} and x in (select reporter
            from pub where year(period) = 2023 group by all having count(*) = 12) group by all)
        select sum(usd * usd) / sum(usd) ** 2, sum(usd), count(*) from sold""")
    assert (row["hhi"], row["total_usd"]) == pytest.approx((index, total), rel=1e-6)
    assert row["suppliers"] == n


def test_routes_shift_as_planted():
    rows = found("route_share", destination="RUS", reporters=("CHN", "HKG", "TUR", "KAZ", "KGZ"),
                 products=FORTY_FIVE, base=(2021,), together=COALITION,
                 first="2023-01", last="2023-10")  # fmt: skip
    sums = {
        (who, year): usd
        for who, year, usd in known(f"""select if(x in {COALITION}, 'direct', x), year(period),
            sum(usd) from sent where m = 'RUS' and k in {FORTY_FIVE} and month(period) < 11
            group by all""")
    }
    parts = {row["route"]: row for row in rows if not row["reporters_left_out"]}
    assert set(parts) == {"CHN", "HKG", "TUR", "KAZ", "direct", "KGZ"}
    for year, name in ((2023, "route_share"), (2021, "base_share")):
        total = sum(sums[who, year] for who in parts)
        for who, row in parts.items():
            assert row[name] == pytest.approx(sums[who, year] / total, abs=1e-6)
    assert parts["direct"]["share_change"] < -0.3


def test_every_verdict_of_the_two_rules_is_the_planted_one():
    rows = found("red_flag", reporters=(*HUBS, "CHN", "DEU"), destination="RUS", world="",
                 products=FORTY_FIVE, multiple=2.0)  # fmt: skip
    truth = {
        (who, what): now > 2 * before
        for who, what, now, before in known("""select x, k, coalesce(sum(usd) filter (m = 'RUS'
            and year(period) = 2022), 0), coalesce(sum(usd) filter (year(period) = 2019), 0)
            from sent group by all""")
    }
    verdicts = [(row["is_flagged"], truth[row["reporter"], row["product"]]) for row in rows]
    assert {pair: verdicts.count(pair) > 10 for pair in verdicts if pair[0] is not None} == {
        (True, True): True,
        (False, False): True,
    }
    rows = found("economically_critical", reporters=EU, partners=HUBS, products=STEADY)
    truth = {
        what: now > 1_053_000 and now >= 2 * before / 3
        for what, now, before in known(f"""select k, coalesce(sum(usd) filter (year(period)
            = 2022), 0), coalesce(sum(usd) filter (year(period) in (2019, 2020, 2021)), 0)
            from sent where x in {EU} and m in {HUBS} group by all""")
    }
    assert {row["product"]: row["is_critical"] for row in rows} == {
        row["product"]: truth[row["product"]] for row in rows
    }
    diverted = {what for (what,) in known(f"""select product from diversion
        where supplier in {EU} and year(period) = 2022 group by all""")}  # fmt: skip
    flagged = {row["product"] for row in rows if row["is_critical"]}
    assert len(flagged & diverted) > 5 * len(flagged - diverted)


def test_goods_that_only_diversion_brings_are_new_products_and_no_others_are():
    rows = found("importer_pattern", reporters=COALITION, partners=HUBS, products=FORTY_FIVE,
                 first="2023-01", last="2023-06", base=("2019-01", "2021-12"))  # fmt: skip
    new = set(known(f"""select x, m, k from sent where x in {COALITION} and m in {HUBS}
        and k in {FORTY_FIVE} group by all having count(*) filter (usd > 10000 and planted > 0
            and period between '2023-01-01' and '2023-06-01') >= 2
        and coalesce(sum(usd) filter (year(period) between 2019 and 2021), 0) = 0"""))  # fmt: skip
    called = {(row["reporter"], row["partner"], row["product"]) for row in rows
              if row["pattern"] in ("new product", "new relationship")}  # fmt: skip
    assert called == new
    assert len(new) > 300


def test_russias_mark_up_is_found_within_the_noise_of_masses():
    """Mass is noise of 15% a shipment, so a sum's is 15% of the root of its concentration."""
    others = ("KAZ", "TUR", "ARE", "IND", "KGZ", "UZB", "VNM", "THA", "DEU", "USA")
    asked = {"reporters": ("CHN",), "products": LISTED, "first": "2024-01", "last": "2024-12",
             "base": (2021,), "by": ("product",)}  # fmt: skip
    noise = dict(
        known(f"""with sums as (select product, year(period), importer = 'RUS',
                sum(value_usd ** 2) / sum(value_usd) ** 2 as concentration
            from legs where exporter = 'CHN' and importer in {("RUS", *others)}
                and year(period) in (2021, 2024) group by all)
        select product, 0.15 ** 2 * sum(concentration) from sums group by all""")
    )
    scores = []
    for row in found("unit_value", partners=("RUS",), others=others, **asked):
        if row["log_difference"] is not None:
            steel = {"848220": 4.0}.get(row["product"], 2.0)
            rise = steel if row["product"].startswith("8482") else 1.87
            error = row["log_difference"] - log(rise)
            scores.append(error**2 / noise[row["product"]])
    assert len(scores) > 30
    assert max(scores) < 4**2
    assert 0.5 < sum(scores) / len(scores) < 1.5


def test_nine_intervals_in_ten_of_excess_trade_hold_what_is_diverted():
    """`intervals.py` counts the same over other worlds."""
    made = intervals()
    hubs = {who: made[who] for who in HUBS}
    for some in (hubs, made):
        held = [low - 1 <= usd <= high + 1 for low, usd, _, high in some.values()]
        assert sum(held) >= 0.9 * len(held)
    assert all(usd > 1e6 and low > 0 for low, usd, *_ in hubs.values())
    assert len(made) > 15
    assert not any(made[who][1] for who in OTHERS)
    planted, excess = (sum(row[n] for row in hubs.values()) for n in (1, 2))
    assert excess == pytest.approx(planted, rel=0.1)


@pytest.mark.parametrize(
    ("third", "apart"), [("KAZ", 0.1), ("KGZ", 0.1), ("ARM", 0.1), ("TUR", 0.4)]
)
def test_what_went_on_is_inside_the_bounds_and_its_makers_are_found(third, apart):
    asked = {"third": third, "coalition": COALITION, "destination": "RUS", "least": 0.0,
             "products": FORTY_FIVE, "base": (2019, 2020, 2021), **YEAR}  # fmt: skip
    rows = {row["product"]: row for row in found("mass_balance", **asked)}
    truth = {
        (what, maker): usd
        for what, maker, usd in known(f"""select product, maker, sum(inflow_usd) from diversion
            where intermediary = '{third}' and destination = 'RUS' and year(period) = 2023
            and product in {FORTY_FIVE} group by all""")
    }
    for what in {what for what, _ in truth}:
        usd = sum(part for (good, _), part in truth.items() if good == what)
        assert usd <= rows[what]["ceiling_usd"] + 1
    total = sum(truth.values())
    assert rows["854231"]["compatible_total_usd"] >= total * 5 / 6
    split = found("attribution", **asked)
    all_split = sum(row["attributed_usd"] for row in split)
    off = {
        who: sum(row["attributed_usd"] for row in split if row["origin"] == who) / all_split
        - sum(part for (_, maker), part in truth.items() if maker == who) / total
        for who in {row["origin"] for row in split}
    }
    assert sum(abs(part) for part in off.values()) / 2 < apart


def test_the_planted_ratio_of_onward_trade_is_in_the_band():
    rows = found("re_export_ratio", reporters=HUBS, coalition=COALITION, destination="RUS",
                 products=FORTY_FIVE, by=("reporter",), **YEAR)  # fmt: skip
    assert len(rows) == 11
    for row in rows:
        ((went, came),) = known(
            f"""select
            (select sum(usd) from sent semi join pub p on p.reporter = x and p.period = sent.period
                where x = '{row["reporter"]}' and m = 'RUS' and {IN_2023}),
            (select sum(usd) from booked where m = '{row["reporter"]}' and x in {COALITION}
                and {IN_2023})"""
        )
        assert row["outflow_ratio_low"] < went / came < row["outflow_ratio_high"]
