"""Route shares against values worked by hand, brute force and invariance."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import CoverageError
from entrepot.measures.route_share import route_share
from support.random_world import FEW, GOODS, random_world

ASKED = {
    "destination": "RUS",
    "reporters": ("CHN", "TUR"),
    "together": ("DEU", "FRA"),
    "products": ("854231",),
    "first": "2023-01",
    "last": "2023-01",
    "base": (2021,),
}


def sale(who, year, usd, **changes):
    return {
        "reporter": who,
        "partner": "RUS",
        "flow": "export",
        "period": date(year, 1, 1),
        "value_usd": float(usd),
    } | changes


WORLD = [
    *(sale("CHN", 2021, 35), sale("TUR", 2021, 5), sale("DEU", 2021, 40), sale("FRA", 2021, 20)),
    *(sale("CHN", 2023, 122), sale("TUR", 2023, 26), sale("DEU", 2023, 48), sale("FRA", 2023, 4)),
]


def routes(table):
    return {row["route"]: row for row in table.to_pyarrow().to_pylist()}


def test_known_value(flows):
    """The shares that ifo published: China from 35% to 61%, Turkey to 13%."""
    found = routes(route_share(flows(*WORLD), **ASKED))
    assert {name: row["route_share"] for name, row in found.items()} == {
        "CHN": 0.61,
        "TUR": 0.13,
        "direct": 0.26,
    }
    assert found["CHN"]["base_share"] == 0.35
    assert found["CHN"]["share_change"] == pytest.approx(0.26)
    assert (found["direct"]["value_usd"], found["direct"]["base_usd"]) == (52, 60)
    assert (found["direct"]["reporters_on_route"], found["direct"]["reporters_left_out"]) == (2, 0)
    assert (found["TUR"]["cells"], found["TUR"]["left_out_usd"]) == (2, 0)


def test_the_base_is_the_mean_of_its_years(flows):
    more = [sale(who, 2020, 5) for who in ("CHN", "TUR", "DEU", "FRA")]
    found = routes(route_share(flows(*WORLD, *more), **ASKED | {"base": (2020, 2021)}))
    assert found["CHN"]["base_usd"] == 20
    assert found["CHN"]["base_share"] == pytest.approx(20 / 60)


@pytest.mark.parametrize("year", [2021, 2023])
def test_a_reporter_with_a_missing_month_is_left_out_and_shown(flows, year):
    rows = [r for r in WORLD if (r["reporter"], r["period"].year) != ("FRA", year)]
    rows.append(sale("FRA", 2023, 1e9, freq="A"))
    found = routes(route_share(flows(*rows), **ASKED))
    assert found["direct"]["reporters_left_out"] == 1
    assert found["direct"]["left_out_usd"] == (4 if year == 2021 else 0)
    assert found["direct"]["value_usd"] == 48
    assert found["CHN"]["route_share"] == pytest.approx(122 / 196)


def test_eleven_months_never_meet_twelve(flows):
    """China lacks February; its January cannot stand beside two months of the others."""
    more = [
        sale(who, year, 1, period=date(year, 2, 1))
        for who in ("TUR", "DEU", "FRA")
        for year in (2021, 2023)
    ]
    found = routes(route_share(flows(*WORLD, *more), **ASKED | {"last": "2023-02"}))
    assert (found["CHN"]["route_share"], found["CHN"]["left_out_usd"]) == (None, 122)
    assert found["CHN"]["cells"] == 0
    assert found["TUR"]["route_share"] == pytest.approx(27 / 81)


def test_a_silent_route_has_a_row_and_no_share(flows):
    found = routes(route_share(flows(*WORLD), **ASKED | {"reporters": ("CHN", "TUR", "UZB")}))
    assert (found["UZB"]["value_usd"], found["UZB"]["route_share"]) == (None, None)
    assert (found["UZB"]["reporters_left_out"], found["UZB"]["left_out_usd"]) == (1, 0)
    assert found["UZB"]["cells"] == 0
    assert found["CHN"]["route_share"] == 0.61


def test_a_route_that_sold_nothing_has_a_share_of_zero(flows):
    other = [sale("UZB", year, 9, product="010121") for year in (2021, 2023)]
    found = routes(route_share(flows(*WORLD, *other), **ASKED | {"reporters": ("CHN", "UZB")}))
    assert (found["UZB"]["route_share"], found["UZB"]["share_change"]) == (0, 0)


def test_routes_that_all_sold_nothing_have_no_share(flows):
    rows = [row | {"value_usd": 0.0} for row in WORLD]
    found = routes(route_share(flows(*rows), **ASKED))
    assert {row["route_share"] for row in found.values()} == {None}
    assert {row["base_share"] for row in found.values()} == {None}


def test_noise_is_left_out(flows):
    noise = [
        sale("CHN", 2023, 1e9, **change)
        for change in ({"flow": "import"}, {"partner": "WLD"}, {"freq": "A"}, {"product": "8542"})
    ]
    noise += [sale("IND", 2023, 1e9), sale("CHN", 2022, 1e9)]
    assert routes(route_share(flows(*WORLD, *noise), **ASKED)) == routes(
        route_share(flows(*WORLD), **ASKED)
    )


def test_a_share_without_a_base_is_refused(flows):
    with pytest.raises(CoverageError, match="no base year"):
        route_share(flows(*WORLD), **ASKED | {"base": ()})


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds_agree_with_brute_force(flows, seed):
    world = random_world(seed)
    found = routes(
        route_share(
            flows(*world), destination="RUS", reporters=("KAZ",), together=("DEU", "FRA"),
            products=GOODS, first="2022-03", last="2022-07", base=(2020, 2021),
        )
    )  # fmt: skip
    published = {(r["reporter"], r["period"]) for r in world if r["flow"] == "export"}
    whole = {
        who
        for who in ("KAZ", "DEU", "FRA")
        if all(
            (who, date(year, n, 1)) in published for year in (2020, 2021, 2022) for n in range(3, 8)
        )
    }

    def total(members, years):
        return sum(
            r["value_usd"]
            for r in world
            if r["flow"] == "export" and r["reporter"] in members and r["partner"] == "RUS"
            and r["product"] in GOODS and r["period"].year in years and 3 <= r["period"].month < 8
        ) / len(years)  # fmt: skip

    for name, members in (("KAZ", {"KAZ"}), ("direct", {"DEU", "FRA"})):
        row = found[name]
        assert row["reporters_left_out"] == len(members - whole)
        assert row["left_out_usd"] == total(members - whole, (2022,))
        if members & whole:
            now = total(members & whole, (2022,)) / total(whole, (2022,))
            then = total(members & whole, (2020, 2021)) / total(whole, (2020, 2021))
            assert row["route_share"] == pytest.approx(now)
            assert row["share_change"] == pytest.approx(now - then)
        else:
            assert row["route_share"] is None


@FEW
@given(scale=st.floats(1e-3, 1e3))
def test_shares_have_no_unit_and_add_up(flows, scale):
    found = routes(
        route_share(flows(*[r | {"value_usd": r["value_usd"] * scale} for r in WORLD]), **ASKED)
    )
    assert found["CHN"]["route_share"] == pytest.approx(0.61)
    assert sum(row["share_change"] for row in found.values()) == pytest.approx(0)
