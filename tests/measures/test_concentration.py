"""Concentration against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.measures.concentration import concentration
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


def both(who, usd, **changes):
    return [sale(who, number, usd / 2, **changes) for number in (1, 2)]


def one(table):
    (row,) = table.to_pyarrow().to_pylist()
    return row


def test_known_value(flows):
    row = one(concentration(flows(*both("CHN", 60), *both("TUR", 30), *both("IND", 10)), **ASKED))
    assert row["hhi"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert row["effective_suppliers"] == pytest.approx(1 / 0.46)
    assert (row["total_usd"], row["suppliers"], row["cells"]) == (100, 3, 6)
    assert (row["largest"], row["largest_share"]) == ("CHN", 0.6)
    assert (row["reporters_left_out"], row["left_out_usd"], row["product"]) == (0, 0, None)


def test_suppliers_together_count_as_one(flows):
    table = flows(*both("CHN", 60), *both("HKG", 20), *both("TUR", 20))
    row = one(concentration(table, together=("HKG", "CHN"), **ASKED))
    assert (row["hhi"], row["largest"]) == (pytest.approx(0.68), "CHN+HKG")
    assert row["suppliers"] == 2


def test_a_supplier_with_a_missing_month_is_left_out_and_shown(flows):
    row = one(concentration(flows(*both("CHN", 60), sale("TUR", 1, 999)), **ASKED))
    assert (row["hhi"], row["total_usd"], row["largest"]) == (1, 60, "CHN")
    assert (row["reporters_left_out"], row["left_out_usd"]) == (1, 999)


def test_several_left_out_are_counted_and_added(flows):
    table = flows(*both("CHN", 60), sale("TUR", 1, 9), sale("IND", 2, 4))
    row = one(concentration(table, **ASKED))
    assert (row["reporters_left_out"], row["left_out_usd"]) == (2, 13)


def test_single_dollars_and_less_count(flows):
    row = one(concentration(flows(*both("CHN", 0.75), *both("TUR", 0.25)), **ASKED))
    assert (row["total_usd"], row["suppliers"], row["largest_share"]) == (1, 2, 0.75)
    assert row["hhi"] == 0.625


def test_together_is_only_as_complete_as_its_least_complete_part(flows):
    table = flows(*both("CHN", 60), sale("HKG", 1, 5), *both("TUR", 10))
    row = one(concentration(table, together=("CHN", "HKG"), **ASKED))
    assert (row["hhi"], row["largest"]) == (1, "TUR")
    assert (row["reporters_left_out"], row["left_out_usd"]) == (2, 65)


def test_nothing_complete_and_nothing_sold_have_no_index(flows):
    row = one(concentration(flows(sale("TUR", 1, 9)), **ASKED))
    assert (row["hhi"], row["largest"], row["largest_share"]) == (None, None, None)
    assert (row["effective_suppliers"], row["suppliers"], row["total_usd"]) == (None, 0, 0)
    row = one(concentration(flows(*both("TUR", 0)), **ASKED))
    assert (row["hhi"], row["suppliers"], row["largest"]) == (None, 0, None)
    assert concentration(flows(*both("TUR", 9, partner="KAZ")), **ASKED).to_pyarrow().num_rows == 0


def test_a_tie_is_settled_by_name(flows):
    assert one(concentration(flows(*both("TUR", 5), *both("IND", 5)), **ASKED))["largest"] == "IND"


def test_noise_is_left_out(flows):
    plain = both("CHN", 60) + both("TUR", 40)
    noise = [
        sale("CHN", 1, 1e9, **change)
        for change in ({"flow": "import"}, {"partner": "WLD"}, {"freq": "A"}, {"product": "8542"})
    ]
    outside = [sale("CHN", 3, 1e9), *both("IND", 1e9)]
    asked = ASKED | {"reporters": ("CHN", "TUR")}
    assert one(concentration(flows(*plain, *noise, *outside), **asked)) == one(
        concentration(flows(*plain), **asked)
    )


@pytest.mark.parametrize("seed", range(5))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    months = {date(2021, 11, 1), date(2021, 12, 1), *(date(2022, n, 1) for n in (1, 2, 3))}
    sold, seen = {}, {}
    for r in world:
        if r["flow"] == "export" and r["period"] in months:
            seen.setdefault(r["reporter"], set()).add(r["period"])
            if r["partner"] == "RUS" and r["product"] in GOODS:
                of = sold.setdefault(r["product"], {})
                of[r["reporter"]] = of.get(r["reporter"], 0.0) + r["value_usd"]
    found = concentration(flows(*world), destination="RUS", products=GOODS, by=("product",),
                          first="2021-11", last="2022-03").to_pyarrow().to_pylist()  # fmt: skip
    assert {row["product"] for row in found} == set(sold)
    for row in found:
        of = sold[row["product"]]
        whole = {who: usd for who, usd in of.items() if seen[who] == months}
        total = sum(whole.values())
        assert (row["total_usd"], row["suppliers"]) == (total, sum(u > 0 for u in whole.values()))
        assert row["reporters_left_out"] == len(of) - len(whole)
        assert row["left_out_usd"] == sum(of.values()) - total
        if not whole:
            assert row["hhi"] is row["largest"] is None
            continue
        assert row["hhi"] == pytest.approx(sum((usd / total) ** 2 for usd in whole.values()))
        assert row["largest_share"] == pytest.approx(max(whole.values()) / total)
        assert whole[row["largest"]] == max(whole.values())


@FEW
@given(scale=st.floats(1e-3, 1e3), suppliers=st.integers(1, 6))
def test_equal_suppliers_have_the_index_of_their_number(flows, scale, suppliers):
    names = ("CHN", "TUR", "IND", "KAZ", "ARE", "HKG")[:suppliers]
    row = one(concentration(flows(*[r for who in names for r in both(who, scale)]), **ASKED))
    assert row["effective_suppliers"] == pytest.approx(suppliers)
