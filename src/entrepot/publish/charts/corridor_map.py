"""Corridor map: from where to where the goods went, on a map of the world."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from entrepot.publish import words
from entrepot.publish.charts import _style as style
from entrepot.publish.charts import _vega as vega
from entrepot.reference import countries, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_THICK = 13.0  # pixels of the largest flow
_THIN = 0.8  # and of the smallest
_UNKNOWN = 12  # flows of an amount that is not known, at most
_STEPS = 20
_BEND = 0.16  # how far an arc leaves the straight line, in parts of its length
_SHARES = {False: (0.42, 0.62), True: (0.66, 0.9)}  # height in parts of width; on a phone
_EDGES = (-58.0, 80.0)  # degrees of latitude beyond which there is no coast to see
_LEAST = 0.35  # part of the world's width that a map shows at least
_A = (1.340264, -0.081106, 0.000893, 0.003796)  # Šavrič, Patterson and Jenny 2018, Equal Earth
_LEGS = {"in": style.SERIES[1], "out": style.SERIES[0]}

Place = tuple[float, float]


def corridor_map(
    rows: Iterable[Mapping[str, Any]],
    *,
    heads: Sequence[str] = ("from the coalition", "onward"),
    most: int = 24,
    width: int = 680,
) -> vega.Part:
    """Draw an arc per flow on coasts without borders; its width is its amount.

    Arcs bend to the right of the way that the goods go, and end in a dot. The map shows the part of
    the world where they are, in the Equal Earth projection. A flow of which nothing is known is a
    thin broken line; one of zero is not drawn. A country without a place on the map is named below.

    Args:
        rows: One row per flow: `start` and `finish` as ISO3, `leg` "in" or "out", and `value_usd`,
            null where it is not known.
        heads: What the two legs are called.
        most: Flows that are drawn, the largest first.
        width: Width of the whole picture, in pixels.
    """
    known = places.table()
    flows = sorted(rows, key=lambda row: (-(row["value_usd"] or 0.0), row["start"], row["finish"]))
    flows = [row for row in flows if row["value_usd"] is None or row["value_usd"] > 0]
    ends = {code for row in flows for code in (row["start"], row["finish"])}
    nowhere = sorted(countries.name(code) for code in ends - known.keys())
    drawn = [row for row in flows if {row["start"], row["finish"]} <= known.keys()]
    sure = [row for row in drawn if row["value_usd"] is not None]
    left, drawn = sure[most:], [*sure[:most], *drawn[len(sure) :][:_UNKNOWN]]
    height, view = _view([known[code] for row in drawn for code in (row["start"], row["finish"])],
                         width - 4)  # fmt: skip
    spots = {code: view(known[code]) for row in drawn for code in (row["start"], row["finish"])}
    key, below = _key(heads, drawn, height, width, _told(left, nowhere))
    layers = [
        *_land(view, width - 4, height),
        *_arcs(drawn, spots),
        *_dots(drawn, spots),
        *_labels(drawn, spots, width - 4, height),
        *key,
    ]
    # Coasts reach beyond the map, and are cut at its edge: no room is measured for them.
    return style.finish(
        vega.plot(layers, width - 4, height),
        padding={"left": 2, "right": 2, "top": 4, "bottom": below},
        autosize="none",
    )


def _projected(place: Place) -> Place:
    """Return where a place is on the Equal Earth map of radius 1, y upwards."""
    lon, lat = (math.radians(degree) for degree in place)
    a = math.asin(math.sqrt(3) / 2 * math.sin(lat))
    slope = _A[0] + 3 * _A[1] * a**2 + a**6 * (7 * _A[2] + 9 * _A[3] * a**2)
    x = 2 * math.sqrt(3) * lon * math.cos(a) / (3 * slope)
    return x, a * (_A[0] + _A[1] * a**2 + a**6 * (_A[2] + _A[3] * a**2))


def _view(shown: Sequence[Place], width: float) -> tuple[float, Any]:
    """Return the map's height and what gives a place's pixels, so that all of `shown` is in it."""
    found = [_projected(place) for place in shown or [(-120.0, -40.0), (140.0, 65.0)]]
    (west, east), (south, north) = ((min(a), max(a)) for a in zip(*found, strict=True))
    whole = 2 * _projected((180.0, 0.0))[0]
    wide, high = max((east - west) * 1.24, whole * _LEAST), (north - south) * 1.35
    least, most = _SHARES[width <= style.NARROW]
    share = min(max(high / wide, least), most)
    scale = min(width / wide, width * share / max(high, 1e-9))
    height = round(width * share)
    half, edges = height / scale / 2, [_projected((0.0, degree))[1] for degree in _EDGES]
    x, y = (west + east) / 2, max(min((south + north) / 2, edges[1] - half), edges[0] + half)

    def view(place: Place) -> Place:
        at, up = _projected(place)
        return width / 2 + (at - x) * scale, height / 2 - (up - y) * scale

    return height, view


def _land(view: Any, width: float, height: float) -> Iterable[vega.Part]:
    rings = [[view(place) for place in ring] for ring in places.coasts()]
    seen = [
        [[round(x, 1), round(y, 1)] for x, y in ring]
        for ring in rings
        if any(-20 < x < width + 20 for x, _ in ring)
        and any(-20 < y < height + 20 for _, y in ring)
    ]
    # One shape, so that an inland sea is a hole in its land.
    shape = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": seen}}
    look = {"color": style.LAND, "stroke": style.RULE, "strokeWidth": 0.4, "clip": True}
    plain = {"type": "identity", "scale": 1, "translate": [0, 0]}
    yield {**vega.layer("geoshape", [shape], look), "projection": plain}


def _thickness(drawn: Sequence[Mapping[str, Any]]) -> list[float]:
    top = max((row["value_usd"] or 0.0 for row in drawn), default=0.0) or 1.0
    return [max((row["value_usd"] or 0.0) / top * _THICK, _THIN) for row in drawn]


def _arcs(drawn: Sequence[Mapping[str, Any]], spots: Mapping[str, Place]) -> Iterable[vega.Part]:
    points: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for number, (row, thick) in enumerate(zip(drawn, _thickness(drawn), strict=True)):
        (ax, ay), (bx, by) = spots[row["start"]], spots[row["finish"]]
        mx, my = (ax + bx) / 2 - (by - ay) * _BEND, (ay + by) / 2 + (bx - ax) * _BEND
        for step in range(_STEPS + 1):
            t = step / _STEPS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            points.setdefault((row["leg"], row["value_usd"] is None), []).append(
                {"flow": f"{number}", "step": step, "wide": thick, "x": a * ax + b * mx + c * bx,
                 "y": a * ay + b * my + c * by}
            )  # fmt: skip
    place = {
        "x": vega.field("x", scale=None),
        "y": vega.field("y", scale=None),
        "order": vega.field("step"),
        "detail": vega.name("flow"),
        "strokeWidth": vega.field("wide", scale=None),
    }
    for (leg, is_unknown), rows in points.items():
        look = {"color": _LEGS[leg], "opacity": 0.62, "strokeCap": "round"}
        if is_unknown:
            look |= {"strokeDash": [2, 3], "opacity": 0.9}
        yield vega.layer("line", rows, look, **place)


def _dots(drawn: Sequence[Mapping[str, Any]], spots: Mapping[str, Place]) -> Iterable[vega.Part]:
    ends = {row["finish"] for row in drawn}
    rows = [{"x": x, "y": y, "size": 70 if code in ends else 26} for code, (x, y) in spots.items()]
    look = {"fill": style.INK, "stroke": style.PAPER, "strokeWidth": 1.2, "opacity": 1}
    place = {"x": vega.field("x", scale=None), "y": vega.field("y", scale=None)}
    yield vega.layer("circle", rows, look, **place, size=vega.field("size", scale=None))


def _labels(
    drawn: Sequence[Mapping[str, Any]], spots: Mapping[str, Place], width: float, height: float
) -> Iterable[vega.Part]:
    """Name places, those where goods arrive first; a name that finds no free spot is left out."""
    sizes: dict[str, float] = {}
    for row in drawn:
        for code in (row["start"], row["finish"]):
            sizes[code] = sizes.get(code, 0.0) + (row["value_usd"] or 0.0)
    ends = {row["finish"] for row in drawn}
    order = sorted(spots, key=lambda code: (code not in ends, -sizes[code], code))
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in spots.values()]
    lines = []
    for code in order:
        (x, y), name = spots[code], countries.name(code)
        long = len(name) * style.CHARACTER * 1.12
        for left, middle in ((x + 8, y), (x - 8 - long, y), (x - long / 2, y - 13),
                             (x - long / 2, y + 13)):  # fmt: skip
            box = (left, middle - 7, left + long, middle + 7)
            inside = left >= 0 and left + long <= width and 7 <= middle <= height - 7
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                lines += style.lines_at(left, middle, name)
                break
    yield from style.written(lines, halo=True, baseline="middle")


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _told(left: Sequence[Mapping[str, Any]], nowhere: Sequence[str]) -> str:
    told = []
    if left:
        rest = sum(row["value_usd"] or 0.0 for row in left)
        told.append(f"{words.count(len(left), 'smaller flow')} of {words.usd(rest)} in all")
    if nowhere:
        told.append(words.listed(nowhere))
    return f"Not on the map: {'; '.join(told)}." if told else ""


def _key(
    heads: Sequence[str], drawn: Sequence[Mapping[str, Any]], height: float, width: int, told: str
) -> tuple[list[vega.Part], float]:
    """Say below the map what the colours are, and how much the widest arc is; return its height."""
    known = [row["value_usd"] for row in drawn if row["value_usd"]]
    lines, y = [], height + 18
    for head, (leg, colour) in zip(heads, _LEGS.items(), strict=True):
        if any(row["leg"] == leg for row in drawn):
            for line in style.wrap(head, width / 1.2):
                lines += style.lines_at(0, y, line, colour)
                y += 15
    found = [*style.written(lines, fontWeight="bold")]
    widest = f"The widest arc is {words.usd(max(known))}. " if known else ""
    if any(row["value_usd"] is None for row in drawn):
        widest += "Broken lines: not known. "
    said = style.wrap(f"{widest}{told}", width - 8, 11) if widest or told else []
    found += style.written(style.lines_at(0, y, said, style.SOFT), fontSize=11)
    return found, y + 15 * len(said) - height - 8
