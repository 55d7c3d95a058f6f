"""Holdings: which releases a store has for all that a query asks, by hand on small vintages."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from entrepot.contracts import Query, Release
from entrepot.store.holdings import Holdings
from entrepot.store.vintages import Scope

SLICE = ("TUR", "M", "export", "2023-01")
QUERY = Query("M", ("2023-01",), ("TUR",), ("KAZ", "RUS"), ("export",), ("854231",))


def vintage(day, products=None, partners=None):
    return SimpleNamespace(published=date(2023, 3, day), scope=Scope(products, partners, True))


def has(*vintages, day=1, query=QUERY):
    release = Release("TUR", "M", "2023-01", date(2023, 3, day) if day else None)
    return Holdings({SLICE: list(vintages)}).has(release, query)


@pytest.mark.parametrize(
    ("products", "partners", "expected"),
    [
        (None, None, True),
        (("854231", "854232"), ("KAZ", "RUS", "UZB"), True),
        (("854232",), None, False),
        (None, ("RUS",), False),
    ],
)
def test_a_scope_must_cover_what_is_asked(products, partners, expected):
    assert has(vintage(1, products, partners)) is expected


def test_partners_may_come_from_several_vintages_and_products_may_not():
    kaz, rus = vintage(1, None, ("KAZ",)), vintage(1, None, ("RUS",))
    assert has(kaz, rus)
    assert not has(kaz)
    halves = vintage(1, ("854231",)), vintage(1, ("854232",))
    both = Query("M", ("2023-01",), ("TUR",), ("RUS",), ("export",), ("854231", "854232"))
    assert not has(*halves, query=both)


def test_an_older_vintage_does_not_have_a_newer_release():
    assert not has(vintage(1), day=2)
    assert has(vintage(2), day=2)
    assert has(vintage(1), day=None)


def test_every_flow_must_be_there():
    both = Query("M", ("2023-01",), ("TUR",), ("RUS",), ("import", "export"), ("854231",))
    assert not has(vintage(1), query=both)


def test_all_products_or_partners_need_a_vintage_without_bounds():
    everything = Query("M", ("2023-01",), ("TUR",), flows=("export",))
    assert not has(vintage(1, ("854231",), None), query=everything)
    assert not has(vintage(1, None, ("RUS",)), query=everything)
    assert has(vintage(1), query=everything)


def test_periods_are_listed_with_their_newest_day():
    held = Holdings({SLICE: [vintage(1), vintage(5)], (*SLICE[:3], "2023-02"): [vintage(2)]})
    assert held.periods() == {
        ("TUR", "M"): {"2023-01": date(2023, 3, 5), "2023-02": date(2023, 3, 2)}
    }
