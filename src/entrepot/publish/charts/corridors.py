"""Corridors: through which third countries the excess went, from whom and whereto."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COLUMNS = ("origin", "intermediary", "end")
_NODE, _LINE, _GAP = 8, 15, 6  # pixels: width of a bar, a line of its label, space between
_BODY = 320  # pixels that the whole amount is high
_STEPS = 24
_COLOURS = {"origin": style.SERIES[1], "intermediary": style.INK, "end": style.SERIES[0]}


@dataclass(frozen=True, slots=True)
class _Node:
    """A bar: where it begins, how high it is, and the lines of its label."""

    top: float
    height: float
    label: tuple[str, ...]


def corridors(
    rows: Iterable[Mapping[str, Any]],
    *,
    heads: Sequence[str] = ("From", "Through", "Onward"),
    most: int = 8,
    width: int = 680,
) -> vega.Part:
    """Draw flows from left to right; every height is an amount on one scale.

    Args:
        rows: One row per flow: `origin`, `intermediary`, `end` and `value_usd`.
        heads: What stands above the three columns.
        most: Names a column shows; the smaller ones are added up as "12 others".
        width: Width of the whole picture, in pixels.
    """
    flows = _folded([dict(row) for row in rows if row["value_usd"] > 0], most)
    total = sum(flow["value_usd"] for flow in flows) or 1.0
    unit = (_BODY if width > style.NARROW else _BODY * 0.8) / total
    left, right = (150, 150) if width > style.NARROW else (84, 78)
    plot = width - left - right - 4
    rooms = dict(zip(_COLUMNS, (left - 10, max(plot / 2 - 60, 80), right - 10), strict=True))
    bars = {column: _bars(flows, column, unit, rooms[column]) for column in _COLUMNS}
    height = max(sum(map(_slot, column.values())) for column in bars.values()) or 1.0
    nodes = {column: _stacked(found, height) for column, found in bars.items()}
    x_of = dict(zip(_COLUMNS, (0, (plot - _NODE) / 2, plot - _NODE), strict=True))
    x = vega.field("x", axis=None, scale={"domain": [0, plot], "nice": False})
    y = vega.field("y", axis=None, scale={"domain": [0, height], "reverse": True, "nice": False})
    layers = [
        *_ribbons(flows, nodes, x_of, unit, ("origin", "intermediary"), x, y),
        *_ribbons(flows, nodes, x_of, unit, ("intermediary", "end"), x, y),
        *(_drawn(column, nodes[column], x_of[column], x, y) for column in _COLUMNS),
        *_labels(nodes, x_of, plot),
        *_heads(heads, x_of, plot),
    ]
    return style.finish(
        vega.plot(layers, plot, height),
        padding={"left": left, "right": right, "top": 34, "bottom": 4},
        autosize="none",
    )


def _folded(flows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Add the smaller names of a column up as "12 others", and equal flows to one."""
    for column in _COLUMNS:
        sizes: dict[str, float] = {}
        for flow in flows:
            sizes[flow[column]] = sizes.get(flow[column], 0.0) + flow["value_usd"]
        ranked = sorted(sizes, key=lambda name: (-sizes[name], name))
        if len(ranked) > most + 1:
            small = {*ranked[most:]}
            rest = f"{len(small)} others"
            flows = [flow | {column: rest if flow[column] in small else flow[column]}
                     for flow in flows]  # fmt: skip
    added: dict[tuple[str, ...], float] = {}
    for flow in flows:
        key = tuple(flow[column] for column in _COLUMNS)
        added[key] = added.get(key, 0.0) + flow["value_usd"]
    return [dict(zip(_COLUMNS, key, strict=True)) | {"value_usd": v} for key, v in added.items()]


def _sizes(flows: list[dict[str, Any]], column: str) -> list[tuple[str, float]]:
    """Return the names of a column with their amounts, the largest first and "others" last."""
    sizes: dict[str, float] = {}
    for flow in flows:
        sizes[flow[column]] = sizes.get(flow[column], 0.0) + flow["value_usd"]
    return sorted(sizes.items(), key=lambda item: (item[0].endswith(" others"), -item[1], item[0]))


