"""The re-export ratio against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.re_export_ratio import re_export_ratio
from support.random_world import FEW, GOODS, random_world
from support.sampled import some

ASKED = {
    "reporters": ("KGZ",),
    "coalition": ("DEU", "JPN"),
    "destination": "RUS",
    "products": ("854231",),
    "first": "2022-12",
    "last": "2022-12",
}


def came(year, number, usd, **changes):
    return {
        "reporter": "KGZ",
        "partner": "DEU",
        "flow": "import",
        "valuation": "CIF",
        "period": date(year, number, 1),
        "value_usd": float(usd),
    } | changes


def went(year, number, usd, **changes):
    return came(year, number, usd, partner="RUS", flow="export", valuation="FOB") | changes


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def test_known_value(flows):
    table = flows(came(2022, 12, 56), came(2022, 12, 56, partner="JPN"), went(2022, 12, 50))
    row = one(re_export_ratio(table, **ASKED))
    assert (row["inflow_recorded_usd"], row["outflow_recorded_usd"]) == (112, 50)
    assert row["outflow_ratio_low"] == pytest.approx(50 / 112)
    assert row["outflow_ratio_high"] == pytest.approx(0.5)
    assert (row["reporter_months_paired"], row["reporter_months_expected"]) == (1, 1)
    assert row["cells"] == 3


def test_imports_valued_fob_lose_no_freight(flows):
    row = one(
        re_export_ratio(flows(came(2022, 12, 100, valuation="FOB"), went(2022, 12, 50)), **ASKED)
    )
    assert row["outflow_ratio_low"] == row["outflow_ratio_high"] == 0.5


def test_goods_leave_a_lag_later_over_the_new_year(flows):
    table = flows(came(2022, 12, 100), went(2022, 12, 7), went(2023, 2, 50), came(2023, 2, 9))
    row = one(re_export_ratio(table, lag=2, **ASKED))
    assert (row["inflow_recorded_usd"], row["outflow_recorded_usd"]) == (100, 50)


def test_only_months_with_both_books_count(flows):
    table = flows(came(2022, 11, 100), came(2022, 12, 10), went(2022, 12, 5), went(2022, 10, 9))
    row = one(re_export_ratio(table, **ASKED | {"first": "2022-10"}))
    assert (row["inflow_recorded_usd"], row["outflow_recorded_usd"]) == (10, 5)
    assert (row["reporter_months_paired"], row["reporter_months_expected"]) == (1, 3)


def test_books_of_two_countries_are_not_paired_with_each_other(flows):
    table = flows(came(2022, 12, 10), went(2022, 12, 5, reporter="KAZ"))
    found = re_export_ratio(table, **ASKED | {"reporters": ("KGZ", "KAZ")})
    assert found.to_pyarrow().num_rows == 0


def test_published_books_without_the_goods_are_zero(flows):
    other = {"product": "010121"}
    row = one(re_export_ratio(flows(came(2022, 12, 10), went(2022, 12, 5, **other)), **ASKED))
    assert (row["outflow_recorded_usd"], row["outflow_ratio_high"]) == (0, 0)
    row = one(re_export_ratio(flows(came(2022, 12, 10, **other), went(2022, 12, 5)), **ASKED))
    assert (row["inflow_recorded_usd"], row["outflow_recorded_usd"]) == (0, 5)
    assert (row["outflow_ratio_low"], row["outflow_ratio_high"]) == (None, None)


@pytest.mark.parametrize(("usd", "ratio"), [(0, None), (1, 5)])
def test_a_reported_zero_has_no_ratio_and_a_dollar_has(flows, usd, ratio):
    table = flows(came(2022, 12, usd, valuation="FOB"), went(2022, 12, 5))
    row = one(re_export_ratio(table, **ASKED))
    assert (row["outflow_ratio_low"], row["outflow_ratio_high"]) == (ratio, ratio)


def test_noise_is_left_out(flows):
    plain = [came(2022, 12, 100), went(2022, 12, 50)]
    noise = [
        came(2022, 12, 1e9, partner="CHN"),
        came(2022, 12, 1e9, flow="re-import"),
        went(2022, 12, 1e9, partner="KAZ"),
        went(2022, 12, 1e9, partner="DEU"),
        went(2022, 12, 1e9, flow="re-export"),
        went(2022, 12, 1e9, freq="A"),
        went(2022, 12, 1e9, product="8542"),
        came(2022, 12, 1e9, partner="RUS"),
    ]
    assert one(re_export_ratio(flows(*plain, *noise), **ASKED)) == one(
        re_export_ratio(flows(*plain), **ASKED)
    )


def test_goods_cannot_leave_before_they_came(flows):
    with pytest.raises(CoverageError, match="lag is -1"):
        re_export_ratio(flows(came(2022, 12, 1)), lag=-1, **ASKED)


@pytest.mark.parametrize("seed", some(range(4), 2))
@pytest.mark.parametrize("by", [(), ("reporter",), ("product",)])
@pytest.mark.parametrize("lag", [0, 3])
def test_random_worlds_agree_with_brute_force(flows, seed, by, lag):
    world = random_world(seed)
    found = re_export_ratio(
        flows(*world), reporters=("KAZ", "FRA"), coalition=("DEU",), destination="RUS",
        products=GOODS, first="2021-06", last="2022-05", lag=lag, by=by,
    ).to_pyarrow().to_pylist()  # fmt: skip
    published = {(r["reporter"], r["flow"], r["period"]) for r in world}
    months = [date(2021 + n // 12, n % 12 + 1, 1) for n in range(5, 20)]
    pairs = [
        (who, months[n], months[n + lag])
        for who in ("KAZ", "FRA")
        for n in range(12)
        if (who, "import", months[n]) in published and (who, "export", months[n + lag]) in published
    ]
    sums = {}
    for r in world:
        for who, entry, leaving in pairs:
            is_in = (r["flow"], r["partner"], r["period"]) == ("import", "DEU", entry)
            is_out = (r["flow"], r["partner"], r["period"]) == ("export", "RUS", leaving)
            if r["reporter"] == who and r["product"] in GOODS and (is_in or is_out):
                inflow, outflow = sums.get(tuple(r[column] for column in by), (0.0, 0.0))
                sums[tuple(r[column] for column in by)] = (
                    inflow + r["value_usd"] * is_in,
                    outflow + r["value_usd"] * is_out,
                )
    assert {tuple(row[column] for column in by) for row in found} == set(sums)
    for row in found:
        inflow, outflow = sums[tuple(row[column] for column in by)]
        assert (row["inflow_recorded_usd"], row["outflow_recorded_usd"]) == (inflow, outflow)
        assert row["outflow_ratio_high"] == pytest.approx(outflow / (inflow / 1.12))
        assert row["reporter_months_paired"] == len(pairs)


@FEW
@given(scale=st.floats(1e-3, 1e3), freight=st.floats(0, 0.2))
def test_ratios_have_no_unit_and_freight_widens_the_band(flows, scale, freight):
    table = flows(came(2022, 12, 100 * scale), went(2022, 12, 50 * scale))
    row = one(re_export_ratio(table, freight=freight, **ASKED))
    assert row["outflow_ratio_low"] == pytest.approx(0.5)
    assert row["outflow_ratio_high"] == pytest.approx(0.5 * (1 + freight))
