"""How far can the error rates of `diversion` be believed?

Run as `python bench/detection/calibration.py --out docs/explanation/detection-calibration.md`.
Worlds without routes say how often a p-value is small by chance, worlds with routes how many of
what is flagged is false. What a world gave is kept in a folder, so that a run that was cut off
goes on, and a change of the null alone needs no world again.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection import marks
from detection._kept import kept
from detection.world import make
from entrepot.detect._assemble import panel
from entrepot.detect._legs import ScanLegs
from entrepot.detect._posterior import false_share, posterior, weights
from entrepot.detect._routes import is_bound, weighed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detection._plan import Bools, Floats

LEVELS = (0.05, 0.01, 0.001, 0.0001)
QS = (0.05, 0.1, 0.2, 0.3)
CHANCES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Edges of the classes in which a posterior is held against how often it was true."""
BAND = 1.96
"""Standard errors on either side of a share that its 95% band reaches."""

PAGE = """# How far the error rates of `diversion` can be believed

<!-- Written by bench/detection/calibration.py; run it again instead of editing. -->

`diversion` gives each cell of third country and listed product three numbers. `score` is the log10
odds that it is a route. `q_value` is the share of false ones to be expected among all cells as
likely. `p_value` asks how rarely a cell without a route shows as much: the larger of the share of
cells in worlds without routes and the share of the scan's own cells at placebo dates. The weights
behind the odds come from other worlds (seeds {fitted} with routes, {calm} without) than those
below.

## Small p-values where there is no route

Worlds {quiet} are the [benchmark](detection-benchmark.md)'s without their routes: surging demand,
home-made goods, new suppliers, prices and changed labels are all there ("decoys"). A share is the
mean over worlds with its 95% band; bold where the whole band lies above the level, so that p would
be too small. A band that lies below means that p is larger than it had to be.

{rare}

The share that p is read from is the upper end of its band over the fit's quiet worlds, and the
largest of those of small, middle and large flows: p holds for each of them, and over all cells it
is larger than it had to be by a fifth. Decoys have small ones three times too often, and the others
fewer: something did move in a decoy. No p is called smaller than {floor:.1g}, the smallest share
that worlds without routes can tell. Whoever needs an error rate takes q, which is held to what was
planted.

## What is flagged, and what is true of it

Worlds {seeds}, with routes over {suppliers} suppliers. The false share is of all flagged cells
together; recall counts every planted cell, those of silent countries too. Where a posterior of .8
is right in eight of ten cells, the odds can be taken at their word.

{true}

## Where nothing leads

`bench/detection/placebos.py` takes the same look at every destination that no controls bind. Over
the ten benchmark worlds, with their routes to the true destination, these are 473 destinations and
10,391 cells: 71 routes (0.7%), at 54 destinations (11%), never more than three at one. Most are
legs of longer ways that really pass there: in the first two of the same worlds without their
routes it finds 1 among 2,063 cells, at one of 94 destinations. On the demo world the five that a
scan takes by itself hold 202 cells and no route; Fiji and Iran have none. On the EU's exports no
third country's books are held, so that no other destination can be judged.
"""


KINDS = ("decoys", "no decoys", "small flows", "middle flows", "large flows")


@dataclass(frozen=True, slots=True)
class Said:
    """What `diversion` says of the cells it judges in one world, and what is true of them."""

    p: Floats
    q: Floats
    chance: Floats
    true: Bools
    missed: int
    kinds: dict[str, Bools]


@dataclass(frozen=True, slots=True)
class World:
    """The cells of a world that can be judged: `CellOdds`'s odds and rare ones, and their kinds.

    `kinds` is (cells, `KINDS`); `missed` are the routes that no odds are known of.
    """

    odds: Floats
    rare: Floats
    true: Bools
    missed: int
    kinds: Bools