def _bars(flows: list[dict[str, Any]], column: str, unit: float, room: float) -> dict[str, _Node]:
    return {
        name: _Node(0.0, value * unit, (*style.wrap(name, room), words.usd(value, short=True)))
        for name, value in _sizes(flows, column)
    }


def _slot(node: _Node) -> float:
    return max(node.height, len(node.label) * _LINE) + _GAP


def _stacked(bars: dict[str, _Node], height: float) -> dict[str, _Node]:
    """Place the bars of a column one below the other, the column in the middle."""
    at = (height - sum(map(_slot, bars.values()))) / 2
    placed = {}
    for name, bar in bars.items():
        placed[name] = replace(bar, top=at + (_slot(bar) - bar.height) / 2)
        at += _slot(bar)
    return placed


def _ribbons(
    flows: list[dict[str, Any]],
    nodes: dict[str, dict[str, _Node]],
    x_of: dict[str, float],
    unit: float,
    sides: tuple[str, str],
    x: vega.Part,
    y: vega.Part,
) -> Iterable[vega.Part]:
    """Draw the bands between two columns, each band's ends in the order of the other side."""
    widths: dict[tuple[str, str], float] = {}
    for flow in flows:
        key = (flow[sides[0]], flow[sides[1]])
        widths[key] = widths.get(key, 0.0) + flow["value_usd"] * unit
    tops = [{name: node.top for name, node in nodes[side].items()} for side in sides]
    order = [{name: place for place, name in enumerate(nodes[side])} for side in sides]
    begin, end = x_of[sides[0]] + _NODE, x_of[sides[1]]
    points = []
    for pair in sorted(widths, key=lambda pair: (order[0][pair[0]], order[1][pair[1]])):
        starts = [tops[side][pair[side]] for side in (0, 1)]
        for side in (0, 1):
            tops[side][pair[side]] += widths[pair]
        points += _band(" ".join(pair), begin, end, starts, widths[pair])
    colour = _COLOURS["origin" if sides[0] == "origin" else "end"]
    look = {"color": colour, "opacity": 0.3, "line": False}
    yield vega.layer("area", points, look, x=x, y=y, y2=vega.until("low"), detail=vega.name("band"))


def _band(
    name: str, begin: float, end: float, tops: list[float], thick: float
) -> list[dict[str, Any]]:
    steps = [step / _STEPS for step in range(_STEPS + 1)]
    bends = [(t, t * t * (3 - 2 * t)) for t in steps]
    middle = [(begin + (end - begin) * t, tops[0] + (tops[1] - tops[0]) * b) for t, b in bends]
    return [{"band": name, "x": place, "y": top, "low": top + thick} for place, top in middle]


def _drawn(
    column: str, nodes: dict[str, _Node], at: float, x: vega.Part, y: vega.Part
) -> vega.Part:
    rows = [
        {"x": at, "right": at + _NODE, "y": node.top, "low": node.top + max(node.height, 1)}
        for node in nodes.values()
    ]
    look = {"color": _COLOURS[column]}
    return vega.layer("rect", rows, look, x=x, x2=vega.until("right"), y=y, y2=vega.until("low"))


def _labels(
    nodes: dict[str, dict[str, _Node]], x_of: dict[str, float], plot: float
) -> Iterable[vega.Part]:
    """Name each bar with its amount: beside the drawing, and in it on a halo."""
    places = {"origin": -6.0, "intermediary": x_of["intermediary"] + _NODE + 5, "end": plot + 6.0}
    for column, found in nodes.items():
        lines = (
            line
            for node in found.values()
            for line in style.lines_at(
                places[column],
                node.top + node.height / 2 - _LINE / 2 * (len(node.label) - 1),
                node.label,
            )
        )
        yield from style.written(
            lines,
            halo=column == "intermediary",
            baseline="middle",
            align="right" if column == "origin" else "left",
        )


def _heads(heads: Sequence[str], x_of: dict[str, float], plot: float) -> Iterable[vega.Part]:
    places = ((-6, "right"), (x_of["intermediary"] + _NODE / 2, "center"), (plot + 6, "left"))
    for head, (at, align) in zip(heads, places, strict=True):
        lines = style.lines_at(at, -14, head, style.SOFT)
        yield from style.written(lines, align=align, fontWeight="bold")
