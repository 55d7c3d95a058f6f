"""Holdings: which releases a store has for all that a query asks, by hand on small vintages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from entrepot.contracts import Query, Release, Request
from entrepot.store.holdings import Holdings, is_of
from entrepot.store.vintages import Scope

SLICE = ("TUR", "M", "export", "2023-01")
QUERY = Query("M", ("2023-01",), ("TUR",), ("KAZ", "RUS"), ("export",), ("854231",))


def vintage(day, products=None, partners=None):
    scope = Scope(products, partners, True)
    return SimpleNamespace(id=f"v{day}", published=date(2023, 3, day), scope=scope)


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


@pytest.mark.parametrize(("depth", "expected"), [(0, True), (4, False), (6, True), (8, True)])
def test_a_table_of_headings_does_not_hold_their_subheadings(depth, expected):
    release, one = Release("TUR", "M", "2023-01"), vintage(1)
    assert Holdings({SLICE: [one]}, depths={("v1", SLICE): depth}).has(release, QUERY) is expected


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


def answers(request, *vintages, query=QUERY, pieces=(SLICE,), files=None):
    held = Holdings({piece: list(vintages) for piece in pieces}, files or {})
    return held.answers(request, query)


def request(day=1, name="a.json", **asked):
    released = date(2023, 3, day) if day else None
    return Request("https://x", name=name, asked=replace(QUERY, **asked), published=released)


def test_a_request_is_needless_where_the_store_holds_what_it_asks():
    assert answers(request(), vintage(1))
    assert answers(request(day=None), vintage(1))
    assert not answers(request(day=2), vintage(1))
    assert not answers(request(), vintage(1), pieces=((*SLICE[:3], "2023-02"),))
    assert not answers(request())
    assert not answers(Request("https://x"), vintage(1))


def test_only_what_query_and_request_share_must_be_held():
    """An answer on exports holds re-exports too; a query names imports this endpoint has not."""
    census = request(flows=("export", "re-export"), partners=(), products=("854231",))
    narrow = vintage(1, ("854231",), ("KAZ", "RUS"))
    both = replace(QUERY, flows=("import", "export"), products=("854231", "854232"))
    assert answers(census, narrow, query=both)
    assert not answers(census, narrow, query=replace(both, partners=()))
    assert not answers(census, narrow, query=replace(both, flows=("re-export", "export")))
    year = request(periods=("2023-01", "2023-02"))
    assert answers(year, vintage(1))
    longer = replace(QUERY, periods=("2023-01", "2023-02"))
    assert not answers(year, vintage(1), query=longer)


def test_a_file_of_all_reporters_is_held_by_its_name_and_day():
    everyone = request(name="full_202301.7z", reporters=(), partners=(), products=())
    unnamed = replace(QUERY, reporters=())
    assert not answers(everyone, query=unnamed)
    assert answers(everyone, query=unnamed, files={"full_202301.7z": date(2023, 3, 1)})
    assert not answers(everyone, query=unnamed, files={"full_202301.7z": date(2023, 2, 28)})
    assert not answers(everyone, query=unnamed, files={"full_202302.7z": date(2023, 3, 1)})
    assert answers(everyone, vintage(1))  # the one reporter that the query names is there
    named = request(name="full_202301.7z")
    assert not answers(named, files={"full_202301.7z": date(2023, 3, 1)})


def test_a_query_for_one_revision_is_asked_since_slices_do_not_say_which_they_have():
    assert not answers(request(), vintage(1), query=replace(QUERY, classification="HS2022"))


def test_a_release_of_no_reporter_is_one_of_every_reporter_asked_for():
    release = Release("", "M", "2023-01", date(2023, 3, 1))
    held = Holdings({SLICE: [vintage(1)]})
    assert held.has(release, QUERY)
    assert not held.has(release, replace(QUERY, reporters=("TUR", "KAZ")))
    assert not held.has(release, replace(QUERY, reporters=()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [("baci", True), ("baci_hs22", True), ("bacillus", False), ("baci-hs22", False)],
)
def test_a_connector_holds_what_bears_its_name(source, expected):
    assert is_of(SimpleNamespace(source=source), "baci") is expected
