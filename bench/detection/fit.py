"""What does each sign of a route weigh? Fits the weights of `diversion` on invented worlds.

Run as `python bench/detection/fit.py --out src/entrepot/detect/data/diversion-weights.toml`. Worlds
with routes over one to eight suppliers give the weights, the same kind of worlds without routes how
far nothing reaches. Both are other worlds than those that the benchmark's page reports. What a
world gave is kept in a folder.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).parents[1]))

from typing import TYPE_CHECKING

from detection import marks
from detection._kept import kept
from detection.world import make
from entrepot.detect._assemble import panel
from entrepot.detect._evidence import NAMES, every
from entrepot.detect._legs import ScanLegs
from entrepot.detect._posterior import false_share, posterior
from entrepot.detect._routes import is_bound, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detection._plan import Bools, Floats

SUPPLIERS = (1, 8)
RIDGE = 3.0
"""Penalty on squared standardised weights: signs that say the same share theirs."""
SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
"""Shares of the cells without routes whose log odds are kept, for p-values. What is kept beside
them is not this share but the largest it may be (`reached`)."""
FREE = ("way_out_unknown", "gap_unknown", "in_and_out", "in_and_gap")
"""Signs that may lower the odds: nothing known, two legs of unlike size, a gap of one supplier that
the totals do not show. More of any other sign never makes a route less likely."""
FOLDS = 8
"""Parts of the worlds that are left out in turn to see how far the odds can be believed."""
FURTHEST = 0.99
"""Share of the cells beyond which a sign of `ONE_OF_ALL` says no more. By hand: without it, a
country where most goods are sent on lends odds to all of its others."""
ONE_OF_ALL = "country_"
PARTS = (0.5, 0.75, 1.0, float("inf"))
"""Bounds on the share of routes that a scan is taken to hold, as parts of the fitted one."""
BAND = 1.96
"""Standard errors that a share of cells without routes is raised by: it comes from some worlds."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A world's cells that can be judged: evidence (cells, `NAMES`), which are routes, and size.

    Size is the way in's expected value in usual shipments.
    """

    evidence: Floats
    true: Bools
    size: Floats


def cells(seed: int, *, effect: bool) -> Cells:
    """Return a world's cells."""
    invented = make(seed, effect=effect, suppliers=SUPPLIERS)
    flows, question, collect = marks.asking(invented)
    seen = panel(flows, question, collect)
    legs = ScanLegs(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        bound = is_bound(legs)
        (evidence,) = every(legs, bound=bound, placebo_dates=False)
        can_be = np.logical_or(*judged(legs, bound=bound))
        size = legs.inflow.shift.shipments[:, seen.is_listed]
    names = [name for name, is_one in zip(seen.products, seen.is_listed, strict=True) if is_one]
    real = marks.truth(invented)
    true = np.zeros(can_be.shape, dtype=bool)
    for at, code in enumerate(invented.question.listed):
        place = next((k for k, name in enumerate(names) if code in name.split("+")), None)
        if place is not None:
            true[:, place] |= real.true[:, at]
    return Cells(evidence[can_be], true[can_be], size[can_be])


def world(seed: int, *, effect: bool, keep: Path) -> Cells:
    """Return a world's cells from the folder where they are kept."""
    path = keep / f"{seed}-{'routes' if effect else 'none'}.npz"
    return kept(path, Cells, partial(cells, seed, effect=effect))


def fitted(evidence: Floats, true: Bools) -> tuple[Floats, Floats, Floats, float]:
    """Return mean, spread and weight of each sign, and the intercept: logistic, by ridge.

    `evidence` is no further than its `most`; weights are not below 0 but for `FREE` signs.
    """
    mean, sd = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    z = np.column_stack([(evidence - mean) / sd, np.ones(len(evidence))])

    def loss(weight: Floats) -> tuple[float, Floats]:
        odds = z @ weight
        kept = np.append(weight[:-1], 0)
        value = (np.logaddexp(0, odds) - true * odds).sum() + RIDGE * (kept**2).sum() / 2
        return float(value), z.T @ (expit(odds) - true) + RIDGE * kept

    bounds = [(None if name in FREE else 0.0, None) for name in NAMES] + [(None, None)]
    found = minimize(loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"maxiter": 1000}).x  # fmt: skip
    return mean, sd, found[:-1], float(found[-1])


def left_out(worlds: Sequence[tuple[Floats, Bools]]) -> list[tuple[Floats, Bools]]:
    """Return log odds and truth of each world, by weights fitted without it."""
    found = []
    for fold in range(FOLDS):
        mean, sd, weight, start = fitted(
            *_joined([one for at, one in enumerate(worlds) if at % FOLDS != fold])
        )
        for evidence, true in worlds[fold::FOLDS]:
            found.append((((evidence - mean) / sd) @ weight + start, true))
    return found


def believed(worlds: Sequence[tuple[Floats, Bools]]) -> tuple[float, float]:
    """Return slope and intercept that odds of worlds left out of the fit need (Platt 1999)."""
    x, y = _joined(worlds)

    def loss(line: Floats) -> float:
        return float((np.logaddexp(0, line[0] * x + line[1]) - y * (line[0] * x + line[1])).sum())

    slope, start = minimize(loss, np.array([1.0, 0.0])).x
    return float(slope), float(start)


