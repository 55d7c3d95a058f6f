"""Time: the months of a monthly chart, and the windows and days marked on it."""

from __future__ import annotations

import calendar
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


def events(
    events: Sequence[Event],
    x: alt.X,
    span: tuple[str, str],
    size: tuple[int, int],
    above: int | None,
) -> Iterable[Any]:
    start, end = (instant(day) for day in span)
    levels: list[float] = []
    for event in sorted(events, key=lambda event: event["date"]):
        data = [{"period": event["date"]}]
        top = -(above or 0)
        left = (instant(event["date"]) - start) / (end - start) * size[0]
        length = len(event["label"]) * style.CHARACTER
        is_left = left + length > size[0] + 10 and left > length
        begin = left - length if is_left else left
        level = next((i for i, taken in enumerate(levels) if taken < begin), len(levels))
        levels[level : level + 1] = [begin + length + 8]
        yield (
            style.plot(data)
            .mark_rule(color=style.INK, strokeDash=[3, 3], strokeWidth=1)
            .encode(
                x=x,
                y=style.at(alt.YValue, top - 15 * level if above is not None else 0),
                y2=style.at(alt.Y2Value, size[1]),
            )
        )
        if above is not None:
            yield (
                style.plot(data)
                .mark_text(
                    text=event["label"],
                    align="right" if is_left else "left",
                    dx=-4 if is_left else 4,
                    baseline="middle",
                    fontSize=12,
                    color=style.INK,
                )
                .encode(x=x, y=style.at(alt.YValue, top - 15 * level + 4))
            )
