"""The revision profile against months whose later values are known."""

from datetime import date
from itertools import pairwise

import pytest

from entrepot.store.revising import AGES, FEWEST, profile

DAY, AGAIN = date(2022, 8, 10), date(2023, 8, 10)
MONTHS = [f"2022-0{n}" for n in range(1, 8)]
"""Read in August 2022 these are seven months to less than one after their end."""
LATER = {month: 100 + 10 * at for at, month in enumerate(MONTHS)}
"""What the second vintage says of each; the first says 100."""


@pytest.fixture
def pair(kept, table):
    one = table("a.csv", *({"month": m} for m in MONTHS))
    two = table("b.csv", *({"month": m, "value": f"{v}"} for m, v in LATER.items()))

    def fill(desk):
        desk.take(one, published=DAY)
        desk.take(two, published=AGAIN)

    return kept("revised", fill)


def bands(desk, **options):
    found = profile(desk.con.con, desk.store.vintages(), **options)
    return {one.age_first: one for one in found}


def test_each_month_is_in_the_band_of_its_age_when_it_was_first_read(pair):
    found = bands(pair)
    assert {at: one.cells for at, one in found.items()} == {0: 3, 3: 3, 6: 1}
    assert {at: one.moved for at, one in found.items()} == {0: 3, 3: 3, 6: 0}
    assert {one.releases for one in found.values()} == {1}


def test_with_few_cells_nothing_is_said_of_how_far(pair):
    assert all((one.low, one.median, one.high) == (None,) * 3 for one in bands(pair).values())


def test_quantiles_are_of_the_later_over_the_earlier_value(pair, table):
    both = [{"month": m, "flow": "M"} for m in MONTHS]
    pair.take(table("c.csv", *both), published=DAY, scope="part")
    pair.take(table("d.csv", *({**row, "value": "90"} for row in both)), published=AGAIN,
              scope="part")  # fmt: skip
    found = bands(pair)[0]  # exports at 140, 150, 160 and imports at 90, three times
    assert found.cells == FEWEST
    assert found.low == pytest.approx(0.9)
    assert found.median == pytest.approx((0.9 + 1.4) / 2)
    assert found.high == pytest.approx(1.55)  # halfway from 1.5 to 1.6


def test_known_on_an_earlier_day_nothing_moved_yet(pair):
    assert bands(pair, as_of=DAY) == {}
    assert bands(pair, reporters=["FRA"]) == {}


def test_only_what_both_vintages_speak_for_is_compared(desk, table):
    many = [{"month": m, "product": p} for m in MONTHS for p in ("854231", "854232")]
    desk.take(table("a.csv", *many), published=DAY)
    desk.take(table("b.csv", *({"month": m, "value": "110"} for m in MONTHS)), published=AGAIN,
              scope="part")  # fmt: skip
    wide = [{**row, "value": "121", "partner": p} for row in many for p in ("KAZ", "KGZ")]
    desk.take(table("c.csv", *wide), published=date(2024, 8, 10), scope="whole")
    found = profile(desk.con.con, desk.store.vintages())
    by_age = {one.age_first: one for one in found}
    assert by_age[12].cells == 7  # 854231 to Kazakhstan alone, as the second vintage had it
    assert by_age[12].median == pytest.approx(1.1)
    # the first holds two products to Kazakhstan; the partner it never spoke of is left out
    assert by_age[0].cells + by_age[3].cells + by_age[6].cells == 7
    assert by_age[12].low == by_age[12].high


def test_codes_of_two_levels_are_not_added_up(desk, table):
    rows = [{"month": m, "product": p, "value": v} for m in MONTHS
            for p, v in (("8542", "1000"), ("854231", "100"))]  # fmt: skip
    desk.take(table("a.csv", *rows), published=DAY)
    moved = [row | ({"value": "150"} if len(row["product"]) == 6 else {}) for row in rows]
    desk.take(table("b.csv", *moved), published=AGAIN)
    both = [row | {"flow": "M"} for row in rows]
    desk.take(table("c.csv", *both), published=DAY, scope="part")
    desk.take(table("d.csv", *(r | {"value": "200"} for r in both)), published=AGAIN, scope="part")
    found = bands(desk)[0]
    assert (found.cells, found.high) == (6, pytest.approx(2.0))
    assert found.low == pytest.approx(1.5)


def test_the_bands_follow_each_other_without_a_gap():
    for (_first, last), (following, _end) in pairwise(AGES):
        assert last + 1 == following
