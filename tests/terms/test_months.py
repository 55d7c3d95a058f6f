"""Months: spans counted by hand, and the forms of a month checked against one another."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import StudyError
from entrepot.terms import Window, month, months

NEWEST = date(2023, 5, 17)
YEARS = st.integers(1962, date.today().year + 1)
PLACES = st.tuples(YEARS, st.integers(1, 12))


def refused(text, **options):
    """The one line with which a text is refused; nothing where it is understood."""
    try:
        months(text, **options)
    except StudyError as error:
        line = str(error)
    else:
        return ""
    assert len(line.splitlines()) == 1
    assert len(line) <= 300
    assert line.startswith("months: ")
    return line


@pytest.mark.parametrize(
    "text",
    [
        *("2022-01", "2022-1", "01/2022", "1/2022", "01.2022", "01-2022", "2022/01", "2022.1"),
        *("Jan 2022", "january 2022", "JANUARY, 2022", "Jan-2022", "Jan. 2022", "2022 Jan"),
        *("2022M01", "2022m1", "2022-M01", "202201", " 2022-01 ", "2022-Jan"),
    ],
)
def test_a_month_is_understood_in_its_usual_forms(text):
    assert months(text) == Window("2022-01", "2022-01", "M")
    assert month(text) == "2022-01"


@given(PLACES)
def test_every_month_is_the_same_in_every_form(place):
    year, at = place
    name = f"{date(2000, at, 1):%B}"
    for text in (
        *(f"{year}-{at}", f"{at:02}/{year}", f"{year}M{at:02}", f"{year}{at:02}"),
        *(f"{name} {year}", f"{name[:3].lower()} {year}", f"{year} {name}"),
    ):
        assert month(text) == f"{year}-{at:02}"


@given(PLACES, PLACES, st.sampled_from(["..", ":", "/", " to ", " - ", " .. ", "\N{EN DASH}"]))
def test_a_range_holds_both_its_ends_and_never_runs_backwards(one, other, mark):
    first, last = sorted([one, other])
    texts = [f"{year}-{at:02}" for year, at in (first, last)]
    assert months(mark.join(texts)) == Window(*texts, "M")
    if first != last:
        line = refused(mark.join(reversed(texts)))
        assert f"ends before it begins; swap its ends, as in {'..'.join(texts)}" in line


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022Q1", "2022-01", "2022-03"),
        ("Q1 2022", "2022-01", "2022-03"),
        ("2022-Q4", "2022-10", "2022-12"),
        ("q3/2022", "2022-07", "2022-09"),
        ("2022H1", "2022-01", "2022-06"),
        ("H2 2022", "2022-07", "2022-12"),
        ("2021Q4..2022Q1", "2021-10", "2022-03"),
        ("Jan-Sep 2022", "2022-01", "2022-09"),
        ("Jan to Sep 2022", "2022-01", "2022-09"),
        ("Nov 2021 - Feb 2022", "2021-11", "2022-02"),
        ("01/2022 to 09/2022", "2022-01", "2022-09"),
        ("from 2022-01 to 2022-09", "2022-01", "2022-09"),
        ("between 2022-01 and 2022-09", "2022-01", "2022-09"),
        ("2022..2023-03", "2022-01", "2023-03"),
    ],
)
def test_quarters_halves_and_ranges_are_counted_in_months(text, first, last):
    assert months(text) == Window(first, last, "M")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022", "2022-01", "2022-12"),
        ("2022..2023", "2022-01", "2023-12"),
        ("2022-2023", "2022-01", "2023-12"),
        ("2022/2023", "2022-01", "2023-12"),
        ("2020 to 2023", "2020-01", "2023-12"),
    ],
)
def test_whole_years_leave_open_whether_they_are_months(text, first, last):
    assert months(text) == Window(first, last, None)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("last-12", "2022-06"),
        ("last 12", "2022-06"),
        ("Last-12-months", "2022-06"),
        ("the last 12 months", "2022-06"),
        ("last-1", "2023-05"),
        ("since 2022-03", "2022-03"),
        ("2022-03..", "2022-03"),
        ("since March 2022", "2022-03"),
        ("since 2023-05", "2023-05"),
        ("since 2022", "2022-01"),
    ],
)
def test_an_open_span_ends_with_the_newest_month(text, first):
    assert months(text, newest=NEWEST) == Window(first, "2023-05", "M")
    assert "ends with the newest month known, and none is known here; write" in refused(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2022-13", "has month 13, expected 1 to 12"),
        ("2022-00", "has month 0, expected 1 to 12"),
        ("202213", "has month 13"),
        ("2022-01..2022-14", "has month 14"),
        ("2022-1-15", "is a day, and trade is published by month"),
        ("15/01/2022", "is a day"),
        ("20220115", "is a day"),
        ("1 Jan 2022", "is a day"),
        ("1961-12", "has the year 1961, expected 1962 to"),
        (f"{date.today().year + 2}", "expected 1962 to"),
        ("01/22", "has no year of four digits"),
        ("Jan 22", "has no year of four digits"),
        ("22", "has no year of four digits"),
        ("2022Q5", "has quarter 5, expected 1 to 4"),
        ("2022H3", "has half 3, expected 1 to 2"),
        ("last-0", "counts 0 months"),
        ("last 9999", "counts 9999 months"),
        ("..2022-03", "is no month or span of months"),
        ("banana", "is no month or span of months"),
        ("ju 2022", "is no month or span of months"),
        ("", "is no month or span of months"),
        ("x\n" * 500, "is no month or span of months"),
    ],
)
def test_what_is_wrong_is_said_with_three_right_forms(text, found):
    line = refused(text, newest=NEWEST)
    assert found in line
    assert line.endswith("; write 2022-09, 2022-01..2022-09 or last-12")


def test_a_span_that_begins_after_the_newest_month_is_refused():
    line = refused("since 2023-06", newest=NEWEST)
    assert "begins after 2023-05, the newest month known; write an earlier one" in line


def test_several_months_are_not_one():
    with pytest.raises(StudyError, match="'2022Q1' is 2022-01 to 2022-03, expected one month"):
        month("2022Q1")


@given(st.text())
def test_any_text_is_a_span_or_refused_in_one_line(text):
    assert refused(text, newest=NEWEST) or months(text, newest=NEWEST)
