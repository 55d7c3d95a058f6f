"""Verdicts by hand."""

from dataclasses import replace

import pytest

from entrepot.publish.brief import Coverage, Figure, Variant
from entrepot.study.claims import check, expectation
from entrepot.study.question import ClaimBlock


def figure(value, present=9, unit="USD", because=""):
    coverage = Coverage("January", 9, present, ("Kazakhstan June 2023",) if present < 9 else ())
    return Figure("a.value_usd", "label", value, unit, "as-listed", coverage, because=because)


def verdict(value, present=9, **asked):
    return check(ClaimBlock("text", "a.value_usd", **asked), figure(value, present))


@pytest.mark.parametrize(
    ("value", "asked", "expected"),
    [
        (158e6, {"expect": 158e6}, "reproduced"),
        (158e6 * 1.05, {"expect": 158e6}, "reproduced"),
        (158e6 * 1.051, {"expect": 158e6}, "not reproduced"),
        (158e6 * 0.949, {"expect": 158e6}, "not reproduced"),
        (158e6 * 0.9, {"expect": 158e6, "tolerance": 0.11}, "reproduced"),
        (1.0, {"at_most": 1.0}, "reproduced"),
        (1.01, {"at_most": 1.0}, "not reproduced"),
        (1.7, {"at_least": 1.6, "at_most": 1.8}, "reproduced"),
        (1.5, {"at_least": 1.6, "at_most": 1.8}, "not reproduced"),
        (1.6, {"at_least": 1.6}, "reproduced"),
    ],
)
def test_the_bar_and_its_edges(value, asked, expected):
    assert verdict(value, **asked).verdict == expected


def test_a_verdict_needs_all_the_months_it_speaks_of():
    claim = verdict(158e6, present=8, expect=158e6)
    assert claim.verdict == "not checkable"
    assert "8 of 9" in claim.because
    assert "Kazakhstan June 2023" in claim.because
    assert verdict(158e6, present=8, expect=158e6, coverage=0.8).verdict == "reproduced"


def test_no_figure_is_not_checkable_for_the_figures_own_reason():
    claim = check(ClaimBlock("text", "a.value_usd", expect=1.0), figure(None, because="no months"))
    assert (claim.verdict, claim.because, claim.found) == ("not checkable", "no months", None)


def test_the_test_is_said_in_words():
    assert expectation(ClaimBlock("t", "f", expect=158e6), "USD") == (
        "$158 million, give or take 5.0%"
    )
    assert expectation(ClaimBlock("t", "f", at_least=1.6, at_most=1.8), "ratio") == (
        "at least 1.60 times and at most 1.80 times"
    )


def test_a_miss_says_what_was_found():
    assert verdict(100e6, expect=158e6).because == "the store gives $100 million"


def test_synthetic_rows_judge_only_what_was_planted_in_them():
    for ids, expected in (
        (("FT-1",), "arithmetic agrees"),
        (("FT-1", "KGZ-1"), "not checkable"),
        (("KGZ-1",), "not checkable"),
        ((), "not checkable"),
    ):
        asked = ClaimBlock("text", "a.value_usd", expect=158e6, ids=ids)
        claim = check(asked, figure(158e6), synthetic=True)
        assert (claim.verdict, claim.found) == (expected, 158e6)
        assert ("synthetic" in claim.because) == (expected == "not checkable")
        assert check(asked, figure(158e6)).verdict == "reproduced"


def ranged(value, *variants):
    return replace(figure(value), sensitivity=tuple(Variant(*one) for one in variants))


def test_a_claim_is_reproduced_only_if_it_holds_under_every_choice_that_is_shown():
    asked = ClaimBlock("text", "a.ratio", at_least=1.6, at_most=1.8)
    alike = ranged(1.63, ("basket", "stable", 1.7), ("base", "2021", 1.6), ("base", "2020", None))
    assert check(asked, alike).verdict == "reproduced"
    apart = ranged(
        1.63, ("basket", "stable", 1.18), ("basket", "bridged", 1.65), ("base", "2021", 1.5)
    )
    claim = check(asked, apart)
    assert (claim.verdict, claim.depends_on) == ("depends", ("basket", "base"))
    assert "it does not hold with basket stable" in claim.because
    assert "bridged" not in claim.because


def test_a_claim_that_holds_only_under_another_choice_depends_on_it_too():
    asked = ClaimBlock("text", "a.value_usd", expect=158e6)
    claim = check(asked, ranged(130e6, ("basket", "stable", 130e6), ("basket", "bridged", 158e6)))
    assert (claim.verdict, claim.depends_on) == ("depends", ("basket",))
    assert "it holds only with basket bridged ($158 million)" in claim.because
    assert check(asked, ranged(130e6, ("basket", "stable", 131e6))).verdict == "not reproduced"


def test_an_invented_world_neither_reproduces_nor_refutes():
    asked = ClaimBlock("text", "a.value_usd", expect=158e6, ids=("FT-1",))
    for value, expected in ((158e6, "arithmetic agrees"), (100e6, "arithmetic differs")):
        claim = check(asked, figure(value), synthetic=True)
        assert claim.verdict == expected
        assert "an invented world" in claim.because


def test_a_reason_stands_beside_the_test():
    asked = ClaimBlock("t", "f", at_most=1.0, reason="direction only")
    assert expectation(asked, "ratio") == "at most 1.00 times: direction only"
