"""Demo: a labelled synthetic world in the publishers' own file formats, with its planted truth.

The world is calibrated so that the two newspaper studies' published figures come out of the whole
pipeline. Agreement with them there proves the arithmetic, not the claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.demo.world import DemoFile, World

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["DemoFile", "World", "generate", "is_planted", "write_truth"]

SEED = 20231127
"""The day both newspapers printed their stories."""
NAME = "the synthetic world"
NOTICE = (
    "SYNTHETIC: made from an invented world in the publishers' file formats; agreement with a "
    "published figure here proves the arithmetic, not the claim."
)
"""First line of what is made from it."""
PLANTED = frozenset({*(f"FT-{number}" for number in range(1, 13)), "BB-1", "BB-2"})
"""Published figures that the world is made to give, see `figures.py`."""


def is_planted(ids: Iterable[str]) -> bool:
    """Return whether the world was made to hold all of the published figures, and there are any."""
    named = {*ids}
    return bool(named) and named <= PLANTED


def generate(folder: Path, *, seed: int = SEED) -> World:
    """Write the demo world's files under `folder`/SYNTHETIC.

    The same seed gives the same bytes; another seed gives other noise around the same calibrated
    figures. `truth` describes the tables; nothing of it is in the files.

    Args:
        folder: An existing folder without a SYNTHETIC folder in it.
        seed: Start of all randomness.

    Returns:
        The files with the day each was published, and the planted truth.

    Raises:
        FileExistsError: The folder already holds a demo world.
    """
    import numpy as np

    from entrepot.demo.plant import plant
    from entrepot.demo.releases import write
    from entrepot.demo.reports import report
    from entrepot.demo.truth import truth

    rng = np.random.default_rng(seed)
    planted = plant(rng)
    cells = report(rng, planted.legs, planted.margins)
    return World(write(rng, cells, folder), truth(planted))


def write_truth(world: World, folder: Path) -> tuple[Path, ...]:
    """Write each table of the truth as Parquet into `folder`, never into a store."""
    import pyarrow.parquet as pq

    paths = []
    for name, table in world.truth.items():
        path = folder / f"truth-{name}.parquet"
        pq.write_table(table, path)
        paths.append(path)
    return tuple(paths)
