"""Figures: the published numbers the demo world is planted to give, and courses between them.

Names such as FT-1 are ids in the reference list of published figures. Values are USD m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.demo.places import MONTHS, Floats, Ints, month, window

if TYPE_CHECKING:
    from collections.abc import Mapping

JAN_SEP_2022 = window(range(2022, 2023), range(1, 10))
JAN_SEP_2023 = window(range(2023, 2024), range(1, 10))
YEAR_2021 = window(range(2021, 2022), range(1, 13))
OCT_NOV_2023 = window(range(2023, 2024), range(10, 12))
DEC_2023 = window(range(2023, 2024), range(12, 13))
JAN_SEP_2015_21 = window(range(2015, 2022), range(1, 10))
BASE_YEARS = 7

TURKEY_SOLD_2023 = {"RUS": 65.0, "KAZ": 61.0, "AZE": 11.0, "GEO": 6.0, "KGZ": 8.0, "UZB": 7.0}
"""Turkey-reported exports, January to September 2023: 158 in all (FT-1), 61 to KAZ (FT-4)."""
TURKEY_SOLD_2022 = {"RUS": 27.0, "KAZ": 11.0, "AZE": 5.5, "GEO": 3.5, "KGZ": 2.5, "UZB": 2.5}
"""The same months of 2022: 52 in all, so that 2023 is three times as much (FT-2)."""
TURKEY_SOLD_MEAN = {"RUS": 14.0, "KAZ": 3.5, "AZE": 5.0, "GEO": 3.0, "KGZ": 1.0, "UZB": 1.5}
"""Mean of the same months of 2015 to 2021: 28 in all (FT-3)."""
KAZAKHSTAN_BOUGHT = 6.6
"""Kazakhstan-reported imports from Turkey, January to September 2023 (FT-5)."""
TURKEY_BOUGHT = 500.0
"""Turkey-reported imports from the G7, January to September 2023 (FT-6)."""
TURKEY_BOUGHT_MEAN = TURKEY_BOUGHT / 1.625
"""Mean of the same months of 2015 to 2021: 2023 is more than 60% above it (FT-6)."""
CHINA_SOLD_2021 = 290.0
"""Exports of the 45 goods by China and Hong Kong to Russia, USD m a month in 2021; invented."""
CHINA_SHARE = 0.80
"""China and Hong Kong in all reported exports of the 45 codes to Russia, 2023 (BB-1)."""

SHARE_4B = {"TUR": 0.05, "CHN": 0.07}
"""Part of the 50-code figures (FT-7 to FT-12) that the five codes of tier 4.B take; invented."""

# Of all 50 codes: 3 a month at the start of the war (FT-7), 37.6 in December 2022 (FT-8), 4.5 and
# 4.1 in July and August 2024 (FT-9, FT-10); between them invented.
_TURKEY_TO_RUSSIA = {
    "2022-01": 3.0, "2022-02": 3.0, "2022-03": 1.8, "2022-05": 2.4, "2022-07": 3.2, "2022-09": 5.0,
    "2022-10": 10, "2022-11": 22, "2022-12": 37.6, "2023-01": 14, "2023-03": 8.5, "2023-06": 7,
    "2023-07": 5.2, "2023-12": 5.0, "2024-07": 4.5, "2024-08": 4.1, "2024-10": 2.0, "2025-04": 1.5,
}  # fmt: skip

# Of all 50 codes: 680 in December 2023 (FT-12), 377.7 in July 2024 (FT-11); the rest invented.
_CHINA_TO_RUSSIA = {
    "2022-01": 330, "2022-03": 260, "2022-06": 360, "2022-12": 470, "2023-06": 500,
    "2023-11": 500, "2023-12": 682, "2024-02": 420, "2024-07": 377.7, "2025-04": 430,
}  # fmt: skip

_TURKEY_TO_THE_FIVE: dict[str, dict[str, float]] = {
    "KAZ": {"2022-01": 0.6, "2022-06": 1.1, "2022-12": 7.0, "2023-05": 7.2, "2024-12": 5.5},
    "AZE": {"2022-01": 0.5, "2022-06": 0.6, "2022-12": 1.2, "2024-12": 1.1},
    "GEO": {"2022-01": 0.35, "2022-06": 0.4, "2022-12": 0.7, "2024-12": 0.5},
    "KGZ": {"2022-01": 0.14, "2022-06": 0.3, "2022-12": 0.9, "2024-12": 1.2},
    "UZB": {"2022-01": 0.2, "2022-06": 0.3, "2022-12": 0.8, "2024-12": 0.7},
}

ONWARD: dict[str, dict[str, float]] = {
    "KAZ": {"2022-04": 2.5, "2022-12": 19, "2023-05": 20, "2023-08": 11, "2024-12": 9},
    "ARM": {"2022-04": 1.5, "2022-12": 12, "2023-05": 13, "2023-08": 7, "2024-12": 4},
    "UZB": {"2022-04": 0.6, "2022-12": 4.5, "2023-05": 5, "2023-08": 2.6, "2024-12": 1.5},
    "SRB": {"2022-04": 0.6, "2022-12": 7, "2023-05": 7.5, "2023-08": 4, "2024-12": 1.2},
    "AZE": {"2022-04": 0.3, "2022-12": 2.8, "2023-05": 3, "2023-08": 1.6, "2024-12": 1.2},
    "GEO": {"2022-04": 0.4, "2022-12": 1.8, "2023-08": 1.4, "2024-12": 0.8},
    "KGZ": {"2022-04": 1.0, "2022-12": 11, "2023-08": 15, "2023-11": 21, "2024-12": 24},
    "ARE": {"2022-04": 2.0, "2022-12": 20, "2023-08": 24, "2023-11": 38, "2024-12": 15},
    "IND": {"2022-06": 0.8, "2022-12": 3, "2023-08": 6, "2023-11": 12, "2024-12": 20},
    "HKG": {"2022-04": 12, "2022-12": 70, "2023-11": 85, "2024-12": 50},
}
"""Diverted goods that each country sends on to Russia a month, listed but tier 4.B; invented so
that the six of BB-2 sell less after June 2023 than before and more than in 2021."""

GHOST: dict[str, dict[str, float]] = {
    "KAZ": {"2022-04": 1.5, "2022-12": 12, "2024-12": 6},
    "KGZ": {"2022-04": 1.0, "2022-12": 8, "2024-12": 9},
    "ARM": {"2022-04": 0.6, "2022-12": 5, "2024-12": 2},
    "UZB": {"2022-04": 0.2, "2022-12": 1.5, "2024-12": 1},
}
"""Goods that the coalition books to a country where they never arrive: about half of what it sells
there on top of ordinary trade (EBRD-2)."""


def course(anchors: Mapping[str, float]) -> Floats:
    """Return USD a month through the anchors, geometric between them; 0 before the first."""
    at = np.array([month(text) for text in anchors])
    values = 1e6 * np.array([*anchors.values()])
    months = np.arange(MONTHS)
    line: Floats = np.exp(np.interp(months, at, np.log(values)))
    return np.where(months < at[0], 0.0, line)


def noisy(
    rng: np.random.Generator, path: Floats, sigma: float, pins: tuple[str, ...] = ()
) -> Floats:
    """Return the course with noise in every month but the pinned ones."""
    noise = np.exp(sigma * rng.standard_normal(MONTHS) - sigma**2 / 2)
    noise[[month(pin) for pin in pins]] = 1.0
    return path * noise


def rescaled(path: Floats, months: Ints, total: float) -> Floats:
    """Return the course with the given months scaled to sum to `total` USD m."""
    path = path.copy()
    path[months] *= total * 1e6 / path[months].sum()
    return path


def turkey_sells(rng: np.random.Generator) -> dict[str, Floats]:
    """Return Turkey's exports of the 45 codes from 2022 on to Russia and the five."""
    pins = ("2022-12", "2024-07", "2024-08")
    to_russia = noisy(rng, course(_TURKEY_TO_RUSSIA), 0.06, pins) * (1 - SHARE_4B["TUR"])
    paths = {"RUS": to_russia}
    for partner, anchors in _TURKEY_TO_THE_FIVE.items():
        paths[partner] = noisy(rng, course(anchors), 0.1)
    for partner, path in paths.items():
        path = rescaled(path, JAN_SEP_2022, TURKEY_SOLD_2022[partner])
        paths[partner] = rescaled(path, JAN_SEP_2023, TURKEY_SOLD_2023[partner])
    return paths


def china_sells(rng: np.random.Generator) -> Floats:
    """Return exports of all 50 codes by China and Hong Kong to Russia from 2022 on."""
    return noisy(rng, course(_CHINA_TO_RUSSIA), 0.04, ("2023-12", "2024-07"))
