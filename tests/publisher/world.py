"""World: the flows of the synthetic demo world, with a day of release per reporter and month."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from entrepot.demo.places import (
    COVERED,
    FIRST_YEAR,
    ISO3,
    NUMBER,
    REVISION,
    SHOWN,
    Floats,
    Ints,
    month,
)
from entrepot.demo.plant import plant
from entrepot.demo.products import CODES, IS_LISTED, LISTED, REPORTED_CODES
from entrepot.demo.reports import EXPORT, IMPORT, DemoCells, report

if TYPE_CHECKING:
    from collections.abc import Iterable

WORLD = len(ISO3)
"""Partner number of rows that sum all partners, as in `entrepot.demo.files`."""
NEVER = (("TUR", "2024-06"), ("KAZ", "2020-02"), ("GEO", "2019-11"))
"""Months that are not published although later ones are."""
SILENT = (("UZB", "2023-05"), ("GEO", "2018-02"), ("KGZ", "2021-07"))
"""Months that are published and hold no listed good: only other codes."""
NEIGHBOURS = (("USA", "CAN"), ("GBR", "FRA"), ("GBR", "CHN"))
CABLES = REPORTED_CODES.index("854442")
_LISTED_CODES = {
    *CODES[IS_LISTED],
    *(good.hs2012 for good in LISTED),
    *(good.hs2017 for good in LISTED),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One dataset of the index: who, which period, when it first and last came out, how long."""

    reporter: str
    period: str
    first: date
    last: date
    rows: int


@dataclass(slots=True)
class World:
    """What the publishers hold. `today` hides what is released later; `revise` changes a month."""

    cells: DemoCells
    starts: Ints
    today: date | None = None
    revised: dict[tuple[str, str], date] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def made(cls, seed: int = 20231127) -> World:
        """Return the world of a seed. Made once per seed; every call has its own releases."""
        cells, starts = _made(seed)
        return cls(cells, starts)

    def issues(self, reporter: str) -> list[Issue]:
        """Return what a reporter has published, month by month."""
        place, found = NUMBER.get(reporter), []
        if place is None:
            return []
        for at in range(SHOWN):
            period = f"{FIRST_YEAR + at // 12}-{at % 12 + 1:02}"
            if not COVERED[place, at] or (reporter, period) in NEVER:
                continue
            first, last = released(reporter, at)
            last = self.revised.get((reporter, period), last)
            if self.today is None or first <= self.today:
                seen = last if self.today is None or last <= self.today else first
                rows = int(self.starts[place, at + 1] - self.starts[place, at])
                found.append(Issue(reporter, period, first, seen, rows))
        return found

    def revise(self, reporter: str, period: str, day: date) -> None:
        """Release a month anew on `day`: every value grows by a tenth, at once.

        `today` hides the day of a later release, not its values.
        """
        place, at = NUMBER[reporter], month(period)
        with self._lock:
            rows = slice(self.starts[place, at], self.starts[place, at + 1])
            usd = self.cells.usd.copy()
            usd[rows] = np.round(usd[rows] * 1.1)
            self.cells = replace(self.cells, usd=usd)
            self.revised[reporter, period] = day

    def select(
        self,
        reporter: str,
        periods: Iterable[str],
        *,
        flows: Iterable[int] | None = None,
        partners: Iterable[int] | None = None,
        products: Iterable[str] | None = None,
    ) -> DemoCells:
        """Return the published cells of a reporter; None means all. `periods` are months."""
        known = {issue.period for issue in self.issues(reporter)}
        place = NUMBER.get(reporter, 0)
        months = [month(period) for period in sorted({*periods} & known)]
        spans = [np.arange(self.starts[place, at], self.starts[place, at + 1]) for at in months]
        cells = self.cells.take(np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64))
        keep = np.ones(len(cells), dtype=bool)
        if flows is not None:
            keep &= np.isin(cells.flow, list(flows))
        if partners is not None:
            keep &= np.isin(cells.partner, list(partners))
        if products is not None:
            wanted = [REPORTED_CODES.index(code) for code in products if code in REPORTED_CODES]
            keep &= np.isin(cells.code, wanted)
        return cells.take(keep)


