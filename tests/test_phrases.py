"""Phrases: readings by hand, and against the rows of every detector on the demo world."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from entrepot import phrases
from entrepot.findings import Numbers
from entrepot.money import span, usd
from entrepot.scan.question import ScanQuestion
from entrepot.workspace import Workspace
from support.sampled import costly

SAID = Numbers(45e6, 20e6, 25e6, 22e6, 28e6, 15e6, 9, 10, 10, "2022-07", 0.4)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (25e6, "$25 million more"),
        (-3e6, "$3.0 million less"),
        (0.0, "no more and no less"),
        (None, "not available more"),
    ],
)
def test_a_signed_amount_by_hand(value, text):
    assert phrases.more(value) == text


@pytest.mark.parametrize(
    ("low", "high", "short", "text"),
    [
        (22e6, 28e6, False, "$22\N{EN DASH}28 million"),
        (22e6, 28e6, True, "$22\N{EN DASH}28m"),
        (2e5, 3e6, False, "$200,000 to $3.0 million"),
        (-2e6, 3e6, True, "\N{MINUS SIGN}$2.0m to $3.0m"),
        (2e6, 2.01e6, False, "$2.0 million"),
        (None, None, False, "not available"),
    ],
)
def test_a_range_of_dollars_by_hand(low, high, short, text):
    assert span(low, high, short=short) == text


def test_recorded_expected_and_excess_in_one_breath():
    assert phrases.beyond(SAID, " from its past") == (
        "$20 million was to be expected from its past: $25 million more "
        "($22\N{EN DASH}28 million), above it in 9 of 10 months"
    )
    bare = replace(SAID, excess_low_usd=None, excess_high_usd=None, months_above=None)
    assert phrases.beyond(bare) == "$20 million was to be expected: $25 million more"
    unknown = replace(SAID, expected_usd=None, excess_usd=None)
    assert phrases.beyond(unknown) == "what was to be expected is not known"


def test_months_that_are_not_published_are_said():
    assert phrases.months(replace(SAID, months_published=7)) == (
        "above it in 9 of 10 months, 3 of them not published in full"
    )


@pytest.mark.parametrize(
    ("share", "excess", "text"),
    [
        (0.5, 25e6, ""),
        (0.73, 25e6, "2022-07 alone holds 73% of it"),
        (1.4, 25e6, "2022-07 alone holds more than all of it"),
        (0.73, -25e6, ""),
        (None, 25e6, ""),
    ],
)
def test_a_month_that_holds_more_than_half_is_named(share, excess, text):
    assert phrases.largest(replace(SAID, largest_share=share, excess_usd=excess)) == text


def test_the_plain_rise_stands_beside():
    assert phrases.plain(SAID, "2022-03") == (
        "$30 million more than in the same months of the year before 2022-03"
    )
    assert phrases.plain(replace(SAID, before_usd=None), "2022-03") == ""


def test_what_says_nothing_leaves_no_semicolon():
    assert phrases.together("a", "", "b") == "a; b"


UNITS = {"": 1.0, "million": 1e6, "billion": 1e9}
AMOUNT = r"(\N{MINUS SIGN}?)\$([\d.,]+)( million| billion)?"
SUM = re.compile(
    rf"{AMOUNT}(?: since [\d-]+|, freight apart)?; {AMOUNT} was to be expected[^:]*: "
    r"\$([\d.,]+)( million| billion)? (more|less)"
)


def dollars(sign, number, unit):
    """Return an amount in words as a number, and half of its last digit."""
    scale = UNITS[(unit or "").strip()]
    places = len(number.partition(".")[2])
    plain = number.replace(",", "")
    zeros = len(plain) - len(plain.rstrip("0")) if scale == 1 else 0
    step = 10.0 ** (min(zeros, 3) - places)
    return (-1 if sign else 1) * float(plain) * scale, step * scale / 2


@costly
def test_the_numbers_of_every_finding_of_the_demo_scan_add_up(demo):
    """In the rows to the cent, in the sentences to the rounding of their three numbers."""
    asked = ScanQuestion("RUS", "2022-03")
    found = Workspace(demo).scan(asked.scan()).findings
    sentences = 0
    for name, rows in found.items():
        assert rows
        for row in rows:
            if row.excess_usd is None:
                continue
            assert row.excess_usd == row.recorded_usd - row.expected_usd
            if row.excess_low_usd is not None:
                assert row.excess_low_usd <= row.excess_usd <= row.excess_high_usd
            assert 0 <= row.months_above <= row.months_window == 34
            if name in ("surge", "ghost_trade", "diversion"):
                said = SUM.search(row.explanation)
                if said is None:
                    assert "no more and no less" in row.explanation
                    continue
                assert said[0].startswith(usd(row.recorded_usd))
                assert f"; {usd(row.expected_usd)} was to be expected" in said[0]
                assert f": {phrases.more(row.excess_usd)}" in said[0]
                one, two = dollars(*said.groups()[:3]), dollars(*said.groups()[3:6])
                third = dollars("" if said[9] == "more" else "-", said[7], said[8])
                assert abs(one[0] - two[0] - third[0]) <= one[1] + two[1] + third[1]
                sentences += 1
    assert sentences > 1000
