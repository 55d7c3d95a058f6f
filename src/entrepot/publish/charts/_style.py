"""Style: the colours, type and axes that all charts share."""

from __future__ import annotations

import math
import textwrap
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from entrepot.money import SHARED
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.money import Scale

INK = "#22262b"
SOFT = "#5a626b"
RULE = "#8c939b"
GRID = "#dfe2e6"
SHADE = "#f0ece3"
LAND = "#e6e3da"
PAPER = "#fefefd"

SERIES = ("#b3400e", "#1a5a96", "#0d7268", "#7c3f8e", "#7d5a00", "#505860")
"""Told apart with any colour vision; each at least 4.5:1 on paper, as its label is text."""

DARK = {
    INK: "#eceef0",
    SOFT: "#aeb6bf",
    RULE: "#7d868f",
    GRID: "#3a4047",
    SHADE: "#2b2f34",
    LAND: "#2f3439",
    PAPER: "#16191c",
    **dict(
        zip(SERIES, ("#ff9a66", "#7cb9f2", "#4cc9b8", "#d5a3e6", "#e0bd57", "#c2c9d0"), strict=True)
    ),
}
"""What each colour becomes on a dark page."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CHARACTER = 6.4  # mean width in pixels of one character at 12 pixels
NARROW = 480


def finish(chart: vega.Part, **more: Any) -> vega.Part:
    """Return `chart` with the shared type and without frame or background; `more` goes on top."""
    look = {
        "font": FONT,
        "aria": False,
        "background": PAPER,
        "padding": {"left": 2, "right": 2, "top": 4, "bottom": 4},
        "view": {"stroke": None},
    }
    return {**chart, "config": look, **more}


def ticks(maximum: float, most: int = 4) -> list[float]:
    """Return round axis values from zero to at least `maximum`."""
    if maximum <= 0:
        return [0.0, 1.0]
    power = 10 ** math.floor(math.log10(maximum / most))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power * most >= maximum * 0.9999)
    count = math.ceil(maximum * 0.9999 / step)
    return [step * i for i in range(count + 1)]


def dollars(values: list[float]) -> str:
    """Return the Vega expression that labels an axis: "$5m", "$2.5m", all in one scale."""
    top = max(values)
    scale = next((scale for scale in SHARED if top >= scale.size), SHARED[-1])
    return f"datum.value === 0 ? '$0' : {_labelled(scale)}"


def amounts(field: str, steps: list[float], room: int) -> vega.Part:
    """Return the channel of dollars from zero to the last of `steps`, its labels in `room`."""
    axis = {
        "values": steps if steps[-1] > 1 else steps[:1],  # of nothing but zeros, zero alone
        "labelExpr": dollars(steps),
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelFontSize": 12,
        "labelColor": SOFT,
        "labelPadding": 8,
        "minExtent": room,
        "maxExtent": room,
        "labelOverlap": False,
    }
    scale = {"domain": [steps[0], steps[-1]], "nice": False}
    return vega.field(field, scale=scale, axis=axis)


def dollar_each() -> str:
    """Return the Vega expression that labels a log axis: each value in its own scale."""
    steps = "".join(f"datum.value >= {one.size:.0f} ? {_labelled(one)} : " for one in SHARED)
    return steps + "'$' + format(datum.value, '~r')"


def _labelled(scale: Scale) -> str:
    return f"'$' + format(datum.value / {scale.size:.0f}, '~r') + '{scale.letter}'"


def powers(low: float, high: float) -> list[float]:
    """Return the powers of ten inside a range, thinned to at most five."""
    first = math.ceil(math.log10(low) - 1e-9)
    found = list(
        takewhile(lambda v: v <= high * 1.0001, (10.0**i for i in range(first, first + 20)))
    )
    return found[:: math.ceil(len(found) / 5) or 1]


def wrap(text: str, pixels: float, size: int = 12) -> list[str]:
    """Return `text` in lines of about `pixels`, never cutting a word."""
    characters = max(int(pixels / (CHARACTER * size / 12)), 8)
    return textwrap.wrap(text, characters, break_long_words=False) or [""]


HALO = {"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round"}
"""Keeps the lines of a drawing off the letters that stand on it."""


def lines_at(
    x: float, y: float, lines: Iterable[str] | str, colour: str = INK, high: float = 15
) -> list[vega.Part]:
    """Return lines one below the other, the first at a place in pixels, as `written` takes them."""
    told = [lines] if isinstance(lines, str) else lines
    return [
        {"x": x, "y": y + high * row, "text": line, "colour": colour}
        for row, line in enumerate(told)
    ]


def written(lines: Iterable[vega.Part], *, halo: bool = False, **look: Any) -> Iterable[vega.Part]:
    """Write lines of `lines_at`, all in one layer: each layer takes its time to draw.

    With `halo` they stand on the paper's own colour.
    """
    rows = [*lines]
    if not rows:
        return
    look = {"align": "left", "baseline": "bottom", "fontSize": 12, **look}
    place = {"x": vega.field("x", scale=None), "y": vega.field("y", scale=None)}
    place["text"] = vega.name("text")
    if halo:
        yield vega.layer("text", rows, {**look, "color": PAPER, **HALO}, **place)
    yield vega.layer("text", rows, look, **place, color={**vega.name("colour"), "scale": None})
