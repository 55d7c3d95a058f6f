"""Legs: the legs of a scan with their placebos, worked out once for all detectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._alone import alone
from entrepot.detect._counterfactual import (
    NOISE,
    Controls,
    Shift,
    controlled,
    controls_of,
    season,
    shift,
)
from entrepot.detect._leg import Leg, amounts_of, gap_amounts, season_of
from entrepot.detect._placebo import Calibrated, calibrate, dates
from entrepot.detect._signals import Signals, inward, signals
from entrepot.reference import freight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TRANSFERS = "transfers"
ONWARD = (
    *("onward_exports", "onward_exports_priced", "onward_exports_kg"),
    *("other_exports", "third_exports"),
)
"""The series of a panel that name the destination; all others stay what they are for any other."""
FLOOR = 0.1
"""Squared shipments that the noise of a gap has at least, so that a cell that expected and got
nothing has some. By hand; none of it, or ten times as much, finds the same."""


@dataclass(frozen=True)
class ScanLegs:
    """The panel's legs; `at` is the place of the date looked at, the scan's own or a placebo.

    `sibling` are the legs of the same panel towards another destination: what does not depend on
    the destination is worked out there, once.
    """

    panel: ScanPanel
    at: int
    length: int
    sibling: ScanLegs | None = field(default=None, repr=False)
    _cleaned: dict[tuple[str, int], Floats] = field(default_factory=dict, init=False, repr=False)
    _seasons: dict[tuple[str, int], Floats] = field(default_factory=dict, init=False, repr=False)
    _controls: dict[int, Controls] = field(default_factory=dict, init=False, repr=False)
    _gapped: dict[int, tuple[Shift, Floats, Floats]] = field(
        default_factory=dict, init=False, repr=False
    )
    _inward: dict[tuple[int, bool], Signals] = field(default_factory=dict, init=False, repr=False)
    _moved: dict[int, Signals] = field(default_factory=dict, init=False, repr=False)

    def toward(self, panel: ScanPanel) -> ScanLegs:
        """Return the legs of the same panel with the `ONWARD` series of another destination."""
        return ScanLegs(panel, self.at, self.length, self.sibling or self)

    @cached_property
    def places(self) -> list[int]:
        """The placebo months."""
        return dates(min(self.at, self.panel.since), self.length)

    @cached_property
    def publishing(self) -> NDArray[np.int64]:
        """The places of the third countries that published any exports of their own."""
        known = [np.isfinite(self.panel[name]).any(axis=(1, 2)) for name in ONWARD]
        return np.flatnonzero(np.logical_or.reduce(known))

    def season(self, name: str, at: int) -> Floats:
        """Return the season of a series as it was known from the months before a date.

        Each placebo date gets its own: a season learned later would make it look calmer than the
        date in question can be.
        """
        if self.sibling and name not in ONWARD:
            return self.sibling.season(name, at)
        key = (name, at)
        if key not in self._seasons:
            self._seasons[key] = season(self.series(name), at)
        return self._seasons[key]

    def clean(self, name: str, at: int) -> Floats:
        """Return a series without its season, as it was known from the months before a date."""
        if self.sibling and name not in ONWARD:
            return self.sibling.clean(name, at)
        key = (name, at)
        if key in self._cleaned:
            return self._cleaned[key]
        made: Floats = np.asarray(self.series(name) / self.season(name, at)[None])
        # Of a dozen placebo dates only what everything is compared with: each is a whole panel.
        if at == self.at or name == "coalition_exports":
            self._cleaned[key] = made
        return made

    def controls(self, at: int) -> Controls:
        """Return what everything is compared with did at a date: the coalition's exports."""
        if self.sibling:
            return self.sibling.controls(at)
        if at not in self._controls:
            cleaned = self.clean("coalition_exports", at)
            self._controls[at] = controls_of(cleaned, at, self.length)
        return self._controls[at]

    def shift(self, series: Floats, at: int) -> Shift:
        """Compare a deseasoned series with its past and the controls: see `_counterfactual`."""
        return shift(series, self.controls(at), self.panel, at, self.length)

    def inward(self, at: int, *, listed: bool = True) -> Signals:
        """Return what moved at a date whatever the destination: see `_signals`."""
        if self.sibling:
            return self.sibling.inward(at, listed=listed)
        if (at, listed) not in self._inward:
            self._inward[at, listed] = inward(self, at, listed=listed)
        return self._inward[at, listed]

    def series(self, name: str) -> Floats:
        """Return one of the panel's series, or `transfers`: what other third countries sent."""
        if name != TRANSFERS:
            return self.panel[name]
        return np.asarray(
            np.maximum(self.panel["all_exports"] - self.panel["coalition_exports"], 0)
        )

    def signals(self, at: int) -> Signals:
        """Return what moved at a date, the scan's own or a placebo's: see `_signals`."""
        if at not in self._moved:
            self._moved[at] = signals(self, at)
        return self._moved[at]

    @cached_property
    def inflow(self) -> Leg:
        """The coalition's exports to a third country, against the same product to the others."""
        if self.sibling:
            return self.sibling.inflow
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
        return alone(self)

    @cached_property
    def transfers(self) -> Leg:
        """What everybody outside the coalition sent to a third country, against the same controls.

        The way in of a second country on a longer route.
        """
        return self._leg(TRANSFERS)

    @cached_property
    def ghost(self) -> Leg:
        """What left the coalition beyond what arrived, against its own past.

        The smaller of two: the coalition's exports against the country's records of them, and
        everybody's exports against all its imports, because a country that books goods by origin
        shows the first and not the second.
        """
        if self.sibling:
            return self.sibling.ghost
        made = [self.gap(at) for at in (self.at, *self.places)]
        found = self.calibrated([(beyond / scale, sent.shipments) for sent, beyond, scale in made])
        sent, beyond, scale = made[0]
        season = season_of(self, "coalition_exports")
        gap = beyond * season
        left = (gap, gap * sent.unseen, gap * (2 * sent.unseen - 1))
        usual = scale * season * sent.unseen
        expected = (found.middle * usual, found.low * usual, found.high * usual)
        beyonds = tuple(gap * shift.unseen for shift, gap, _scale in made)
        shifts = tuple(one for one, *_ in made)
        amounts = gap_amounts(
            self, gap - found.middle * scale * season, left, expected, 1 / sent.unseen
        )
        return Leg(shifts, found, expected, amounts, beyonds, *self._moved_with(None))

    @cached_property
    def plain_gap(self) -> Floats:
        """The coalition's exports less the imports from it, freight apart, month by month."""
        return np.asarray(
            self.panel["coalition_exports"] - self.panel["reported_imports"] / (1 + freight.IMF)
        )

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
        listed = self._listed(here)
        return calibrate(here, size, scores, sizes, like=listed, controls=~listed)

    def gap(self, at: int) -> tuple[Shift, Floats, Floats]:
        """Return the coalition's exports, the USD by which the gap grew, and their noise.

        beyond = (coalition_exports - reported_imports) less the same of what was expected of both,
        imports without freight, and never more than the exports' own excess;
        noise = sqrt(shipment x (exports + expected) + NOISE^2 expected^2 + shipment^2 / 10).
        """
        if self.sibling:
            return self.sibling.gap(at)
        if at not in self._gapped:
            self._gapped[at] = self._gap(at)
        return self._gapped[at]

    def _gap(self, at: int) -> tuple[Shift, Floats, Floats]:
        gaps, first = [], None
        for left, came in (
            ("coalition_exports", "reported_imports"),
            ("all_exports", "all_reported_imports"),
        ):
            both = np.isfinite(self.panel[came])
            kept = np.where(both, self.clean(left, at), np.nan)
            sent = self.shift(kept, at)
            arrived = self.shift(self.clean(came, at) / (1 + freight.IMF), at)
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
            return self.shift(self.clean(name, at), at)

        here, others = one(self.at), [one(at) for at in self.places]
        found = self.calibrated([(found.score, found.shipments) for found in (here, *others)])
        beyond = tuple((one.value - one.expected) * one.unseen for one in (here, *others))
        usual = here.unseen * season_of(self, name)
        # Where nothing is comparable, the counterfactual itself is the middle, without ends.
        middle = np.where(np.isfinite(found.middle + here.score), found.middle, 0 * here.score)
        expected = (
            here.at(middle) * usual,
            here.at(found.low) * usual,
            here.at(found.high) * usual,
        )
        amounts = amounts_of(self, name, here, expected)
        return Leg((here, *others), found, expected, amounts, beyond, *self._moved_with(name))

    def seasons(self, name: str) -> Floats:
        """Return the season of a series in the months of the window: (products, months)."""
        return self.season(name, self.at)[:, self.window]

    def _moved_with(self, name: str | None) -> tuple[NDArray[np.int64], Bools]:
        controls = self.clean("coalition_exports", self.at)
        series = controls if name is None else self.clean(name, self.at)
        return controlled(series, controls, self.panel, self.at, self.length)

    @property
    def window(self) -> slice:
        """The months of the window."""
        return slice(self.at, self.at + self.length)
