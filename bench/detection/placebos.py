"""How many routes does the scan find at destinations that no controls bind?

Run as `python bench/detection/placebos.py --seeds 0-9`, on worlds of the benchmark; or with
`--store FOLDER` on a store of one's own. Every unbound destination is looked at, not only those
that a scan would choose. A route there is chance, or part of a longer way to the destination.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection.marks import asking
from detection.world import make
from entrepot.detect._destinations import panel_and_others
from entrepot.detect._legs import ScanLegs
from entrepot.detect._routes import judged
from entrepot.scan.placebos import placebos
from entrepot.scan.question import ScanQuestion
from entrepot.scan.run import reads, spoken
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from ibis.expr.types import Table

    from entrepot.detect._panel import Scan, Spoken
    from entrepot.findings import Placebo

MANY = 1000


def every(
    flows: Table,
    question: Scan,
    collect: Callable[[Table], pa.Table],
    said: Spoken | None = None,
) -> tuple[int, tuple[Placebo, ...]]:
    """Return how many cells the scan's own destination has, and what all unbound others give."""
    seen, others = panel_and_others(flows, question, collect, said)
    legs = ScanLegs(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        both, _only = judged(legs, bound=True)
    return int(both.sum()), placebos(legs, others, others.like(seen, MANY))


def of_store(folder: Path) -> tuple[int, tuple[Placebo, ...]]:
    """Return the same of a store: Russia since March 2022."""
    work = Workspace(folder)
    question = ScanQuestion("RUS", "2022-03").scan()
    selection = work.selection(reads(question, work.held))
    return every(selection.held.subheadings, question, work.arrow, spoken(selection, question))


def line(name: str, own: int, found: tuple[Placebo, ...]) -> str:
    """Return one row of the table."""
    cells, routes = (sum(getattr(one, what) for one in found) for what in ("cells", "routes"))
    worst = max(found, key=lambda one: one.routes, default=None)
    most = f"{worst.destination} {worst.routes} of {worst.cells}" if worst and worst.routes else "-"
    some = sum(one.routes > 0 for one in found)
    return f"| {name} | {own} | {len(found)} | {cells} | {routes} | {some} | {most} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0-9", help="first and last, or one")
    parser.add_argument("--quiet", action="store_true", help="worlds without routes")
    parser.add_argument("--store", type=Path, help="a store instead of worlds")
    given = parser.parse_args()
    print("| world | cells of its own | destinations | cells | routes | of them at | most at one |")
    print("|---|---:|---:|---:|---:|---:|---|")
    if given.store:
        print(line(str(given.store.name), *of_store(given.store)))
        return
    first, *rest = (int(part) for part in given.seeds.split("-"))
    for seed in range(first, (rest or [first])[0] + 1):
        world = make(seed, effect=not given.quiet)
        print(line(f"seed {seed}", *every(*asking(world))), flush=True)


if __name__ == "__main__":
    main()
