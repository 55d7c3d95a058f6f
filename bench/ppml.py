"""What does PPML with effects of many levels cost? Limit: taking the effects out of a column once.

The effects are the three-way one of a flow and importer, product and exporter by month.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from _clock import Run, python, show
from _data import SEED

FLOWS, MONTHS = 62_000, 48
EXPORTERS, IMPORTERS, PRODUCTS = 27, 60, 400
READ = """
import numpy as np
from entrepot.estimate.regression import Design, sample
from entrepot.estimate.ppml import ppml
table = np.load("{path}")
names = {effects}
effects = {{name: table[name] for name in names}}
given = Design(table["y"], {{"x": table["x"]}}, effects, table["cell"])
"""
ONCE = """
found = sample(given, counts=True)
found.absorber.residuals(found.y[:, None])
"""
FIT = "ppml(given)"


def world(folder: Path) -> Path:
    """Write an uneven panel: few large exporters, importers and products have most flows.

    Every second month of a flow is there and six in ten of those are 0; flows differ by a factor of
    thousands. Three importers have an effect of 0.5. Uneven effects share few rows, which is what
    makes them slow to solve.
    """
    random = np.random.default_rng(SEED)

    def uneven(count: int, power: int) -> np.ndarray:
        return (random.random(FLOWS) ** power * count).astype(int)

    flow = uneven(EXPORTERS, 2) * IMPORTERS + uneven(IMPORTERS, 3)
    flow = np.unique(flow * PRODUCTS + uneven(PRODUCTS, 3))
    cell, t = np.repeat(flow, MONTHS), np.tile(np.arange(MONTHS), len(flow))
    keep = random.random(len(cell)) < 0.5
    cell, t = cell[keep], t[keep]
    i, j, k = cell // (IMPORTERS * PRODUCTS), cell // PRODUCTS % IMPORTERS, cell % PRODUCTS
    by_month = {"importer": j * MONTHS + t, "product": k * MONTHS + t, "exporter": i * MONTHS + t}
    log = random.normal(0, 2.5, cell.max() + 1)[cell]
    for code in by_month.values():
        log += random.normal(0, 0.7, code.max() + 1)[code]
    x = ((j < 3) & (k % 4 == 0) & (t >= MONTHS // 2)).astype(float)
    y = np.exp(log + 0.5 * x) * random.gamma(0.3, 3.3, len(x)) * (random.random(len(x)) < 0.4)
    path = folder / "panel.npz"
    columns = {f"{name}_month": code for name, code in by_month.items()}
    np.savez(path, y=y, x=x, cell=cell, **columns)
    return path


with tempfile.TemporaryDirectory() as name:
    path = world(Path(name))
    three = ["cell", "importer_month", "product_month"]
    four = [*three, "exporter_month"]
    rows = len(np.load(path)["y"])

    def read(effects: list[str]) -> str:
        return READ.format(path=path, effects=effects)

    runs: dict[str, Run] = {
        "PPML, three effects": python(read(three) + FIT),
        "PPML, four effects": python(read(four) + FIT),
    }
    show(
        f"Poisson regression on {rows:,} rows, {FLOWS:,} flows in {MONTHS} months",
        ("reading, and effects out of one column", python(read(four) + ONCE)),
        runs,
        rows,
    )
