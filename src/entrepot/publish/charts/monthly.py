"""Monthly: how did each series move, month by month?"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def monthly(
    rows: Iterable[Mapping[str, Any]],
    *,
    panels: bool = False,
    events: Sequence[time.Event] = (),
    windows: Sequence[time.Window] = (),
    width: int = 680,
) -> vega.Part:
    """Draw two to six monthly series; a month without a row is a gap in the line.

    Args:
        rows: One row per `series` and `period` (first day of the month), with `value_usd`.
        panels: One panel per series with its own scale, for magnitudes far apart.
        events: Days to mark, each with `date` and `label`.
        windows: Pairs of first and last month to shade: the periods that are compared.
        width: Width of the whole picture, in pixels.

    Raises:
        DuplicateError: A series has two values for one month.
    """
    series = time.with_gaps(rows)
    months = [point["period"] for point in next(iter(series.values()))]
    span = time.bounds(months, windows)
    groups = [[name] for name in series] if panels else [list(series)]
    has_names = len(series) > 1 and not panels and width > style.NARROW  # at the ends of lines
    height = (150 if len(groups) > 1 else 260) if width > style.NARROW else 120 + 80 // len(groups)
    drawn = [
        _panel(
            {name: series[name] for name in names},
            colours=dict(zip(series, style.SERIES * len(series), strict=False)),
            span=span,
            size=(width - _LEFT - (_RIGHT if has_names else 0), height),
            marks=(events, windows),
            is_first=index == 0,
            is_last=index == len(groups) - 1,
        )
        for index, names in enumerate(groups)
    ]
    return style.finish({"vconcat": drawn, "spacing": 14})


_LEFT, _RIGHT = 58, 150
BOLD = 1.15
"""How much wider bold letters are."""
WIDE = 1.3
"""How much wider bold letters are in the widest of the fonts that a reader may have."""


def _panel(
    series: dict[str, list[dict[str, Any]]],
    *,
    colours: dict[str, str],
    span: tuple[str, str],
    size: tuple[int, int],
    marks: tuple[Sequence[time.Event], Sequence[time.Window]],
    is_first: bool,
    is_last: bool,
) -> vega.Part:
    values = [p["value_usd"] for points in series.values() for p in points]
    steps = style.ticks(max([v for v in values if v is not None], default=1.0))
    x, y = _axes(span, steps, is_last)
    events, windows = marks
    heads = _headings(series, colours, size)
    known = time.placed(events, span, size[0])
    lift = time.room(known) if is_first else 0
    names = time.window_names(windows, lift + 6, span, size[0]) if is_first else []
    lift += 16 if names else 0
    rows = len(heads) - 1
    heads_at = [(-6 - lift - 15 * (rows - row), *head) for row, head in enumerate(heads)]
    layers = [
        *time.windows(windows, x, size[1]),
        *(_line(points, colours[name], x, y) for name, points in series.items()),
        *_dots(series, colours, x, y),
        *time.marks(known, size[1], style.INK, named=is_first),
        *style.written(
            (line for head in heads_at for line in style.lines_at(0, *head)), fontWeight="bold"
        ),
        *style.written(names, halo=True, align="center", fontSize=11),
        *(() if heads else _end_labels(series, colours, size, steps[-1])),
    ]
    return vega.plot(layers, *size)


def _axes(span: tuple[str, str], steps: list[float], is_last: bool) -> tuple[vega.Part, vega.Part]:
    first, last = (date.fromisoformat(day) for day in span)
    years = [f"{year}-01-01" for year in range(first.year, last.year + 1)]
    is_long = len(years) > 2
    days = years if is_long else [f"{y[:4]}-{m:02d}-01" for y in years for m in (1, 4, 7, 10)]
    axis = {
        "values": [time.instant(day) for day in days if span[0] <= day < span[1]],
        "format": "%Y" if is_long else "%b %Y",
        **time.AXIS,
        "tickSize": 6 if is_last else 0,
        "labels": is_last,
    }
    x = vega.day("period", scale=time.scale(span), axis=axis)
    return x, style.amounts("value_usd", steps, _LEFT - 6)


def _line(points: list[dict[str, Any]], colour: str, x: vega.Part, y: vega.Part) -> vega.Part:
    return vega.layer("line", points, {"color": colour, **time.LINE_LOOK}, x=x, y=y)


def _dots(
    series: dict[str, list[dict[str, Any]]], colours: dict[str, str], x: vega.Part, y: vega.Part
) -> Iterable[vega.Part]:
    """Draw the months that stand alone between two gaps, where there is no line to see."""
    for name, points in series.items():
        if alone := time.alone(points, "value_usd"):
            yield vega.layer("circle", alone, {"color": colours[name], "size": 26}, x=x, y=y)


def _headings(
    series: dict[str, Any], colours: dict[str, str], size: tuple[int, int]
) -> list[tuple[str, str]]:
    """Return the lines above a plot that name its series; none where the lines name themselves."""
    if len(series) > 1 and size[0] > style.NARROW - _LEFT:
        return []
    lines = ((name, style.wrap(name, size[0] / BOLD, 13)) for name in series)
    return [(line, colours[name]) for name, wrapped in lines for line in wrapped]


def _end_labels(
    series: dict[str, list[dict[str, Any]]],
    colours: dict[str, str],
    size: tuple[int, int],
    top: float,
) -> Iterable[vega.Part]:
    """Name each line at its end, pushed apart so that no two names overlap."""
    ends = {
        n: [p["value_usd"] for p in ps if p["value_usd"] is not None] for n, ps in series.items()
    }
    places = sorted((size[1] * (1 - v[-1] / top), n) for n, v in ends.items() if v)
    room = (_RIGHT - 10) / WIDE
    blocks = [(place, style.wrap(name, room, 12), colours[name]) for place, name in places]
    spots = [place - (len(lines) - 1) * 7.5 for place, lines, _ in blocks]
    for i, (a, b) in enumerate(pairwise(range(len(spots)))):
        spots[b] = max(spots[b], spots[a] + len(blocks[i][1]) * 15 + 3)
    overflow = max(
        [0.0, *(s + len(b[1]) * 15 - size[1] - 12 for s, b in zip(spots, blocks, strict=True))]
    )
    # Fonts differ in width; this keeps the room for names whatever the renderer measures.
    free = {"x": vega.fixed(size[0]), "x2": vega.fixed(size[0] + _RIGHT - 4), "y": vega.fixed(0)}
    yield vega.layer("rect", [{}], {"opacity": 0}, **free)
    names = (
        line
        for spot, (_, lines, colour) in zip(spots, blocks, strict=True)
        for line in style.lines_at(size[0] + 8, spot - overflow, lines, colour)
    )
    yield from style.written(names, baseline="middle", fontWeight="bold")
