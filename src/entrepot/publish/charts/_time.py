"""Time: the months of a monthly chart, and the windows and days marked on it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from entrepot import months
from entrepot.errors import DuplicateError
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Event = Mapping[str, str]
    Window = Sequence[str]

NAME = 74
"""Pixels that a window's name takes, such as "Jan-Sep 2022"."""


AXIS = {
    "grid": False,
    "domainColor": style.RULE,
    "tickColor": style.RULE,
    "labelAlign": "left",
    "labelOffset": 2,
    "labelFontSize": 12,
    "labelColor": style.SOFT,
    "labelOverlap": "greedy",
    "labelSeparation": 8,
}
"""How an axis of months looks."""


LINE_LOOK = {
    "strokeWidth": 2.25,
    "strokeJoin": "round",
    "strokeCap": "round",
    "invalid": "break-paths-show-domains",
}
"""How a line of months looks: broken where a month is not known."""


def years(span: tuple[str, str], *, labels: bool = True) -> vega.Part:
    """Return the channel of months whose axis names the years."""
    found = range(int(span[0][:4]), int(span[1][:4]) + 1)
    days = [f"{year}-01-01" for year in found]
    values = [instant(day) for day in days if span[0] <= day < span[1]]
    look = {**AXIS, "tickSize": 6 if labels else 0, "labels": labels}
    return vega.day("period", scale=scale(span), axis={"values": values, "format": "%Y", **look})


def alone(points: Sequence[Mapping[str, Any]], field: str) -> list[Mapping[str, Any]]:
    """Return the months that stand alone between two gaps, where there is no line to see."""
    known = [point[field] is not None for point in points]
    beside = zip(points, known, [False, *known], [*known[1:], False], strict=False)
    return [point for point, is_known, a, b in beside if is_known and not a and not b]


def scale(span: tuple[str, str]) -> vega.Part:
    """Return the scale from one day to another."""
    return {"type": "utc", "domain": [instant(day) for day in span]}


def with_gaps(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return each series on the grid of all months, null where the data has no value."""
    found: dict[str, dict[str, float | None]] = {}
    for row in rows:
        months = found.setdefault(str(row["series"]), {})
        month = str(row["period"])[:7]
        if month in months:
            raise DuplicateError(
                f"monthly: {row['series']} has two values for {month}, expected one; "
                "sum them before drawing"
            )
        months[month] = row["value_usd"]
    known = [month for months in found.values() for month in months]
    grid = list(_range(min(known), max(known)))
    return {
        name: [{"period": _middle(month), "value_usd": months.get(month)} for month in grid]
        for name, months in found.items()
    }


def _range(first: str, last: str) -> Iterable[str]:
    start, end = (months.number(months.month(name)) for name in (first, last))
    return map(months.name_of, range(start, end + 1))


def _middle(month: str) -> str:
    # A month's value stands for the whole month, so it is drawn in its middle.
    return f"{month}-15"


def bounds(months: list[str], windows: Sequence[Window]) -> tuple[str, str]:
    last = max([months[-1][:7], *(window[1][:7] for window in windows)])
    first = min([months[0][:7], *(window[0][:7] for window in windows)])
    return f"{first}-01", after(last)


def after(month: str) -> str:
    """Return the first day after a month."""
    return f"{months.later(month[:7], 1)}-01"


def instant(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000


def at(day: str, span: tuple[str, str], width: int) -> float:
    """Return how many pixels from the left a day is drawn."""
    start, end = (instant(one) for one in span)
    return (instant(day) - start) / (end - start) * width


def windows(windows: Sequence[Window], x: vega.Part, height: int) -> Iterable[vega.Part]:
    """Shade periods, all in one layer."""
    rows = [{"period": f"{first[:7]}-01", "end": after(last)} for first, last in windows]
    ends = {"x2": vega.until("end"), "y": vega.fixed(0), "y2": vega.fixed(height)}
    if rows:
        yield vega.layer("rect", rows, {"color": style.SHADE}, x=x, **ends)


def window_names(
    windows: Sequence[Window], above: int, span: tuple[str, str], width: int
) -> list[vega.Part]:
    """Return the name of each window above its middle, as lines of `style.lines_at`.

    A name is left out where the drawing is too narrow for it: the axis has the years, and names
    that run into each other cannot be read.
    """
    names = []
    for first, last in windows:
        start, end = (at(day, span, width) for day in (f"{first[:7]}-01", after(last)))
        if end - start >= NAME:
            middle = (start + end) / 2
            names += style.lines_at(middle, -above, _short(first, last), style.SOFT)
    return names


def _short(first: str, last: str) -> str:
    (year, month), (last_year, last_month) = ((int(m[:4]), int(m[5:7])) for m in (first, last))
    names = calendar.month_abbr
    if year != last_year:
        return f"{names[month]} {year}\N{EN DASH}{names[last_month]} {last_year}"
    return f"{names[month]}\N{EN DASH}{names[last_month]} {year}"


LINE = 15
"""Pixels from one line of event labels to the next."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event, its pixels from the left, and its label's line, from 0 up, and side of the day."""

    at: float
    label: str
    level: int
    is_left: bool


def placed(events: Sequence[Event], span: tuple[str, str], width: int) -> list[Placed]:
    """Return events in order of their days; labels that would touch stand on higher lines."""
    taken: list[float] = []
    found = []
    for event in sorted(events, key=lambda event: event["date"]):
        place = at(event["date"], span, width)
        length = len(event["label"]) * style.CHARACTER
        is_left = place + length > width + 10 and place > length
        begin = place - length if is_left else place
        level = next((i for i, until in enumerate(taken) if until < begin), len(taken))
        taken[level : level + 1] = [begin + length + 8]
        found.append(Placed(place, event["label"], level, is_left))
    return found


def room(events: Iterable[Placed]) -> int:
    """Return how many pixels the labels of events take above a plot."""
    return max((LINE * (one.level + 1) + 6 for one in events), default=0)


def marks(
    events: Sequence[Placed], height: int, colour: str, *, named: bool
) -> Iterable[vega.Part]:
    """Mark days with a rule over the plot; with `named` up to a label right above it.

    What names the plot stands above the labels, so that no rule crosses a word.
    """
    tops = [-(LINE * one.level + 12) if named else 0 for one in events]
    if not events:
        return
    rows = [{"x": one.at, "y": top} for one, top in zip(events, tops, strict=True)]
    place = {"x": vega.field("x", scale=None), "y": vega.field("y", scale=None)}
    look = {"color": colour, "strokeDash": [3, 3], "strokeWidth": 1}
    yield vega.layer("rule", rows, look, **place, y2=vega.fixed(height))
    for is_left in (False, True):
        lines = [
            line
            for one, top in zip(events, tops, strict=True)
            if named and one.is_left == is_left
            for line in style.lines_at(one.at, top + 4, one.label)
        ]
        side = {"align": "right", "dx": -4} if is_left else {"dx": 4}
        yield from style.written(lines, **side, baseline="middle")
