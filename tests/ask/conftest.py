"""Small stores with sums known by hand, and a way to ask them."""

from __future__ import annotations

import pytest

from entrepot.ask import Words, ask
from support.plain import OWN


@pytest.fixture
def asked(desk):
    """Ask the desk's store: `asked("854231", sender="Germany", ...)`."""

    def put(goods, **words):
        return ask(Words(goods, **words), desk)

    return put


@pytest.fixture
def two_years(kept, table):
    """DEU and FRA to KAZ, KGZ and RUS, three months of 2021 and 2022; FRA lacks March 2022."""
    rows = []
    for year, scale in ((2021, 1), (2022, 3)):
        for month in (1, 2, 3):
            for who, whom, code, value in (
                ("DEU", "KAZ", "854231", 10),
                ("DEU", "KGZ", "854231", 2),
                ("DEU", "RUS", "854232", 50),
                ("FRA", "KAZ", "854231", 4),
                ("FRA", "RUS", "854232", 7),
            ):
                if (who, year, month) != ("FRA", 2022, 3):
                    rise = scale if whom != "RUS" else 1
                    rows.append(
                        {"month": f"{year}-{month:02}", "reporter": who, "partner": whom,
                         "product": code, "value": f"{value * rise}"}
                    )  # fmt: skip
    return kept("two-years", lambda desk: desk.take(table("two.csv", *rows), scope="whole"))


@pytest.fixture
def annual(desk, table):
    """DEU by year: KAZ 100 in 2021 and 250 in 2022, KGZ 30 in 2022."""
    yearly = OWN | {"constants": {"freq": "A", "currency": "USD"}}
    path = table(
        "years.csv",
        {"month": "2021", "value": "100"},
        {"month": "2022", "value": "250"},
        {"month": "2022", "partner": "KGZ", "value": "30"},
    )
    desk.take(path, mapping=yearly, scope="whole")
    return desk
