"""Vega: the parts of a chart as the plain dictionaries that Vega-Lite is written in.

A library of classes for them takes four times as long as the drawing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Part = dict[str, Any]
"""A part of a Vega-Lite specification, or a whole one."""


def layer(
    mark: str,
    rows: Iterable[Mapping[str, Any]],
    look: Mapping[str, Any],
    **channels: Part,
) -> Part:
    """Return one layer: a mark for each row, or for all rows where the mark is a line or an area.

    Args:
        mark: As Vega-Lite calls it: rect, rule, line, area, point, circle, text, geoshape.
        rows: What is drawn; each row holds the fields that the channels name.
        look: Properties of the mark that are the same for all rows.
        channels: x, y, x2, text and so on, each a `field`, an `until` or a `fixed`.
    """
    return {
        "data": {"values": [*rows]},
        "mark": {"type": mark, **look},
        "encoding": channels,
    }


def field(name: str, **more: Any) -> Part:
    """Return a channel that follows a column of numbers; `more` are its scale, axis and the like.

    The channel says of no axis title that there is one.
    """
    return {"field": name, "type": "quantitative", "title": None, **more}


def day(name: str, **more: Any) -> Part:
    """Return a channel that follows a column of days or of milliseconds since 1970."""
    return {"field": name, "type": "temporal", "title": None, **more}


def name(name: str) -> Part:
    """Return a channel that follows a column of names or of texts."""
    return {"field": name, "type": "nominal"}


def until(name: str) -> Part:
    """Return the channel x2 or y2 that follows a column: where a mark ends."""
    return {"field": name}


def fixed(value: Any) -> Part:
    """Return a channel with one value for all rows, such as pixels."""
    return {"value": value}


def plot(layers: Sequence[Part], width: float, height: float) -> Part:
    """Return layers over each other, in the order given, on a plot of some size."""
    return {"layer": [*layers], "width": width, "height": height}
