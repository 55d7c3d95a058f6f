"""Legs: the legs of a scan with their placebos, worked out once for all detectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect import _amounts
from entrepot.detect._alone import alone
from entrepot.detect._counterfactual import NOISE, Shift, deseasoned, shift
from entrepot.detect._placebo import Calibrated, calibrate, dates
from entrepot.detect._signals import Signals, signals
from entrepot.reference import freight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Ends
    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FLOOR = 0.1
"""Squared shipments that the noise of a gap has at least, so that a cell that expected and got
nothing has some. By hand; none of it, or ten times as much, finds the same."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of looking at every cell: its shifts, how rare they are, and the USD beyond.

    `expected` is the counterfactual of the whole window: middle, low and high. `excess` is the
    estimate beyond it and the ends of its interval, none of them below zero, see `_amounts`.
    `beyond` is the plain difference from what was expected, without season; it and `shifts` hold
    the date first and then each placebo.
    """

    shifts: tuple[Shift, ...]
    found: Calibrated
    expected: Ends
    excess: Ends
    beyond: tuple[Floats, ...]

    @property
    def shift(self) -> Shift:
        """The shift at the date."""
        return self.shifts[0]


@dataclass(frozen=True)
class ScanLegs:
    """The panel's legs; `at` is the place of the date looked at, the scan's own or a placebo."""

    panel: ScanPanel
    at: int
    length: int
    _cleaned: dict[tuple[str, int], Floats] = field(default_factory=dict, init=False, repr=False)
    _moved: dict[int, Signals] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def places(self) -> list[int]:
        """The placebo months."""
        return dates(min(self.at, self.panel.since), self.length)

    def clean(self, name: str, at: int) -> Floats:
        """Return a series without its season, as it was known from the months before a date.

        Each placebo date gets its own: a season learned later would make it look calmer than the
        date in question can be.
        """
        key = (name, at)
        if key not in self._cleaned:
            self._cleaned[key] = deseasoned(self.panel[name], at)
        return self._cleaned[key]

    def signals(self, at: int) -> Signals:
        """Return what moved at a date, the scan's own or a placebo's: see `_signals`."""
        if at not in self._moved:
            self._moved[at] = signals(self, at)
        return self._moved[at]

    @cached_property
    def inflow(self) -> Leg:
        """The coalition's exports to a third country, against the same product to the others."""
        return self._leg("coalition_exports")

    @cached_property
    def outflow(self) -> Leg:
        """A third country's exports to the destination, against its exports to everybody else.

        Its other exports are thin, so the product's growth comes from the coalition's exports.
        """
        return self._leg("onward_exports")

    @cached_property
    def alone(self) -> Leg:
        """A third country's exports to the destination by its own books: see `_alone`."""
        return Leg(*alone(self))

    @cached_property
    def ghost(self) -> Leg:
        """What left the coalition beyond what arrived, against its own past.

        The smaller of two: the coalition's exports against the country's records of them, and
        everybody's exports against all its imports, because a country that books goods by origin
        shows the first and not the second.
        """
        made = [self.gap(at) for at in (self.at, *self.places)]
        found = self.calibrated([(beyond / scale, sent.shipments) for sent, beyond, scale in made])
        sent, beyond, scale = made[0]
        season = self._season("coalition_exports")
        gap = beyond * season
        held = (gap, gap * sent.unseen, gap * (2 * sent.unseen - 1))
        usual = scale * season * sent.unseen
        expected = (found.middle * usual, found.low * usual, found.high * usual)
        beyonds = tuple(gap * shift.unseen for shift, gap, _scale in made)
        shifts = tuple(one for one, *_ in made)
        return Leg(shifts, found, expected, _amounts.excess(held, expected), beyonds)

    def _listed(self, like: Floats) -> NDArray[np.bool_]:
        return np.broadcast_to(self.panel.is_listed[None, :], like.shape)

    def calibrated(self, made: list[tuple[Floats, Floats]]) -> Calibrated:
        """Weigh a statistic, given with sizes for the date and its placebos, the date first.

        Where the history is too short for a placebo date, unlisted products at the date itself
        stand in: they share its turbulence, and what is special to listed goods remains.
        """
        (here, size), *placebos = made
        if not placebos:
            return calibrate(here, size, [np.where(self._listed(here), np.nan, here)], [size])
        scores, sizes = zip(*placebos, strict=True)
        return calibrate(here, size, scores, sizes, like=self._listed(here))

    def gap(self, at: int) -> tuple[Shift, Floats, Floats]:
        """Return the coalition's exports, the USD by which the gap grew, and their noise.

        beyond = (coalition_exports - reported_imports) less the same of what was expected of both,
        imports without freight, and never more than the exports' own excess;
        noise = sqrt(shipment x (exports + expected) + NOISE^2 expected^2 + shipment^2 / 10).
        """
        gaps, first = [], None
        controls = self.clean("coalition_exports", at)
        for left, came in (
            ("coalition_exports", "reported_imports"),
            ("all_exports", "all_reported_imports"),
        ):
            both = np.isfinite(self.panel[came])
            kept = np.where(both, self.clean(left, at), np.nan)
            sent = shift(kept, controls, self.panel, at, self.length)
            arrivals = self.clean(came, at) / (1 + freight.IMF)
            arrived = shift(arrivals, controls, self.panel, at, self.length)
            first = first or sent
            gaps.append((sent.value - arrived.value) - (sent.expected - arrived.expected))
            gaps.append(sent.value - sent.expected + 0 * arrived.value)
        assert first is not None
        noise = first.size * (first.value + first.expected) + NOISE**2 * first.expected**2
        beyond = np.minimum.reduce(gaps)
        beyond[~np.isfinite(first.score)] = np.nan
        return first, beyond, np.sqrt(noise + first.size**2 * FLOOR)

    def _leg(self, name: str) -> Leg:
        def one(at: int) -> Shift:
            controls = self.clean("coalition_exports", at)
            return shift(self.clean(name, at), controls, self.panel, at, self.length)

        here, others = one(self.at), [one(at) for at in self.places]
        found = self.calibrated([(found.score, found.shipments) for found in (here, *others)])
        beyond = tuple((one.value - one.expected) * one.unseen for one in (here, *others))
        season = self._season(name)
        usual = here.unseen * season
        expected = (
            here.at(found.middle) * usual,
            here.at(found.low) * usual,
            here.at(found.high) * usual,
        )
        excess = _amounts.excess(self._held(name, here), expected)
        return Leg((here, *others), found, expected, excess, beyond)

    def _held(self, name: str, here: Shift) -> Ends:
        """What the window held: of the coalition, each reporter's months by its own goods."""
        if name == "coalition_exports" and self.at == self.panel.since:
            return self.panel.whole
        return _amounts.whole(self.panel[name][:, :, self._window], here.unseen)

    def _season(self, name: str) -> Floats:
        window = self._window
        return _amounts.season(
            self.panel[name][:, :, window], self.clean(name, self.at)[:, :, window]
        )

    @property
    def _window(self) -> slice:
        return slice(self.at, self.at + self.length)
