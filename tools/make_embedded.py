"""Make the embedded table from Eurostat's files: EU27 exports by partner, product and month.

    python tools/make_embedded.py FILE.parquet [FOLDER]

FILE is the tidy table of DS-045409 (one row per reporter, partner, CN8 product and month, EUR).
It enters a temporary store through `generic`, like any file; the listed codes of `chpl-2023-09`
and their HS2017 predecessors are summed over the EU's members and written as CSV.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ibis import _

from entrepot.parts import read_mapping
from entrepot.reference import goods, groups
from entrepot.workspace import Workspace

HOME = Path(__file__).resolve().parents[1] / "src" / "entrepot" / "embedded"


def main(table: Path, folder: Path = HOME) -> None:
    """Write `eu27-exports.csv` into the folder and print what is in it."""
    listed = goods.load("chpl-2023-09")
    codes = {*listed.codes, *(old for old, _kind in listed.predecessors("HS2017").values())}
    with tempfile.TemporaryDirectory() as store:
        desk = Workspace(Path(store))
        desk.ingest("generic", [table], mapping=read_mapping("eurostat-tidy"), progress=print)
        rows = (
            desk.flows.filter(
                _.reporter.isin(groups.members("eu27")),
                _.product.length() == 8,
                _.product.substr(0, 6).isin(sorted(codes)),
            )
            .group_by(product_cn=_.product, partner=_.partner, month=_.period.strftime("%Y-%m"))
            .agg(value_eur=_.value_local.sum().cast("int64"))
            .order_by("product_cn", "partner", "month")
        )
        rows.to_csv(folder / "eu27-exports.csv")
        print(f"{rows.count().to_pyarrow().as_py():,} figures written to {folder}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
