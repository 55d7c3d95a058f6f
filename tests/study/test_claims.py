"""Verdicts by hand."""

import pytest

from entrepot.publish.brief import Coverage, Figure
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
        (("FT-1",), "reproduced"),
        (("FT-1", "KGZ-1"), "not checkable"),
        (("KGZ-1",), "not checkable"),
        ((), "not checkable"),
    ):
        asked = ClaimBlock("text", "a.value_usd", expect=158e6, ids=ids)
        claim = check(asked, figure(158e6), synthetic=True)
        assert (claim.verdict, claim.found) == (expected, 158e6)
        assert ("synthetic" in claim.because) == (expected == "not checkable")
        assert check(asked, figure(158e6)).verdict == "reproduced"


def test_a_reason_stands_beside_the_test():
    asked = ClaimBlock("t", "f", at_most=1.0, reason="direction only")
    assert expectation(asked, "ratio") == "at most 1.00 times: direction only"
