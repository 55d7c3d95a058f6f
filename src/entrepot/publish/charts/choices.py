"""Choices: how far one figure moves when another choice is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROW = 24  # pixels a choice takes
_VALUES = 128  # pixels for the value beside the plot


def choices(
    rows: Iterable[Mapping[str, Any]],
    *,
    unit: str = "USD",
    chosen: float | None = None,
    width: int = 680,
) -> vega.Part:
    """Draw a dot per choice on one scale, and a line where the brief's own figure stands.

    The scale covers the values and does not begin at zero: it shows differences, not sizes. A
    choice without a value keeps its row and says so.

    Args:
        rows: One row per choice: `label` and `value`, null where it could not be computed.
        unit: Unit of the values: USD, ratio, share or count.
        chosen: The figure of the brief.
        width: Width of the whole picture, in pixels.
    """
    names = 130 if width <= style.NARROW else 220
    plot = width - names - _VALUES - 4
    found, height = _place(rows, unit, names - 8)
    x, y = _axes([row["value"] for row in found if row["value"] is not None], chosen, height)
    layers = [
        vega.layer("rule", found, {"color": style.GRID}, y=y, x=vega.fixed(0), x2=vega.fixed(plot)),
        *(_line(chosen, x, height) if chosen is not None else ()),
        vega.layer(
            "point",
            [row for row in found if row["value"] is not None],
            {"filled": True, "color": style.SERIES[1], "size": 90, "opacity": 1},
            x=x,
            y=y,
        ),
        _texts(_lines(found), "line", -names, style.INK),
        _texts(found, "text", plot + _VALUES, style.SOFT, align="right"),
    ]
    return style.finish(vega.plot(layers, plot, height))


def _place(
    rows: Iterable[Mapping[str, Any]], unit: str, pixels: float
) -> tuple[list[dict[str, Any]], float]:
    """Return the rows with all that is drawn of them, each as high as its name needs."""
    placed: list[dict[str, Any]] = []
    top = 0.0
    for row in rows:
        lines = style.wrap(str(row["label"]), pixels)
        high = max(_ROW, 15.0 * len(lines) + 6)
        placed.append(
            {
                "lines": lines,
                "value": row["value"],
                "text": words.figure(row["value"], unit),
                "y": top + high / 2,
            }
        )
        top += high
    return placed, top or _ROW


def _lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"line": line, "y": row["y"] + 15 * (i - (len(row["lines"]) - 1) / 2)}
        for row in rows
        for i, line in enumerate(row["lines"])
    ]


def _axes(values: list[float], chosen: float | None, height: float) -> tuple[vega.Part, vega.Part]:
    known = [*values, *([chosen] if chosen is not None else [])] or [0.0, 1.0]
    room = (max(known) - min(known)) * 0.08 or abs(max(known)) * 0.05 or 1.0
    domain = [min(known) - room, max(known) + room]
    x = vega.field("value", axis=None, scale={"domain": domain, "nice": False, "zero": False})
    y = vega.field("y", axis=None, scale={"domain": [0, height], "reverse": True, "nice": False})
    return x, y


def _line(chosen: float, x: vega.Part, height: float) -> Iterable[vega.Part]:
    look = {"color": style.SERIES[0], "strokeWidth": 1.5, "strokeDash": [4, 3]}
    rows = [{"value": chosen}]
    yield vega.layer("rule", rows, look, x=x, y=vega.fixed(0), y2=vega.fixed(height))


def _texts(
    rows: list[dict[str, Any]], field: str, x: float, colour: str, align: str = "left"
) -> vega.Part:
    look = {"align": align, "baseline": "middle", "fontSize": 12, "color": colour}
    place = {"x": vega.fixed(x), "y": vega.field("y")}
    return vega.layer("text", rows, look, **place, text=vega.name(field))
