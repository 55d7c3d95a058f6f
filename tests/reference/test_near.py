"""Near words: checked by hand on words that people mistype, and on what must not be suggested."""

from __future__ import annotations

import pytest

from entrepot.reference._files import closest, near, shown

KNOWN = ["Kazakhstan", "Kyrgyzstan", "Pakistan", "Türkiye", "Uzbekistan"]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("kazakstan", "Kazakhstan"),
        ("KYRGISTAN", "Kyrgyzstan"),
        ("uzbekstan", "Uzbekistan"),
        ("turkiye", "Türkiye"),
    ],
)
def test_the_likest_word_comes_first_whatever_its_case_and_accents(word, first):
    assert closest(word, KNOWN)[0] == first


def test_what_is_much_less_like_the_word_is_not_told():
    assert closest("uzbekstan", KNOWN) == ["Uzbekistan"]
    assert closest("Atlantis", KNOWN) == []


def test_spellings_of_one_thing_are_said_once():
    said = {"Turkey": "Turkey (TUR)", "Türkiye": "Turkey (TUR)", "Turkmenia": "Turkmenistan (TKM)"}
    assert closest("turkiy", said) == ["Turkey (TUR)"]
    assert near("turkiy", said) == "did you mean Turkey (TUR)?"


def test_without_a_near_word_the_first_known_ones_are_told():
    assert near("zzz", ["b", "a"]) == "known are a, b"
    assert near("zzz", (f"{n:02}" for n in range(20))).endswith("10, 11, ...")


def test_a_word_is_shown_in_one_short_line():
    assert shown("a\n  b") == "'a b'"
    assert len(shown("x" * 5000)) == 52
