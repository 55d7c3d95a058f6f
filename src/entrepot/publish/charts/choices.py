"""Choices: how far one figure moves when another choice is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from entrepot.publish import words
from entrepot.publish.charts import _style as style

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
) -> alt.LayerChart:
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
    found = [
        {
            "label": str(row["label"]),
            "value": row["value"],
            "text": words.figure(row["value"], unit),
            "y": _ROW * (place + 0.5),
        }
        for place, row in enumerate(rows)
    ]
    height = _ROW * max(len(found), 1)
    x, y = _axes([row["value"] for row in found if row["value"] is not None], chosen, height)
    layers = [
        style.plot(found)
        .mark_rule(color=style.GRID)
        .encode(y=y, x=style.at(alt.XValue, 0), x2=style.at(alt.X2Value, plot)),
        *(_line(chosen, x, height) if chosen is not None else ()),
        style.plot([row for row in found if row["value"] is not None])
        .mark_point(filled=True, color=style.SERIES[1], size=90, opacity=1)
        .encode(x=x, y=y),
        _texts(found, "label", -names, style.INK),
        _texts(found, "text", plot + _VALUES, style.SOFT, align="right"),
    ]
    drawn = alt.layer(*layers).properties(width=plot, height=height)
    chart: alt.LayerChart = style.finish(drawn)
    return chart


def _axes(values: list[float], chosen: float | None, height: float) -> tuple[alt.X, alt.Y]:
    known = [*values, *([chosen] if chosen is not None else [])] or [0.0, 1.0]
    room = (max(known) - min(known)) * 0.08 or abs(max(known)) * 0.05 or 1.0
    domain = [min(known) - room, max(known) + room]
    x = alt.X("value:Q", axis=None).scale(domain=domain, nice=False, zero=False)
    y = alt.Y("y:Q", axis=None).scale(domain=[0, height], reverse=True, nice=False)
    return x, y


def _line(chosen: float, x: alt.X, height: float) -> Iterable[Any]:
    yield (
        style.plot([{"value": chosen}])
        .mark_rule(color=style.SERIES[0], strokeWidth=1.5, strokeDash=[4, 3])
        .encode(x=x, y=style.at(alt.YValue, 0), y2=style.at(alt.Y2Value, height))
    )


def _texts(
    rows: list[dict[str, Any]], field: str, x: float, colour: str, align: str = "left"
) -> Any:
    mark = {"align": align, "baseline": "middle", "fontSize": 12, "color": colour}
    return (
        style.plot(rows)
        .mark_text(**mark)
        .encode(x=style.at(alt.XValue, x), y=alt.Y("y:Q"), text=alt.Text(f"{field}:N"))
    )
