"""The calendar against releases made by hand, whose days and delays are known."""

from datetime import date, timedelta

import pytest

from entrepot.store.releases import MEANINGS, STATES, calendar, counts

ENDS = {"2022-01": date(2022, 1, 31), "2022-02": date(2022, 2, 28), "2022-03": date(2022, 3, 31),
        "2022-04": date(2022, 4, 30), "2022-05": date(2022, 5, 31)}  # fmt: skip
DELAYS = {"2022-02": 40, "2022-03": 44, "2022-04": 52}
"""Days after its month that each release but the first comes out."""


@pytest.fixture
def regular(kept, table):
    """Germany in four releases, Kazakhstan in the first alone, one late revision of it."""
    first = table("1.csv", *({"month": m} for m in ("2021-10", "2021-11", "2021-12", "2022-01")),
                  *({"month": m, "reporter": "KAZ", "partner": "DEU"}
                    for m in ("2021-10", "2021-12")))  # fmt: skip
    later = [table(f"{m}.csv", {"month": m}) for m in DELAYS]

    def fill(desk):
        desk.take(first, published=date(2022, 3, 5))
        for path, (month, days) in zip(later, DELAYS.items(), strict=True):
            desk.take(path, published=ENDS[month] + timedelta(days))

    return kept("calendar", fill)


def months(desk, reporter, **options):
    found = calendar(desk.con.con, desk.store.vintages(), **options)
    return {one.month: one for one in found if one.reporter == reporter}


def test_published_has_the_day_and_vintage_that_first_held_it(regular):
    found = months(regular, "DEU")
    assert [one.published for one in found.values() if one.published] == [
        *[date(2022, 3, 5)] * 4, *(ENDS[m] + timedelta(d) for m, d in DELAYS.items())
    ]  # fmt: skip
    assert found["2022-03"].vintage == regular.store.vintages()[2].id
    assert {m: one.delay for m, one in found.items() if one.delay is not None} == DELAYS


def test_due_is_the_median_delay_after_the_month_and_late_the_longest(regular):
    found = months(regular, "DEU")["2022-05"]
    assert (found.state, found.releases, found.usual) == ("due", 3, 44)
    assert found.due == ENDS["2022-05"] + timedelta(44)
    assert found.latest == ENDS["2022-05"] + timedelta(52)
    assert [*months(regular, "DEU")][-1] == "2022-09"  # heard in June, and three months more


def test_late_begins_the_day_after_the_longest_delay(regular, table):
    latest = ENDS["2022-05"] + timedelta(52)
    kaz = {"reporter": "KAZ", "partner": "DEU"}
    regular.take(
        table("x.csv", kaz | {"month": "2021-12", "value": "5"}), published=latest, scope="part"
    )
    assert months(regular, "DEU")["2022-05"].state == "due"
    regular.take(
        table("y.csv", kaz | {"month": "2021-12", "value": "6"}),
        published=latest + timedelta(1),
        scope="part",
    )
    assert months(regular, "DEU")["2022-05"].state == "late"
    (row,) = (one for one in counts([*months(regular, "DEU").values()]))
    assert (row["newest"], row["next"], row["late"]) == ("2022-04", "2022-05", 1)
    assert months(regular, "DEU", as_of=latest)["2022-05"].state == "due"


def test_with_too_few_releases_nothing_is_due(regular):
    found = months(regular, "KAZ")
    assert [(one.month, one.state) for one in found.values()] == [
        ("2021-10", "published"), ("2021-11", "not known"), ("2021-12", "published"),
        *((f"2022-0{n}", "not known") for n in range(1, 6)),
    ]  # fmt: skip
    assert all(one.due is None and one.usual is None for one in found.values())
    assert months(regular, "DEU", as_of=date(2022, 5, 14))["2022-04"].usual is None


def test_a_year_without_a_word_is_silence_whatever_the_delay(regular, table):
    day = date(2021, 11, 30) + timedelta(365)
    regular.take(table("z.csv", {"month": "2022-05"}), published=day, scope="part")
    found = months(regular, "KAZ")
    assert (found["2021-11"].state, found["2022-01"].state) == ("silent", "not known")


def test_catching_up_tells_no_delay_and_nor_does_a_day_of_arrival(desk, table):
    desk.take(table("a.csv", {"month": "2021-01"}), published=date(2021, 3, 1))
    for year in range(3):  # four months at once, each time
        some = [{"month": f"{2021 + year}-{m:02}"} for m in range(2, 6)]
        desk.take(table(f"{year}.csv", *some), published=date(2021 + year, 8, 1))
    assert {one.releases for one in months(desk, "DEU").values()} == {0}
    assert [one.delay for one in months(desk, "DEU").values() if one.delay is not None] == []


def test_every_state_is_explained_and_an_empty_store_has_no_months(desk):
    assert set(STATES) == {*MEANINGS}
    assert calendar(desk.con.con, []) == []
