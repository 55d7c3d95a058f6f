"""The monthly series: sums by hand, gaps that stay gaps."""

from datetime import date

import pytest

from entrepot.measures.monthly_series import monthly_series
from support.random_world import GOODS, WHO, random_world

ASKED = {"reporters": ("DEU", "FRA"), "partners": ("RUS",), "products": ("854231",)}


def sale(who, number, usd, **changes):
    return {
        "reporter": who,
        "partner": "RUS",
        "flow": "export",
        "period": date(2022, number, 1),
        "value_usd": float(usd),
    } | changes


def series(table, first="2022-01", last="2022-04"):
    found = monthly_series(table, first=first, last=last, **ASKED)
    return {row["period"].month: row for row in found.to_pyarrow().to_pylist()}


def test_sums_gaps_and_zeros(flows):
    found = series(
        flows(
            sale("DEU", 1, 4),
            sale("DEU", 1, 1, classification="HS2017"),
            sale("FRA", 1, 7),
            sale("DEU", 2, 3),
            sale("DEU", 4, 9, product="010121"),
        )
    )
    assert {number: row["series_usd"] for number, row in found.items()} == {
        1: 12,
        2: 3,
        3: None,
        4: 0,
    }
    assert {number: row["reporters_present"] for number, row in found.items()} == {
        1: 2,
        2: 1,
        3: 0,
        4: 1,
    }
    assert [row["cells"] for row in found.values()] == [3, 1, 0, 0]


def test_annual_rows_other_flows_partners_and_goods_are_left_out(flows):
    plain = [sale("DEU", 1, 4), sale("FRA", 3, 2)]
    noise = [
        sale("DEU", 1, 1e9, **change)
        for change in ({"freq": "A"}, {"flow": "import"}, {"partner": "WLD"}, {"product": "8542"})
    ]
    noise += [sale("TUR", 1, 1e9), sale("DEU", 5, 1e9), sale("FRA", 2, 1e9, freq="A")]
    assert series(flows(*plain, *noise)) == series(flows(*plain))


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    found = (
        monthly_series(
            flows(*world),
            reporters=WHO,
            partners=("KAZ",),
            products=GOODS,
            first="2020-01",
            last="2021-12",
        )
        .to_pyarrow()
        .to_pylist()
    )
    assert len(found) == 24
    for row in found:
        inside = [
            r
            for r in world
            if r["period"] == row["period"] and r["flow"] == "export" and r["reporter"] in WHO
        ]
        usd = sum(r["value_usd"] for r in inside if r["partner"] == "KAZ" and r["product"] in GOODS)
        assert row["series_usd"] == (usd if inside else None)
