"""Reports: what each country's statistics say about the true shipments, with all their faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.demo.legs import BASE, Legs, prices_paid
from entrepot.demo.places import BY_ORIGIN, COVERED, NUMBER, REVISION, SHOWN, Bools, Floats, Ints
from entrepot.demo.products import BY_WEIGHT, CODE, CODES, IS_CHIP, REPORTED_CODES, unit_values

EXPORT, IMPORT, RE_EXPORT = range(3)
_RE_EXPORTER = "HKG"
"""Reports re-exports beside exports that contain them."""
_ZEROS = 0.004
"""Share of silent months in which a published cell says 0."""


@dataclass(frozen=True, slots=True)
class DemoCells:
    """One row per reported cell, sorted by reporter, partner, flow, month and code.

    `code` is an index into REPORTED_CODES, `usd` a whole number of dollars (CIF for imports),
    `mass` kilograms or nan where the reporter gives none, `units` pieces or nan.
    """

    reporter: Ints
    partner: Ints
    flow: Ints
    month: Ints
    code: Ints
    revision: Ints
    usd: Floats
    mass: Floats
    units: Floats

    def __len__(self) -> int:
        return len(self.reporter)

    def take(self, rows: Bools | Ints) -> DemoCells:
        """Return some rows, by mask or by number."""
        return DemoCells(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class _Entries:
    """What reporters tell, one row per shipment and side, before codes are merged."""

    reporter: Ints
    partner: Ints
    flow: Ints
    month: Ints
    product: Ints
    usd: Floats
    mass: Floats


def report(rng: np.random.Generator, legs: Legs, margins: Floats) -> DemoCells:
    """Return every cell that some country reports, in the HS revision it used that month."""
    row, month, usd, kilos = _shipments(rng, legs)
    seller, buyer, product = legs.exporter[row], legs.importer[row], legs.product[row]
    source = np.where(BY_ORIGIN[buyer], legs.maker[row], seller)
    landed = usd * legs.arrives[row] * (1 + margins[seller, buyer])
    came = legs.arrives[row] > 0
    passed_on = (seller == NUMBER[_RE_EXPORTER]) & (legs.maker[row] != seller)
    sides = (
        (seller, buyer, EXPORT, usd, kilos, np.ones(len(row), dtype=bool)),
        (buyer, source, IMPORT, landed, kilos * legs.arrives[row], came & (source != buyer)),
        (seller, buyer, RE_EXPORT, usd, kilos, passed_on),
    )
    entries = []
    for reporter, partner, flow, value, mass, told in sides:
        told = told & COVERED[reporter, month]
        flows = np.full(len(row), flow)
        entry = _Entries(reporter, partner, flows, month, product, value, mass)
        entries.append(_Entries(*(getattr(entry, name)[told] for name in _Entries.__slots__)))
    return _cells(rng, entries)


def _shipments(rng: np.random.Generator, legs: Legs) -> tuple[Ints, Ints, Floats, Floats]:
    """Return leg, month, USD and kilograms of every shipment, and of some published zeros."""
    shown = legs.usd[:, :SHOWN]
    silent = (shown == 0) & (legs.part == BASE)[:, None]
    zeros = silent & (rng.random(shown.shape) < _ZEROS)
    row, month = np.nonzero((shown > 0) | zeros)
    usd = shown[row, month]
    price = prices_paid(legs.exporter, legs.importer, legs.product)[row, month]
    dollars = unit_values(rng)[legs.product[row]] * price
    return row, month, usd, usd / dollars * rng.lognormal(0, 0.15, len(row))


def _cells(rng: np.random.Generator, sides: list[_Entries]) -> DemoCells:
    """Add up what a reporter books under one code; an older code may hold several products."""
    told = _Entries(
        *(np.concatenate([getattr(side, name) for side in sides]) for name in _Entries.__slots__)
    )
    product = told.product
    code = CODE[REVISION[told.reporter, told.month], product]
    dims = (len(COVERED), len(COVERED), 3, SHOWN, len(REPORTED_CODES))
    keys = np.ravel_multi_index((told.reporter, told.partner, told.flow, told.month, code), dims)
    kept, group = np.unique(keys, return_inverse=True)
    reporter, partner, flow, month, code = np.unravel_index(kept, dims)
    value = np.round(np.bincount(group, told.usd)).astype(np.float64)
    kilos = np.bincount(group, told.mass)
    pieces = np.bincount(group, np.where(BY_WEIGHT[product], 0.0, told.mass / _weight(product)))
    unknown = (rng.random(len(kept)) < 0.05) | (value == 0)
    counted = np.zeros(len(kept), dtype=bool)
    counted[group] = ~BY_WEIGHT[product]
    return DemoCells(
        reporter=reporter,
        partner=partner,
        flow=flow,
        month=month,
        code=code,
        revision=REVISION[reporter, month],
        usd=value,
        mass=np.where(unknown, np.nan, np.round(np.maximum(kilos, 0.1), 1)),
        units=np.where(unknown | ~counted, np.nan, np.maximum(np.round(pieces), 1.0)),
    )


def _weight(product: Ints) -> Floats:
    """Return kilograms a piece: chips weigh grams, machines tens of kilograms."""
    typical = {"84": 20.0, "85": 0.2, "87": 5.0, "88": 5.0, "90": 1.0}
    weight = np.array([typical[code[:2]] for code in CODES])
    weight[IS_CHIP] = 0.002
    piece: Floats = weight[product]
    return piece
