"""Growth against values worked by hand, brute force on random worlds, and invariances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.growth import growth
from support.random_world import FEW, GOODS, WHO, random_world
from support.sampled import some

ASKED = {
    "reporters": ("DEU",),
    "partners": ("KAZ",),
    "products": ("854231",),
    "first": "2022-01",
    "last": "2022-02",
    "base": (2021,),
}


def month(year, number, usd, **changes):
    plain = {"reporter": "DEU", "partner": "KAZ", "flow": "export", "value_usd": float(usd)}
    return plain | {"period": date(year, number, 1)} | changes


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def test_known_value(flows):
    row = one(
        growth(
            flows(month(2021, 1, 10), month(2021, 2, 30), month(2022, 1, 50), month(2022, 2, 70)),
            **ASKED,
        )
    )
    assert (row["value_usd"], row["base_usd"], row["change_usd"], row["ratio"]) == (120, 40, 80, 3)
    assert (row["months"], row["reporter_months"], row["reporter_months_expected"]) == (2, 2, 2)
    assert row["cells"] == 4


def test_the_base_is_the_mean_of_its_years(flows):
    table = flows(month(2020, 1, 10), month(2021, 1, 30), month(2022, 1, 50))
    row = one(growth(table, **ASKED | {"last": "2022-01", "base": (2020, 2021)}))
    assert (row["base_usd"], row["ratio"]) == (20, 2.5)


def test_eleven_months_never_meet_twelve(flows):
    """February 2021 is missing, so February 2022 is left out too, and counted as missing."""
    row = one(growth(flows(month(2021, 1, 10), month(2022, 1, 50), month(2022, 2, 70)), **ASKED))
    assert (row["value_usd"], row["base_usd"]) == (50, 10)
    assert (row["reporter_months"], row["reporter_months_expected"]) == (1, 2)


def test_a_published_month_without_the_goods_is_zero(flows):
    other = month(2021, 2, 99, product="010121")
    row = one(
        growth(flows(month(2021, 1, 10), other, month(2022, 1, 50), month(2022, 2, 70)), **ASKED)
    )
    assert (row["value_usd"], row["base_usd"]) == (120, 10)


def test_what_ended_is_zero_and_not_null(flows):
    other = month(2022, 1, 99, product="010121")
    row = one(growth(flows(month(2021, 1, 10), other), **ASKED | {"last": "2022-01"}))
    assert (row["value_usd"], row["change_usd"], row["ratio"]) == (0, -10, 0)


def test_a_base_of_zero_has_no_ratio(flows):
    other = month(2021, 1, 99, product="010121")
    row = one(growth(flows(other, month(2022, 1, 50)), **ASKED | {"last": "2022-01"}))
    assert (row["value_usd"], row["base_usd"], row["ratio"]) == (50, 0, None)


def test_nothing_to_compare_gives_no_row(flows):
    assert growth(flows(month(2022, 1, 50)), **ASKED).to_pyarrow().num_rows == 0


def test_annual_rows_other_flows_and_other_partners_are_left_out(flows):
    plain = [month(2021, 1, 10), month(2022, 1, 50)]
    noise = [
        month(2022, 1, 1e9, freq="A"),
        month(2022, 1, 1e9, flow="re-export"),
        month(2022, 1, 1e9, partner="WLD"),
        month(2022, 1, 1e9, reporter="FRA"),
        month(2022, 1, 1e9, product="8542"),
    ]
    asked = ASKED | {"last": "2022-01"}
    assert one(growth(flows(*plain, *noise), **asked)) == one(growth(flows(*plain), **asked))


def test_a_window_over_the_new_year_keeps_its_months_together(flows):
    table = flows(
        month(2020, 12, 1),
        month(2021, 1, 2),
        month(2021, 12, 10),
        month(2022, 1, 20),
        month(2022, 12, 999),
        month(2020, 1, 999),
    )
    row = one(growth(table, **ASKED | {"first": "2021-12", "last": "2022-01", "base": (2020,)}))
    assert (row["value_usd"], row["base_usd"]) == (30, 3)


def test_a_whole_year_is_a_window(flows):
    table = flows(*[month(year, n, year - 2000) for year in (2021, 2022) for n in range(1, 13)])
    row = one(growth(table, **ASKED | {"last": "2022-12"}))
    assert (row["value_usd"], row["base_usd"], row["months"]) == (22 * 12, 21 * 12, 12)


@pytest.mark.parametrize("window", [("2022-01", "2023-01"), ("2022-03", "2022-02"), ("2022", "x")])
def test_windows_that_cannot_be_compared_are_refused(flows, window):
    with pytest.raises(CoverageError):
        growth(flows(month(2022, 1, 1)), **ASKED | {"first": window[0], "last": window[1]})


@pytest.mark.parametrize("base", [(), (2022,)])
def test_growth_on_nothing_is_refused(flows, base):
    with pytest.raises(CoverageError, match="growth: no base year other than 2022"):
        growth(flows(month(2022, 1, 1)), **ASKED | {"base": base})


@pytest.mark.parametrize("seed", some(range(5), 2))
@pytest.mark.parametrize("by", [(), ("partner",), ("product",), ("reporter",)])
def test_random_worlds_agree_with_brute_force(flows, seed, by):
    world = random_world(seed)
    asked = {
        "reporters": WHO,
        "partners": ("KAZ", "RUS"),
        "products": GOODS,
        "first": "2022-03",
        "last": "2022-08",
        "base": (2019, 2021),
    }
    found = growth(flows(*world), by=by, **asked).to_pyarrow().to_pylist()
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    years = (2022, 2019, 2021)
    compared = {
        (who, number)
        for who in WHO
        for number in range(3, 9)
        if all((who, date(year, number, 1)) in published for year in years)
    }
    sums = {}
    for r in world:
        key = tuple(r[column] for column in by)
        if (
            r["flow"] == "export"
            and (r["reporter"], r["period"].month) in compared
            and r["partner"] in ("KAZ", "RUS")
            and r["product"] in GOODS
            and r["period"].year in years
        ):
            now, base = sums.get(key, (0.0, 0.0))
            is_now = r["period"].year == 2022
            sums[key] = (now + r["value_usd"] * is_now, base + r["value_usd"] * (not is_now))
    assert {tuple(row[column] for column in by) for row in found} == set(sums)
    for row in found:
        now, base = sums[tuple(row[column] for column in by)]
        assert row["value_usd"] == pytest.approx(now)
        assert row["base_usd"] == pytest.approx(base / 2)
        assert row["reporter_months"] == len(compared)


@FEW
@given(scale=st.floats(1e-3, 1e3), cut=st.floats(0, 1))
def test_neither_the_unit_nor_splitting_rows_matters(flows, scale, cut):
    plain = [month(2021, 1, 10), month(2022, 1, 50)]
    split = [month(2021, 1, 10 * scale)] + [
        month(2022, 1, 50 * scale * part) for part in (cut, 1 - cut)
    ]
    asked = ASKED | {"last": "2022-01"}
    assert one(growth(flows(*split), **asked))["ratio"] == pytest.approx(
        one(growth(flows(*plain), **asked))["ratio"]
    )
