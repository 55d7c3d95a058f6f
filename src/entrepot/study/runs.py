"""Runs: what a study asks of each measure, and the months that a run looks at."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.measures._same_months import month, months_between
from entrepot.measures._slots import day_of
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from datetime import date

    from entrepot.contracts import Measure
    from entrepot.study.question import Study

Span = tuple[str, str]
PACES = ("late", "early", "before")


def accepted(measure: Measure[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a run: the measure's defaults, and what it takes of those given.

    The products are left out: they are the study's basket.
    """
    defaults = {
        key: param.default
        for key, param in measure.params.items()
        if param.default is not inspect.Parameter.empty
    }
    taken = {key: value for key, value in given.items() if key in measure.params}
    return {key: value for key, value in (defaults | taken).items() if key != "products"}


def params_of(study: Study) -> list[dict[str, Any]]:
    """Return the parameters of every run the study asks for, under every choice."""
    asked = [(block.measure, block.params) for block in study.figure]
    asked += [
        (block.measure, block.params | {choice: option})
        for block in study.figure
        for choice, options in block.alternatives.items()
        for option in options
    ]
    asked += [(block.measure, block.params) for block in study.breakdown]
    asked += [("monthly_series", block.params) for block in study.picture if not block.of]
    found = measures()
    return [accepted(part(found, "measure", name), study.params | own) for name, own in asked]


def windows(params: dict[str, Any]) -> tuple[list[Span], list[Span]]:
    """Return the (first, last) months a run measures, and those it compares them with.

    There are four ways to write them: `first` and `last` with the years in which the same months
    begin as `base`, `window` with one span as `base`, `year` with whole years as `base`, and the
    three spans of a pace.

    Raises:
        StudyError: A window is not two months.
    """
    base = params.get("base")
    if "year" in params:
        years = base if isinstance(base, (list, tuple)) else [base]
        return [_whole(params["year"])], [_whole(year) for year in years if year is not None]
    if "window" in params:
        return [_span(params["window"])], [_span(base)] if base else []
    if found := [_span(params[name]) for name in PACES if name in params]:
        return found[:1], found[1:]
    if not params.get("first"):
        return [], []
    first, last = params["first"], params["last"]
    now = month(first).year
    others = {*(base or ()), *(params.get("years") or ())} - {now}
    return [(first, last)], [(_shift(first, y - now), _shift(last, y - now)) for y in others]


def spans(params: dict[str, Any]) -> list[Span]:
    """Return every (first, last) month of a run, in order of time; those of a pace as written."""
    now, base = windows(params)
    return [*now, *base] if {*PACES} & {*params} else sorted([*now, *base])


def tail(params: dict[str, Any]) -> list[date]:
    """Return the months after a mirror's window in which goods under way may still arrive."""
    if "window" not in params:
        return []
    last = months_between(*_span(params["window"]))[-1]
    end = last.year * 12 + last.month - 1
    return [day_of(end + ahead) for ahead in range(1, params.get("lag", 0) + 1)]


def _span(window: tuple[str, ...] | list[str]) -> Span:
    if len(window) != 2:
        raise StudyError(
            f"a window is {list(window)}; expected its first and last month, as 2023-01 and 2023-09"
        )
    return window[0], window[1]


def _whole(year: int) -> Span:
    return f"{year}-01", f"{year}-12"


def _shift(text: str, years: int) -> str:
    return f"{int(text[:4]) + years}{text[4:]}"
