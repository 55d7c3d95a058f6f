"""Held: what a store has of those asked about, before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from entrepot import terms
from entrepot.errors import CoverageError
from entrepot.months import month
from entrepot.reference import groups
from entrepot.store.small import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from entrepot.terms import Window
    from entrepot.workspace import Workspace

Freq = Literal["M", "A"]


def newest(
    workspace: Workspace,
    reporters: Sequence[str],
    flow: str,
    *,
    freq: Freq = "M",
    span: tuple[str, str] = ("1000-01", "9999-12"),
) -> date | None:
    """Return the newest month or year of a span that any of the reporters published.

    Args:
        workspace: The store and the day.
        reporters: Places as `terms.places` gives them.
        flow: What they recorded.
        freq: Months or years.
        span: The first and last month looked at.
    """
    named = [name for name in reporters if name != terms.ALL]
    # A group that reports as one stands in the store under its own name.
    who = [name.upper() for name in named] + [c for name in named for c in groups.members(name)]
    theirs = "" if terms.ALL in reporters else f"and reporter in (select unnest({texts(who)}))"
    found = workspace.own.con.execute(
        f"""select max(period) from {workspace.snapshot.view}_known
        where [freq, flow] = {texts([freq, flow])}
            and period between date '{month(span[0])}' and date '{month(span[1])}' {theirs}"""
    ).fetchone()
    day: date | None = found[0] if found else None
    return day


def choose(
    workspace: Workspace, wanted: Freq | None, span: Window, books: Mapping[str, Sequence[str]]
) -> tuple[Freq, str]:
    """Return whether a question is answered by month or by year, and a sentence if by year alone.

    Months where any are held, else years; as wanted where somebody said so.

    Args:
        workspace: The store and the day.
        wanted: What was said.
        span: The months asked about.
        books: Whose books are read, by flow.

    Raises:
        CoverageError: Figures by year would answer, and the months are no whole years.
    """
    months = (span.first, span.last)
    years = (f"{span.first[:4]}-01", f"{span.last[:4]}-12")

    def holds(freq: Freq, ends: tuple[str, str]) -> bool:
        return all(
            newest(workspace, who, flow, freq=freq, span=ends) for flow, who in books.items()
        )

    by_year = wanted == "A" or (wanted is None and not holds("M", months) and holds("A", years))
    if not by_year:
        return "M", ""
    if months != years:
        held = "" if wanted else "only figures by year are held, and "
        raise CoverageError(
            f"ask: {held}--months {span.first}..{span.last} is not made of whole years; "
            f"write --months {'..'.join(dict.fromkeys(end[:4] for end in years))}"
        )
    return "A", "" if wanted else "Only figures by year are held, so years are counted."
