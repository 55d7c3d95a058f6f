"""Claims: a published sentence against a figure, with the reason for every verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot import demo
from entrepot.publish import words
from entrepot.publish.brief import Claim

if TYPE_CHECKING:
    from entrepot.publish.brief import Figure, Variant, Verdict
    from entrepot.study.question import ClaimBlock


def check(asked: ClaimBlock, figure: Figure, *, synthetic: bool = False) -> Claim:
    """Give a verdict, with the reason for every one but "reproduced".

    A claim is reproduced only if it holds under every choice that the page shows of its figure: a
    verdict that another basket or another base would turn depends on that choice. A figure that
    lacks more reporter-months than the claim allows is not checkable, even when its value happens
    to fit: eleven months may agree with a sentence about twelve by accident. Rows that are
    synthetic say something only of figures that were planted in them, and then only that the
    arithmetic agrees or differs.
    """
    verdict, because, choices = _verdict(asked, figure, synthetic=synthetic)
    return Claim(
        text=asked.text,
        figure=figure.name,
        expected=expectation(asked, figure.unit),
        found=figure.value,
        unit=figure.unit,
        verdict=verdict,
        because=because,
        source=asked.source,
        depends_on=choices,
    )


def _verdict(
    asked: ClaimBlock, figure: Figure, *, synthetic: bool
) -> tuple[Verdict, str, tuple[str, ...]]:
    if because := _obstacle(asked, figure, synthetic=synthetic):
        return "not checkable", because, ()
    assert figure.value is not None
    told = words.figure(figure.value, figure.unit)
    is_so = _holds(asked, figure.value)
    turned = [
        one for one in figure.sensitivity
        if one.value is not None and _holds(asked, one.value) != is_so
    ]  # fmt: skip
    world = " (an invented world)" if synthetic else ""
    if turned:
        others = "; ".join(_choice(one, figure.unit) for one in turned)
        verb = "it does not hold with" if is_so else "it holds only with"
        because = f"the figure is {told}{world}; {verb} {others}"
        return "depends", because, tuple(dict.fromkeys(one.choice for one in turned))
    if synthetic:
        agrees: Verdict = "arithmetic agrees" if is_so else "arithmetic differs"
        return agrees, f"an invented world gives {told}: it proves nothing of the claim", ()
    return ("reproduced", "", ()) if is_so else ("not reproduced", f"the store gives {told}", ())


def _obstacle(asked: ClaimBlock, figure: Figure, *, synthetic: bool) -> str:
    """Return why a claim cannot be checked; nothing where it can."""
    if figure.value is None:
        return figure.because
    coverage = figure.coverage
    present, expected = coverage.reporter_months_present, coverage.reporter_months_expected
    if (present / expected if expected else 0.0) < asked.coverage:
        missing = words.listed(coverage.missing)
        return f"{present} of {expected} reporter-months are there; missing: {missing}"
    told = words.figure(figure.value, figure.unit)
    if figure.bound:
        return f"only a part is known, {told}; {words.listed(coverage.gaps)}"
    if synthetic and not demo.is_planted(asked.ids):
        return f"the rows are synthetic and were not made to hold this figure; they give {told}"
    return ""


def _choice(one: Variant, unit: str) -> str:
    return f"{one.choice} {words.window(one.option)} ({words.figure(one.value, unit)})"


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
