"""Code switch: did a good change its code rather than its route?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.contracts import detector
from entrepot.detect._counterfactual import BASE, LEAST, NOISE, Shift
from entrepot.detect._leg import against
from entrepot.detect._onset import onset
from entrepot.detect._rows import name, rows
from entrepot.money import usd
from entrepot.reference import goods

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._panel import ScanPanel
    from entrepot.detect._placebo import Calibrated
    from entrepot.findings import Finding, Numbers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@detector(
    reference="Misclassification into similar codes: Fisman and Wei (JPE 2004), in changes; dated "
    "revisions of the HS by the goods list's predecessors"
)
def code_switch(evidence: ScanLegs) -> list[Finding]:
    """Find listed codes that fall while a related one rises, or the reverse.

    Related are unlisted codes of the same heading, and the code's predecessors where the scan
    does not bridge them. With z = (value - its base's mean) / noise of each, noise^2 = shipment x
    (value + expected) + NOISE^2 expected^2 + shipment^2 / 10, the statistic is the smaller of the
    rise's z and the fall's -z, for the relative that makes it largest; cells with as many
    relatives are its null. excess = the smaller of rise and fall in USD, with the sign of the
    code's own move: what may be the same goods under two codes. expected = recorded - excess: what
    the code would hold without a switch. No controls: the relative is the control. Two unrelated
    moves in one heading look the same; a rise is weighed against one relative, not their sum.

    Args:
        evidence: The scan's legs.

    Returns:
        Up to two rows per third country and product, one per leg on which one code rises as
        another falls; q-values count all tested. None where too little is published.
    """
    into, onward = evidence.inflow.shift, evidence.outflow.shift
    return [
        *_leg(evidence, "coalition_exports", into.size, origin="coalition"),
        *_leg(evidence, "onward_exports", onward.size, destination=evidence.panel.scan.destination),
    ]


def _leg(
    evidence: ScanLegs,
    series: str,
    size: Floats,
    origin: str | None = None,
    destination: str | None = None,
) -> list[Finding]:
    panel, at, length = evidence.panel, evidence.at, evidence.length
    related = _related(panel)
    moves = [_moved(panel[series], size, one, length) for one in (at, *evidence.places)]
    best = [_paired(moved.score, related) for moved, _noise in moves]
    found = evidence.calibrated([(statistic, count) for statistic, count, _other in best])
    (moved, noise), (statistic, _count, other) = moves[0], best[0]
    beyond = moved.value - moved.expected
    up = onset(panel[series], moved, at, length)
    down = onset(-panel[series], replace(moved, expected=-moved.expected), at, length)
    first = np.where(statistic > 0, np.where(beyond > 0, up, down), -1)
    its = np.take_along_axis(beyond, other, axis=1)
    noises = noise, np.take_along_axis(noise, other, axis=1)
    excess, *ends = _amounts(beyond, its, noises, found)
    without = moved.value - excess
    window = panel[series][:, panel.is_listed, at : at + length]
    usual = without[:, panel.is_listed] / np.isfinite(window).sum(axis=2)
    amounts = against(evidence, series, without, (ends[0], ends[1]), window - usual[:, :, None])
    lives, to = _lives(panel), name(panel.scan.destination)

    def explain(j: int, k: int, said: Numbers) -> str:
        who = name(panel.thirds[j])
        leg = f"the coalition's exports to {who}" if origin else f"{who}'s to {to}"
        sides = (k, beyond[j, k]), (int(other[j, k]), its[j, k])
        return f"Since {panel.months[at]} {leg} are {_compared(panel, *sides, lives, said)}."

    tested = rows(
        "code_switch",
        evidence,
        found.p,
        amounts,
        first,
        explain,
        origin=origin,
        destination=destination,
    )
    return [row for row in tested if row.first_month]


def _amounts(
    beyond: Floats, its: Floats, noises: tuple[Floats, Floats], found: Calibrated
) -> tuple[Floats, Floats, Floats]:
    """Return the smaller of both moves, with the sign of the code's own, and its interval.

    Placebos cannot pull it above itself, nor below.
    """
    size, noise = np.minimum(np.abs(beyond), np.abs(its)), np.maximum(*noises)
    few, many = (
        size - null * noise for null in (np.maximum(found.high, 0), np.minimum(found.low, 0))
    )
    is_rise = beyond > 0
    return (
        np.where(is_rise, size, -size),
        np.where(is_rise, few, -many),
        np.where(is_rise, many, -few),
    )


def _compared(
    panel: ScanPanel,
    one: tuple[int, float],
    two: tuple[int, float],
    lives: tuple[Ints, Ints],
    said: Numbers,
) -> str:
    """Return how a product and its relative moved, and what of the first the second may be."""
    (k, by), (s, its) = one, two
    code, other = panel.products[k], panel.products[s]
    sides = " and ".join(
        f"{usd(abs(usd_more))} {'higher' if usd_more > 0 else 'lower'} in {what}"
        for usd_more, what in ((by, code), (its, other))
    )
    amount = abs(said.excess_usd or 0.0)
    share = min(abs(by), abs(its)) / max(abs(by), 1e-9)
    change, when = ("rise", f"were {other} before") if by > 0 else ("fall", f"are {other} now")
    return (
        f"{sides} than before: up to {usd(amount)} may be goods that {when}, {share:.0%} of the "
        f"{change} of {code} ({usd(said.recorded_usd)} recorded, {usd(said.expected_usd)} without "
        f"such a switch){_renamed(panel, lives, k, s)}"
    )


def _related(panel: ScanPanel) -> list[tuple[Ints, Ints]]:
    """Return sets of products with the codes each may have been switched with; the last counts."""
    headings: dict[str, list[int]] = {}
    for place, product in enumerate(panel.products):
        headings.setdefault(product[:4], []).append(place)
    free = {h: [k for k in places if not panel.is_listed[k]] for h, places in headings.items()}
    older = _older(panel)
    made = [(places, free[h]) for h, places in headings.items()]
    made += [([k], sorted({*free[panel.products[k][:4]], *old})) for k, old in older.items()]
    return [(np.array(ks), np.array(others)) for ks, others in made if others]


def _older(panel: ScanPanel) -> dict[int, list[int]]:
    """Return, per listed product, the products that are its predecessors and stand apart."""
    pairs = {(name, code) for _hs, code, name in panel.scan.codes}
    for listed in (goods.load(one) for one in goods.names()):
        for revision in ("HS2017", "HS2012"):
            pairs |= {(new, old) for new, (old, _) in listed.predecessors(revision).items()}
    rank = {product: place for place, product in enumerate(panel.products)}
    found: dict[int, list[int]] = {}
    for new, old in sorted(pairs):
        if {new, old} <= rank.keys() and panel.is_listed[rank[new]] > panel.is_listed[rank[old]]:
            found.setdefault(rank[new], []).append(rank[old])
    return found


def _moved(series: Floats, size: Floats, at: int, length: int) -> tuple[Shift, Floats]:
    """Return each cell against its own past alone, and the noise of the difference.

    The season stays in: a code that begins has none to take out.
    """
    base, window = series[:, :, max(0, at - BASE) : at], series[:, :, at : at + length]
    known, published = np.isfinite(base).sum(axis=2), np.isfinite(window).sum(axis=2)
    value = np.nansum(window, axis=2)
    expected = np.nansum(base, axis=2) / np.maximum(known, 1) * published
    noise = np.sqrt(size * (value + expected) + NOISE**2 * expected**2 + size**2 * 0.1)
    score = (value - expected) / noise
    score[(known < LEAST * base.shape[2]) | (published < LEAST * length)] = np.nan
    score[value + expected == 0] = np.nan
    return Shift(value, expected, score, size, length / np.maximum(published, 1)), noise


def _paired(z: Floats, related: list[tuple[Ints, Ints]]) -> tuple[Floats, Floats, Ints]:
    """Return the best relative's statistic, how many were judged, and its place.

    Of relatives that a small move leaves equal, the one that moved most.
    """
    best, count = np.full(z.shape, np.nan), np.zeros(z.shape)
    place = np.zeros(z.shape, dtype=np.int64)
    for ks, others in related:
        one, two = z[:, ks, None], z[:, None, others]
        both = np.maximum(np.minimum(one, -two), np.minimum(-one, two))
        both = np.where(np.isfinite(both) & (ks[:, None] != others[None, :]), both, -np.inf)
        count[:, ks] = np.isfinite(both).sum(axis=2)
        top = both.max(axis=2)
        moves = np.where(both == top[:, :, None], np.abs(two), -np.inf)
        place[:, ks] = others[np.argmax(moves, axis=2)]
        best[:, ks] = np.where(np.isfinite(top), top, np.nan)
    return best, count, place


def _lives(panel: ScanPanel) -> tuple[Ints, Ints]:
    """Return the first and the last month in which any third country was sent a product."""
    is_sent = np.nansum(panel["all_exports"], axis=0) > 0
    last = is_sent.shape[1] - 1 - np.argmax(is_sent[:, ::-1], axis=1)
    return np.argmax(is_sent, axis=1), last


def _renamed(panel: ScanPanel, lives: tuple[Ints, Ints], k: int, s: int) -> str:
    """Return that one code takes the place of the other for everybody, if it does."""
    first, last = lives
    old, new = (k, s) if last[k] < first[s] else (s, k)
    if last[old] >= first[new]:
        return ""
    return (
        f"; for everybody {panel.products[old]} ends in {panel.months[last[old]]} and "
        f"{panel.products[new]} begins in {panel.months[first[new]]}"
    )
