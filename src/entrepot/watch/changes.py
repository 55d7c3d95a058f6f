"""Changes: what differs between two runs of one scan, by bars that are stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from entrepot.findings import BAR
from entrepot.publish import findings, lists, words
from entrepot.scan.untested import SWITCHED, reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.findings import RankedFinding
    from entrepot.scan.run import Scanned

Kind = Literal["new", "stronger", "weaker", "gone", "explained"]
KINDS: tuple[Kind, ...] = ("new", "stronger", "weaker", "gone", "explained")

TIMES = 10.0
"""A q-value has moved when it is this many times smaller or larger."""

BARS = (
    f"new and gone: a q-value of at most {BAR:g}, crossed; stronger and weaker: a q-value "
    f"{TIMES:g} times smaller or larger, or an excess whose 90% range lies wholly above or below "
    "the earlier one; explained: a switch between codes now accounts for it"
)


@dataclass(frozen=True, slots=True)
class CellState:
    """How one cell stood in a run.

    `switch` says in one sentence which switch between codes accounts for it, `untested` why it
    could not be judged; both are empty otherwise. `list` is what it was ranked among.
    """

    q_value: float | None
    excess_usd: float | None
    excess_low_usd: float | None
    excess_high_usd: float | None
    first_month: str | None
    explanation: str
    switch: str = ""
    untested: str = ""
    list: str = lists.ROUTE

    @property
    def stands_out(self) -> bool:
        """Whether chance alone is an unlikely reason."""
        return self.q_value is not None and self.q_value <= BAR


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `title` and `text` say it in words."""

    kind: Kind
    intermediary: str
    product: str
    title: str
    text: str


Cell = tuple[str, str]


def cell_states(scanned: Scanned) -> dict[Cell, CellState]:
    """Return how every listed cell stands, by third country and product."""
    found = {
        row.finding.cell: CellState(
            row.finding.q_value,
            row.finding.excess_usd,
            row.finding.excess_low_usd,
            row.finding.excess_high_usd,
            row.finding.first_month,
            row.finding.explanation,
            switch=_switch(row),
            list=row.list,
        )
        for row in scanned.ranking
        if row.finding.q_value is not None
    }
    for cell, why in reasons(scanned).items():
        switch = f"{why}." if why == SWITCHED else ""
        found[cell] = CellState(None, None, None, None, None, "", switch, why)
    return found


def _switch(row: RankedFinding) -> str:
    """Return what `code_switch` says of a cell, where it stands out."""
    said = [
        signal.explanation
        for signal in row.signals
        if signal.detector == "code_switch" and signal.stands_out
    ]
    return said[0] if said else ""


def changes(before: Mapping[Cell, CellState], after: Mapping[Cell, CellState]) -> list[Change]:
    """Return what changed between two runs, by kind in the order of `KINDS`, then by cell.

    See `BARS`. A cell that stood out in neither run is not news.
    """
    absent = CellState(None, None, None, None, None, "", "", "It is no longer part of the scan")
    found = []
    for cell in sorted({*before, *after}):
        was, now = before.get(cell, absent), after.get(cell, absent)
        kind = _kind(was, now)
        if kind:
            found.append(_change(kind, cell, was, now))
    return sorted(found, key=lambda change: KINDS.index(change.kind))


def _kind(was: CellState, now: CellState) -> Kind | None:
    if was.stands_out and now.switch and not was.switch:
        return "explained"
    if was.stands_out != now.stands_out:
        return "new" if now.stands_out else "gone"
    if not now.stands_out:
        return None
    up, down = _moved(was, now), _moved(now, was)
    if up != down:
        return "stronger" if up else "weaker"
    return None


def _moved(low: CellState, high: CellState) -> bool:
    """Return whether `high` is the stronger of two by a stated bar."""
    assert low.q_value is not None  # both stand out
    assert high.q_value is not None
    rarer = high.q_value * TIMES <= low.q_value
    ends = (high.excess_low_usd, low.excess_high_usd)
    larger = ends[0] is not None and ends[1] is not None and ends[0] > ends[1]
    return rarer or larger


def _change(kind: Kind, cell: Cell, was: CellState, now: CellState) -> Change:
    third, product = cell
    named = lists.cell(product, third, (was if kind == "gone" else now).list)
    title = f"{kind.capitalize()}: {named}"
    if kind == "new":
        text = f"{now.explanation} q-value {findings.q_value(now.q_value)}, earlier {_q(was)}."
    elif kind == "explained":
        text = f"{now.switch} Earlier it stood out with a q-value of {_q(was)}."
    elif kind == "gone":
        why = f"{now.untested}." if now.untested else f"Its q-value is {_q(now)} now."
        text = f"{why} Earlier it was {_q(was)}."
    else:
        text = (
            f"q-value {_q(was)}, now {_q(now)}; excess {_excess(was)}, now {_excess(now)}. "
            f"{now.explanation}"
        )
    return Change(kind, third, product, title, text)


def _q(standing: CellState) -> str:
    return "none" if standing.q_value is None else findings.q_value(standing.q_value)


def _excess(standing: CellState) -> str:
    ends = words.span(standing.excess_low_usd, standing.excess_high_usd, "USD")
    return f"{words.usd(standing.excess_usd)} ({ends})"
