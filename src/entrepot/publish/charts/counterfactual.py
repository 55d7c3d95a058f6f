"""Counterfactual: what was recorded, what was to be expected, and what arrived."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import altair as alt

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LEFT, _LINE = 58, 16
_RECORDED, _ARRIVED = style.SERIES[0], style.SERIES[1]
_KEYS = ("value_usd", "mirror_usd", "expected_usd", "low_usd", "high_usd")


def counterfactual(
    rows: Iterable[Mapping[str, Any]],
    *,
    events: Sequence[time.Event] = (),
    mirror: str = "recorded on arrival",
    width: int = 680,
) -> alt.VConcatChart:
    """Draw a finding's legs one below the other, each with a scale of its own.

    Solid: recorded. Dashed, with its band: the counterfactual. A thin line: the same trade in the
    books of the other side. A month without a value is a gap.

    Args:
        rows: One row per `panel` and `period` (first day of the month): `value_usd`, `mirror_usd`,
            `expected_usd`, `low_usd` and `high_usd`, each null where there is none.
        events: Days to mark, each with `date` and `label`.
        mirror: What the thin line is called.
        width: Width of the whole picture, in pixels.
    """
    panels: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        panels.setdefault(str(row["panel"]), []).append(_point(row))
    months = sorted({row["month"] for points in panels.values() for row in points})
    span = (f"{months[0]}-01", time.after(months[-1]))
    height = 150 if width > style.NARROW else 120
    drawn = [
        _panel(
            (name, points), span, (width - _LEFT - 8, height), place == 0,
            (events, mirror, place == len(panels) - 1),
        )
        for place, (name, points) in enumerate(panels.items())
    ]  # fmt: skip
    chart: alt.VConcatChart = style.finish(alt.vconcat(*drawn, spacing=18))
    return chart


def _point(row: Mapping[str, Any]) -> dict[str, Any]:
    month = str(row["period"])[:7]
    # A month's value stands for the whole month, so it is drawn in its middle.
    return {"month": month, "period": f"{month}-15", **{key: row.get(key) for key in _KEYS}}


def _panel(
    panel: tuple[str, list[dict[str, Any]]],
    span: tuple[str, str],
    size: tuple[int, int],
    is_first: bool,  # the labels of events stand above the first panel
    rest: tuple[Sequence[time.Event], str, bool],
) -> Any:
    name, points = panel
    events, mirror, is_last = rest
    known = [p[key] for p in points for key in _KEYS if p[key] is not None]
    steps = style.ticks(max(known, default=1.0))
    axes = (_x(span, is_last), steps)
    heads = style.wrap(name, size[0] - 10, 13)
    keys = _keys(points, mirror, size[0])
    below = 8 + _LINE * (keys[-1][1] + 1)
    known_days = time.placed(events, span, size[0])
    lift = time.room(known_days) if is_first else 0
    layers = [
        *time.marks(known_days, axes[0], size[1], style.RULE, named=is_first),
        *_expected(points, axes),
        *_line(points, "value_usd", _RECORDED, axes, strokeWidth=2.5),
        *_line(points, "mirror_usd", _ARRIVED, axes, strokeWidth=1),
        *_named(0, -lift - below - _LINE * (len(heads) - 1), heads, style.INK, fontSize=13),
        *(
            text
            for at, line, name, colour in keys
            for text in _named(at, -lift - 8 - _LINE * (keys[-1][1] - line), name, colour)
        ),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=size[0], height=size[1])


def _expected(points: list[dict[str, Any]], axes: tuple[alt.X, list[float]]) -> Iterable[Any]:
    band = [p for p in points if p["low_usd"] is not None]
    if band:
        area = style.plot(band).mark_area(color=style.SOFT, opacity=0.22)
        yield area.encode(x=axes[0], y=_y("low_usd", axes[1]), y2=alt.Y2("high_usd:Q"))
    line = {"strokeWidth": 1.5, "strokeDash": [5, 3]}
    yield from _line(points, "expected_usd", style.SOFT, axes, **line)


def _line(
    points: list[dict[str, Any]],
    field: str,
    colour: str,
    axes: tuple[alt.X, list[float]],
    **look: Any,
) -> Iterable[Any]:
    """Draw one column as a line; a month that stands alone between two gaps is a dot."""
    known = [point[field] is not None for point in points]
    neighbours = zip([False, *known], known, [*known[1:], False], strict=False)
    alone = [a and not (b or c) for b, a, c in neighbours]
    x, y = axes[0], _y(field, axes[1])
    if any(known):
        line = style.plot(points).mark_line(
            color=colour, strokeJoin="round", invalid="break-paths-show-domains", **look
        )
        yield line.encode(x=x, y=y)
    if any(alone):
        dots = style.plot([p for p, is_alone in zip(points, alone, strict=True) if is_alone])
        yield dots.mark_circle(color=colour, size=26).encode(x=x, y=y)


def _keys(
    points: list[dict[str, Any]], mirror: str, width: int
) -> list[tuple[float, int, str, str]]:
    """Place the names of a panel's lines: pixels from the left, line, name and colour."""
    names = [("value_usd", "recorded", _RECORDED), ("mirror_usd", mirror, _ARRIVED),
             ("expected_usd", "expected, with its 90% range", style.SOFT)]  # fmt: skip
    placed, at, line = [], 0.0, 0
    for field, name, colour in names:
        if any(point[field] is not None for point in points):
            long = len(name) * style.CHARACTER * 1.22
            if at and at + long > width:
                at, line = 0.0, line + 1
            placed.append((at, line, name, colour))
            at += long + 14
    return placed or [(0.0, 0, "nothing recorded", style.SOFT)]


def _named(x: float, y: float, words: list[str] | str, colour: str, **look: Any) -> Iterable[Any]:
    """Write on a halo that keeps the lines of events off the letters."""
    halo: dict[str, Any] = {"stroke": style.PAPER, "strokeWidth": 5, "strokeJoin": "round"}
    yield style.text_at(
        style.at(alt.XValue, x),
        style.at(alt.YValue, y),
        words,
        style.PAPER,
        fontWeight="bold",
        **look,
        **halo,
    )
    yield style.text_at(
        style.at(alt.XValue, x), style.at(alt.YValue, y), words, colour, fontWeight="bold", **look
    )


def _x(span: tuple[str, str], is_last: bool) -> alt.X:
    years = range(date.fromisoformat(span[0]).year, date.fromisoformat(span[1]).year + 1)
    days = [f"{year}-01-01" for year in years]
    x = alt.X("period:T", title=None).scale(type="utc", domain=[time.instant(day) for day in span])
    return x.axis(
        values=[time.instant(day) for day in days if span[0] <= day < span[1]], format="%Y",
        grid=False, domainColor=style.RULE, tickColor=style.RULE, tickSize=6 if is_last else 0,
        labels=is_last, labelAlign="left", labelOffset=2, labelFontSize=12, labelColor=style.SOFT,
    )  # fmt: skip


def _y(field: str, steps: list[float]) -> alt.Y:
    y = alt.Y(f"{field}:Q", title=None).scale(domain=[0, steps[-1]], nice=False)
    return y.axis(
        values=steps, labelExpr=style.dollars(steps), gridColor=style.GRID, domain=False,
        ticks=False, labelFontSize=12, labelColor=style.SOFT, labelPadding=8,
        minExtent=_LEFT - 6, maxExtent=_LEFT - 6,
    )  # fmt: skip
