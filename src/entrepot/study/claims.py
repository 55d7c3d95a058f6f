"""Claims: a published sentence against a figure, with the reason for every verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot import demo
from entrepot.publish import words
from entrepot.publish.brief import Claim

if TYPE_CHECKING:
    from entrepot.publish.brief import Figure
    from entrepot.study.question import ClaimBlock


def check(asked: ClaimBlock, figure: Figure, *, synthetic: bool = False) -> Claim:
    """Give a verdict: reproduced, not reproduced, or not checkable because of what is missing.

    A figure that lacks more reporter-months than the claim allows is not checkable, even when its
    value happens to fit: eleven months may agree with a sentence about twelve by accident. Rows
    that are synthetic say something only of figures that were planted in them.
    """
    expected = expectation(asked, figure.unit)
    coverage = figure.coverage
    expected_months = coverage.reporter_months_expected
    part = coverage.reporter_months_present / expected_months if expected_months else 0.0
    because = ""
    if figure.value is None:
        verdict, because = "not checkable", figure.because
    elif part < asked.coverage:
        verdict = "not checkable"
        because = (
            f"{coverage.reporter_months_present} of {expected_months} reporter-months are there; "
            f"missing: {words.listed(coverage.missing)}"
        )
    elif figure.bound:
        verdict = "not checkable"
        because = (
            f"only a part is known, {words.figure(figure.value, figure.unit)}; "
            f"{words.listed(coverage.gaps)}"
        )
    elif synthetic and not demo.is_planted(asked.ids):
        verdict = "not checkable"
        because = (
            "the rows are synthetic and were not made to hold this figure; they give "
            f"{words.figure(figure.value, figure.unit)}"
        )
    elif _holds(asked, figure.value):
        verdict = "reproduced"
    else:
        verdict = "not reproduced"
        because = f"the store gives {words.figure(figure.value, figure.unit)}"
    return Claim(
        text=asked.text,
        figure=figure.name,
        expected=expected,
        found=figure.value,
        unit=figure.unit,
        verdict=verdict,  # type: ignore[arg-type]
        because=because,
        source=asked.source,
    )


def expectation(asked: ClaimBlock, unit: str) -> str:
    """Return the test in words, with its reason: "$158 million, give or take 5%"."""
    test = _test(asked, unit)
    return f"{test}: {asked.reason}" if asked.reason else test


def _test(asked: ClaimBlock, unit: str) -> str:
    if asked.expect is not None:
        return f"{words.figure(asked.expect, unit)}, give or take {words.percent(asked.tolerance)}"
    bounds = [
        f"{word} {words.figure(bound, unit)}"
        for word, bound in (("at least", asked.at_least), ("at most", asked.at_most))
        if bound is not None
    ]
    return words.listed(bounds)


def _holds(asked: ClaimBlock, value: float) -> bool:
    if asked.expect is not None:
        return abs(value - asked.expect) <= asked.tolerance * abs(asked.expect)
    return holds(value, asked.at_least, asked.at_most)


def holds(value: float, at_least: float | None, at_most: float | None) -> bool:
    """Return whether a value lies within the bars that are set, ends included."""
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
