"""Period to date against values worked by hand, brute force and growth."""

from datetime import date

import pytest

from entrepot.measures.growth import growth
from entrepot.measures.period_to_date import period_to_date
from support.random_world import GOODS, WHO, random_world

ASKED = {
    "reporters": WHO,
    "partners": ("KAZ",),
    "products": GOODS,
    "first": "2022-01",
    "last": "2022-03",
}


def test_each_year_has_the_same_months_or_none(flows):
    changes = [
        {
            "reporter": "DEU",
            "partner": "KAZ",
            "flow": "export",
            "period": date(year, number, 1),
            "value_usd": float(year - 2000 + number),
        }
        for year in (2020, 2021, 2022)
        for number in (1, 2, 3, 4)
        if (year, number) != (2020, 2)
    ]
    found = period_to_date(flows(*changes), years=(2020, 2021, 2022), **ASKED)
    rows = {row["year"]: row for row in found.to_pyarrow().to_pylist()}
    assert {year: row["value_usd"] for year, row in rows.items()} == {
        2020: 21 + 23,
        2021: 22 + 24,
        2022: 23 + 25,
    }
    assert {row["months"] for row in rows.values()} == {2}
    assert {row["reporter_months_expected"] for row in rows.values()} == {6}


def test_a_year_without_the_goods_is_zero_not_absent(flows):
    changes = [
        {"reporter": "DEU", "partner": "KAZ", "flow": "export", "period": date(2022, 1, 1)},
        {
            "reporter": "DEU",
            "partner": "KAZ",
            "flow": "export",
            "period": date(2021, 1, 1),
            "product": "010121",
        },
    ]
    found = period_to_date(flows(*changes), years=(2021, 2022), **ASKED | {"last": "2022-01"})
    assert {row["cells"] for row in found.to_pyarrow().to_pylist()} == {0, 1}
    assert {row["year"]: row["value_usd"] for row in found.to_pyarrow().to_pylist()} == {
        2021: 0,
        2022: 1e6,
    }


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_growth(flows, seed):
    table = flows(*random_world(seed))
    years = period_to_date(table, years=(2019, 2020, 2022), **ASKED).to_pyarrow().to_pylist()
    sums = {row["year"]: row["value_usd"] for row in years}
    (grown,) = growth(table, base=(2019, 2020), **ASKED).to_pyarrow().to_pylist()
    assert grown["value_usd"] == sums[2022]
    assert grown["base_usd"] == pytest.approx((sums[2019] + sums[2020]) / 2)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", [(), ("reporter",), ("partner", "product")])
def test_random_worlds_agree_with_brute_force(flows, seed, by):
    """A window over the new year: November and December of a year, January of the next."""
    world = random_world(seed)
    years = (2019, 2021)
    windows = {year: [date(year, 11, 1), date(year, 12, 1), date(year + 1, 1, 1)] for year in years}
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    compared = {
        (who, place)
        for who in WHO
        for place in range(3)
        if all((who, windows[year][place]) in published for year in years)
    }
    sums, cells = {}, {}
    for r in world:
        for year in years:
            if (
                (r["flow"], r["product"] in GOODS) == ("export", True)
                and r["partner"] in ("KAZ", "RUS")
                and r["period"] in windows[year]
                and (r["reporter"], windows[year].index(r["period"])) in compared
            ):
                key = (year, *(r[column] for column in by))
                sums[key] = sums.get(key, 0.0) + r["value_usd"]
                cells[key] = cells.get(key, 0) + 1
    table = period_to_date(flows(*world), reporters=WHO, partners=("KAZ", "RUS"), products=GOODS,
                           first="2021-11", last="2022-01", years=years, by=by)  # fmt: skip
    found = {(row["year"], *(row[c] for c in by)): row for row in table.to_pyarrow().to_pylist()}
    assert set(found) == {(year, *key[1:]) for key in sums for year in years}
    assert len(found) == table.to_pyarrow().num_rows
    for key, row in found.items():
        assert (row["value_usd"], row["cells"]) == (sums.get(key, 0), cells.get(key, 0))
        assert row["reporter_months"] == len(compared)
        assert row["months"] == len({place for _who, place in compared})


def test_months_that_cannot_be_compared_give_no_row(flows):
    sale = {"reporter": "DEU", "partner": "KAZ", "flow": "export", "period": date(2022, 1, 1)}
    table = period_to_date(flows(sale), years=(2021, 2022), **ASKED)
    assert table.to_pyarrow().num_rows == 0