def released(reporter: str, at: int) -> tuple[date, date]:
    """Return when a month first came out and when the whole year was released again.

    Invented: a month comes out 45 to 135 days after its end, each reporter with its own delay; a
    year up to 2022 is released again as a whole in the next year's summer.
    """
    year, number = FIRST_YEAR + at // 12, at % 12 + 1
    end = date(year + number // 12, number % 12 + 1, 1)
    delay = 45 + _hash(reporter) % 90
    first = end + timedelta(days=delay)
    again = date(year + 1, 8, 1) + timedelta(days=_hash(reporter, "again") % 60)
    return first, max(first, again) if year < 2023 else first


def totals(cells: DemoCells) -> DemoCells:
    """Return the sum over partners of each reporter, flow, month and code."""
    keys = np.stack([cells.reporter, cells.flow, cells.month, cells.code])
    total = _added(cells, keys)
    return replace(total, partner=np.full(len(total), WORLD))


def years(cells: DemoCells) -> DemoCells:
    """Return the sums per year, in the revision and month of each year's last month."""
    keys = np.stack([cells.reporter, cells.partner, cells.flow, cells.month // 12, cells.code])
    return _added(cells, keys)


def merged(cells: DemoCells) -> DemoCells:
    """Return one cell per reporter, partner, flow, month and code: the sum of those alike."""
    keys = np.stack([cells.reporter, cells.partner, cells.flow, cells.month, cells.code])
    return _added(cells, keys)


def join(*parts: DemoCells) -> DemoCells:
    """Return all rows of several sets of cells, in their order."""
    names = DemoCells.__slots__
    i, f = np.zeros(0, dtype=np.int64), np.zeros(0)
    nothing = DemoCells(i, i, i, i, i, i, f, f, f)
    columns = ([getattr(part, name) for part in (nothing, *parts)] for name in names)
    return DemoCells(*map(np.concatenate, columns))


def _added(cells: DemoCells, keys: np.ndarray) -> DemoCells:
    if not len(cells):
        return cells
    order = np.lexsort((cells.month,))[::-1]  # the last month of a group gives its revision
    cells, keys = cells.take(order), keys[:, order]
    # One number per key: twenty times as fast as np.unique over columns.
    key = np.ravel_multi_index(tuple(keys), tuple(keys.max(axis=1) + 1))
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    usd, mass, units = (
        np.bincount(group, column).astype(np.float64)
        for column in (cells.usd, cells.mass, cells.units)
    )
    return replace(cells.take(first), usd=usd, mass=mass, units=units)


@cache
def _made(seed: int) -> tuple[DemoCells, Ints]:
    """Return the cells sorted by reporter and month, and where each reporter's month starts."""
    rng = np.random.default_rng(seed)
    planted = plant(rng)
    cells = report(rng, planted.legs, planted.margins)
    own = (cells.code == CABLES) & np.isin(cells.reporter, [NUMBER[a] for a, _ in NEIGHBOURS])
    cells = join(cells.take(~own), _background())
    listed = np.isin(np.array(REPORTED_CODES)[cells.code], sorted(map(str, _LISTED_CODES)))
    keep = np.ones(len(cells), dtype=bool)
    for reporter, period in SILENT:
        here = (cells.reporter == NUMBER[reporter]) & (cells.month == month(period))
        keep &= ~(here & listed)
    cells = cells.take(keep)
    key = cells.reporter * (SHOWN + 1) + cells.month
    cells = cells.take(np.lexsort((cells.code, cells.flow, cells.partner, key)))
    key = np.sort(key, kind="stable")
    edges = np.arange(len(ISO3) * (SHOWN + 1)).reshape(len(ISO3), SHOWN + 1)
    return cells, np.searchsorted(key, edges)


def _background() -> DemoCells:
    """Return cables that some pairs trade every month, as neighbours do outside of this world.

    Connectors tell by such a pair whether a month is out. No list has the code.
    """
    ends = [(NUMBER[a], NUMBER[b], flow) for a, b in NEIGHBOURS for flow in (EXPORT, IMPORT)]
    reporter, partner, flow = (np.repeat(column, SHOWN) for column in zip(*ends, strict=True))
    at = np.tile(np.arange(SHOWN), len(ends))
    covered = COVERED[reporter, at]
    mass: Floats = 20_000.0 + 100 * at.astype(np.float64)
    cells = DemoCells(
        reporter=reporter,
        partner=partner,
        flow=flow,
        month=at,
        code=np.full(len(at), CABLES),
        revision=REVISION[reporter, at],
        usd=np.asarray(50 * mass, dtype=np.float64),
        mass=mass,
        units=np.full(len(at), np.nan),
    )
    return cells.take(covered)


def _hash(*words: str) -> int:
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=4).digest(), "big")
