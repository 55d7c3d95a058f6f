"""Groups: checked by hand and against the collected sets."""

from __future__ import annotations

import csv

import pytest

from entrepot.errors import UnknownCodeError
from entrepot.reference import countries, groups


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("ft-turkey-5", "AZE GEO KAZ KGZ UZB"),
        ("caucasus-central-asia-5", "ARM GEO KAZ KGZ UZB"),
        ("bloomberg-nov23-6", "ARM AZE KAZ SRB TUR UZB"),
        ("g7", "CAN DEU FRA GBR ITA JPN USA"),
        ("chn-hkg", "CHN HKG"),
    ],
)
def test_members_are_sorted_iso_codes(name, codes):
    assert groups.members(name) == tuple(codes.split())


def test_sets_have_the_size_in_their_name():
    sizes = {"gecc-39": 39, "eu27": 27, "e5": 5, "eaeu": 5, "bis-fincen-transship-2022-18": 18}
    assert {name: len(groups.members(name)) for name in sizes} == sizes


def test_the_coalition_contains_the_union_and_the_five():
    coalition = set(groups.members("gecc-39"))
    assert coalition > set(groups.members("eu27")) | set(groups.members("e5"))


def test_a_country_or_area_is_a_group_of_one():
    assert groups.members("RUS") == ("RUS",)
    assert groups.members("WLD") == ("WLD",)
    assert groups.title("RUS") == "Russia"


def test_titles_are_words_a_reader_knows():
    assert groups.title("ft-turkey-5") == (
        "Azerbaijan, Georgia, Kazakhstan, Kyrgyzstan and Uzbekistan"
    )
    assert groups.title("eu27") == "the European Union"
    assert groups.title("kse-third-countries") == (
        "China, Hong Kong, Turkey and the United Arab Emirates"
    )
    assert groups.title("USA") == "the United States"


def test_a_large_group_has_a_title_of_its_own():
    for name in groups.names():
        assert len(groups.title(name)) < 80


def test_every_member_is_a_country_and_every_row_has_a_source():
    for name in groups.names():
        for row in groups.rows(name):
            assert row["iso3"] in countries.table()
            assert row["confidence"] in ("high", "medium", "low")
            assert row["source"] or name == "sanctioned-ru"


def test_an_unknown_group_is_named_with_near_ones():
    with pytest.raises(UnknownCodeError, match=r"'ft-turkey'; did you mean ft-turkey-5\?"):
        groups.members("ft-turkey")
    with pytest.raises(UnknownCodeError, match="did you mean eu27"):
        groups.title("EU-27")
    with pytest.raises(UnknownCodeError, match="no group 'RUS'"):
        groups.rows("RUS")


def test_groups_equal_the_collected_sets(shared_domain):
    expected: dict[str, list[str]] = {}
    with (shared_domain / "groups.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["group"].lower().replace("_", "-")
            expected.setdefault(name, []).append(row["iso3"])
    ours = {name: groups.members(name) for name in groups.names()}
    assert ours.pop("caucasus-central-asia-5")
    assert ours == {name: tuple(sorted(codes)) for name, codes in expected.items()}
