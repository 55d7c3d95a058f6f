"""Write the stored results again: `python make.py` where pyfixest 0.60 is installed.

pyfixest is no dependency; its own tests hold it to R's fixest. The panel is invented.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
from pyfixest.demeaners import MapDemeaner

HERE = Path(__file__).parent
CASES = {
    "ppml one effect": "value ~ x | pair",
    "ppml two effects": "value ~ x + z | pair + month",
    "ppml four effects": "value ~ x + z | cell + importer_month + product_month + exporter_month",
    "least squares two effects": "any ~ x + z | pair + month",
    "least squares four effects": "any ~ x + z | cell + importer_month + product_month"
    " + exporter_month",
}


def panel() -> pd.DataFrame:
    random = np.random.default_rng(276)
    i, j, k, t = (axis.ravel() for axis in np.indices((3, 5, 4, 8)))
    x = ((j < 2) & (k < 2) & (t >= 4)).astype(int)
    z = random.normal(size=len(x)).round(3)
    mean = np.exp(random.normal(size=60)[(i * 5 + j) * 4 + k] + 0.5 * x + 0.2 * z)
    value = (mean * random.gamma(2, 0.5, len(x)) * (random.random(len(x)) < 0.7)).round(4)
    table = pd.DataFrame({"i": i, "j": j, "k": k, "month": t, "x": x, "z": z, "value": value})
    return table[random.random(len(x)) < 0.9]


def fit(table: pd.DataFrame, case: str, formula: str) -> dict[str, list[float] | float]:
    one = {
        "vcov": {"CRV1": "pair"},
        "demeaner": MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
    }
    if case.startswith("ppml"):
        found = pf.fepois(formula, table, iwls_tol=1e-12, separation_check=["fe"], **one)
    else:
        found = pf.feols(formula, table, **one)
    return {
        "estimate": found.coef().tolist(),
        "se": found.se().tolist(),
        "p_value": found.pvalue().tolist(),
        "rows": int(found._N),
    }


def main() -> None:
    table = panel()
    table.to_csv(HERE / "panel.csv", index=False)
    table["any"] = (table.value > 0).astype(float)
    table["pair"] = table.j * 4 + table.k
    table["cell"] = table.i * 20 + table.pair
    for name, column in (("importer", "j"), ("product", "k"), ("exporter", "i")):
        table[f"{name}_month"] = table[column] * 8 + table.month
    found = {case: fit(table, case, formula) for case, formula in CASES.items()}
    text = json.dumps({"pyfixest": pf.__version__, "cases": found}, indent=1)
    (HERE / "results.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
