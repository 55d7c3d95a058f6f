"""Came in: goods that came in beyond expectation, of which nobody can say what became."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._counterfactual import thin
from entrepot.detect._placebo import adjusted
from entrepot.detect._routes import is_bound, judged
from entrepot.findings import BAR
from entrepot.money import DASH
from entrepot.publish import findings as pages
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.reference import countries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from entrepot.detect._legs import ScanLegs
    from entrepot.detect._panel import ScanPanel
    from entrepot.findings import Finding
    from entrepot.publish.finding import Ranked

    Bools = NDArray[np.bool_]

MOST = 20
"""Rows of the table of a page; the files hold all."""


def in_only(legs: ScanLegs) -> set[tuple[str, str]]:
    """Return the cells of a destination that controls bind whose way on no record can show."""
    panel, listed = legs.panel, np.flatnonzero(legs.panel.is_listed)
    _both, only = judged(legs, bound=is_bound(legs))
    return {(panel.thirds[j], panel.products[listed[k]]) for j, k in np.argwhere(only)}


def came_in(
    legs: ScanLegs,
    findings: Mapping[str, Sequence[Finding]],
    routes: Collection[tuple[str, str]],
) -> list[Finding]:
    """Return the cells whose way in `surge` judged and whose way on is not known, the rarest first.

    A cell of `routes` is a possible route: something is recorded of its way on. One whose country
    published its exports to the destination, none of these goods since the scan's first month, is
    no route, and in no list; but where controls bind the destination and its own books say that
    fewer goods arrived than were sent, nobody knows what became of the rest. Every other cell is
    here.
    q_value is Benjamini and Hochberg's over these cells alone: chance among what came in, whatever
    became of it.
    """
    panel = legs.panel
    ended = none_out(panel)
    if is_bound(legs):
        ended &= arrived(panel, findings)
    thirds, products = (
        {name: place for place, name in enumerate(axis)} for axis in (panel.thirds, panel.products)
    )
    rows = [
        row
        for row in findings.get("surge", ())
        if row.destination is None
        and row.p_value is not None
        and row.cell not in routes
        and not ended[thirds[row.intermediary], products[row.product]]
    ]
    q = adjusted(np.array([row.p_value for row in rows], dtype=float))
    made = [
        replace(row, q_value=float(value), explanation=f"{row.explanation} It came in; what became "
                f"of it is not known: {_because(panel, row)}.")
        for row, value in zip(rows, q, strict=True)
    ]  # fmt: skip
    return sorted(made, key=lambda row: (-row.score, *row.cell))


def none_out(panel: ScanPanel) -> Bools:
    """Return where a country published its exports to the destination, and there are none.

    Shape (thirds, products), since the scan's first month.
    """
    went = panel["onward_exports"]
    return np.asarray(
        ~thin(went, panel.since) & (np.nansum(went[:, :, panel.since :], axis=2) == 0)
    )


def arrived(panel: ScanPanel, findings: Mapping[str, Sequence[Finding]]) -> Bools:
    """Return where a country's records of imports show no gap: (thirds, products).

    They are published, and a gap as large as that of `ghost_trade` comes by chance in more than
    one of ten cells: a smaller one is no sign that all arrived.
    """
    made = ~thin(panel["reported_imports"], panel.since)
    for row in findings.get("ghost_trade", ()):
        if row.p_value is not None and row.p_value <= BAR:
            made[panel.thirds.index(row.intermediary), panel.products.index(row.product)] = False
    return np.asarray(made)


def unpublished(panel: ScanPanel, cell: tuple[str, str]) -> list[str]:
    """Return which of a country's own records are too few in a cell: exports, imports or both."""
    j, k = panel.thirds.index(cell[0]), panel.products.index(cell[1])
    records = (("exports", "onward_exports"), ("imports", "reported_imports"))
    return [
        name for name, series in records if thin(panel[series][j : j + 1, k : k + 1], panel.since)
    ]


def _because(panel: ScanPanel, row: Finding) -> str:
    who, to = countries.name(row.intermediary), countries.name(panel.scan.destination)
    lacking = unpublished(panel, row.cell)
    if not lacking:
        return f"{who} recorded no such exports to {to}, and fewer imports than were sent"
    return f"too few months of the {words.listed(lacking)} of {who} are held"


def table(panel: ScanPanel, entries: Sequence[Ranked]) -> Breakdown:
    """Return what came in and stands out, the first `MOST` of it, for the page."""
    found = [entry for entry in entries if entry.stands_out]
    rows = tuple(
        {
            "cell": pages.route(entry),
            "excess": words.usd(entry.finding.excess_usd),
            "q": pages.q_value(entry.finding.q_value),
            "since": entry.finding.first_month or DASH,
            "lacking": _lacking(unpublished(panel, entry.finding.cell)),
        }
        for entry in found[:MOST]
    )
    columns = (
        ("cell", "Product and third country", ""), ("excess", "Excess", ""),
        ("q", "q-value", ""), ("since", "Since", ""),
        ("lacking", "Why the way on is not known", ""),
    )  # fmt: skip
    more = f" {len(rows)} of {words.count(len(found))} are shown." if len(rows) < len(found) else ""
    note = (
        f"Of {words.count(len(entries), 'cell')} whose way on nobody's books tell, "
        f"{words.count(len(found))} {'has' if len(found) == 1 else 'have'} a q-value of at most "
        f"{BAR:g} among themselves: more came in than was to be expected. What became of it is not "
        f"known, so these are no routes.{more}"
    )
    return Breakdown("came-in", "Came in; the way on is not known", columns, rows, note)


def _lacking(names: Iterable[str]) -> str:
    found = [*names]
    if found:
        return f"too few months of its {words.listed(found)} are held"
    return "fewer imports are recorded than were sent"
