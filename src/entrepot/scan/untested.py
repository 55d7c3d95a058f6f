"""Untested: which cells of a scan nobody could judge, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.detect._counterfactual import BASE, thin
from entrepot.detect._routes import is_bound
from entrepot.errors import StudyError
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.reference import countries
from entrepot.scan.came_in import arrived, none_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel
    from entrepot.scan.question import ScanQuestion
    from entrepot.scan.run import Scanned

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

ALIVE = 0.8
"""Part of base and window in which a code must be traded at all to have a past of its own."""
_MOST = 12

SWITCHED = "The code begins or ends inside the months compared, so it has no past of its own"
_ABSENT = "The store holds no row of the code"
_IDLE = "The coalition recorded nothing to the country, before or since"
_HIDDEN = "Too few months of the coalition's exports are published"
_SILENT = "The country's own records are too few to judge the way onward"
_UNTIED = (
    "Nothing ties what came in to the destination: no exports there are recorded, and that fewer "
    "imports are recorded than were sent says nothing of where the rest is"
)
_NONE = "The country recorded no such exports to the destination, and what was sent to it arrived"
_RARE = "Too few comparable cells to say how rare the change is"
_SEALED = "Too few months of the country's exports to the destination are published"
_UNSOLD = "The country recorded none of it to the destination, before or since"
_FEW = "Too few unlisted goods to say how rare the change is"


def reasons(scanned: Scanned) -> dict[tuple[str, str], str]:
    """Return why each listed cell without a finding has none, by third country and product.

    The first reason that holds, from the most general to the most particular.
    """
    panel = scanned.panel
    rare = _RARE if panel.coalition else _FEW
    tested = {row.finding.cell for row in scanned.ranking if row.finding.q_value is not None}
    checks = _checks(scanned)
    found = {}
    for k in np.flatnonzero(panel.is_listed):
        for j, third in enumerate(panel.thirds):
            cell = (third, panel.products[k])
            if cell not in tested:
                found[cell] = next((why for why, is_so in checks if is_so[j, k]), rare)
    return found


def _checks(scanned: Scanned) -> list[tuple[str, Bools]]:
    panel = scanned.panel
    if not panel.coalition:
        return _out(panel)
    at, sent = panel.since, panel["coalition_exports"]
    base, window = sent[:, :, max(0, at - BASE) : at], sent[:, :, at:]
    halves = (base, window)
    ended = np.zeros(sent.shape[1], dtype=bool)
    for half in halves:
        ended |= (np.nan_to_num(half).sum(axis=0) > 0).mean(axis=1) <= ALIVE
    idle = np.logical_and.reduce([np.nan_to_num(half).sum(axis=2) == 0 for half in halves])
    none, few = none_out(panel), thin(panel["reported_imports"], at)
    # Imports say something of the way on where controls bind the destination, and only there.
    own = (none & few) | (
        thin(panel["onward_exports"], at) & (few | (not is_bound(scanned.evidence)))
    )
    return [
        (SWITCHED, np.broadcast_to(ended[None, :], idle.shape)),
        (_HIDDEN, thin(sent, at)),
        (_IDLE, idle),
        (_SILENT, own),
        (_NONE, none & arrived(panel, scanned.findings)),
        (_UNTIED, none),
    ]


def _out(panel: ScanPanel) -> list[tuple[str, Bools]]:
    """Return the reasons of a scan that has third countries' own books alone."""
    at, sold = panel.since, panel["onward_exports"]
    held = np.nansum(sold[:, :, max(0, at - BASE) :], axis=2)
    return [(_SEALED, thin(sold, at)), (_UNSOLD, held == 0)]


def through(panel: ScanPanel, asked: ScanQuestion) -> tuple[str, ...]:
    """Return the third countries that an answer is about: all, or those that `through` names.

    Raises:
        StudyError: None of those named is a third country of the scan.
    """
    if not asked.thirds:
        return panel.thirds
    if found := tuple(third for third in panel.thirds if third in asked.thirds):
        return found
    raise StudyError(
        f"scan: --through {asked.through} is no third country of this scan; expected one that the "
        f"store holds trade of, outside the coalition and not {asked.destination}, such as "
        f"{words.listed(panel.thirds[:3])}"
    )


def untested(scanned: Scanned, asked: ScanQuestion) -> Breakdown:
    """Return the reasons with how many cells each explains: one row per reason."""
    found = reasons(scanned)
    thirds, families = through(scanned.panel, asked), asked.families
    absent = [name for name in families if name not in scanned.panel.products]
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name in absent:
        kinds.setdefault(_ABSENT, []).extend((third, name) for third in thirds)
    for cell, why in found.items():
        if cell[0] in thirds:
            kinds.setdefault(why, []).append(cell)
    rows = [
        {"why": why, "cells": len(cells), "which": _which(why, cells)}
        for why, cells in sorted(kinds.items(), key=lambda item: -len(item[1]))
    ]
    columns = (("why", "Why", ""), ("cells", "Cells", "count"), ("which", "Which", ""))
    return Breakdown("untested", "What was not tested, and why", columns, tuple(rows))


def _which(why: str, cells: Iterable[tuple[str, str]]) -> str:
    """Name what the reason is about: the codes, or else the countries with most of the cells."""
    place = 1 if why in (SWITCHED, _ABSENT) else 0
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell[place]] = counts.get(cell[place], 0) + 1
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    shown = [name if place else f"{countries.name(name)} ({counts[name]})"
             for name in ranked[:_MOST]]  # fmt: skip
    rest = [f"{len(ranked) - _MOST} more"] if len(ranked) > _MOST else []
    return words.listed([*shown, *rest])


def silent(panel: ScanPanel, thirds: Collection[str]) -> Breakdown:
    """Return what third countries did not publish since the start: one row per country with gaps.

    A month that a country did not publish is no evidence, neither of trade nor of its absence.
    """
    rows: list[dict[str, Any]] = []
    for j, third in enumerate(panel.thirds):
        seen = {
            name: int(np.isfinite(panel[series][j, :, panel.since :]).any(axis=0).sum())
            for name, series in (("exports", "onward_exports"), ("imports", "reported_imports"))
        }
        if third in thirds and min(seen.values()) < panel.length:
            told = {name: f"{count} of {panel.length}" for name, count in seen.items()}
            rows.append({"country": countries.name(third), **told})
    columns = (("country", "Country", ""), ("exports", "Months of exports", ""),
               ("imports", "Months of imports", ""))  # fmt: skip
    note = "A month that a country did not publish is no evidence: neither of trade nor of none."
    title = f"What third countries did not publish since {panel.scan.since}"
    return Breakdown("silent", title, columns, tuple(rows), note)
