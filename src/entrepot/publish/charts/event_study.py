"""Event study: how far did an estimate move from what it was before an event?"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from entrepot.months import later
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_HEIGHT = 230
_SCALE = 46  # pixels for the numbers beside the axis


def event_study(
    rows: Iterable[Mapping[str, Any]],
    *,
    events: Sequence[_time.Event] = (),
    unit: str = "log points",
    width: int = 680,
) -> vega.Part:
    """Draw a dot per period with its interval, zero as a line and the event between two periods.

    A period is drawn in its middle, so that an event at its beginning is beside it; it lasts until
    the next one. A hollow dot is the period that the others are measured against: it is 0 by
    construction and has no interval. A period without an estimate stays empty.

    Args:
        rows: One row per `period`, its first month as 2022-03 or a day of it, with `estimate`,
            `ci_low` and `ci_high`, null where there is none.
        events: `date` and `label` of what to mark; a date is the first day affected.
        unit: What an estimate is in, written above the axis.
        width: Width of the whole picture, in pixels.
    """
    found = _middles(sorted(({**row} for row in rows), key=lambda row: str(row["period"])))
    plot = width - _SCALE - 8
    span = _span([str(row["middle"]) for row in found], [event["date"] for event in events])
    axis = {
        "format": "%Y",
        "tickCount": "year",
        "grid": False,
        "domainColor": style.RULE,
        "tickColor": style.RULE,
        "labelColor": style.SOFT,
        "labelFontSize": 12,
    }
    x = vega.day("middle", scale=_time.scale(span), axis=axis)
    y = _values(found)
    placed = _time.placed(events, span, plot)
    layers = [
        vega.layer(
            "rule", [{"estimate": 0}], {"color": style.INK, "strokeWidth": 1},
            x=vega.fixed(0), x2=vega.fixed(plot), y=y,
        ),
        *_estimates(found, x, y),
        *_time.marks(placed, _HEIGHT, style.INK, named=True),
        *style.written(style.lines_at(-_SCALE, -6 - _time.room(placed), unit, style.SOFT)),
    ]  # fmt: skip
    return style.finish(vega.plot(layers, plot, _HEIGHT))


def _middles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    starts = [date.fromisoformat(f"{str(row['period'])[:7]}-01") for row in rows]
    lengths = [after - start for start, after in pairwise(starts)]
    usual = min(lengths, default=timedelta(30))
    return [
        {**row, "period": f"{start}", "middle": f"{start + length / 2}"}
        for row, start, length in zip(rows, starts, [*lengths, usual], strict=False)
    ]


def _estimates(
    rows: Sequence[Mapping[str, Any]], x: vega.Part, y: vega.Part
) -> Iterable[vega.Part]:
    known = [dict(row) for row in rows if row["estimate"] is not None]
    sure = [row for row in known if row["ci_low"] is not None]
    base = [row for row in known if row["ci_low"] is None]
    line = {"color": style.SERIES[1], "strokeWidth": 2, "opacity": 0.55}
    ends = {"y": vega.field("ci_low"), "y2": vega.until("ci_high")}
    yield vega.layer("rule", sure, line, x=x, **ends)
    dot = {"size": 62, "opacity": 1, "filled": True}
    yield vega.layer("point", sure, {**dot, "color": style.SERIES[1]}, x=x, y=y)
    hollow = {**dot, "fill": style.PAPER, "stroke": style.SOFT, "strokeWidth": 1.75}
    yield vega.layer("point", base, hollow, x=x, y=y)


def _values(rows: Sequence[Mapping[str, Any]]) -> vega.Part:
    keys = ("estimate", "ci_low", "ci_high")
    known = [float(row[key]) for row in rows for key in keys if row[key] is not None] + [0.0]
    low, high = min(known), max(known)
    room = (high - low) * 0.06 or 1.0
    axis = {
        "tickCount": 5,
        "gridColor": style.GRID,
        "domain": False,
        "ticks": False,
        "labelColor": style.SOFT,
        "labelFontSize": 12,
    }
    scale = {"domain": [low - room, high + room], "nice": False, "zero": False}
    return vega.field("estimate", scale=scale, axis=axis)


def _span(periods: Sequence[str], events: Sequence[str]) -> tuple[str, str]:
    """Return a month before the first and after the last of all days, so that no dot is cut."""
    days = [date.fromisoformat(day) for day in (*periods, *events)] or [date(2022, 1, 1)]
    first, last = min(days), max(days)
    return f"{later(f'{first:%Y-%m}', -1)}-01", _time.after(f"{last:%Y-%m}")
