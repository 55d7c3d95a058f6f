"""Picture: a chart as SVG, drawn offline, the same bytes every time."""

from __future__ import annotations

import hashlib
import inspect
import re
import textwrap
from collections import deque
from html import escape
from types import FunctionType
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.publish.mark import SYNTHETIC
from entrepot.registry import load

if TYPE_CHECKING:
    from entrepot.publish.brief import Picture

_CHARTS = "entrepot.publish.charts"
_ROOT = re.compile(r"<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>")
# Vega numbers its clip paths over the life of the process; two charts on a page would clash.
_CLIP = re.compile(r"\bclip\d+\b")
_NUMBER = re.compile(r"\d+\.\d{3,}")
# The whole is one image with one description; parts that claim to be images too have none.
_PARTS = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')
_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_SMALL, _LEAD = 11, 15  # pixels of the type of a mark, and from line to line
_WIDEST = 0.62  # of its size, a character in the widest of the fonts that a reader may have

_last: deque[tuple[Picture, int, str]] = deque(maxlen=12)
"""What was drawn last: a page shows a drawing, and offers the same one as a file."""


def svg(picture: Picture, width: int = 680) -> str:
    """Return the chart that `picture.kind` names as one accessible, responsive SVG element.

    Text stays text. The picture's mark stands in the drawing, below the chart. The colours follow
    the reader's light or dark scheme through a style sheet inside the picture, so the file also
    stands alone. `width` is the drawing's width in pixels at
    100%; a width of 480 or less asks the chart for its layout for phones.

    Raises:
        StudyError: No chart has this name, or the chart has no such option.
    """
    import vl_convert

    for one, pixels, drawn in _last:
        if one is picture and pixels == width:
            return drawn
    found = vl_convert.vegalite_to_svg(specification(picture, width))
    made = _marked(_finish(found, picture.alt), picture.mark)
    _last.append((picture, width, made))
    return made


def specification(picture: Picture, width: int = 680) -> dict[str, Any]:
    """Return the chart that `picture.kind` names as a Vega-Lite specification, without its mark.

    `altair.Chart.from_dict` and any program that reads Vega-Lite take it.

    Raises:
        StudyError: No chart has this name, or the chart has no such option.
    """
    charts = load(_CHARTS, FunctionType)
    if picture.kind not in charts:
        raise StudyError(
            f"picture {picture.title!r}: no chart called {picture.kind!r}; "
            f"expected one of {', '.join(charts)}"
        )
    draw = charts[picture.kind]
    known = [name for name in inspect.signature(draw).parameters if name not in ("rows", "width")]
    if unknown := sorted(set(picture.options) - set(known)):
        raise StudyError(
            f"picture {picture.title!r}: {picture.kind} has no option {', '.join(unknown)}; "
            f"expected some of {', '.join(known)}"
        )
    drawn: dict[str, Any] = draw(picture.rows, **picture.options, width=width)
    return drawn


def _finish(drawing: str, alt: str) -> str:
    """Make Vega's SVG scale with its frame, speak its description and know dark pages."""
    drawing = _NUMBER.sub(lambda number: f"{float(number[0]):.2f}", _PARTS.sub("", drawing))
    names: dict[str, str] = {}
    stem = hashlib.sha256(_CLIP.sub("", drawing).encode()).hexdigest()[:8]
    drawing = _CLIP.sub(lambda c: names.setdefault(c[0], f"clip-{stem}-{len(names)}"), drawing)
    root = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="100%" role="img" '
        rf'aria-label="{escape(alt)}" viewBox="\1">{_dark()}'
    )
    return _ROOT.sub(lambda found: root.replace(r"\1", found[1]), drawing, count=1)


def _marked(drawing: str, mark: str) -> str:
    """Write a mark below the drawing, inside it: a picture that is cut out of a page keeps it."""
    from entrepot.publish.charts import _style as style

    found = _BOX.search(drawing)
    if not mark or found is None:
        return drawing
    wide, high = float(found[1]), float(found[2])
    characters = int((wide - 4) / (_WIDEST * _SMALL))
    said = textwrap.wrap(mark.removeprefix(f"{SYNTHETIC}. "), characters, break_on_hyphens=False)
    lines = [(line, f'fill="{style.SOFT}"') for line in said]
    if mark.startswith(SYNTHETIC):
        lines.insert(0, (SYNTHETIC, f'fill="{style.SERIES[0]}" font-weight="bold"'))
    font = f'font-family="{escape(style.FONT)}" font-size="{_SMALL}"'
    texts = "".join(
        f'<text x="2" y="{high + _LEAD * (place + 1):.0f}" {font} {look}>{escape(line)}</text>'
        for place, (line, look) in enumerate(lines)
    )
    box = f'viewBox="0 0 {found[1]} {high + _LEAD * len(lines) + 6:g}"'
    return drawing.replace(found[0], box, 1).removesuffix("</svg>") + f"{texts}</svg>"


def _dark() -> str:
    from entrepot.publish.charts._style import DARK

    rules = "".join(
        f'.chart [{part}="{light}"]{{{part}:{dark}}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
    return f"<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"
