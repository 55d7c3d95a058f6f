"""Scan: every detector over every third country and product, and one ranking of what they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.detect._assemble import panel
from entrepot.detect._evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from ibis.expr.types import Table

    from entrepot.contracts import Detector
    from entrepot.detect._panel import Panel, Scan

Finding = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan looked at and found.

    `findings` are the rows of `schema.FINDINGS` by detector. `ranking` has one row per third
    country and product: the finding of `diversion` with `signals`, what the other detectors say
    of the same cell, and `origins`, what each coalition reporter recorded there; best first.
    """

    panel: Panel
    evidence: Evidence
    findings: dict[str, list[Finding]]
    ranking: list[Finding]


def scan(
    flows: Table,
    question: Scan,
    collect: Callable[[Table], pa.Table],
    detectors: Mapping[str, Detector],
) -> Scanned:
    """Run detectors on one panel.

    Args:
        flows: Monthly flows, one source per reporter.
        question: What to look for.
        collect: What evaluates an expression to an Arrow table.
        detectors: By name; `diversion` ranks.

    Raises:
        CoverageError: The flows lack the months, the coalition or the goods.
    """
    seen = panel(flows, question, collect)
    evidence = Evidence(seen, seen.since, seen.length)
    with np.errstate(all="ignore"):
        findings = {name: detector(evidence) for name, detector in detectors.items()}
    return Scanned(seen, evidence, findings, _ranked(seen, findings))


def _ranked(seen: Panel, findings: dict[str, list[Finding]]) -> list[Finding]:
    """Join the detectors' findings per third country and product."""
    signals: dict[tuple[str, str], list[Finding]] = {}
    for name, rows in findings.items():
        if name != "diversion":
            for row in rows:
                signals.setdefault((row["intermediary"], row["product"]), []).append(row)
    ranked = [
        row
        | {
            "signals": signals.get((row["intermediary"], row["product"]), []),
            "origins": seen.origins(row["intermediary"], row["product"]),
        }
        for row in findings.get("diversion", [])
    ]
    return sorted(ranked, key=lambda row: (-row["score"], row["intermediary"], row["product"]))
