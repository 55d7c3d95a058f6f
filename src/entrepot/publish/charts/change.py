"""Change: which rows rose and which fell between two periods?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.money import NOT_AVAILABLE
from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_COLOURS = {"rise": style.SERIES[1], "fall": style.SERIES[0], "unknown": style.SOFT}
_SHAPES = {"rise": "triangle-right", "fall": "triangle-left", "unknown": "circle"}
_SOLID = {"filled": True, "opacity": 1}
_LOG_FROM = 30.0  # largest over smallest value from which a linear scale hides the small rows
_LABELS, _VALUES = 220, 205  # pixels for the names and the numbers beside the plot


def change(
    rows: Iterable[Mapping[str, Any]],
    *,
    before: str = "before",
    after: str = "after",
    width: int = 680,
) -> vega.Part:
    """Draw a dot for the value before and an arrow to the value after, the largest rise first.

    Rows are sorted by the change in dollars. The scale is logarithmic when the values are far
    apart; equal lengths are then equal ratios and a zero sits at the left edge. A row without one
    of its two values keeps the other and comes last.

    Args:
        rows: One row per `label`, with `before_usd` and `after_usd`.
        before: The earlier period, in words.
        after: The later period, in words.
        width: Width of the whole picture, in pixels.
    """
    found = sorted((dict(row) for row in rows), key=_rank)
    positive = [v for row in found for v in _values(row) if v and v > 0]
    is_log = bool(positive) and max(positive) / min(positive) >= _LOG_FROM
    domain = _domain(positive, is_log)
    is_narrow = width <= style.NARROW
    plot = width - 4 if is_narrow else width - _LABELS - _VALUES - 4
    placed, height = _place(found, domain[0], plot if is_narrow else _LABELS - 12, is_narrow)
    layers = [
        *_dumbbells(placed, _axes(domain, height, is_log)),
        *(_names_above(placed, plot) if is_narrow else _names_beside(placed, plot)),
        *_key(before, after, is_narrow),
    ]
    return style.finish(vega.plot(layers, plot, height))


def _values(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return row["before_usd"], row["after_usd"]


def _rank(row: Mapping[str, Any]) -> tuple[bool, float, str]:
    start, end = _values(row)
    if start is None or end is None:
        return True, -(start or end or 0.0), str(row["label"])
    return False, start - end, str(row["label"])


def _place(
    rows: list[dict[str, Any]], low: float, pixels: float, is_narrow: bool
) -> tuple[list[dict[str, Any]], float]:
    """Return the rows with all that is drawn of them, each as high as its name needs."""
    placed: list[dict[str, Any]] = []
    top = 8.0 if is_narrow else 0.0  # the names stand clear of the axis
    for row in rows:
        start, end = _values(row)
        lines = style.wrap(str(row["label"]), pixels)
        height = len(lines) * 15.0 + (44 if is_narrow else 15)
        placed.append(
            {
                "lines": lines,
                "top": top,
                "y": top + (height - 14 if is_narrow else height / 2),
                "from": None if start is None else max(start, low),
                "to": None if end is None else max(end, low),
                "amounts": _amounts(start, end),
                "change": _change(start, end),
                "direction": _direction(start, end),
            }
        )
        top += height
    return placed, top


def _direction(start: float | None, end: float | None) -> str:
    if start is None or end is None:
        return "unknown"
    return "fall" if end < start else "rise"


def _amounts(start: float | None, end: float | None) -> str:
    known = [words.usd(value, short=True) for value in (start, end) if value is not None]
    return " \N{RIGHTWARDS ARROW} ".join(known)


def _change(start: float | None, end: float | None) -> str:
    if start is None and end is None:
        return NOT_AVAILABLE
    if start is None:
        return "no figure before"
    return "no figure after" if end is None else words.change(start, end)


def _domain(positive: list[float], is_log: bool) -> tuple[float, float]:
    if not positive:
        return 0.0, 1.0
    return (min(positive) / 1.6, max(positive) * 1.25) if is_log else (0.0, max(positive) * 1.04)


def _axes(domain: tuple[float, float], height: float, is_log: bool) -> tuple[vega.Part, vega.Part]:
    values = style.powers(*domain) if is_log else style.ticks(domain[1])
    values = [value for value in values if domain[0] <= value <= domain[1]]
    axis = {
        "orient": "top",
        "values": values,
        "labelExpr": style.dollar_each() if is_log else style.dollars(values or [1.0]),
        "grid": True,
        "gridColor": style.GRID,
        "domain": False,
        "ticks": False,
        "labelColor": style.SOFT,
        "labelFontSize": 12,
        "labelOverlap": "greedy",
    }
    scale = {"type": "log" if is_log else "linear", "domain": [*domain], "nice": False}
    x = vega.field("from", scale=scale, axis=axis)
    y = vega.field("y", axis=None, scale={"domain": [0, height], "reverse": True, "nice": False})
    return x, y


def _dumbbells(
    rows: list[dict[str, Any]], axes: tuple[vega.Part, vega.Part]
) -> Iterable[vega.Part]:
    x, y = axes
    for direction, colour in _COLOURS.items():
        ended = [row for row in rows if row["direction"] == direction and row["to"] is not None]
        moved = [row for row in ended if row["from"] is not None]
        line = {"color": colour, "strokeWidth": 2}
        yield vega.layer("rule", moved, line, x=x, x2=vega.until("to"), y=y)
        arrow = {"shape": _SHAPES[direction], "color": colour, "size": 110, **_SOLID}
        yield vega.layer("point", ended, arrow, x=vega.field("to"), y=y)
    begun = [row for row in rows if row["from"] is not None]
    dot = {"fill": style.PAPER, "stroke": style.SOFT, "strokeWidth": 1.75, "size": 62, **_SOLID}
    yield vega.layer("point", begun, dot, x=x, y=y)


def _names_beside(rows: list[dict[str, Any]], plot: int) -> Iterable[vega.Part]:
    lines = [
        {"text": line, "y": row["y"] + (i - (len(row["lines"]) - 1) / 2) * 15}
        for row in rows
        for i, line in enumerate(row["lines"])
    ]
    yield _texts(lines, "text", -_LABELS, style.INK)
    yield _texts(rows, "amounts", plot + 16, style.SOFT)
    for direction, colour in _COLOURS.items():
        mine = [row for row in rows if row["direction"] == direction]
        yield _texts(mine, "change", plot + _VALUES, colour, align="right", fontWeight="bold")


def _names_above(rows: list[dict[str, Any]], plot: int) -> Iterable[vega.Part]:
    lines = [
        {"text": line, "y": row["top"] + 8 + i * 15}
        for row in rows
        for i, line in enumerate(row["lines"])
    ]
    under = [row | {"y": row["top"] + 8 + len(row["lines"]) * 15} for row in rows]
    yield _texts(lines, "text", 0, style.INK, fontWeight="bold")
    yield _texts(under, "amounts", 0, style.SOFT)
    for direction, colour in _COLOURS.items():
        mine = [row for row in under if row["direction"] == direction]
        yield _texts(mine, "change", plot, colour, align="right", fontWeight="bold")


def _texts(rows: list[dict[str, Any]], field: str, x: float, colour: str, **look: Any) -> vega.Part:
    look = {"align": "left", "baseline": "middle", "fontSize": 12, "color": colour} | look
    place = {"x": vega.fixed(x), "y": vega.field("y")}
    return vega.layer("text", rows, look, **place, text=vega.name(field))


def _key(before: str, after: str, is_narrow: bool) -> Iterable[vega.Part]:
    left, tops = (0, (-46, -29)) if is_narrow else (-_LABELS, (-23, -6))
    marks: list[tuple[str, dict[str, Any]]] = [
        (before, {"shape": "circle", "fill": style.PAPER, "stroke": style.SOFT}),
        (after, {"shape": "triangle-right", "fill": style.INK, "stroke": style.INK}),
    ]
    for top, (text, mark) in zip(tops, marks, strict=True):
        look = {"size": 62, "strokeWidth": 1.75, "opacity": 1, **mark}
        yield vega.layer("point", [{}], look, x=vega.fixed(left + 6), y=vega.fixed(top - 6))
        yield from style.written(style.lines_at(left + 18, top, text, style.SOFT))
