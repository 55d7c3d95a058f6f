"""Poster: a chart as a picture that stands alone, with its title, its reading and its source."""

from __future__ import annotations

import re
import textwrap
from html import escape
from typing import TYPE_CHECKING

from entrepot.publish.charts import _style as style
from entrepot.publish.picture import svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.publish.brief import Picture

WIDTH = 760
_EDGE = 20
_ROOT = re.compile(r'<svg [^>]*viewBox="([^"]*)"[^>]*>(<style>.*?</style>)?', re.DOTALL)
_SCALE = 2  # pixels of a PNG per pixel of the drawing, for sharp screens


def poster(
    picture: Picture,
    *,
    notice: str = "",
    note: str = "",
    width: int = WIDTH,
    drawing: str = "",
) -> str:
    """Return a chart as an SVG file of its own; whose figures they are, its mark says.

    Args:
        picture: The chart.
        notice: What a reader must know first, as that the figures are invented.
        note: What stands below the drawing, such as how intervals are made.
        width: Width of the whole picture, in pixels.
        drawing: The chart as SVG where it is drawn already, in the width that it was drawn for.

    Raises:
        StudyError: No chart has this name, or the chart has no such option.
    """
    inner = width - 2 * _EDGE
    chart = drawing or svg(picture, inner)
    found = _ROOT.match(chart)
    assert found is not None  # every drawing begins so
    _x, _y, wide, high = (float(number) for number in found[1].split())
    if drawing:
        inner = round(wide)
        width = inner + 2 * _EDGE
    height_drawn = high * inner / wide
    top: list[str] = []
    y = 14.0
    for text, size, colour, weight in (
        (notice, 13, style.SERIES[0], "bold"),
        (picture.title, 17, style.INK, "bold"),
        (picture.reading, 13, style.SOFT, "normal"),
    ):
        lines = _wrapped(text, inner, size)
        top += _written(lines, y, size, colour, weight)
        y += len(lines) * size * 1.35 + (4 if lines else 0)
    y += 8
    nested = (
        f'<svg x="{_EDGE}" y="{y:.0f}" width="{inner}" height="{height_drawn:.0f}" '
        f'viewBox="{found[1]}">{chart[found.end() :]}'
    )
    y += height_drawn + 8
    foot = _wrapped(note, inner, 11)
    bottom = _written(foot, y, 11, style.SOFT, "normal")
    height = y + len(foot) * 15 + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" role="img" '
        f'aria-label="{escape(picture.alt)}" viewBox="0 0 {width} {height:.0f}">'
        f'<rect width="{width}" height="{height:.0f}" fill="{style.PAPER}"/>'
        f"{''.join(top)}{nested}{''.join(bottom)}</svg>\n"
    )


def png(drawing: str) -> bytes:
    """Return an SVG file as PNG, two pixels for one."""
    import vl_convert

    found: bytes = vl_convert.svg_to_png(drawing, scale=_SCALE)
    return found


def _wrapped(text: str, pixels: float, size: int) -> list[str]:
    characters = int(pixels / (style.CHARACTER * size / 12))
    return textwrap.wrap(text, characters, break_long_words=False)


def _written(lines: Sequence[str], y: float, size: int, colour: str, weight: str) -> list[str]:
    look = f'font-family="{escape(style.FONT)}" font-size="{size}" font-weight="{weight}"'
    return [
        f'<text x="{_EDGE}" y="{y + size + i * size * 1.35:.1f}" {look} '
        f'fill="{colour}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
