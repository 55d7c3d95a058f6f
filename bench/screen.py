"""How many verdicts a second and core, with 20,000 entries loaded? Limit: thirty."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from entrepot.screen.columns import ShipmentLayout
from entrepot.screen.judge import Judge
from entrepot.screen.match.plain import Plain
from entrepot.screen.parties import Parties
from entrepot.screen.patterns import History
from entrepot.screen.prices import Prices
from entrepot.screen.routes import KnownRoutes
from entrepot.screen.shipments import ShipmentFile
from screening import world

LEAST = 30.0
ROWS, ENTRIES = 600, 20_000


def main() -> None:
    start = time.process_time()
    parties = Parties(Plain(world.listed(1, ENTRIES)[0]), ())
    loaded = time.process_time() - start
    rng = np.random.default_rng(2)
    names = [world.company(rng).name for _ in range(3 * ROWS)]  # no name comes twice
    rows = ["exporter,importer,bank,destination,hs code,date"]
    rows += [f'"{a}","{b}","{c}",KAZ,854231,2024-03-05'
             for a, b, c in zip(*[iter(names)] * 3, strict=True)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_text("\n".join(rows), "utf-8")
        start = time.process_time()
        file, today = ShipmentFile(path, ShipmentLayout({})), date(2024, 6, 1)
        history = History(file.shipments(), today)
        judge = Judge(
            parties, KnownRoutes({}, {}, "RUS", "", why_not="none"), Prices({}), history, today
        )
        count = sum(1 for one in file.shipments() if judge.verdict(one))
        rate = count / (time.process_time() - start)
    print(f"{ENTRIES:,} entries loaded in {loaded:.1f} s; {rate:,.0f} verdicts a second and core, "
          f"three fresh names each (limit {LEAST:g})")  # fmt: skip
    sys.exit(rate < LEAST)


if __name__ == "__main__":
    main()
