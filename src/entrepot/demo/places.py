"""Places: who trades in the demo world, who reports it, in which revision and how late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from entrepot.months import day_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_YEAR = 2015
SHOWN = 120
"""Months in the files: 2015-01 to 2024-12."""
MONTHS = SHOWN + 4
"""Months generated: goods bought in December 2024 leave up to three months later."""


def month(text: str) -> int:
    """Return the number of a month written as 2022-03, counted from 2015-01."""
    year, number = text.split("-")
    return (int(year) - FIRST_YEAR) * 12 + int(number) - 1


def day(number: int) -> date:
    """Return the first day of a month by its number."""
    return day_of(FIRST_YEAR * 12 + number)


def window(years: range, months: range) -> Ints:
    """Return the numbers of the same months of several years."""
    return np.array([month(f"{year}-{number}") for year in years for number in months])


WAR = month("2022-03")
"""First month after the invasion, as the literature uses it (EBRD)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A country: its weight in trade, and how it reports.

    `supply` is relative; `demand` is USD m a month bought from a supplier of weight 1. `late` is
    how many months after January 2017 and January 2022 it took up HS2017 and HS2022. `until` and
    `until_first` are the last months in its final release and in its first one.
    """

    iso3: str
    supply: float
    demand: float
    late: tuple[int, int] = (0, 0)
    until: str | None = "2024-12"
    until_first: str = "2023-09"
    holes: tuple[str, ...] = ()
    by_origin: bool = False


PLACES = (
    Place("DEU", 1.0, 30),
    Place("FRA", 0.5, 22),
    Place("ITA", 0.5, 20),
    Place("NLD", 0.45, 25),
    Place("POL", 0.25, 18),
    Place("LTU", 0.1, 3),
    Place("LVA", 0.06, 2),
    Place("EST", 0.07, 2),
    Place("FIN", 0.18, 6),
    Place("CZE", 0.25, 12),
    Place("ESP", 0.2, 14),
    Place("AUT", 0.25, 9),
    Place("BEL", 0.25, 10),
    Place("SWE", 0.25, 9),
    Place("USA", 1.0, 60),
    Place("GBR", 0.5, 24),
    Place("JPN", 0.7, 30),
    Place("KOR", 0.7, 30),
    Place("TWN", 0.7, 30),
    Place("CHE", 0.25, 10),
    Place("CAN", 0.25, 16),
    Place("NOR", 0.06, 4),
    Place("CHN", 1.6, 90),
    Place("HKG", 0.9, 60),
    Place("TUR", 0.12, 20),
    Place("ARE", 0.2, 14, (12, 6), "2024-09"),
    Place("SRB", 0.04, 2.5),
    Place("IND", 0.2, 22, (3, 0)),
    Place("RUS", 0.15, 42, (0, 0), "2022-01"),
    Place("BLR", 0.05, 3, (0, 0), "2022-02"),
    Place("ARM", 0.01, 0.5, (0, 3), by_origin=True),
    Place("AZE", 0.01, 1.1, (6, 6), holes=("2020-04",)),
    Place("GEO", 0.01, 0.8, by_origin=True),
    Place("KAZ", 0.03, 4, (0, 4), by_origin=True),
    Place("KGZ", 0.01, 0.4, (12, 9), holes=("2022-11",), by_origin=True),
    Place(
        "UZB", 0.01, 1.3, (24, 12), "2024-10",
        holes=("2019-03", "2020-08", "2022-04", "2024-05"), by_origin=True,
    ),
    Place("BRA", 0.05, 16),
    Place("MEX", 0.2, 24),
    Place("ZAF", 0.03, 8, (0, 24)),
    Place("VNM", 0.3, 24, (12, 24), "2024-07", "2023-06"),
    Place("THA", 0.25, 16),
    Place("MYS", 0.4, 18, (3, 3)),
    Place("ISR", 0.12, 8, (6, 0)),
    Place("SGP", 0.5, 20),
    Place("TJK", 0, 0.2, until=None),
    Place("TKM", 0, 0.3, until=None),
)  # fmt: skip

NUMBER = {place.iso3: number for number, place in enumerate(PLACES)}
ISO3 = np.array([place.iso3 for place in PLACES])
SUPPLY = np.array([place.supply for place in PLACES])
DEMAND = np.array([place.demand for place in PLACES])
BY_ORIGIN = np.array([place.by_origin for place in PLACES])

EU = "DEU FRA ITA NLD POL LTU LVA EST FIN CZE ESP AUT BEL SWE".split()
G7 = "CAN DEU FRA GBR ITA JPN USA".split()
COALITION = [*EU, *"USA GBR JPN KOR TWN CHE CAN NOR".split()]
TURKEY_FIVE = "AZE GEO KAZ KGZ UZB".split()
HUBS = [*"TUR ARE SRB IND ARM HKG".split(), *TURKEY_FIVE]
OTHERS = "BRA MEX ZAF VNM THA MYS ISR SGP".split()

REVISIONS = ("HS2012", "HS2017", "HS2022")


def numbers(names: list[str] | str) -> Ints:
    """Return the numbers of places named by ISO code."""
    return np.array([NUMBER[name] for name in ([names] if isinstance(names, str) else names)])


def _revision() -> Ints:
    late = np.array([place.late for place in PLACES])
    at = np.arange(MONTHS)
    starts = [month("2017-01") + late[:, 0], month("2022-01") + late[:, 1]]
    return sum((at >= start[:, None]).astype(np.int64) for start in starts)  # type: ignore[return-value]


REVISION = _revision()
"""Index into REVISIONS, one row per place, one column per month."""


def _coverage() -> Bools:
    covered = np.zeros((len(PLACES), MONTHS), dtype=bool)
    for row, place in zip(covered, PLACES, strict=True):
        if place.until:
            row[: month(place.until) + 1] = True
        row[[month(hole) for hole in place.holes]] = False
    covered[:, SHOWN:] = False
    return covered


COVERED = _coverage()
"""Whether a place's report of a month exists; without one its trade is missing, not zero."""
