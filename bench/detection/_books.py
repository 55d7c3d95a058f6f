"""Books: what each country's statistics say about the trade that crossed its borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from detection._plan import (
    COUNTRIES,
    FIRST_THIRD,
    FIRST_YEAR,
    GOAL,
    MONTHS,
    NEW_CODES,
    OLDER,
    PRODUCTS,
    Bools,
    Floats,
    Ints,
)
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from detection._trade import Legs

EXPORT, IMPORT = 0, 1
CODES = tuple(sorted({*PRODUCTS, *OLDER.values()}))
_NEW = np.array([CODES.index(code) for code in PRODUCTS])
_OLD = np.array([CODES.index(OLDER.get(code, code)) for code in PRODUCTS])
_SHAPE = (2, len(COUNTRIES), len(COUNTRIES), len(CODES), MONTHS)
VINTAGE = "invented-2024-06-01-00000000"


@dataclass(frozen=True, slots=True)
class Habits:
    """How countries keep books. Shapes: C countries, T months.

    `arrives` (C, C) is what an importer books of each exporter's goods, freight included: 1.05 to
    1.10, far less or more where the two never agreed. `dispatched` (C,) is the part of its exports
    to the destination that a country books. `slow` (C,) is the part of imports booked a month
    later, `by_origin` (C,) says who writes the maker and not the sender, `switch` (C,) is the
    month of the new codes, `delay` (C,) the months until a month is published, `silent` (C, T)
    the months without any row.
    """

    arrives: Floats
    dispatched: Floats
    slow: Floats
    by_origin: Bools
    switch: Ints
    delay: Ints
    silent: Bools


def habits(rng: np.random.Generator, since: int) -> Habits:
    """Draw the habits, all of them older than the war but for the destination's silence."""
    count = len(COUNTRIES)
    third = np.arange(count) >= FIRST_THIRD
    arrives = rng.uniform(1.05, 1.10, (count, count))
    lost, found = rng.random((2, count, count)) < np.array([0.10, 0.04])[:, None, None]
    arrives[lost] *= rng.uniform(0.03, 0.5, np.count_nonzero(lost))
    arrives[found] *= rng.uniform(1.5, 3, np.count_nonzero(found))
    silent = rng.random((count, MONTHS)) < np.where(third, 0.02, 0.004)[:, None]
    for country in rng.choice(np.flatnonzero(third[:GOAL]), 6, replace=False):
        start = int(rng.integers(0, MONTHS - 6))
        silent[country, start : start + int(rng.integers(4, 13))] = True
    silent[GOAL] = np.arange(MONTHS) >= since
    switch = np.where(rng.random(count) < 0.25, NEW_CODES + rng.integers(1, 13, count), NEW_CODES)
    delay = np.where(third, rng.choice([1, 2, 3, 4, 6], count), rng.integers(0, 3, count))
    silent |= np.arange(MONTHS) >= MONTHS - delay[:, None]
    return Habits(
        arrives=arrives,
        dispatched=np.where(third & (rng.random(count) < 0.12), rng.uniform(0.2, 0.6, count), 1.0),
        slow=np.where(rng.random(count) < 0.5, rng.uniform(0.1, 0.8, count), 0.0),
        by_origin=third & (rng.random(count) < 0.3),
        switch=switch,
        delay=delay,
        silent=silent,
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Booked goods before they are summed: a key that packs the cell, USD and kg."""

    key: Ints
    usd: Floats
    kg: Floats


def book(rng: np.random.Generator, legs: Legs, how: Habits) -> Rows:
    """Return each leg as its exporter and as its importer write it down."""
    sends = _rows(how, EXPORT, legs.exporter, legs.importer, legs.product, legs.month)
    shown = np.where(legs.importer == GOAL, how.dispatched[legs.exporter], 1.0)
    partner = np.where(how.by_origin[legs.importer], legs.origin, legs.exporter)
    partner = np.where(partner == legs.importer, legs.exporter, partner)
    month = legs.month + (rng.random(len(legs)) < how.slow[legs.importer])
    gets = _rows(how, IMPORT, legs.importer, partner, legs.product, np.minimum(month, MONTHS - 1))
    factor = how.arrives[legs.importer, legs.exporter] * np.exp(rng.normal(0, 0.05, len(legs)))
    weight = np.where(factor > 1, 1, factor)
    gets = np.where(legs.hidden | (month >= MONTHS), -1, gets)
    key = np.concatenate([sends, gets])
    usd = np.concatenate([legs.usd * shown, legs.usd * factor])
    kg = np.concatenate([legs.kg * shown, legs.kg * weight])
    return Rows(key[key >= 0], usd[key >= 0], kg[key >= 0])


def _rows(
    how: Habits, flow: int, reporter: Ints, partner: Ints, product: Ints, month: Ints
) -> Ints:
    """Return the packed cell, -1 where the reporter is silent or neither here nor there."""
    code = np.where(month >= how.switch[reporter], _NEW[product], _OLD[product])
    key = np.ravel_multi_index((np.full(len(code), flow), reporter, partner, code, month), _SHAPE)
    return np.where(how.silent[reporter, month], -1, key)


def publish(rng: np.random.Generator, parts: list[Rows], how: Habits) -> pa.Table:
    """Return the sums per cell in whole dollars as flows; a cell in twenty has no mass."""
    key = np.concatenate([part.key for part in parts])
    cell, place = np.unique(key, return_inverse=True)
    usd = np.maximum(1, np.rint(np.bincount(place, np.concatenate([p.usd for p in parts]))))
    kg = np.bincount(place, np.concatenate([p.kg for p in parts]))
    # By cell and not by row, so that planted rows change nobody else's mass.
    unknown = rng.random(2**16)[(cell * 40503) % 2**16] < 0.05
    flow, reporter, partner, code, month = np.unravel_index(cell, _SHAPE)
    late = month < how.switch[reporter]
    count = len(cell)
    days = [np.datetime64(f"{FIRST_YEAR + m // 12}-{m % 12 + 1:02}-01") for m in range(MONTHS)]
    given = {
        "source": _same("invented", count),
        "freq": _same("M", count),
        "period": pa.array(np.array(days)).take(pa.array(month)),
        "reporter": _names(COUNTRIES, reporter),
        "partner": _names(COUNTRIES, partner),
        "flow": _names(("export", "import"), flow),
        "classification": _names(("HS2022", "HS2017"), late.astype(np.int64)),
        "product": _names(CODES, code),
        "valuation": _names(("FOB", "CIF"), flow),
        "value_usd": pa.array(usd),
        "value_local": pa.array(usd),
        "currency": _same("USD", count),
        "net_mass_kg": pa.array(np.round(kg, 1), mask=unknown),
        "status": _same("reported", count),
        "mass_status": _names(("reported", None), unknown.astype(np.int64)),
        "vintage": _same(VINTAGE, count),
        "file": _same("000000000000", count),
    }
    columns = [
        given.get(name, pa.nulls(count)).cast(FLOWS.arrow.field(name).type) for name in FLOWS.names
    ]
    return pa.table(columns, schema=FLOWS.arrow)


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _names(words: tuple[str | None, ...], index: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(index))
