"""Scan: every detector over every third country and product, and one ranking of what they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.detect._destinations import panel_and_others
from entrepot.detect._legs import ScanLegs
from entrepot.detect._panel import Spoken
from entrepot.errors import CoverageError
from entrepot.findings import RankedFinding
from entrepot.harmonise.products import REVISIONS
from entrepot.publish import cells, notebook, words
from entrepot.publish.lists import CAME_IN, ROUTE, VIA, WENT_OUT
from entrepot.question.grid import NATIONAL, Grid
from entrepot.reads import Reads
from entrepot.reference import countries
from entrepot.scan.came_in import came_in, in_only
from entrepot.scan.placebos import COUNT, placebos

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from ibis.expr.types import Table
    from numpy.typing import NDArray

    from entrepot.contracts import Detector
    from entrepot.detect._panel import Scan, ScanPanel
    from entrepot.findings import Finding, Placebo
    from entrepot.months import Span
    from entrepot.question.grid import Signature
    from entrepot.question.selection import Selection

ALONE = "went_out"
"""The detector that ranks where nobody of the coalition reports."""
SHOWN = ("product", "recorded_usd", "expected_usd", "excess_usd", "q_value", "first_month",
         "explanation")  # fmt: skip
"""Columns of a finding that a prompt and a notebook show beside the third country's name; all are
in `ranking`."""


@dataclass(frozen=True, slots=True, repr=False)
class Scanned:
    """What a scan looked at and found.

    `findings` are those of each detector by its name, the rarest first. `ranking` has one row per
    third country and product whose way on `diversion` could judge, best first; where nobody of the
    coalition reports, that `went_out` could judge, and `unable` names the detectors that cannot.
    `came_in` has those where goods came in and nobody can say what became of them, see
    `came_in.came_in`. `placebos` are other destinations under the same look; none where none was
    asked for, or none is like this.
    `stored` are the stored rows that the panel was added up from, of one source per reporter.
    `synthetic` says that they are of an invented world. `print` and a notebook show the best of the
    ranking.
    """

    panel: ScanPanel
    evidence: ScanLegs
    findings: dict[str, list[Finding]]
    ranking: list[RankedFinding]
    came_in: list[RankedFinding]
    placebos: tuple[Placebo, ...] = ()
    stored: Table | None = None
    synthetic: bool = False
    unable: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Scanned: {self._title}>"

    def __str__(self) -> str:
        return notebook.text(self._title, self._best, self._told)

    def _repr_html_(self) -> str:
        return notebook.html(self._title, self._best, self._told)

    @property
    def _title(self) -> str:
        question = self.panel.scan
        ranked = words.count(len(self.ranking), "cell")
        to = countries.name(question.destination)
        how = "on the way" if self.panel.coalition else "that went out"
        return f"{ranked} {how} to {to} since {question.since}, ranked"

    @property
    def _told(self) -> list[str]:
        return [cells.SYNTHETIC, cells.GUILT] if self.synthetic else [cells.GUILT]

    @property
    def _best(self) -> list[dict[str, Any]]:
        return [
            {VIA[row.list]: countries.called(row.finding.intermediary)}
            | {name: getattr(row.finding, name) for name in SHOWN}
            for row in self.ranking
        ]


def scan(
    flows: Table,
    question: Scan,
    collect: Callable[[Table], pa.Table],
    detectors: Mapping[str, Detector],
    spoken: Spoken | None = None,
    *,
    count: int | None = 0,
    step: Callable[[str], None] = lambda _text: None,
) -> Scanned:
    """Run detectors on one panel.

    Args:
        flows: Monthly flows, one source per reporter.
        question: What to look for.
        collect: What evaluates an expression to an Arrow table.
        detectors: By name; `diversion` ranks, or `went_out` where nobody of the coalition reports.
        spoken: Who speaks for what; None takes every month with a row as published in full.
        count: How many placebo destinations to look at, None for `COUNT`; none without `diversion`.
        step: Takes what is being done now, in a few words.

    Raises:
        CoverageError: The flows lack the months, the goods, or whose books a detector needs.
    """
    step("adding up the rows")
    seen, others = panel_and_others(flows, question, collect, spoken)
    evidence = ScanLegs(seen, seen.since, seen.length)
    running = able(detectors, alone=not seen.coalition)
    findings: dict[str, list[Finding]] = {}
    with np.errstate(all="ignore"):
        for name, detector in running.items():
            step(f"looking for {name.replace('_', ' ')}")
            findings[name] = detector(evidence)
    ranking, kind = ("diversion", ROUTE) if seen.coalition else (ALONE, WENT_OUT)
    rest = {name: rows for name, rows in findings.items() if name != ranking}
    routes, arrived = _apart(evidence, findings)
    ranked = routes if seen.coalition else findings.get(ALONE, [])
    names = others.like(seen, COUNT if count is None else count) if "diversion" in findings else ()
    return Scanned(
        seen,
        evidence,
        findings,
        ranking=_joined(seen, ranked, rest, kind),
        came_in=_joined(seen, arrived, rest, CAME_IN),
        placebos=placebos(evidence, others, names),
        unable=tuple(name for name in detectors if name not in running and name != ALONE),
    )


def able(detectors: Mapping[str, Detector], *, alone: bool) -> dict[str, Detector]:
    """Return the detectors that can judge, each stand-in only where the other cannot.

    Args:
        detectors: By name.
        alone: Whether third countries' own books are all there is.

    Raises:
        CoverageError: None of them can.
    """
    can = {name: part for name, part in detectors.items() if part.alone or not alone}
    if not can:
        raise CoverageError(
            f"scan: {words.listed(detectors)} cannot judge without the coalition's exports, and "
            "nobody of the coalition has one in the flows; ingest them, or see what went out alone "
            f"with `entrepot detector run {ALONE}`"
        )
    return {name: part for name, part in can.items() if part.stands_in_for not in can}


def _apart(
    legs: ScanLegs, findings: dict[str, list[Finding]]
) -> tuple[list[Finding], list[Finding]]:
    """Return the routes, something of whose way on is recorded, and what only came in."""
    if "diversion" not in findings:
        return [], []
    with np.errstate(all="ignore"):
        unknown = in_only(legs)
    routes = [row for row in findings["diversion"] if row.cell not in unknown]
    return routes, came_in(legs, findings, {row.cell for row in routes})


def reads(question: Scan, held: Span) -> tuple[Reads, ...]:
    """Return the records a scan rests on: everybody's exports and imports, month by month.

    `held` are the first and last month of the store; the question may name narrower ones.
    """
    span = (max(question.first or held[0], held[0]), min(question.last or held[1], held[1]))
    return tuple(Reads(flow, now=(span,)) for flow in ("export", "import"))


def spoken(selection: Selection, question: Scan) -> Spoken:
    """Return who speaks for what, in the terms of a panel."""
    numbers: dict[Signature, int] = {}
    slices: dict[tuple[str, str], dict[str, int]] = {}
    for (who, flow), days in selection.slices.found.items():
        if who not in selection.slices.unions:
            slices[flow, who] = {
                f"{day:%Y-%m}": numbers.setdefault(one, len(numbers)) for day, one in days.items()
            }
    signatures = list(numbers)
    grids: dict[tuple[str, ...], Grid] = {}

    def speaks(one: int, partners: tuple[str, ...], products: tuple[str, ...]) -> NDArray[np.bool_]:
        if products not in grids:
            grids[products] = Grid(selection.snapshot.kinds, _links(question, products))
        grid = grids[products]
        order = [grid.names.index(name) for name in products]
        matrix: NDArray[np.bool_] = grid.matrix(signatures[one], partners)[:, order] >= NATIONAL
        return matrix

    return Spoken(slices, speaks)


def _links(question: Scan, products: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    listed = {name for _hs, _code, name in question.codes}
    rest = [(revision, code, code) for code in products if code not in listed
            for revision in REVISIONS]  # fmt: skip
    return (*(link for link in question.codes if link[2] in {*products}), *rest)


def _joined(
    seen: ScanPanel, rows: list[Finding], others: dict[str, list[Finding]], kind: str
) -> list[RankedFinding]:
    """Join to findings what other detectors say of their cells; of equal evidence, by excess."""
    signals: dict[tuple[str, str], list[Finding]] = {}
    for one in (one for found in others.values() for one in found):
        signals.setdefault(one.cell, []).append(one)
    return [
        RankedFinding(row, tuple(signals.get(row.cell, ())), seen.origins(*row.cell), kind)
        for row in sorted(rows, key=lambda row: (-row.score, -(row.excess_usd or 0.0), *row.cell))
    ]
