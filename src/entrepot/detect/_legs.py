"""Legs: the legs of a scan with their placebos, worked out once for all detectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect import _amounts
from entrepot.detect._counterfactual import NOISE, Shift, deseasoned, shift
from entrepot.detect._placebo import Calibrated, calibrate, dates
from entrepot.reference import freight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Ends
    from entrepot.detect._panel import ScanPanel

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BALANCE = 1.5
"""One of the weights of `joint_score`, from the same fit; without it the ranking loses a tenth
and more of its average precision (docs/explanation/chosen-numbers.md)."""
WEIGHTS = (0.6, 1.5, 0.8)
"""Those of the way in, the way out and what did not arrive, in `joint_score`. With equal ones the
ranking is as good in one world tried and worse in another (docs/explanation/chosen-numbers.md)."""
OTHERS = 4.5
"""The weight of the country's other goods there; the one that must not be doubled."""
SENT_ON = (1 / 3, 1.5)
"""The parts of what came in that must go on for legs to balance. By hand: tighter bounds flag a
tenth to a sixth less, wider ones as much more (docs/explanation/chosen-numbers.md)."""
LOST = 0.75
"""The part of what came in that must be missing from the country's books; by hand, as above."""
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
    def ghost(self) -> Leg:
        """What left the coalition beyond what arrived, against its own past.

        The smaller of two: the coalition's exports against the country's records of them, and
        everybody's exports against all its imports, because a country that books goods by origin
        shows the first and not the second.
        """
        made = [self._gap(at) for at in (self.at, *self.places)]
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

    @cached_property
    def onward(self) -> Calibrated:
        """The way out or the arrivals that stayed away, whichever is rarer, as one p-value."""
        out, ghost = self.outflow.found, self.ghost.found
        here = _either(out.p, ghost.p)
        placebos = [_either(*ps) for ps in zip(out.placebo_p, ghost.placebo_p, strict=True)]
        made = calibrate(-np.log10(here), np.zeros_like(here), *_logs(placebos))
        return Calibrated(made.p, made.low, made.middle, made.high, tuple(placebos))

    @cached_property
    def balanced(self) -> tuple[Bools, ...]:
        """Whether what came in and what went on are of a size, at the date and at each placebo.

        On its way out a third to one and a half of what came in beyond the expected: some stays,
        prices rise. Of goods that did not arrive, three quarters or more.
        """
        into, out, ghost = self.inflow, self.outflow, self.ghost
        ps = zip(
            (out.found.p, *out.found.placebo_p),
            (ghost.found.p, *ghost.found.placebo_p),
            strict=True,
        )
        # Where the window leaves no placebo date, the p-values come from cells of the date itself.
        pairs = islice(ps, len(into.beyond))
        found = []
        for (p_out, p_ghost), came, went, gone in zip(
            pairs, into.beyond, out.beyond, ghost.beyond, strict=True
        ):
            with np.errstate(divide="ignore", invalid="ignore"):
                sent_on, lost = went / came, gone / came
            is_out = np.nan_to_num(p_out, nan=1.0) <= np.nan_to_num(p_ghost, nan=1.0)
            is_fit = (sent_on >= SENT_ON[0]) & (sent_on <= SENT_ON[1])
            fits = np.where(is_out, is_fit, lost >= LOST)
            found.append(fits & (came > 0))
        return tuple(found)

    @cached_property
    def joint_p(self) -> Floats:
        """How rarely both legs move as much and balance, where at most one has a reason to move.

        With t the larger of the two p-values, and cells that do not balance ranked after all that
        do: p = P0 + t (F_in(t) - t) + t (F_on(t) - t), where P0 is the share of placebos ranked as
        high, and F the share of listed cells at the date with that leg at most t. The last terms
        count the countries that bought more at home and those that sold more of their own (the
        composite null of Dai, Stanford and LeBlanc 2022); cells that do not balance need none.
        """
        into, on = self.inflow.found, self.onward
        larger = np.maximum(into.p, on.p)
        fits, *fitted = self.balanced
        placebos = [
            np.maximum(a, b) + ~fit
            for a, b, fit in zip(into.placebo_p, on.placebo_p, fitted, strict=bool(fitted))
        ]
        if not placebos:
            free = ~self._listed(larger)
            placebos = [np.where(free, larger + ~fits, np.nan)]
        pool = np.concatenate([one[np.isfinite(one)] for one in placebos])
        p = (1 + _share(pool, larger + ~fits) * len(pool)) / (1 + len(pool))
        tested = np.isfinite(larger) & self._listed(larger)
        beyond = [np.maximum(_share(leg[tested], larger) - larger, 0) for leg in (into.p, on.p)]
        return np.asarray(np.where(fits, np.minimum(1.0, p + larger * sum(beyond)), p))

    @cached_property
    def joint_score(self) -> Floats:
        """What findings are ranked by; no error rate rests on it.

        With e = -log10 p of the legs: 0.6 sqrt(e_in) + 1.5 sqrt(e_out) + 0.8 sqrt(e_ghost)
        + 0.9 sqrt(min(e_in, e_out)) + 1.5 where the legs balance + 4.5 x mean of e_out (at most 4)
        over the country's other listed products. Weights: logistic regression on the benchmark's
        worlds 100 to 105, which its results do not use.
        """
        legs = (self.inflow, self.outflow, self.ghost)
        into, out, ghost = (_evidence(leg.found.p) for leg in legs)
        own = WEIGHTS[0] * np.sqrt(into) + WEIGHTS[1] * np.sqrt(out) + WEIGHTS[2] * np.sqrt(ghost)
        own += 0.9 * np.sqrt(np.minimum(into, out)) + BALANCE * self.balanced[0]
        # By hand: p = 1e-4 is as much as one good can say of the others.
        listed = np.minimum(out, 4) * self.panel.is_listed
        count = max(int(self.panel.is_listed.sum()) - 1, 1)
        others = (listed.sum(axis=1, keepdims=True) - listed) / count
        return np.where(np.isfinite(self.inflow.found.p), own + OTHERS * others, np.nan)

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

    def _gap(self, at: int) -> tuple[Shift, Floats, Floats]:
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


def _either(one: Floats, other: Floats) -> Floats:
    """Return the p-value of the smaller of two, or the one there is (Sidak 1967)."""
    both = np.isfinite(one) & np.isfinite(other)
    smaller = np.fmin(one, other)
    return np.where(both, smaller * (2 - smaller), smaller)


def _logs(placebos: list[Floats]) -> tuple[list[Floats], list[Floats]]:
    return [-np.log10(p) for p in placebos], [np.zeros_like(p) for p in placebos]


def _share(values: Floats, at_most: Floats) -> Floats:
    """Return the share of the values that are at most each number."""
    found = np.searchsorted(np.sort(values), at_most, side="right")
    return np.asarray(np.where(np.isfinite(at_most), found / max(len(values), 1), np.nan))


def _evidence(p: Floats) -> Floats:
    """Return -log10 p between 0 and 12; a leg that is not judged counts as p = 0.5."""
    # 0.5 is the middle of noise: a silent country is neither blamed nor cleared. 12 is where
    # `SMALLEST_P` ends too.
    return np.asarray(np.clip(-np.log10(np.where(np.isfinite(p), p, 0.5)), 0, 12))
