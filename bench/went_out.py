"""One country's books alone: how often `went_out` says that goods stand out where nothing happened.

`python bench/went_out.py STORE --goods chpl-2023-09` reads a store without coalition exports and
prints, for placebo windows before 2022 and for lists of unlisted codes drawn from the same
chapters, how many cells stand out and how often p lies below .05 and .01.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._legs import ScanLegs
from entrepot.detect._placebo import adjusted
from entrepot.findings import BAR
from entrepot.scan.question import ScanQuestion
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from entrepot.detect._panel import ScanPanel

LENGTHS = (12, 24)
STEP = 3
DRAWS = 40
WINDOWS = (("2015-01", 24), ("2017-01", 24), ("2019-01", 24), ("2022-03", 35), ("2023-01", 25))
WAR = "2022-01"


def tested(panel: ScanPanel, at: int, length: int) -> np.ndarray:
    """Return the p-values of the listed cells of a window."""
    with np.errstate(all="ignore"):
        p = ScanLegs(panel, at, length).alone.found.p[:, panel.is_listed]
    return p[np.isfinite(p)]


def told(name: str, found: list[np.ndarray]) -> str:
    """Return one line: cells that stand out, windows or lists with any, and small p-values."""
    flags = [int((adjusted(p) <= BAR).sum()) for p in found]
    every = np.concatenate(found)
    return (
        f"| {name} | {len(found)} | {len(every) / len(found):.0f} | {np.mean(flags):.2f} "
        f"| {np.mean([one > 0 for one in flags]):.2f} | {(every < 0.05).mean():.3f} "
        f"| {(every < 0.01).mean():.4f} |"
    )


def placebo_windows(panel: ScanPanel, length: int) -> list[np.ndarray]:
    """Return the p-values of the real list at windows that end before the war."""
    last = panel.months.index(WAR) - length
    return [tested(panel, at, length) for at in range(36, last + 1, STEP)]


def drawn_lists(panel: ScanPanel, at: int, length: int, seed: int) -> list[np.ndarray]:
    """Return the p-values of lists of unlisted codes, as many of each chapter as are listed.

    The real list is left out: it is neither tested nor a control.
    """
    rng = np.random.default_rng(seed)
    chapters = np.array([code[:2] for code in panel.products])
    traded = np.nansum(panel["onward_exports"], axis=(0, 2)) > 0
    free = ~panel.is_listed
    kept = {name: values[:, free] for name, values in panel.data.items()}
    codes = tuple(np.array(panel.products)[free])
    found = []
    for _ in range(DRAWS):
        drawn = np.zeros(len(codes), dtype=bool)
        for chapter in np.unique(chapters[panel.is_listed]):
            count = int((panel.is_listed & (chapters == chapter)).sum())
            pool = np.flatnonzero((chapters == chapter)[free] & traded[free])
            drawn[rng.choice(pool, min(count, len(pool)), replace=False)] = True
        made = replace(panel, products=codes, is_listed=drawn, data=kept)
        found.append(tested(made, at, length))
    return found


def main() -> None:
    """Print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("store", type=Path)
    given.add_argument("--goods", default="chpl-2023-09")
    given.add_argument("--to", default="RUS")
    options = given.parse_args()
    asked = ScanQuestion(options.to, "2022-03", goods=options.goods)
    panel = Workspace(options.store).scan(asked.scan(), ["went_out"]).panel
    print(
        "| what | windows or lists | cells each | stand out each | with any | p < .05 | p < .01 |"
    )
    print("|---|---|---|---|---|---|---|")
    for length in LENGTHS:
        print(told(f"list, {length} months before 2022", placebo_windows(panel, length)))
    for seed, (since, length) in enumerate(WINDOWS):
        made = drawn_lists(panel, panel.months.index(since), length, seed)
        print(told(f"drawn lists, {length} months from {since}", made))


if __name__ == "__main__":
    main()
