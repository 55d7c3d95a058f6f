"""Monthly: how did each series move, month by month?"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import altair as alt

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def monthly(
    rows: Iterable[Mapping[str, Any]],
    *,
    panels: bool = False,
    events: Sequence[time.Event] = (),
    windows: Sequence[time.Window] = (),
    width: int = 680,
) -> alt.VConcatChart:
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
    height = (150 if len(groups) > 1 else 260) if width > style.NARROW else 120 + 80 // len(groups)
    drawn = [
        _panel(
            {name: series[name] for name in names},
            colours=dict(zip(series, style.SERIES * len(series), strict=False)),
            span=span,
            size=(width - _LEFT - (0 if panels or width <= style.NARROW else _RIGHT), height),
            marks=(events, windows),
            is_first=index == 0,
            is_last=index == len(groups) - 1,
        )
        for index, names in enumerate(groups)
    ]
    chart: alt.VConcatChart = style.finish(alt.vconcat(*drawn, spacing=14))
    return chart


_LEFT, _RIGHT = 58, 150
BOLD = 1.15
"""How much wider bold letters are."""


def _panel(
    series: dict[str, list[dict[str, Any]]],
    *,
    colours: dict[str, str],
    span: tuple[str, str],
    size: tuple[int, int],
    marks: tuple[Sequence[time.Event], Sequence[time.Window]],
    is_first: bool,
    is_last: bool,
) -> Any:
    values = [p["value_usd"] for points in series.values() for p in points]
    steps = style.ticks(max([v for v in values if v is not None], default=1.0))
    x, y = _axes(span, steps, is_last)
    events, windows = marks
    heads = _headings(series, colours, size)
    known = time.placed(events, span, size[0])
    lift = time.room(known) if is_first else 0
    names = [*time.window_names(windows, x, lift + 6, span, size[0])] if is_first else []
    lift += 16 if names else 0
    layers = [
        *time.windows(windows, x, size[1]),
        *(_line(points, colours[name], x, y) for name, points in series.items()),
        *_dots(series, colours, x, y),
        *time.marks(known, x, size[1], style.INK, named=is_first),
        *(
            style.text_at(
                style.at(alt.XValue, 0),
                style.at(alt.YValue, -6 - lift - 15 * (len(heads) - 1 - row)),
                *head,
                fontWeight="bold",
            )
            for row, head in enumerate(heads)
        ),
        *names,
        *(() if heads else _end_labels(series, colours, size, steps[-1])),
    ]
    return alt.layer(*layers).properties(width=size[0], height=size[1])


def _axes(span: tuple[str, str], steps: list[float], is_last: bool) -> tuple[alt.X, alt.Y]:
    first, last = (date.fromisoformat(day) for day in span)
    years = [f"{year}-01-01" for year in range(first.year, last.year + 1)]
    is_long = len(years) > 2
    days = years if is_long else [f"{y[:4]}-{m:02d}-01" for y in years for m in (1, 4, 7, 10)]
    x = alt.X("period:T", title=None).scale(type="utc", domain=[time.instant(day) for day in span])
    x = x.axis(
        values=[time.instant(day) for day in days if span[0] <= day < span[1]],
        format="%Y" if is_long else "%b %Y",
        grid=False,
        domainColor=style.RULE,
        tickColor=style.RULE,
        tickSize=6 if is_last else 0,
        labels=is_last,
        labelAlign="left",
        labelOffset=2,
        labelFontSize=12,
        labelColor=style.SOFT,
        labelOverlap="greedy",
    )
    y = alt.Y("value_usd:Q", title=None).scale(domain=[0, steps[-1]], nice=False)
    y = y.axis(
        values=steps,
        labelExpr=style.dollars(steps),
        gridColor=style.GRID,
        domain=False,
        ticks=False,
        labelFontSize=12,
        labelColor=style.SOFT,
        labelPadding=8,
        minExtent=_LEFT - 6,
        maxExtent=_LEFT - 6,
        labelOverlap=False,
    )
    return x, y


def _line(points: list[dict[str, Any]], colour: str, x: alt.X, y: alt.Y) -> Any:
    line = style.plot(points).mark_line(
        color=colour,
        strokeWidth=2.25,
        strokeJoin="round",
        strokeCap="round",
        invalid="break-paths-show-domains",
    )
    return line.encode(x=x, y=y)


def _dots(
    series: dict[str, list[dict[str, Any]]], colours: dict[str, str], x: alt.X, y: alt.Y
) -> Iterable[Any]:
    """Draw the months that stand alone between two gaps, where there is no line to see."""
    for name, points in series.items():
        known = [p["value_usd"] is not None for p in points]
        alone = [
            point
            for point, is_known, before, after in zip(
                points, known, [False, *known], [*known[1:], False], strict=False
            )
            if is_known and not before and not after
        ]
        if alone:
            dots = style.plot(alone).mark_circle(color=colours[name], size=26)
            yield dots.encode(x=x, y=y)


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
) -> Iterable[Any]:
    """Name each line at its end, pushed apart so that no two names overlap."""
    ends = {
        n: [p["value_usd"] for p in ps if p["value_usd"] is not None] for n, ps in series.items()
    }
    places = sorted((size[1] * (1 - v[-1] / top), n) for n, v in ends.items() if v)
    blocks = [(place, style.wrap(name, _RIGHT - 10, 12), colours[name]) for place, name in places]
    spots = [place - (len(lines) - 1) * 7.5 for place, lines, _ in blocks]
    for i, (a, b) in enumerate(pairwise(range(len(spots)))):
        spots[b] = max(spots[b], spots[a] + len(blocks[i][1]) * 15 + 3)
    overflow = max(
        [0.0, *(s + len(b[1]) * 15 - size[1] - 12 for s, b in zip(spots, blocks, strict=True))]
    )
    # Fonts differ in width; this keeps the room for names whatever the renderer measures.
    yield (
        style.plot([{}])
        .mark_rect(opacity=0)
        .encode(
            x=style.at(alt.XValue, size[0]),
            x2=style.at(alt.X2Value, size[0] + _RIGHT - 4),
            y=style.at(alt.YValue, 0),
        )
    )
    for spot, (_, lines, colour) in zip(spots, blocks, strict=True):
        yield style.text_at(
            style.at(alt.XValue, size[0] + 8),
            style.at(alt.YValue, spot - overflow),
            lines,
            colour,
            baseline="middle",
            fontWeight="bold",
        )
