"""Prices: a shipment's dollars per kilogram among those of the same product on other routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import ibis
import numpy as np
from ibis import _

from entrepot.errors import EntrepotError, RateError
from entrepot.reads import Reads
from entrepot.reference import rates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from entrepot.workspace import Workspace

LEAST_USD = 10_000.0
"""Dollars a year below which a route's unit value is mostly rounding."""
LEAST_ROUTES = 20
"""Other routes that a distribution needs before its hundredths mean anything."""
OUTSIDE = (1.0, 99.0)
"""Hundredths of other routes beyond which a price is worth a question: one route in fifty is."""


@dataclass(frozen=True, slots=True)
class Among:
    """Where a price lies: below and above lie `OUTSIDE`, `middle` is the median, in USD a kg."""

    price: float
    low: float
    middle: float
    high: float
    routes: int
    year: int

    @property
    def is_outside(self) -> bool:
        """Whether it lies beyond nearly all others."""
        return not self.low <= self.price <= self.high


class Prices:
    """Unit values of recorded exports by product, year and route.

    unit value = sum of value_usd / sum of net_mass_kg over a year's rows with both. The months are
    whichever of the year are published.
    """

    def __init__(
        self, rows: dict[tuple[str, int], tuple[NDArray[np.str_], NDArray[np.float64]]]
    ) -> None:
        self._rows = rows
        self._years: dict[str, list[int]] = {}
        for product, year in sorted(rows):
            self._years.setdefault(product, []).append(year)

    def among(self, code: str, sender: str, receiver: str, price: float, day: date) -> Among | None:
        """Return where a price lies, None where fewer than `LEAST_ROUTES` others are known."""
        years = self._years.get(code[:6], [])
        if not years:
            return None
        year = min(years, key=lambda one: (abs(one - day.year), one))
        routes, values = self._rows[code[:6], year]
        others = np.sort(values[routes != f"{sender}>{receiver}"])
        if len(others) < LEAST_ROUTES:
            return None
        low, middle, high = np.percentile(others, [OUTSIDE[0], 50.0, OUTSIDE[1]])
        return Among(price, float(low), float(middle), float(high), len(others), year)


def prices(work: Workspace, codes: Iterable[str]) -> Prices:
    """Return the unit values of some subheadings in a store, all in one query."""
    wanted = sorted({code[:6] for code in codes if len(code) >= 6})
    try:
        work.refuse_empty()
        held = work.selection([Reads("export", now=(work.held,))]).held.subheadings
    except EntrepotError:
        return Prices({})
    if not wanted:
        return Prices({})
    both = held.filter(
        _.flow == "export",
        _.freq == "M",
        _.product.isin(wanted),
        _.net_mass_kg > 0,
        _.value_usd > 0,
    )
    table = work.arrow(
        both.group_by("product", "reporter", "partner", year=_.period.year())
        .agg(usd=_.value_usd.sum(), kg=_.net_mass_kg.sum())
        .filter(_.usd >= LEAST_USD, _.partner != "WLD")
        .mutate(route=_.reporter + ">" + _.partner, price=_.usd / _.kg)
        .select("product", "year", "route", "price")
        .order_by("product", "year", ibis.asc("route"))
    )
    found: dict[tuple[str, int], tuple[NDArray[np.str_], NDArray[np.float64]]] = {}
    if not len(table):
        return Prices(found)
    product, year = (np.array(table[name].to_pylist()) for name in ("product", "year"))
    route = np.array(table["route"].to_pylist(), dtype=str)
    price = table["price"].to_numpy()
    keys = np.char.add(product.astype(str), year.astype(str))
    cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    for start, end in zip([0, *cuts], [*cuts, len(keys)], strict=True):
        found[str(product[start]), int(year[start])] = route[start:end], price[start:end]
    return Prices(found)


@lru_cache(4096)
def usd_per_unit(currency: str, year: int, month: int) -> float | None:
    """Return what a unit of a currency was worth in a month, None where the ECB quotes none."""
    if currency == "USD":
        return 1.0
    try:
        table = rates.monthly_means(currency)
    except RateError:
        return None
    wanted = [row["usd_per_unit"] for row in table.to_pylist()
              if (row["period"].year, row["period"].month) == (year, month)]  # fmt: skip
    return wanted[0] if wanted else None
