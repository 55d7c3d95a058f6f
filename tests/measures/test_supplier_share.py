"""Supplier share against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.measures.supplier_share import supplier_share
from support.random_world import FEW, GOODS, random_world

ASKED = {"destination": "RUS", "products": ("854231",), "first": "2022-01", "last": "2022-02"}


def sale(who, number, usd, **changes):
    return {
        "reporter": who,
        "partner": "RUS",
        "flow": "export",
        "period": date(2022, number, 1),
        "value_usd": float(usd),
    } | changes


def shares(table):
    return {row["reporter"]: row for row in table.to_pyarrow().to_pylist()}


def test_known_value(flows):
    table = flows(
        sale("CHN", 1, 60),
        sale("CHN", 2, 10),
        sale("HKG", 1, 10),
        sale("HKG", 2, 0),
        sale("TUR", 1, 10),
        sale("TUR", 2, 10),
    )
    found = shares(supplier_share(table, together=("HKG", "CHN"), **ASKED))
    assert found["CHN+HKG"]["share"] == 0.8
    assert found["TUR"]["share"] == 0.2
    assert found["TUR"]["total_usd"] == 100
    assert (found["CHN+HKG"]["cells"], found["TUR"]["cells"]) == (4, 2)


def test_a_supplier_with_a_missing_month_is_left_out_and_shown(flows):
    table = flows(sale("CHN", 1, 60), sale("CHN", 2, 20), sale("TUR", 1, 999))
    found = shares(supplier_share(table, **ASKED))
    assert (found["CHN"]["share"], found["CHN"]["total_usd"]) == (1.0, 80)
    assert (found["TUR"]["share"], found["TUR"]["value_usd"]) == (None, 999)
    assert (found["TUR"]["months_present"], found["TUR"]["months_expected"]) == (1, 2)


def test_together_is_only_as_complete_as_its_least_complete_part(flows):
    table = flows(
        sale("CHN", 1, 60),
        sale("CHN", 2, 20),
        sale("HKG", 1, 5),
        sale("TUR", 1, 1),
        sale("TUR", 2, 1),
    )
    found = shares(supplier_share(table, together=("CHN", "HKG"), **ASKED))
    assert found["CHN+HKG"]["share"] is None
    assert found["TUR"]["share"] == 1.0


def test_other_goods_make_a_month_present_but_no_share(flows):
    table = flows(
        sale("CHN", 1, 60),
        sale("CHN", 2, 7, product="010121"),
        sale("TUR", 1, 40),
        sale("TUR", 2, 0),
        sale("IND", 1, 9, product="010121"),
    )
    found = shares(supplier_share(table, **ASKED))
    assert (found["CHN"]["share"], found["TUR"]["share"]) == (0.6, 0.4)
    assert "IND" not in found


def test_reported_zeros_have_no_share(flows):
    table = flows(*[sale(who, n, 0) for who in ("CHN", "TUR") for n in (1, 2)])
    found = shares(supplier_share(table, **ASKED))
    assert {row["share"] for row in found.values()} == {None}
    assert {row["value_usd"] for row in found.values()} == {0}


def test_a_part_of_together_without_the_goods_adds_nothing(flows):
    table = flows(
        sale("CHN", 1, 6),
        sale("CHN", 2, 2),
        sale("HKG", 1, 9, product="010121"),
        sale("HKG", 2, 9, product="010121"),
    )
    found = shares(supplier_share(table, together=("CHN", "HKG"), **ASKED))
    assert found["CHN+HKG"]["value_usd"] == 8


def test_imports_world_rows_and_annual_rows_are_left_out(flows):
    plain = [sale("CHN", n, 10) for n in (1, 2)]
    noise = [
        sale("CHN", 1, 1e9, **change)
        for change in ({"flow": "import"}, {"partner": "WLD"}, {"freq": "A"})
    ]
    assert shares(supplier_share(flows(*plain, *noise), **ASKED)) == shares(
        supplier_share(flows(*plain), **ASKED)
    )


def test_only_the_reporters_asked_for_count(flows):
    table = flows(*[sale(who, n, 10) for who in ("CHN", "TUR", "IND") for n in (1, 2)])
    found = shares(supplier_share(table, reporters=("CHN", "TUR"), **ASKED))
    assert {who: row["share"] for who, row in found.items()} == {"CHN": 0.5, "TUR": 0.5}


@pytest.mark.parametrize("seed", range(5))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    asked = {"destination": "RUS", "products": GOODS, "first": "2021-11", "last": "2022-04"}
    months = {date(2021, 11, 1), date(2021, 12, 1), *(date(2022, n, 1) for n in range(1, 5))}
    sales, seen = {}, {}
    for r in world:
        if r["flow"] == "export" and r["period"] in months:
            seen.setdefault(r["reporter"], set()).add(r["period"])
            if r["partner"] == "RUS" and r["product"] in GOODS:
                sales[r["reporter"]] = sales.get(r["reporter"], 0.0) + r["value_usd"]
    total = sum(usd for who, usd in sales.items() if seen[who] == months)
    found = shares(supplier_share(flows(*world), **asked))
    assert set(found) == set(sales)
    for who, row in found.items():
        expected = sales[who] / total if seen[who] == months else None
        assert row["share"] == (pytest.approx(expected) if expected is not None else None)


@FEW
@given(scale=st.floats(1e-3, 1e3))
def test_shares_have_no_unit(flows, scale):
    table = flows(
        *[sale("CHN", n, 3 * scale) for n in (1, 2)], *[sale("TUR", n, scale) for n in (1, 2)]
    )
    assert shares(supplier_share(table, **ASKED))["CHN"]["share"] == pytest.approx(0.75)