def asked(seed: int, *, effect: bool, suppliers: tuple[int, int]) -> World:
    """Weigh the evidence of one world."""
    world = make(seed, effect=effect, suppliers=suppliers)
    seen = panel(*marks.asking(world))
    legs = ScanLegs(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        found = weighed(legs, bound=is_bound(legs))
        size = legs.inflow.shift.shipments[:, seen.is_listed]
    names = [name for name, is_one in zip(seen.products, seen.is_listed, strict=True) if is_one]
    place = {code: k for k, name in enumerate(names) for code in name.split("+")}
    columns = [place[code] for code in world.question.listed]
    odds, rare, size = (one[:, columns] for one in (found.odds, found.rare, size))
    real, known = marks.truth(world), np.isfinite(odds)
    third = np.digitize(size, np.nanquantile(size[known], (1 / 3, 2 / 3)))
    decoy = np.any([*real.decoys.values()], axis=0)
    kinds = np.stack([decoy, ~decoy, *(third == at for at in range(3))], axis=-1)
    missed = int(real.true[~known].sum())
    return World(odds[known], rare[known], real.true[known], missed, kinds[known])


def said(world: World) -> Said:
    """Return what the weights in force say of a world."""
    held = weights()
    chance = posterior(world.odds, held.prior)
    return Said(
        np.fmax(held.p(world.odds), world.rare),
        false_share(chance),
        chance,
        world.true,
        world.missed,
        dict(zip(KINDS, world.kinds.T, strict=True)),
    )


def one_world(seed: int, *, effect: bool, suppliers: tuple[int, int], keep: Path) -> World:
    """Return a world from the folder where it is kept, under the weights that made its odds."""
    held = weights()
    made_by = hashlib.sha256()
    for one in (held.mean, held.sd, held.weight, held.most, np.array([held.intercept])):
        made_by.update(one.tobytes())
    least, most = suppliers
    kind = f"{seed}-{'routes' if effect else 'none'}-{least}-{most}"
    path = keep / f"{kind}-{made_by.hexdigest()[:12]}.npz"
    return kept(path, World, partial(asked, seed, effect=effect, suppliers=suppliers))


def rare(worlds: Sequence[Said]) -> str:
    """Return the table of small p-values in worlds without routes, by class of cell."""
    head = " | ".join(f"p < {level:g}" for level in LEVELS)
    lines = [f"| cells | number | {head} |", "|---|---:|" + "---:|" * len(LEVELS)]
    for kind in ("all", *worlds[0].kinds):
        taken = [one.p if kind == "all" else one.p[one.kinds[kind]] for one in worlds]
        cells = " | ".join(share([float((p < at).mean()) for p in taken], at) for at in LEVELS)
        lines.append(f"| {kind} | {sum(map(len, taken)):,} | {cells} |")
    flagged = [int((one.q < marks.Q).sum()) for one in worlds]
    some = sum(count > 0 for count in flagged)
    lines.append(
        f"\nAlarms at q < {marks.Q:g}: {sum(flagged)} in {len(worlds)} worlds, in {some} of them."
    )
    return "\n".join(lines)


def share(found: Sequence[float], level: float) -> str:
    """Return a mean share with its 95% band over worlds; bold where all of it lies above."""
    mean = float(np.mean(found))
    half = BAND * float(np.std(found, ddof=1)) / np.sqrt(len(found)) if len(found) > 1 else 0.0
    text = f"{mean:.2g} ({max(mean - half, 0):.2g}-{mean + half:.2g})"
    return f"**{text}**" if mean - half > level else text


def true(worlds: Sequence[Said]) -> str:
    """Return the tables of false shares by q, and of how often a posterior was true."""
    q, is_true, chance = (
        np.concatenate([getattr(one, name) for one in worlds]) for name in ("q", "true", "chance")
    )
    all_true = int(is_true.sum()) + sum(one.missed for one in worlds)
    lines = ["| q below | flagged | false share | recall |", "|---:|---:|---:|---:|"]
    for level in QS:
        hit = is_true[q < level]
        false = 1 - hit.mean() if len(hit) else float("nan")
        lines.append(f"| {level:g} | {len(hit)} | {false:.3f} | {hit.sum() / all_true:.3f} |")
    lines += ["", "| posterior | cells | true |", "|---|---:|---:|"]
    for low, high in pairwise(CHANCES):
        cells = (chance >= low) & (chance < high if high < 1 else chance <= 1)
        part = f"{is_true[cells].mean():.3f}" if cells.any() else "-"
        lines.append(f"| {low:g} to {high:g} | {int(cells.sum()):,} | {part} |")
    return "\n".join(lines)


def worlds(seeds: str, *, effect: bool, suppliers: tuple[int, int], keep: Path) -> Iterable[Said]:
    """Ask worlds of seeds written as first and last, two at a time."""
    first, *last = (int(part) for part in seeds.split("-"))
    one = partial(one_world, effect=effect, suppliers=suppliers, keep=keep)
    with ProcessPoolExecutor(2) as pool:
        for at, world in enumerate(pool.map(one, range(first, (last or [first])[0] + 1))):
            print(f"{at + 1} worlds", file=sys.stderr)
            yield said(world)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", default="200-299", help="worlds without routes, first and last")
    parser.add_argument("--seeds", default="0-9", help="worlds with routes")
    parser.add_argument("--suppliers", default="1-3", help="suppliers of a route, fewest and most")
    parser.add_argument(
        "--keep", type=Path, default=Path("dist/calibration"), help="folder of what worlds gave"
    )
    parser.add_argument("--out", type=Path, help="page to write")
    given = parser.parse_args()
    spread = [int(part) for part in given.suppliers.split("-")]
    suppliers = (spread[0], spread[-1])
    given.keep.mkdir(parents=True, exist_ok=True)
    ask = partial(worlds, suppliers=suppliers, keep=given.keep)
    held = weights().passport
    text = PAGE.format(
        floor=weights().share.min(),
        fitted=held["seeds"],
        calm=held["quiet_seeds"],
        quiet=given.quiet,
        seeds=given.seeds,
        suppliers=" to ".join(map(str, spread)),
        rare=rare([*ask(given.quiet, effect=False)]),
        true=true([*ask(given.seeds, effect=True)]),
    )
    print(text)
    if given.out:
        given.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
