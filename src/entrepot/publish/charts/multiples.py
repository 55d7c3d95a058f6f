"""Multiples: the same months in many small panels on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LEFT = 56
_WIDE, _SLIM = 3, 1  # panels in a row


def multiples(
    rows: Iterable[Mapping[str, Any]],
    *,
    own_scale: bool = False,
    events: Sequence[time.Event] = (),
    windows: Sequence[time.Window] = (),
    width: int = 680,
) -> vega.Part:
    """Draw a small panel per series, in the order of the rows, all months and one scale.

    A month without a row or a value is a gap. A panel of which nothing is known says so.

    Args:
        rows: One row per `series` and `period` (first day of the month), with `value_usd`.
        own_scale: A scale of its own for each panel: their heights do not compare then.
        events: Days to mark, each with `date` and `label`; labels stand in the first panel.
        windows: Pairs of first and last month to shade.
        width: Width of the whole picture, in pixels.

    Raises:
        DuplicateError: A series has two values for one month.
    """
    series = time.with_gaps(rows)
    months = [point["period"] for point in next(iter(series.values()))]
    span = time.bounds(months, windows)
    columns = _SLIM if width <= style.NARROW else min(_WIDE, len(series))
    size = (int(width / columns) - _LEFT - 16, 92 if columns == 1 else 110)
    top = style.ticks(_top(p for points in series.values() for p in points), most=3)
    lift = time.room(time.placed(events, span, size[0]))
    drawn = [
        _panel(
            (name, points),
            style.ticks(_top(points), most=3) if own_scale else top,
            (span, size, lift if place < columns else 0),
            events if place == 0 else [{**event, "label": ""} for event in events],
            windows,
        )
        for place, (name, points) in enumerate(series.items())
    ]
    return style.finish({"concat": drawn, "columns": columns, "spacing": {"row": 22, "column": 14}})


def _top(points: Iterable[Mapping[str, Any]]) -> float:
    return max((p["value_usd"] for p in points if p["value_usd"] is not None), default=0.0)


def _panel(
    panel: tuple[str, list[dict[str, Any]]],
    steps: list[float],
    place: tuple[tuple[str, str], tuple[int, int], int],
    events: Sequence[time.Event],
    windows: Sequence[time.Window],
) -> vega.Part:
    (name, points), (span, size, lift) = panel, place
    x, y = time.years(span), style.amounts("value_usd", steps, _LEFT - 6)
    known = [point for point in points if point["value_usd"] is not None]
    days = time.placed(events, span, size[0])
    is_named = any(event["label"] for event in events)
    lines = style.wrap(name, size[0] / 1.2, 12)
    above = -6 - lift - 15 * (len(lines) - 1)
    look = {"color": style.SERIES[1], **time.LINE_LOOK}
    layers = [
        *time.windows(windows, x, size[1]),
        *time.marks(days, size[1], style.RULE, named=is_named),
        vega.layer("line", points, look, x=x, y=y),
        *_dots(time.alone(points, "value_usd"), x, y),
        *style.written(style.lines_at(0, above, lines), fontWeight="bold"),
        *style.written(
            [] if known else style.lines_at(8, size[1] / 2, "not known", style.SOFT),
            baseline="middle",
        ),
    ]
    return vega.plot(layers, *size)


def _dots(points: Sequence[Mapping[str, Any]], x: vega.Part, y: vega.Part) -> Iterable[vega.Part]:
    if points:
        look = {"color": style.SERIES[1], "size": 26}
        yield vega.layer("circle", points, look, x=x, y=y)
