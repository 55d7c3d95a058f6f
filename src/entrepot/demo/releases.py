"""Releases: which cells each publisher's files hold, and on which day they came out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from entrepot.demo import files
from entrepot.demo.places import (
    EU,
    FIRST_YEAR,
    NUMBER,
    PLACES,
    Bools,
    Place,
    month,
    numbers,
)
from entrepot.demo.world import DemoFile
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.demo.reports import DemoCells

FOLDER = "SYNTHETIC"
FIRST, REVISED, FINAL = date(2023, 11, 14), date(2024, 5, 31), date(2025, 5, 15)
"""Release days of Comtrade; the first is before the newspapers' 27 November 2023."""
LAST_OF = {"RUS": date(2022, 3, 15), "BLR": date(2022, 5, 16)}
"""Release days of the reporters that fell silent."""
FIRST_EU, FINAL_EU = date(2023, 11, 15), date(2025, 3, 14)
REVISER = "ARM"
"""Publishes January to September 2023 twice."""
REVISED_FROM = month("2023-01")
WEB, API = "ZAF", "NOR"
"""The reporters whose data come as web downloads and as API answers; the others are bulk files."""


def write(rng: np.random.Generator, cells: DemoCells, folder: Path) -> tuple[DemoFile, ...]:
    """Write every release of every publisher; return the files, oldest first."""
    written = [*_comtrade(rng, cells, folder / FOLDER / "comtrade")]
    written += _eurostat(cells, folder / FOLDER / "eurostat")
    return tuple(sorted(written, key=lambda file: (file.published, file.path.name)))


def _eurostat(cells: DemoCells, folder: Path) -> Iterator[DemoFile]:
    folder.mkdir(parents=True)
    members = np.isin(cells.reporter, numbers(EU))
    last = month(PLACES[0].until_first)
    parts = ((FIRST_EU, cells.month <= last), (FINAL_EU, cells.month > last))
    for published, rows in parts:
        path = folder / f"DS-045409_{published:%Y%m%d}_linear.csv"
        files.write_sdmx(cells.take(members & rows), path, published)
        yield DemoFile("eurostat", path, published)


def _comtrade(rng: np.random.Generator, cells: DemoCells, folder: Path) -> Iterator[DemoFile]:
    folder.mkdir(parents=True)
    for place in PLACES:
        if place.iso3 in EU or place.until is None:
            continue
        own = cells.take(cells.reporter == NUMBER[place.iso3])
        for published, rows in _releases(place, own):
            part = own.take(rows)
            if place.iso3 == REVISER and published == FIRST:
                part = _before_revision(rng, part)
            yield _write(part, place.iso3, published, folder)


def _releases(place: Place, cells: DemoCells) -> Iterator[tuple[date, Bools]]:
    if place.iso3 in LAST_OF:
        yield LAST_OF[place.iso3], np.ones(len(cells), dtype=bool)
        return
    last = month(place.until_first)
    yield FIRST, cells.month <= last
    if place.iso3 == REVISER:
        yield REVISED, (cells.month >= REVISED_FROM) & (cells.month <= last)
    yield FINAL, cells.month > last


def _before_revision(rng: np.random.Generator, cells: DemoCells) -> DemoCells:
    """Return a first release: some values a few per cent off, some cells absent, some too many."""
    rows = len(cells)
    fresh = cells.month >= REVISED_FROM
    off = fresh & (rng.random(rows) < 0.2)
    factor = np.where(off, rng.normal(1, 0.03, rows), 1.0)
    first = replace(cells, usd=np.round(cells.usd * factor))
    present = ~(fresh & (rng.random(rows) < 0.02))
    # A cell that is later withdrawn: a partner who in truth bought nothing under that code.
    extra = cells.take(np.flatnonzero(fresh)[::40])
    extra = replace(extra, partner=np.full(len(extra), NUMBER["TJK"]))
    return _joined(first.take(present), extra)


def _world(cells: DemoCells) -> DemoCells:
    """Return totals over partners, which the web download gives beside the partners."""
    keys = np.stack([cells.code, cells.month, cells.flow])
    _, first, group = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    total = cells.take(first)
    unknown = np.full(len(total), np.nan)
    return replace(
        total,
        partner=np.full(len(total), files.WORLD),
        usd=np.asarray(np.bincount(group.ravel(), cells.usd), dtype=np.float64),
        mass=unknown,
        units=unknown,
    )


def _joined(one: DemoCells, other: DemoCells) -> DemoCells:
    """Return the cells of one reporter's release, the first where both have the same cell."""
    names = one.__slots__
    both = type(one)(
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names)
    )
    keys = np.stack([both.code, both.month, both.flow, both.partner])
    _, first = np.unique(keys, axis=1, return_index=True)
    return both.take(np.sort(first))


def _write(cells: DemoCells, iso3: str, published: date, folder: Path) -> DemoFile:
    """Write one reporter's release in the layout its publisher uses.

    A bulk file's name gives its last month: the demo packs many months into one file, where the
    publisher makes one file a month.
    """
    last = int(cells.month.max())
    months = f"{FIRST_YEAR + last // 12}{last % 12 + 1:02}"
    if iso3 == WEB:
        path = folder / f"TradeData_{iso3}_{published}.csv"
        files.write_comtradeplus(_joined(cells, _world(cells)), path)
    elif iso3 == API:
        path = folder / f"get_C_M_HS_{iso3}_{published}.json"
        files.write_api(cells, path)
    else:
        code = int(countries.code(iso3, "comtrade"))
        path = folder / f"COMTRADE-FINALCLASSIC-CM{code:03}{months}[{published}].gz"
        files.write_bulk(cells, path)
    return DemoFile("comtrade", path, published)
