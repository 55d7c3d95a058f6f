"""Rows: a fit and its tests as rows of `schema.ESTIMATES`."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from entrepot.estimate.regression import CONVENTION
from entrepot.schema import ESTIMATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.estimate.randomisation import Randomised
    from entrepot.estimate.regression import Fit
    from entrepot.estimate.sanctions_did import SanctionsDid
    from entrepot.estimate.score_bootstrap import Flipped

Rows = tuple[dict[str, Any], ...]
BY_PAIR = "importer and product"


def effect(
    name: str,
    found: Fit,
    placebo: Randomised,
    bootstrap: Flipped,
    *,
    is_log: bool = True,
    by: str = BY_PAIR,
    pretrend_p: float | None = None,
) -> dict[str, Any]:
    """Return the row of an effect; what is no number is null."""
    (told,) = found.table()
    return _row(found, told, is_log, by) | {
        "effect": name,
        "placebo_p": placebo.p_value,
        "placebo_sets": placebo.assignments,
        "bootstrap_p": bootstrap.p_value,
        "bootstrap_draws": bootstrap.draws,
        "pretrend_p": _number(pretrend_p),
    }


def did(name: str, found: SanctionsDid, *, is_log: bool = True) -> dict[str, Any]:
    """Return the row of the effect of a triple difference."""
    return effect(
        *(name, found.effect, found.placebo, found.bootstrap),
        is_log=is_log,
        pretrend_p=found.pretrend_p,
    )


def path(name: str, found: SanctionsDid) -> Iterator[dict[str, Any]]:
    """Return a row per period; the reference has the estimate 0 and neither error nor interval."""
    known = {row["name"]: row for row in found.path.table()}
    for period in found.periods:
        told = known.get(period, {"estimate": 0.0})
        day = {"period": date.fromisoformat(f"{period}-01")}
        yield _row(found.path, told, True, BY_PAIR) | {"effect": name} | day


def _row(found: Fit, told: dict[str, Any], is_log: bool, by: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(ESTIMATES.names)
    for key in ("estimate", "se", "ci_low", "ci_high", "p_value"):
        row[key] = _number(told.get(key))
    if is_log and row["estimate"] is not None:
        row["factor"] = math.exp(row["estimate"])
    return row | {
        "observations": found.rows,
        "clusters": found.clusters,
        "parameters": found.parameters,
        "convention": f"{CONVENTION}; clusters of {by}",
    }


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def listed(rows: Sequence[dict[str, Any]]) -> Rows:
    """Return rows with their columns in order."""
    return tuple({name: row[name] for name in ESTIMATES.names} for row in rows)
