"""Monthly pace against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.measures.monthly_pace import monthly_pace
from support.random_world import FEW, GOODS, WHO, random_world

ASKED = {
    "reporters": ("KAZ",),
    "partners": ("RUS",),
    "products": ("854231",),
    "late": ("2023-07", "2023-09"),
    "early": ("2023-01", "2023-06"),
    "before": ("2021-01", "2021-12"),
}


def sale(year, number, usd, **changes):
    return {
        "reporter": "KAZ",
        "partner": "RUS",
        "flow": "export",
        "period": date(year, number, 1),
        "value_usd": float(usd),
    } | changes


def pace(table, **changes):
    (row,) = monthly_pace(table, **ASKED | changes).to_pyarrow().to_pylist()
    return row


def world(late=30, early=60, before=20):
    return [
        *(sale(2023, n, late) for n in (7, 8, 9)),
        *(sale(2023, n, early) for n in range(1, 7)),
        *(sale(2021, n, before) for n in range(1, 13)),
    ]


def test_known_value(flows):
    row = pace(flows(*world()))
    assert (row["late_usd"], row["early_usd"], row["before_usd"]) == (30, 60, 20)
    assert (row["late_to_early"], row["late_to_before"]) == (0.5, 1.5)
    assert (row["late_months"], row["early_months"], row["before_months"]) == (3, 6, 12)
    assert row["cells"] == 21


def test_a_missing_month_lowers_the_count_and_not_the_pace(flows):
    row = pace(flows(*world()[1:]))
    assert (row["late_usd"], row["late_months"]) == (30, 2)


def test_a_published_month_without_the_goods_lowers_the_pace(flows):
    row = pace(flows(*world()[1:], sale(2023, 7, 99, product="010121")))
    assert (row["late_usd"], row["late_months"]) == (20, 3)


def test_a_published_window_without_the_goods_has_a_pace_of_zero(flows):
    others = [sale(2023, n, 99, product="010121") for n in (7, 8, 9)]
    row = pace(flows(*world()[3:], *others))
    assert (row["late_usd"], row["late_to_early"]) == (0, 0)


def test_silence_is_null_and_so_is_a_ratio_to_zero(flows):
    row = pace(flows(*world()[3:]))
    assert (row["late_usd"], row["late_to_early"], row["late_to_before"]) == (None, None, None)
    assert pace(flows(*world(before=0)))["late_to_before"] is None


def test_every_window_can_be_silent_or_a_single_month(flows):
    row = pace(flows(*world()[:3]))
    assert (row["early_usd"], row["before_usd"]) == (None, None)
    single = pace(flows(sale(2023, 7, 3), sale(2023, 1, 2), sale(2021, 5, 1)))
    assert (single["late_usd"], single["early_usd"], single["before_usd"]) == (3, 2, 1)


def test_a_window_of_zeros_has_a_pace_and_no_ratio_to_it(flows):
    row = pace(flows(*world(early=0)))
    assert (row["early_usd"], row["late_to_early"], row["late_to_before"]) == (0, None, 1.5)
    assert pace(flows(*world(early=1, before=1)))["late_to_early"] == 30


def test_annual_rows_other_flows_partners_and_goods_are_left_out(flows):
    noise = [
        sale(2023, 7, 1e9, **change)
        for change in ({"freq": "A"}, {"flow": "import"}, {"partner": "WLD"}, {"product": "8542"})
    ]
    assert pace(flows(*world(), *noise)) == pace(flows(*world()))


def test_months_between_the_windows_are_left_out(flows):
    assert pace(flows(*world(), sale(2022, 5, 1e9), sale(2023, 10, 1e9))) == pace(flows(*world()))


@pytest.mark.parametrize("seed", range(5))
def test_random_worlds_agree_with_brute_force(flows, seed):
    made = random_world(seed)
    windows = {
        "late": ("2022-07", "2022-12"),
        "early": ("2022-01", "2022-06"),
        "before": ("2020-01", "2020-12"),
    }
    table = monthly_pace(flows(*made), reporters=WHO, partners=("RUS",), products=GOODS, **windows)
    for row in table.to_pyarrow().to_pylist():
        for name, (first, last) in windows.items():
            inside = [
                r
                for r in made
                if r["reporter"] == row["reporter"]
                and r["flow"] == "export"
                and first <= f"{r['period']:%Y-%m}" <= last
            ]
            usd = sum(
                r["value_usd"] for r in inside if r["partner"] == "RUS" and r["product"] in GOODS
            )
            months = {r["period"] for r in inside}
            assert row[f"{name}_months"] == len(months)
            assert row[f"{name}_usd"] == pytest.approx(usd / len(months))


@FEW
@given(scale=st.floats(1e-3, 1e3))
def test_ratios_have_no_unit(flows, scale):
    assert pace(flows(*world(30 * scale, 60 * scale, 20 * scale)))["late_to_early"] == (
        pytest.approx(0.5)
    )
