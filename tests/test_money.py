"""Money: every reading is worked out by hand."""

from __future__ import annotations

import pytest

from entrepot.money import SHARED, in_scale, usd

NO = "not available"
BILLION, MILLION, THOUSAND, ONE = SHARED


@pytest.mark.parametrize(
    ("value", "long", "short"),
    [
        (158_234_567, "$158 million", "$158m"),
        (1_766_030_000, "$1.77 billion", "$1.77bn"),
        (6_600_000, "$6.6 million", "$6.6m"),
        (830_000, "$830,000", "$830k"),
        (834_567, "$835,000", "$835k"),
        (999_499, "$999,000", "$999k"),
        (999_500, "$1.0 million", "$1.0m"),
        (9_949_999, "$9.9 million", "$9.9m"),
        (9_950_000, "$10 million", "$10m"),
        (2_500_000_000_000, "$2.50 trillion", "$2.50tn"),
        (999_499_999, "$999 million", "$999m"),
        (999_500_000, "$1.00 billion", "$1.00bn"),
        (9_995_000_000, "$10.0 billion", "$10.0bn"),
        (99_950_000_000, "$100 billion", "$100bn"),
        (9_949, "$9,900", "$9.9k"),
        (9_950, "$10,000", "$10k"),
        (999.49, "$999", "$999"),
        (999.5, "$1,000", "$1.0k"),
        (1, "$1", "$1"),
        (0.5, "$1", "$1"),
        (0.49, "under $1", "under $1"),
        (0, "$0", "$0"),
        (-0.0, "$0", "$0"),
        (-1_312_170_000, "\N{MINUS SIGN}$1.31 billion", "\N{MINUS SIGN}$1.31bn"),
        (None, NO, NO),
        (float("nan"), NO, NO),
        (float("inf"), NO, NO),
    ],
)
def test_dollars_read_as_a_newspaper_writes_them(value, long, short):
    assert usd(value) == long
    assert usd(value, short=True) == short


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (158_234_567, MILLION, "158.2"),
        (1_234_567_890, MILLION, "1,234.6"),
        (1_766_030_000, BILLION, "1.8"),
        (2_250_000, MILLION, "2.3"),
        (1_150_000, MILLION, "1.2"),
        (50_000, MILLION, "0.1"),
        (49_999, MILLION, "< 0.1"),
        (-49_999, MILLION, "\N{MINUS SIGN}0.0"),
        (-6_600_000, MILLION, "\N{MINUS SIGN}6.6"),
        (0, MILLION, "0.0"),
        (834_567, THOUSAND, "834.6"),
        (1_234.5, ONE, "1,235"),
        (0.4, ONE, "0"),
    ],
)
def test_a_column_of_one_scale_rounds_as_a_sentence_does(value, scale, text):
    assert in_scale(value, scale) == text


def test_a_column_or_an_axis_has_at_most_billions():
    assert [scale.size for scale in SHARED] == [1e9, 1e6, 1e3, 1.0]
