"""Bars: how much is each of several, side by side?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAMES, _VALUES = 260, 78  # pixels for the names and the amounts beside the bars
_BAR, _GAP = 15, 9


def bars(rows: Iterable[Mapping[str, Any]], *, width: int = 680) -> vega.Part:
    """Draw a bar per row from zero, in the order given, with its amount written beside it.

    A bar to the left, in red, is an amount below zero. A row without a value has no bar and says
    so; it is not zero.

    Args:
        rows: One row per `label`, with `value_usd`, null where it is not known.
        width: Width of the whole picture, in pixels.
    """
    is_narrow = width <= style.NARROW
    names = 0 if is_narrow else _NAMES
    plot = width - names - _VALUES - 4
    placed, height = _place(rows, width - 8 if is_narrow else names - 14, is_narrow)
    values = [row["value"] or 0.0 for row in placed]
    low, top = min(values, default=0.0), max(values, default=0.0)
    low, top = min(low, 0.0), max(top, 0.0) or (1.0 if low >= 0 else 0.0)
    x = vega.field("zero", axis=None, scale={"domain": [low, top], "nice": False})
    y = vega.field("from", axis=None, scale={"domain": [0, height], "reverse": True, "nice": False})
    known = [row for row in placed if row["value"] is not None]
    zero = plot * -low / (top - low)
    ends = {"x": x, "x2": vega.until("value"), "y": y, "y2": vega.until("to")}
    free = {"x": vega.fixed(plot), "x2": vega.fixed(plot + _VALUES), "y": vega.fixed(0)}
    layers = [
        *(
            vega.layer("rect", rows, {"color": colour}, **ends)
            for colour, rows in (
                (style.SERIES[1], [row for row in known if row["value"] >= 0]),
                (style.SERIES[0], [row for row in known if row["value"] < 0]),
            )
            if rows
        ),
        vega.layer(
            "rule", [] if is_narrow else [{}], {"color": style.RULE},
            x=vega.fixed(zero), y=vega.fixed(0), y2=vega.fixed(height),
        ),
        # Fonts differ in width; this keeps the room for amounts whatever the renderer measures.
        vega.layer("rect", [{}], {"opacity": 0}, **free),
        _names(placed, names),
        _amounts(placed),
    ]  # fmt: skip
    return style.finish(vega.plot(layers, plot, height))


def _place(
    rows: Iterable[Mapping[str, Any]], pixels: float, is_narrow: bool
) -> tuple[list[dict[str, Any]], float]:
    """Return the rows with all that is drawn of them, each as high as its name needs."""
    placed: list[dict[str, Any]] = []
    top = 4.0
    for row in rows:
        lines = style.wrap(str(row["label"]), pixels)
        above = len(lines) * 15.0 + 2 if is_narrow else max(0.0, (len(lines) * 15.0 - _BAR) / 2)
        value = row["value_usd"]
        placed.append(
            {
                "lines": lines,
                "names_at": top + 7 if is_narrow else top + above + _BAR / 2,
                "zero": 0.0,
                "value": value,
                "from": top + above,
                "to": top + above + _BAR,
                "middle": top + above + _BAR / 2,
                "text": "not known" if value is None else words.usd(value, short=True),
            }
        )
        top += above + _BAR + _GAP + (0 if is_narrow else above)
    return placed, top - _GAP + 4


def _names(rows: list[dict[str, Any]], names: int) -> vega.Part:
    """Write each name beside its bar, or above it where there are no pixels for names."""
    above = [(len(row["lines"]) - 1) / 2 if names else 0.0 for row in rows]
    lines = [
        {"text": line, "at": row["names_at"] + 15 * (i - half)}
        for row, half in zip(rows, above, strict=True)
        for i, line in enumerate(row["lines"])
    ]  # fmt: skip
    look = {"align": "left", "baseline": "middle", "fontSize": 12, "color": style.INK}
    return _texts(lines, "at", look, vega.fixed(-names))


def _amounts(rows: list[dict[str, Any]]) -> vega.Part:
    """Write each amount behind the end of its bar, to the right of zero."""
    placed = [row | {"value": max(row["value"] or 0.0, 0.0)} for row in rows]
    look = {"align": "left", "baseline": "middle", "fontSize": 12, "color": style.SOFT, "dx": 6}
    return _texts(placed, "middle", look, vega.field("value"))


def _texts(rows: list[dict[str, Any]], field: str, look: dict[str, Any], x: vega.Part) -> vega.Part:
    return vega.layer("text", rows, look, x=x, y=vega.field(field), text=vega.name("text"))
