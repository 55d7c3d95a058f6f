"""Products: the 50 listed codes and 50 controls of the demo world, in three revisions."""

from __future__ import annotations

import numpy as np

from entrepot.demo.places import MONTHS, Bools, Floats, Ints, month
from entrepot.reference import goods

# Real subheadings of chapters 84, 85, 87 and 90 that no list names; most are siblings of listed
# codes. The codes are the same in HS2012, HS2017 and HS2022.
_CONTROLS = """
    840999 841391 842139 844332 847130 847141 847170 847330 848180 848240 848280 848340
    848630 848690 845819 845899 845969 846410
    850431 850720 851718 851761 852692 852610 853222 853229 853650 853710 854190 854290
    854370 854442 870323 870840 870850 870899
    901320 901390 901410 901490 902730 903033 903040 903089
""".split()

# New in HS2022 and unlisted: what the broader predecessors of listed codes carried as well,
# and mostly: LED and solar cells dominate 854140.
_CARVED_OUT = {
    "854141": "854140",  # LED
    "854142": "854140",  # photovoltaic cells
    "854143": "854140",  # photovoltaic modules
    "852581": "852580",  # high-speed cameras
    "854921": "854890",  # waste of electronics
    "852411": "901380",  # LCD modules without drivers
}

LISTED = goods.load("chpl-2024-02").goods
_IN_45 = {good.code for good in goods.load("chpl-2023-09").goods}
CODES = np.array([*(good.code for good in LISTED), *_CONTROLS, *_CARVED_OUT])
"""HS2022 codes: listed first, then controls."""

N_LISTED = len(LISTED)
PRODUCTS = len(CODES)
IS_LISTED: Bools = np.arange(PRODUCTS) < N_LISTED
IN_45: Bools = np.isin(CODES, sorted(_IN_45))
IS_CARVED: Bools = np.isin(CODES, list(_CARVED_OUT))
TIER_4B: Bools = IS_LISTED & ~IN_45


def _reported() -> tuple[list[str], Ints]:
    """Return all codes that can be reported, and which one each revision uses per product."""
    older = [good.hs2012 for good in LISTED], [good.hs2017 for good in LISTED]
    rest = [*_CONTROLS, *_CARVED_OUT.values()]
    rows = [[*older[0], *rest], [*older[1], *rest], list(CODES)]
    names = sorted({str(code) for row in rows for code in row})
    return names, np.array([[names.index(str(code)) for code in row] for row in rows])


REPORTED_CODES, CODE = _reported()
"""CODE[revision, product] is an index into REPORTED_CODES."""

COUNTS_45: Bools = np.isin(np.array(REPORTED_CODES)[CODE], sorted(_IN_45))
"""Whether a product, reported in a revision, bears a number of the 45-code list."""

_CHIPS = ("8541", "8542", "8532", "8534")
_OIL = ("84", "87")


def _starts(prefixes: tuple[str, ...]) -> Bools:
    return np.array([code.startswith(prefixes) for code in CODES])


IS_CHIP = _starts(_CHIPS)
IS_OIL_DEMAND: Bools = _starts(_OIL) & ~IS_LISTED
IS_STEEL = _starts(("8482",))

BY_WEIGHT: Bools = _starts(
    ("853221", "853224", "8548", "8549", "8534", "8807", "846693", "8708", "8409")
)
"""Products whose standard unit is the kilogram; the others are counted."""


def ramp(start: str, peak: str, end: str, height: float) -> Floats:
    """Return a curve per month: 0, up to `height` at the peak, down to 0 at the end."""
    at = [month(start), month(peak), month(end)]
    return np.interp(np.arange(MONTHS), at, [0.0, height, 0.0])


PRICES: Floats = 1 + IS_STEEL[:, None] * ramp("2021-02", "2022-04", "2023-06", 0.3)
"""World price of each product and month, 1 in 2015: steel made bearings dearer."""


def unit_values(rng: np.random.Generator) -> Floats:
    """Return each product's USD per kg before any price shock."""
    typical = {"84": 30.0, "85": 140.0, "87": 12.0, "88": 400.0, "90": 120.0}
    level = np.array([typical[code[:2]] for code in CODES])
    level[IS_CHIP] = 600.0
    level[IS_STEEL] = 9.0
    return level * rng.lognormal(0, 0.4, PRODUCTS)
