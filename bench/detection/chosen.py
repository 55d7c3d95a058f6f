"""What do the numbers chosen by hand decide? One is changed at a time, in worlds of two seeds.

Prints, for each choice and seed, what `diversion` scores in a world with planted diversion, and
whether its p-values are those of chance in the same world without. The line "as it is" is the
limit of the others. `docs/explanation/chosen-numbers.md` stands on this output. Run as
`python bench/detection/chosen.py --seeds 200-201` (some ten minutes; `--only LEAST` for one).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from detection.marks import asking, calibration, laid_out, mark, truth
from detection.world import make
from entrepot.detect import (
    _counterfactual,
    _evidence,
    _legs,
    _placebo,
    _posterior,
    _routes,
    _suppliers,
)
from entrepot.detect._assemble import panel
from entrepot.detect.diversion import diversion
from entrepot.reference import freight

if TYPE_CHECKING:
    from detection.world import World
    from entrepot.detect._panel import ScanPanel

MODULES = (_counterfactual, _evidence, _legs, _placebo, _posterior, _routes, _suppliers, freight)
CHOICES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("LEAST", (0.5, 0.9)),
    ("SPREAD", ((1.0, 1.0), (0.3, 10.0))),
    ("BINS", (3, 12)),
    ("PRIOR", (2.0, 18.0)),
    ("GROWTH_PRIOR", (2, 15)),
    ("NOISE", (0.2, 0.5)),
    ("STEP", (1, 6)),
    ("TAIL", (0.9, 0.98)),
    ("FURTHEST", (1, 100)),
    ("IMF", (0.0, 0.12)),
    ("FLOOR", (0.0, 1.0)),
    ("SHRUNK", (1.0, 16.0)),
    ("EQUAL", (0.0, 5.0)),
    ("STEADY", (0.02, 0.15)),
    ("NARROW", (0.01, 0.2)),
    ("LIKE", (0.8, 2.0)),
    ("FIRST", (0.0, 4.0)),
    ("SHARE", (0.5, 1.0)),
    ("FELL", (0.5, 0.9)),
)
"""Numbers of `entrepot.detect`, and its freight, by their names, and what else they might be."""


def looked_at(world: World) -> ScanPanel:
    """Return the panel of a world's own question."""
    return panel(*asking(world))


def found(world: World, seen: ScanPanel, name: str = "", value: Any = None) -> Any:
    """Return the alarms of `diversion` with one number changed."""
    with ExitStack() as stack, np.errstate(all="ignore"):
        for module in MODULES:
            if name and hasattr(module, name):
                stack.enter_context(mock.patch.object(module, name, value))
        rows = diversion(_legs.ScanLegs(seen, seen.since, seen.length))
    cells = (replace(row, product=code) for row in rows for code in row.product.split("+"))
    return laid_out([row for row in cells if row.product in world.question.listed], world)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", default="200-201", help="first and last, or one")
    options.add_argument("--only", help="the name of one number")
    given = options.parse_args()
    tried = [(n, v) for n, values in CHOICES for v in values if given.only in (None, n)]
    print(f"{'number':24}{'seed':>6}{'AP':>8}{'true':>8}{'alarms':>8}{'p < .05 of a placebo':>22}")
    first, *rest = map(int, given.seeds.split("-"))
    for seed in range(first, (rest or [first])[0] + 1):
        world, quiet = make(seed), make(seed, effect=False)
        planted, none = looked_at(world), looked_at(quiet)
        since, until = world.question.since, world.question.until
        months = (until.year - since.year) * 12 + until.month - since.month + 1
        for name, value in [("", None), *tried]:
            marks = mark(found(world, planted, name, value), truth(world), months)
            chance = calibration(found(quiet, none, name, value))
            said = f"{name} {value}" if name else "as it is"
            print(
                f"{said:24}{seed:>6}{marks['ap']:>8.3f}{marks['precision']:>8.2f}"
                f"{marks['alarms']:>8.0f}{chance['p0.05']:>22.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
