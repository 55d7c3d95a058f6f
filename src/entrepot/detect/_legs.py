"""Legs: the legs of a scan with their placebos, worked out once for all detectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect import _amounts
from entrepot.detect._counterfactual import (
    NOISE,
    Controls,
    Shift,
    controlled,
    controls_of,
    season,
    shift,
)
from entrepot.detect._placebo import Calibrated, calibrate, dates
from entrepot.detect._signals import Signals, inward, signals
from entrepot.reference import freight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Amounts, Ends
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


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of looking at every cell: its shifts, how rare they are, and the USD beyond.

    `expected` is the counterfactual of the whole window: middle, low and high. `beyond` is the
    plain difference from what was expected, without season; it and `shifts` hold the date first
    and then each placebo. `others` counts, per cell, the other countries whose trade in the same
    product the counterfactual was moved with, 0 where it was all products'; `is_paired` says of
    which countries unlisted goods moved it too.
    """

    shifts: tuple[Shift, ...]
    found: Calibrated
    expected: Ends
    amounts: Amounts
    beyond: tuple[Floats, ...]
    others: NDArray[np.int64]
    is_paired: Bools

    @property
    def excess(self) -> Ends:
        """The estimate of what lies beyond the expected, and the ends of its interval; signed."""
        return self.amounts.excess, self.amounts.low, self.amounts.high

    @property
    def shift(self) -> Shift:
        """The shift at the date."""
        return self.shifts[0]


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
        season = self.season_of("coalition_exports")
        gap = beyond * season
        held = (gap, gap * sent.unseen, gap * (2 * sent.unseen - 1))
        usual = scale * season * sent.unseen
        expected = (found.middle * usual, found.low * usual, found.high * usual)
        beyonds = tuple(gap * shift.unseen for shift, gap, _scale in made)
        shifts = tuple(one for one, *_ in made)
        amounts = self._gaps(gap - found.middle * scale * season, held, expected, 1 / sent.unseen)
        return Leg(shifts, found, expected, amounts, beyonds, *self._moved_with(None))

    def _gaps(self, excess: Floats, held: Ends, expected: Ends, part: Floats) -> Amounts:
        """Return the gap of the months that both sides published, and what it was to be."""
        gaps = self.plain_gap
        window = gaps[:, :, self._window]
        recorded = np.where(np.isfinite(excess), np.nansum(window, axis=2), np.nan)
        listed = self.panel.is_listed
        usual = (recorded - excess)[:, listed] / np.isfinite(window[:, listed]).sum(axis=2)
        return _amounts.Amounts(
            recorded,
            recorded - excess,
            *_amounts.interval(held, expected, part),
            _amounts.before(gaps, self.at, self.length),
            _amounts.months(
                window[:, listed] - usual[:, :, None],
                _amounts.full(self.panel, window[:, listed], self.at),
                listed,
            ),
        )

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
        usual = here.unseen * self.season_of(name)
        # Where nothing is comparable, the counterfactual itself is the middle, without ends.
        middle = np.where(np.isfinite(found.middle + here.score), found.middle, 0 * here.score)
        expected = (
            here.at(middle) * usual,
            here.at(found.low) * usual,
            here.at(found.high) * usual,
        )
        amounts = self._amounts(name, here, expected)
        return Leg((here, *others), found, expected, amounts, beyond, *self._moved_with(name))

    def _amounts(self, name: str, here: Shift, expected: Ends) -> Amounts:
        series, listed = self.series(name), self.panel.is_listed
        held = self.held(name, here.unseen)
        part = _amounts.part(held, here.unseen)
        window = series[:, listed, self._window]
        seen = expected[0] / (here.unseen * self.season_of(name))
        by_month = (seen / np.isfinite(series[:, :, self._window]).sum(axis=2))[:, listed]
        return _amounts.Amounts(
            held[0],
            expected[0] * part,
            *_amounts.interval(held, expected, part),
            _amounts.before(series, self.at, self.length) * part,
            _amounts.months(
                window - by_month[:, :, None] * self.seasons(name)[listed],
                _amounts.full(self.panel, window, self.at),
                listed,
            ),
        )

    def against(
        self, name: str, expected: Floats, ends: tuple[Floats, Floats], by_month: Floats
    ) -> Amounts:
        """Return the amounts of a detector with an expectation of its own.

        Args:
            name: The series.
            expected: What was expected of the published months, (thirds, products).
            ends: Of the interval of the excess.
            by_month: Value less expected by month of the window, of the listed products.
        """
        series, listed = self.panel[name], self.panel.is_listed
        window = series[:, :, self._window]
        made_up = np.nansum(window, axis=2)
        held = self.held(name, np.ones(made_up.shape))[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(made_up > 0, held / made_up, 1.0)
        return _amounts.Amounts(
            made_up * part,
            expected * part,
            ends[0] * part,
            ends[1] * part,
            _amounts.before(series, self.at, self.length) * part,
            _amounts.months(
                by_month, _amounts.full(self.panel, window[:, listed], self.at), listed
            ),
        )

    def held(self, name: str, unseen: Floats) -> Ends:
        """What the window held: of the coalition, each reporter's months by its own goods."""
        if name == "coalition_exports" and self.at == self.panel.since:
            return self.panel.whole
        return _amounts.whole(self.series(name)[:, :, self._window], unseen)

    def seasons(self, name: str) -> Floats:
        """Return the season of a series in the months of the window: (products, months)."""
        return self.season(name, self.at)[:, self._window]

    def season_of(self, name: str) -> Floats:
        """Return by how much its season makes the months published of a window larger."""
        seen = np.isfinite(self.series(name)[:, :, self._window])
        total = np.einsum("jkt,kt->jk", seen, self.seasons(name))
        return np.asarray(np.where(seen.any(axis=2), total / seen.sum(axis=2).clip(1), 1.0))

    def _moved_with(self, name: str | None) -> tuple[NDArray[np.int64], Bools]:
        controls = self.clean("coalition_exports", self.at)
        series = controls if name is None else self.clean(name, self.at)
        return controlled(series, controls, self.panel, self.at, self.length)

    @property
    def _window(self) -> slice:
        return slice(self.at, self.at + self.length)