def told(worlds: Sequence[tuple[Floats, Bools]], prior: float) -> str:
    """Return as TOML what is flagged at q < 0.1 of worlds left out, by the part `most`."""
    lines = []
    for most in PARTS:
        flagged = [false_share(posterior(odds, prior, most)) < marks.Q for odds, _true in worlds]
        hit = sum(
            int((one & true).sum()) for one, (_odds, true) in zip(flagged, worlds, strict=True)
        )
        false = 1 - hit / max(sum(int(one.sum()) for one in flagged), 1)
        recall = hit / sum(int(true.sum()) for _odds, true in worlds)
        lines.append(f"{{ most = {most:g}, false_share = {false:.3f}, recall = {recall:.3f} }}")
    return "[\n  " + ",\n  ".join(lines) + ",\n]"


def _joined(worlds: Sequence[tuple[Floats, Bools]]) -> tuple[Floats, Bools]:
    evidence, true = zip(*worlds, strict=True)
    return np.concatenate(evidence), np.concatenate(true)


def reached(odds: Sequence[Floats], sizes: Sequence[Floats], least: Floats) -> Floats:
    """Return the share of quiet cells whose odds reach each of `least`, as large as it may be.

    The upper end of the 95% band over worlds, of all cells or of the small, middle or large flows
    of a world, whichever is largest: p is to hold for each of them.
    """
    thirds = [np.digitize(one, np.nanquantile(one, (1 / 3, 2 / 3))) for one in sizes]
    ends = []
    for kind in (None, 0, 1, 2):
        shares = np.array([
            [float(((one if kind is None else one[third == kind]) >= at).mean()) for at in least]
            for one, third in zip(odds, thirds, strict=True)
        ])  # fmt: skip
        ends.append(shares.mean(axis=0) + BAND * shares.std(axis=0, ddof=1) / len(odds) ** 0.5)
    return np.asarray(np.max(ends, axis=0))


def text(given: argparse.Namespace, worlds: Sequence[Cells], quiet: Sequence[Cells]) -> str:
    """Return the weights as TOML, with their passport."""
    true = np.concatenate([one.true for one in worlds])
    ends = np.quantile(np.concatenate([one.evidence for one in worlds]), FURTHEST, axis=0)
    most = np.where([name.startswith(ONE_OF_ALL) for name in NAMES], ends, np.inf)
    held = [(np.minimum(one.evidence, most), one.true) for one in worlds]
    mean, sd, weight, intercept = fitted(*_joined(held))
    apart = left_out(held)
    slope, start = believed(apart)
    apart = [(slope * odds + start, one) for odds, one in apart]
    weight, intercept = slope * weight, slope * intercept + start
    odds = [((np.minimum(one.evidence, most) - mean) / sd) @ weight + intercept for one in quiet]
    every = np.sort(np.concatenate(odds))[::-1]
    null = np.array([every[int(np.ceil(one * len(every))) - 1] for one in SHARES])
    shares = reached(odds, [one.size for one in quiet], null)
    rows = "\n".join(
        f'[[evidence]]\nname = "{name}"\nmean = {m:.6g}\nsd = {s:.6g}\nweight = {w:.6g}\n'
        + (f"most = {end:.6g}\n" if np.isfinite(end) else "")
        for name, m, s, w, end in zip(NAMES, mean, sd, weight, most, strict=True)
    )
    listed = ", ".join
    return f"""# Written by bench/detection/fit.py; run it again instead of editing.

intercept = {intercept:.6g}
prior = {true.mean():.6g}
# At q < 0.1, each world by weights fitted without it.
left_out = {told(apart, true.mean())}

[passport]
what = "Weights of the evidence for a route, logistic with a ridge of {RIDGE:g}"
worlds = "bench/detection/world.py, routes over {SUPPLIERS[0]} to {SUPPLIERS[1]} suppliers"
seeds = "{given.seeds}"
quiet_seeds = "{given.quiet}"
cells = {len(true)}
routes = {int(true.sum())}
quiet_cells = {len(every)}
slope = {slope:.4g}
made = {datetime.now(tz=UTC):%Y-%m-%d}

[null]
share = [{listed(f"{one:.4g}" for one in shares)}]
log_odds = [{listed(f"{one:.6g}" for one in null)}]

{rows}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="100-131", help="worlds with routes, first and last")
    parser.add_argument("--quiet", default="132-171", help="worlds without routes")
    parser.add_argument("--out", type=Path, required=True, help="file of weights to write")
    parser.add_argument(
        "--keep", type=Path, default=Path("dist/fit"), help="folder of what worlds gave"
    )
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    made = []
    with ProcessPoolExecutor(2) as pool:
        for asked, effect in ((given.seeds, True), (given.quiet, False)):
            first, last = (int(part) for part in asked.split("-"))
            found = []
            for one in pool.map(partial(world, effect=effect, keep=given.keep),
                                range(first, last + 1)):  # fmt: skip
                found.append(one)
                print(f"{len(found)} of {last - first + 1} worlds", file=sys.stderr)
            made.append(found)
    given.out.write_text(text(given, *made), "utf-8")


if __name__ == "__main__":
    main()
