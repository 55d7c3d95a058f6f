"""Fresh: how far months of the age asked about moved later, as a caveat of an answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from entrepot import months
from entrepot.publish import words
from entrepot.reference import countries, groups
from entrepot.store.revising import profile
from entrepot.terms.places import ALL

if TYPE_CHECKING:
    from entrepot.ask.question import Asked
    from entrepot.publish.brief import Brief
    from entrepot.store.revising import RevisionBand
    from entrepot.workspace import Workspace

OLDEST = 23
"""Full months after which a month is no longer fresh."""


def caveats(asked: Asked, brief: Brief, workspace: Workspace) -> tuple[str, ...]:
    """Return in one sentence how far a reporter's months of this age moved when published again.

    None is said of several reporters at once, of both books, of years, of months older than
    `OLDEST`, and where the vintages show too few months: see `store.revising.profile`.
    """
    if ALL in asked.reporters:
        return ()
    reporters = [code for name in asked.reporters for code in groups.members(name)]
    used = brief.evidence.vintages
    sources = {one.source for one in used}
    if asked.freq != "M" or asked.view == "mirror" or len(reporters) != 1 or len(sources) != 1:
        return ()
    age = months.number(date.fromisoformat(max(one.published for one in used))) - (
        months.number(months.month(asked.last)) + 1
    )
    if not 0 <= age <= OLDEST:
        return ()
    bands = profile(workspace.own.con, workspace.store.vintages(), as_of=workspace.as_of,
                    reporters=reporters)  # fmt: skip
    found = (one for one in bands if one.source in sources and one.holds(age))
    return tuple(sentence(one) for one in found if one.low is not None)


def sentence(band: RevisionBand) -> str:
    """Return a band that has quantiles in words."""
    assert band.low is not None
    assert band.high is not None
    ages = f"{band.age_first} to {band.age_last}" if band.age_last else f"{band.age_first} or more"
    whose = words.possessive(countries.name(band.reporter))
    read = f"months of {whose} that were read at {ages} months of age"
    return (
        f"Fresh months move: {read} and published again later moved by {_moved(band.low)} to "
        f"{_moved(band.high)}, four in five of {words.count(band.cells)}, over all goods "
        f"({words.count(band.releases, 'earlier release')})."
    )


def _moved(ratio: float) -> str:
    change = words.percent(ratio - 1)
    return f"+{change}" if ratio > 1 and change[0].isdigit() else change
