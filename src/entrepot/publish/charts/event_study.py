"""Event study: how far did an estimate move from what it was before an event?"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import altair as alt

from entrepot.months import later
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time

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
) -> alt.LayerChart:
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
    x = alt.X("middle:T", title=None).scale(domain=[_time.instant(day) for day in span], type="utc")
    x = x.axis(
        format="%Y",
        tickCount="year",
        grid=False,
        domainColor=style.RULE,
        tickColor=style.RULE,
        labelColor=style.SOFT,
        labelFontSize=12,
    )
    y = _values(found)
    placed = _time.placed(events, span, plot)
    layers = [
        style.plot([{"estimate": 0}])
        .mark_rule(color=style.INK, strokeWidth=1)
        .encode(x=style.at(alt.XValue, 0), x2=style.at(alt.X2Value, plot), y=y),
        *_estimates(found, x, y),
        *_time.marks(placed, _named(x), _HEIGHT, style.INK, named=True),
        style.text_at(
            style.at(alt.XValue, -_SCALE),
            style.at(alt.YValue, -6 - _time.room(placed)),
            unit,
            style.SOFT,
        ),
    ]
    drawn = alt.layer(*layers).properties(width=plot, height=_HEIGHT)
    chart: alt.LayerChart = style.finish(drawn)
    return chart


def _named(x: alt.X) -> alt.X:
    # Events carry their day as `period`.
    named: alt.X = x.copy()
    named.shorthand = "period:T"
    return named


def _middles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    starts = [date.fromisoformat(f"{str(row['period'])[:7]}-01") for row in rows]
    lengths = [after - start for start, after in pairwise(starts)]
    usual = min(lengths, default=timedelta(30))
    return [
        {**row, "period": f"{start}", "middle": f"{start + length / 2}"}
        for row, start, length in zip(rows, starts, [*lengths, usual], strict=False)
    ]


def _estimates(
    rows: Sequence[Mapping[str, Any]], x: alt.X, y: alt.Y
) -> Iterable[alt.Chart | alt.LayerChart]:
    known = [dict(row) for row in rows if row["estimate"] is not None]
    sure = [row for row in known if row["ci_low"] is not None]
    base = [row for row in known if row["ci_low"] is None]
    yield (
        style.plot(sure)
        .mark_rule(color=style.SERIES[1], strokeWidth=2, opacity=0.55)
        .encode(x=x, y=alt.Y("ci_low:Q"), y2=alt.Y2("ci_high:Q"))
    )
    dot = {"size": 62, "opacity": 1, "filled": True}
    yield style.plot(sure).mark_point(color=style.SERIES[1], **dot).encode(x=x, y=y)
    hollow = {**dot, "fill": style.PAPER, "stroke": style.SOFT, "strokeWidth": 1.75}
    yield style.plot(base).mark_point(**hollow).encode(x=x, y=y)


def _values(rows: Sequence[Mapping[str, Any]]) -> alt.Y:
    keys = ("estimate", "ci_low", "ci_high")
    known = [float(row[key]) for row in rows for key in keys if row[key] is not None] + [0.0]
    low, high = min(known), max(known)
    room = (high - low) * 0.06 or 1.0
    y = alt.Y("estimate:Q", title=None).scale(
        domain=[low - room, high + room], nice=False, zero=False
    )
    return y.axis(
        tickCount=5,
        gridColor=style.GRID,
        domain=False,
        ticks=False,
        labelColor=style.SOFT,
        labelFontSize=12,
    )


def _span(periods: Sequence[str], events: Sequence[str]) -> tuple[str, str]:
    """Return a month before the first and after the last of all days, so that no dot is cut."""
    days = [date.fromisoformat(day) for day in (*periods, *events)] or [date(2022, 1, 1)]
    first, last = min(days), max(days)
    return f"{later(f'{first:%Y-%m}', -1)}-01", _time.after(f"{last:%Y-%m}")
