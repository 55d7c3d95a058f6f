"""Time: the months of a monthly chart, and the windows and days marked on it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import altair as alt

from entrepot import months
from entrepot.errors import DuplicateError
from entrepot.publish.charts import _style as style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Event = Mapping[str, str]
    Window = Sequence[str]

NAME = 74
"""Pixels that a window's name takes, such as "Jan-Sep 2022"."""


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


def windows(windows: Sequence[Window], x: alt.X, height: int) -> Iterable[Any]:
    for first, last in windows:
        row = {"period": f"{first[:7]}-01", "end": after(last)}
        yield (
            style.plot([row])
            .mark_rect(color=style.SHADE)
            .encode(
                x=x, x2=alt.X2("end:T"), y=style.at(alt.YValue, 0), y2=style.at(alt.Y2Value, height)
            )
        )


def window_names(
    windows: Sequence[Window], x: alt.X, above: int, span: tuple[str, str], width: int
) -> Iterable[Any]:
    """Name each window above its middle, on a halo that keeps event lines off the letters.

    A name is left out where the drawing is too narrow for it: the axis has the years, and names
    that run into each other cannot be read.
    """
    whole = instant(span[1]) - instant(span[0])
    for first, last in windows:
        part = (instant(after(last)) - instant(f"{first[:7]}-01")) / whole
        if part * width < NAME:
            continue
        middle = (instant(f"{first[:7]}-01") + instant(after(last))) / 2
        for halo in ({"stroke": style.PAPER, "strokeWidth": 5}, {}):
            text = style.plot([{"period": middle}]).mark_text(
                text=_short(first, last), baseline="bottom", fontSize=11, color=style.SOFT, **halo
            )
            yield text.encode(x=x, y=style.at(alt.YValue, -above))


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
    """An event with the line that its label stands on, from 0 up, and on which side of its day."""

    date: str
    label: str
    level: int
    is_left: bool


def placed(events: Sequence[Event], span: tuple[str, str], width: int) -> list[Placed]:
    """Return events in order of their days; labels that would touch stand on higher lines."""
    start, end = (instant(day) for day in span)
    taken: list[float] = []
    found = []
    for event in sorted(events, key=lambda event: event["date"]):
        at = (instant(event["date"]) - start) / (end - start) * width
        length = len(event["label"]) * style.CHARACTER
        is_left = at + length > width + 10 and at > length
        begin = at - length if is_left else at
        level = next((i for i, until in enumerate(taken) if until < begin), len(taken))
        taken[level : level + 1] = [begin + length + 8]
        found.append(Placed(event["date"], event["label"], level, is_left))
    return found


def room(events: Iterable[Placed]) -> int:
    """Return how many pixels the labels of events take above a plot."""
    return max((LINE * (one.level + 1) + 6 for one in events), default=0)


def marks(
    events: Sequence[Placed], x: alt.X, height: int, colour: str, *, named: bool
) -> Iterable[Any]:
    """Mark days with a rule over the plot; with `named` up to a label right above it.

    What names the plot stands above the labels, so that no rule crosses a word. One layer per line
    of labels, as a chart of many layers takes seconds to build.
    """
    for level, is_left in sorted({(one.level, one.is_left) for one in events}):
        rows = [
            {"period": one.date, "label": one.label}
            for one in events
            if (one.level, one.is_left) == (level, is_left)
        ]
        top = -(LINE * level + 12) if named else 0
        rule = style.plot(rows).mark_rule(color=colour, strokeDash=[3, 3], strokeWidth=1)
        yield rule.encode(x=x, y=style.at(alt.YValue, top), y2=style.at(alt.Y2Value, height))
        if named:
            side = {"align": "right", "dx": -4} if is_left else {"align": "left", "dx": 4}
            text = style.plot(rows).mark_text(
                **side, baseline="middle", fontSize=12, color=style.INK
            )
            yield text.encode(x=x, y=style.at(alt.YValue, top + 4), text=alt.Text("label:N"))
