"""Attribution against values worked by hand, brute force on random worlds and invariances."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import StudyError
from entrepot.measures.attribution import attribution
from support.balances import ASKED, BRUTE, came, went
from support.random_world import GOODS, WHO, random_world


def parts(table, **changes):
    found = attribution(table, **ASKED | changes).to_pyarrow().to_pylist()
    return {(row["product"], row["origin"]): row for row in found}


PLAIN = (
    *[came(2021, n, 10) for n in (1, 2)],
    *[came(2022, n, 40) for n in (1, 2)],
    *[came(2021, n, 5, partner="FRA") for n in (1, 2)],
    *[came(2022, n, 15, partner="FRA") for n in (1, 2)],
    *[went(2021, n, 0) for n in (1, 2)],
    *[went(2022, n, 20) for n in (1, 2)],
)


def test_known_value(flows):
    """Germany's inflow grew by 60, France's by 20, and 40 can have gone on: 30 and 10."""
    found = parts(flows(*PLAIN))
    germany, france = found["854231", "DEU"], found["854231", "FRA"]
    assert (germany["origin_excess_usd"], france["origin_excess_usd"]) == (60, 20)
    assert (germany["excess_share"], france["excess_share"]) == (0.75, 0.25)
    assert (germany["attributed_usd"], france["attributed_usd"]) == (30, 10)
    assert germany["compatible_high_usd"] == 40


def test_goods_leave_up_to_three_months_later_unless_asked(flows):
    """April and May are in the lag of three months, June is not."""
    later = [went(year, n, usd) for n in (3, 4, 5) for year, usd in ((2021, 0), (2022, 3))]
    later += [went(2021, 6, 0), went(2022, 6, 1e9)]
    asked = {name: value for name, value in ASKED.items() if name != "lag"}
    found = attribution(flows(*PLAIN, *later), **asked).to_pyarrow().to_pylist()
    assert {row["compatible_high_usd"] for row in found} == {40 + 9}


def test_a_member_that_sold_less_gets_nothing(flows):
    fell = [came(2021, 1, 30, partner="FRA", source="b")]
    found = parts(flows(*PLAIN, *fell))
    assert found["854231", "FRA"]["origin_excess_usd"] == -10
    assert (found["854231", "FRA"]["excess_share"], found["854231", "FRA"]["attributed_usd"]) == (
        0,
        0,
    )
    assert found["854231", "DEU"]["attributed_usd"] == 40


def test_without_a_rise_there_is_no_share_and_nothing_to_divide(flows):
    rows = [row for row in PLAIN if row["flow"] == "export" or row["period"].year == 2021]
    other = [came(2022, n, 7, product="010121") for n in (1, 2)]
    row = parts(flows(*rows, *other))["854231", "DEU"]
    assert (row["excess_share"], row["attributed_usd"]) == (None, 0)


def test_too_few_months_leave_shares_without_amounts(flows):
    rows = [row for row in PLAIN if (row["flow"], row["period"]) != ("export", date(2021, 2, 1))]
    row = parts(flows(*rows))["854231", "DEU"]
    assert (row["excess_share"], row["attributed_usd"], row["compatible_high_usd"]) == (
        0.75,
        None,
        None,
    )


def test_products_are_divided_each_by_itself(flows):
    other = [row | {"product": "854232"} for row in PLAIN if row["partner"] != "FRA"]
    found = parts(flows(*PLAIN, *other), products=("854231", "854232"))
    assert found["854231", "DEU"]["attributed_usd"] == 30
    assert found["854232", "DEU"]["attributed_usd"] == 40
    assert len(found) == 3


def test_goods_that_were_not_asked_for_and_other_partners_are_left_out(flows):
    noise = [came(2022, 1, 1e9, partner="CHN"), came(2022, 1, 1e9, product="010121")]
    assert parts(flows(*PLAIN, *noise)) == parts(flows(*PLAIN))


def test_an_unknown_kind_of_books_is_refused(flows):
    with pytest.raises(StudyError, match="choose importer or exporter"):
        parts(flows(*PLAIN), books="both")


def left(world):
    """Kazakhstan's excess exports to Russia, February to July 2022 against 2019 and 2020."""
    exports = [r for r in world if (r["reporter"], r["flow"]) == ("KAZ", "export")]
    published = {r["period"] for r in exports}
    excess = {}
    for r in exports:
        days = [date(year, r["period"].month, 1) for year in (2022, 2019, 2020)]
        is_asked = r["partner"] == "RUS" and r["period"] in days and 2 <= r["period"].month <= 7
        if is_asked and {*days} <= published:
            weight = 1 if r["period"].year == 2022 else -0.5
            excess[r["product"]] = excess.get(r["product"], 0.0) + weight * r["value_usd"]
    return excess


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("books", ["importer", "exporter"])
def test_random_worlds_agree_with_brute_force(flows, seed, books):
    world = random_world(seed)
    asked = BRUTE | {"books": books, "lag": 2, "first": "2022-02", "last": "2022-05"}
    flow, key, other = ("import", "partner", "reporter")
    if books == "exporter":
        flow, key, other = ("export", "reporter", "partner")
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == flow}
    excess = {}
    for r in world:
        days = [date(year, r["period"].month, 1) for year in (2022, 2019, 2020)]
        if (
            r["flow"] == flow
            and r[key] in WHO
            and r[other] == "KAZ"
            and r["product"] in GOODS
            and r["period"] in days
            and 2 <= r["period"].month <= 5
            and all((r["reporter"], day) in published for day in days)
        ):
            weight = 1 if r["period"].year == 2022 else -0.5
            pair = (r["product"], r[key])
            excess[pair] = excess.get(pair, 0.0) + weight * r["value_usd"]
    rises = left(world)
    high = {
        good: max(0, min(sum(excess.get((good, who), 0) for who in WHO), rises.get(good, 0)))
        for good in GOODS
    }
    found = parts(flows(*world), **asked)
    assert set(found) == set(excess)
    for (product, origin), row in found.items():
        assert row["origin_excess_usd"] == pytest.approx(excess[product, origin])
        risen = sum(max(excess.get((product, who), 0), 0) for who in WHO)
        share = max(excess[product, origin], 0) / risen if risen else None
        assert row["excess_share"] == (None if share is None else pytest.approx(share))
        assert row["attributed_usd"] == pytest.approx((share or 0) * high[product])
    for product in GOODS:
        total = sum(row["attributed_usd"] for pair, row in found.items() if pair[0] == product)
        assert total == pytest.approx(high[product])


@settings(max_examples=8)
@given(scale=st.floats(1e-3, 1e3))
def test_shares_have_no_unit(flows, scale):
    scaled = [row | {"value_usd": row["value_usd"] * scale} for row in PLAIN]
    row = parts(flows(*scaled))["854231", "DEU"]
    assert row["excess_share"] == pytest.approx(0.75)
    assert row["attributed_usd"] == pytest.approx(30 * scale)
