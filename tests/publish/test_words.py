"""Words: every reading is worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from entrepot.publish import words

NO = "not available"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.02, "3.0 times"),
        (0.257, "0.26 times"),
        (0.994, "0.99 times"),
        (9.96, "10 times"),
        (1234.4, "1,234 times"),
        (0.004, "less than 0.01 times"),
        (0, "0 times"),
        (-2, "\N{MINUS SIGN}2.0 times"),
        (None, NO),
    ],
)
def test_ratios_are_times(value, text):
    assert words.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7078, "71%"),
        (0.0634, "6.3%"),
        (0.0996, "10%"),
        (0.0004, "less than 0.1%"),
        (-0.743, "\N{MINUS SIGN}74%"),
        (-0.0004, "between \N{MINUS SIGN}0.1% and 0%"),
        (12.5, "1,250%"),
        (0, "0%"),
        (None, NO),
    ],
)
def test_fractions_are_per_cent(value, text):
    assert words.percent(value) == text


def test_a_share_is_all_only_when_nothing_is_left():
    assert words.share(0.8) == "80%"
    assert words.share(0.996) == "99.6%"
    assert words.share(0.99999) == "more than 99.9%"
    assert words.share(1.0) == "100%"
    assert words.share(None) == NO


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (144.68, 247.09, "rose by 71%"),
        (1766.03, 453.86, "fell by 74%"),
        (100, 199.4, "rose by 99%"),
        (100, 199.5, "rose 2.0-fold"),
        (1, 3.02, "rose 3.0-fold"),
        (100, 100.01, "rose by less than 0.1%"),
        (1, 0.00001, "fell by more than 99.9%"),
        (5, 0, "fell to zero"),
        (0, 5, "rose from zero"),
        (0, 0, "did not change"),
        (7, 7, "did not change"),
        (-1, 5, NO),
        (None, 5, NO),
        (5, None, NO),
    ],
)
def test_a_change_is_a_verb_that_does_not_exaggerate(before, after, text):
    assert words.change(before, after) == text


def test_counts_agree_with_their_noun():
    assert words.count(1, "month") == "1 month"
    assert words.count(0, "month") == "0 months"
    assert words.count(1234, "row") == "1,234 rows"
    assert words.count(3) == "3"
    assert words.count(None, "row") == NO


def test_ranges_say_the_scale_once():
    dash = "\N{EN DASH}"
    assert words.span(240e6, 252e6, "USD") == f"$240{dash}252 million"
    assert words.span(830e3, 1.2e6, "USD") == "$830,000 to $1.2 million"
    assert words.span(0.7, 0.8, "share") == f"70{dash}80%"
    assert words.span(158.1e6, 158.2e6, "USD") == "$158 million"
    assert words.span(None, None, "USD") == NO


def test_months_use_as_few_words_as_they_need():
    dash = "\N{EN DASH}"
    assert words.months("2022-01", "2022-09") == f"January{dash}September 2022"
    assert words.months("2022-03-01", date(2022, 3, 1)) == "March 2022"
    assert words.months("2021-11", "2022-02") == f"November 2021 {dash} February 2022"
    assert words.months("2022-01", "2022-12") == "2022"
    assert words.months("2015-01", "2021-12") == f"2015{dash}2021"
    assert words.window("2023-01/2023-09, as listed") == f"January{dash}September 2023, as listed"


def test_lists_end_with_and():
    assert words.listed(["Armenia", "Georgia", "Kazakhstan"]) == "Armenia, Georgia and Kazakhstan"
    assert words.listed(["Armenia", "Georgia"]) == "Armenia and Georgia"
    assert words.listed(["Armenia"]) == "Armenia"
    assert words.listed([]) == "none"


def test_a_day_of_knowledge_reads_as_a_sentence():
    assert (words.known("today"), words.known("2023-02-01")) == ("today", "on 2023-02-01")
