"""The red flag against values at its threshold, bounds with missing months, and brute force."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.measures.red_flag import red_flag
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {"reporters": ("KGZ",), "destination": "RUS", "products": ("854231",)}


def year(number, usd, partner, **changes):
    """Twelve months of a year, with all the trade in May."""
    return [
        {
            "reporter": "KGZ",
            "partner": partner,
            "flow": "export",
            "period": date(number, month, 1),
            "value_usd": float(usd) * (month == 5),
        }
        | changes
        for month in range(1, 13)
    ]


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def without(rows, *periods):
    return [row for row in rows if row["period"] not in periods]


def test_known_value(flows):
    row = one(red_flag(flows(*year(2019, 10, "WLD"), *year(2022, 501, "RUS")), **ASKED))
    assert (row["value_usd"], row["base_world_usd"], row["multiple_of_world"]) == (501, 10, 50.1)
    assert row["is_flagged"] is True
    assert (row["year_months"], row["world_months"], row["cells"]) == (12, 12, 24)


def test_the_threshold_itself_is_no_flag(flows):
    row = one(red_flag(flows(*year(2019, 10, "WLD"), *year(2022, 500, "RUS")), **ASKED))
    assert row["is_flagged"] is False
    table = flows(*year(2019, 10, "WLD"), *year(2022, 21, "RUS"))
    assert one(red_flag(table, multiple=2.0, **ASKED))["is_flagged"] is True


def test_first_exports_of_any_size_are_flagged(flows):
    other = year(2019, 10, "WLD", product="010121")
    row = one(red_flag(flows(*other, *year(2022, 1, "RUS")), **ASKED))
    assert (row["base_world_usd"], row["multiple_of_world"], row["is_flagged"]) == (0, None, True)


def test_missing_months_leave_open_only_what_they_can_change(flows):
    world, sold = year(2019, 10, "WLD"), year(2022, 501, "RUS")
    hole, gap = date(2019, 1, 1), date(2022, 1, 1)
    verdict = [
        one(red_flag(flows(*rows), **ASKED))["is_flagged"]
        for rows in (
            [*without(world, hole), *sold],
            [*world, *without(sold, gap)],
            [*without(world, hole), *year(2022, 500, "RUS")],
            [*world, *without(year(2022, 500, "RUS"), gap)],
        )
    ]
    assert verdict == [None, True, False, None]


def test_a_world_that_was_not_published_is_not_zero(flows):
    table = flows(*year(2019, 3, "KAZ"), *year(2022, 501, "RUS"))
    row = one(red_flag(table, **ASKED))
    assert (row["base_world_usd"], row["is_flagged"], row["world_months"]) == (None, None, 0)


def test_a_world_of_which_all_is_known_and_nothing_recorded_is_zero(flows):
    presence = year(2019, 0, "WLD", product="presence")
    row = one(red_flag(flows(*presence, *year(2022, 501, "RUS")), **ASKED))
    assert (row["base_world_usd"], row["is_flagged"], row["world_months"]) == (0, True, 12)
    assert row["multiple_of_world"] is None


def test_a_single_month_of_the_world_is_a_sum_and_no_verdict(flows):
    table = flows(*year(2019, 10, "WLD")[4:5], *year(2022, 501, "RUS"))
    row = one(red_flag(table, **ASKED))
    assert (row["base_world_usd"], row["world_months"], row["is_flagged"]) == (10, 1, None)


def test_partners_can_be_added_up_instead_and_totals_never_are(flows):
    table = flows(
        *(year(2019, 6, "KAZ") + year(2019, 4, "RUS")),
        *(year(2019, 1e6, "WLD") + year(2019, 1e6, "EU27") + year(2022, 501, "RUS")),
    )
    row = one(red_flag(table, world="", **ASKED))
    assert (row["base_world_usd"], row["is_flagged"]) == (10, True)


def test_goods_that_did_not_go_there_have_no_row(flows):
    table = flows(*year(2019, 10, "WLD"), *year(2022, 7, "KAZ"), *year(2022, 0, "RUS"))
    assert red_flag(table, **ASKED).to_pyarrow().num_rows == 0


def test_other_years_flows_and_goods_are_left_out(flows):
    plain = [*year(2019, 10, "WLD"), *year(2022, 501, "RUS")]
    noise = [
        *year(2021, 1e9, "RUS"),
        *year(2020, 1e9, "WLD"),
        *year(2022, 1e9, "WLD"),
        *year(2019, 1e9, "RUS"),
        *year(2022, 1e9, "RUS", flow="import"),
        *year(2022, 1e9, "RUS", freq="A"),
        *year(2022, 1e9, "RUS", product="8542"),
        *year(2022, 1e9, "RUS", reporter="KAZ"),
    ]
    assert one(red_flag(flows(*plain, *noise), **ASKED)) == one(red_flag(flows(*plain), **ASKED))


@pytest.mark.parametrize("seed", range(5))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    found = red_flag(
        flows(*world), reporters=WHO, destination="RUS", products=GOODS, year=2021, base=2019,
        multiple=0.4, world="",
    ).to_pyarrow().to_pylist()  # fmt: skip
    sums, months = {}, {}
    for r in world:
        if r["flow"] != "export" or r["reporter"] not in WHO:
            continue
        number = r["period"].year
        months.setdefault((r["reporter"], number), set()).add(r["period"])
        key = (r["reporter"], r["product"])
        if r["product"] in GOODS and number == 2021 and r["partner"] == "RUS":
            sums[key, "now"] = sums.get((key, "now"), 0.0) + r["value_usd"]
        if r["product"] in GOODS and number == 2019 and r["partner"] != "WLD":
            sums[key, "world"] = sums.get((key, "world"), 0.0) + r["value_usd"]
    assert len(found) == 4
    for row in found:
        key = (row["reporter"], row["product"])
        now, before = sums[key, "now"], sums[key, "world"]
        assert (row["value_usd"], row["base_world_usd"]) == (now, before)
        over = now > 0.4 * before
        whole = len(months[row["reporter"], 2019 if over else 2021]) == 12
        assert row["is_flagged"] == (over if whole else None)


@FEW
@given(scale=st.floats(1e-3, 1e3), now=st.floats(1, 1000))
def test_the_flag_has_no_unit(flows, scale, now):
    def flag(by):
        table = flows(*year(2019, 10 * by, "WLD"), *year(2022, (now + 0.001) * by, "RUS"))
        return one(red_flag(table, **ASKED | {"multiple": 49.7}))

    assert flag(scale)["is_flagged"] == flag(1)["is_flagged"]
