"""Counterfactual: what was recorded, what was to be expected, and what arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _time as time
from entrepot.publish.charts import _vega as vega

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
) -> vega.Part:
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
    return style.finish({"vconcat": drawn, "spacing": 18})


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
) -> vega.Part:
    name, points = panel
    events, mirror, is_last = rest
    known = [p[key] for p in points for key in _KEYS if p[key] is not None]
    steps = style.ticks(max(known, default=1.0))
    axes = (time.years(span, labels=is_last), steps)
    heads = style.wrap(name, size[0] - 10, 13)
    keys = _keys(points, mirror, size[0])
    below = 8 + _LINE * (keys[-1][1] + 1)
    known_days = time.placed(events, span, size[0])
    lift = time.room(known_days) if is_first else 0
    layers = [
        *time.marks(known_days, size[1], style.RULE, named=is_first),
        *_expected(points, axes),
        *_line(points, "value_usd", _RECORDED, axes, strokeWidth=2.5),
        *_line(points, "mirror_usd", _ARRIVED, axes, strokeWidth=1),
        *style.written(
            style.lines_at(0, -lift - below - _LINE * (len(heads) - 1), heads, high=_LINE),
            halo=True, fontWeight="bold", fontSize=13,
        ),
        *style.written(
            (
                text
                for at, line, name, colour in keys
                for text in style.lines_at(
                    at, -lift - 8 - _LINE * (keys[-1][1] - line), name, colour
                )
            ),
            halo=True, fontWeight="bold",
        ),
    ]  # fmt: skip
    return vega.plot(layers, *size)


def _expected(
    points: list[dict[str, Any]], axes: tuple[vega.Part, list[float]]
) -> Iterable[vega.Part]:
    band = [p for p in points if p["low_usd"] is not None]
    if band:
        look, y = {"color": style.SOFT, "opacity": 0.22}, _y("low_usd", axes[1])
        yield vega.layer("area", band, look, x=axes[0], y=y, y2=vega.until("high_usd"))
    line = {"strokeWidth": 1.5, "strokeDash": [5, 3]}
    yield from _line(points, "expected_usd", style.SOFT, axes, **line)


def _line(
    points: list[dict[str, Any]],
    field: str,
    colour: str,
    axes: tuple[vega.Part, list[float]],
    **look: Any,
) -> Iterable[vega.Part]:
    """Draw one column as a line; a month that stands alone between two gaps is a dot."""
    x, y = axes[0], _y(field, axes[1])
    if any(point[field] is not None for point in points):
        look |= {"color": colour, "strokeJoin": "round", "invalid": "break-paths-show-domains"}
        yield vega.layer("line", points, look, x=x, y=y)
    if dots := time.alone(points, field):
        yield vega.layer("circle", dots, {"color": colour, "size": 26}, x=x, y=y)


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


def _y(field: str, steps: list[float]) -> vega.Part:
    return style.amounts(field, steps, _LEFT - 6)
