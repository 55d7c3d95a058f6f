"""Heat: which cells of a table of countries and products are large, and which are not known?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ROW, _GAP = 28, 2
_FAINT, _FULL = 0.05, 0.5  # of a colour on paper, so that ink on it can always be read
_AMOUNT = 46  # pixels that an amount takes
_CELL = 96  # pixels that a cell is wide at most
_SLIM, _WIDE, _WIDEST, _LINES = 104, 190, 330, 2  # pixels for the names of rows, and their lines
_UPRIGHT = 112  # and a head that is written upwards
_COLOURS = {True: style.SERIES[0], False: style.SERIES[1]}


def heat(rows: Iterable[Mapping[str, Any]], *, most: int = 12, width: int = 680) -> vega.Part:
    """Draw a cell for each row and column: the fuller its colour, the larger its amount.

    The colour grows with the square root of the amount; red is a fall. A cell that is not known is
    an empty frame with a question mark, and one that is zero says so. Rows and columns stand in the
    order of their sums, the largest first; what is left out is said below.

    Args:
        rows: One row per `row` and `column`, in words, with `value_usd`, null where it is not
            known. A cell without a row is not known either.
        most: Columns and rows that are shown.
        width: Width of the whole picture, in pixels.
    """
    cells = {(str(one["row"]), str(one["column"])): one["value_usd"] for one in rows}
    down, across = _ranked(cells, 0), _ranked(cells, 1)
    names = _SLIM if width <= style.NARROW else _WIDE
    if width > style.NARROW:  # what the cells do not need
        names = max(names, min(width - 4 - _CELL * min(len(across), most), _WIDEST))
    room = (width - names - 4) // (_AMOUNT + _GAP)
    shown = down[:most], across[: min(most, room)]
    wide = min((width - names - 4) / max(len(shown[1]), 1), _CELL)
    is_upright = any(len(word) * 6.2 > wide for name in shown[1] for word in name.split())
    heads = [style.wrap(name, _UPRIGHT / 1.2 if is_upright else wide - 4, 11) for name in shown[1]]
    height = max(len(shown[0]), 1) * _ROW
    layers = [
        *_cells(cells, shown, wide),
        *_names(shown[0], names),
        *(_upright(heads, wide) if is_upright else _heads(heads, wide)),
        *style.written(_left_out(down, across, shown, height, names, width), fontSize=11),
    ]
    return style.finish(vega.plot(layers, width - names - 4, height))


def _ranked(cells: Mapping[tuple[str, str], float | None], side: int) -> list[str]:
    sizes: dict[str, float] = {}
    for key, value in cells.items():
        sizes[key[side]] = sizes.get(key[side], 0.0) + abs(value or 0.0)
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def _cells(
    cells: Mapping[tuple[str, str], float | None],
    shown: tuple[Sequence[str], Sequence[str]],
    wide: float,
) -> Iterable[vega.Part]:
    known = [abs(value) for value in cells.values() if value]
    top = max(known, default=1.0)
    found: list[dict[str, Any]] = []
    for i, row in enumerate(shown[0]):
        for j, column in enumerate(shown[1]):
            value = cells.get((row, column))
            part = (abs(value or 0.0) / top) ** 0.5
            found.append(
                {
                    "x": j * wide,
                    "right": (j + 1) * wide - _GAP,
                    "y": i * _ROW,
                    "low": (i + 1) * _ROW - _GAP,
                    "value": value,
                    "opacity": (_FAINT + (_FULL - _FAINT) * part) if value else 0.0,
                    "text": "?" if value is None else words.usd(value, short=True),
                }
            )
    place = {
        "x": vega.field("x", scale=None),
        "x2": vega.until("right"),
        "y": vega.field("y", scale=None),
        "y2": vega.until("low"),
    }
    for is_fall, colour in _COLOURS.items():
        mine = [one for one in found if one["value"] and (one["value"] < 0) == is_fall]
        if mine:
            shade = vega.field("opacity", scale=None)
            yield vega.layer("rect", mine, {"color": colour}, **place, opacity=shade)
    frame = {"filled": False, "stroke": style.GRID, "strokeWidth": 1}
    yield vega.layer("rect", [one for one in found if not one["value"]], frame, **place)
    for is_known, colour in ((True, style.INK), (False, style.SOFT)):
        lines = [
            line
            for one in found
            if (one["value"] is not None) == is_known
            for line in style.lines_at(
                (one["x"] + one["right"]) / 2, (one["y"] + one["low"]) / 2, one["text"], colour
            )
        ]
        yield from style.written(lines, align="center", baseline="middle", fontSize=11)


def _names(down: Sequence[str], names: int) -> Iterable[vega.Part]:
    beside = []
    for i, name in enumerate(down):
        lines = style.wrap(name, names - 14, 12)
        lines = lines if len(lines) <= _LINES else [lines[0], f"{lines[1]} \N{HORIZONTAL ELLIPSIS}"]
        top = (i + 0.5) * _ROW - _GAP / 2 - 6.5 * (len(lines) - 1)
        beside += style.lines_at(-names, top, lines, high=13)
    yield from style.written(beside, baseline="middle")


def _heads(heads: Sequence[list[str]], wide: float) -> Iterable[vega.Part]:
    over = [
        line
        for j, lines in enumerate(heads)
        for line in style.lines_at(
            (j + 0.5) * wide - _GAP / 2, -6 - 13 * (len(lines) - 1), lines, style.SOFT, high=13
        )
    ]
    yield from style.written(over, align="center", fontSize=11)


def _upright(heads: Sequence[list[str]], wide: float) -> Iterable[vega.Part]:
    over = [
        line
        for j, lines in enumerate(heads)
        for row, text in enumerate(lines)
        for line in style.lines_at(
            (j + 0.5) * wide + 13 * (row - (len(lines) - 1) / 2), -6, text, style.SOFT
        )
    ]
    # Fonts differ in width; this keeps the room for heads whatever the renderer measures.
    free = {"x": vega.fixed(0), "y": vega.fixed(-_UPRIGHT - 8), "y2": vega.fixed(0)}
    yield vega.layer("rect", [{}], {"opacity": 0}, **free)
    yield from style.written(over, angle=270, baseline="middle", fontSize=11)


def _left_out(
    down: Sequence[str],
    across: Sequence[str],
    shown: tuple[Sequence[str], Sequence[str]],
    height: int,
    names: int,
    width: int,
) -> list[vega.Part]:
    left = [
        f"{len(every) - len(part)} smaller {what}"
        for every, part, what in ((down, shown[0], "rows"), (across, shown[1], "columns"))
        if len(every) > len(part)
    ]
    if not left:
        return []
    lines = style.wrap(f"Not shown: {words.listed(left)}.", width - 8, 11)
    return style.lines_at(-names, height + 16, lines, style.SOFT)
