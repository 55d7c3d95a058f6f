"""Details: everything one finding's page says, from the arrays and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.months import month
from entrepot.publish import findings
from entrepot.publish.brief import Picture
from entrepot.publish.finding import FindingDetail, Ranked
from entrepot.publish.lists import LISTS
from entrepot.reference import countries
from entrepot.reference import events as calendar
from entrepot.scan.rows import counted

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from entrepot.detect._amounts import Ends
    from entrepot.detect._leg import Leg
    from entrepot.scan.question import ScanQuestion
    from entrepot.scan.run import Scanned

BEFORE = 36
"""Months drawn before the scan's window: the base, and a year before it."""


@dataclass(frozen=True)
class Details:
    """A scan's arrays, ready to be read cell by cell."""

    scanned: Scanned
    asked: ScanQuestion

    @cached_property
    def _levels(self) -> dict[str, Ends]:
        """Per leg the window's counterfactual and the ends of its range, for published months."""
        evidence = self.scanned.evidence
        if self._went_out:
            return {"onward_exports": _counterfactual(evidence.alone)}
        return {
            "coalition_exports": _counterfactual(evidence.inflow),
            "onward_exports": _counterfactual(evidence.outflow),
        }

    @property
    def _went_out(self) -> bool:
        return not self.scanned.panel.coalition

    def detail(self, entry: Ranked, rows: pa.Table, mark: str = "") -> FindingDetail:
        """Return the page of an entry; `rows` are those of `rows.behind`, `mark` the picture's."""
        events = self._events(entry.finding.intermediary)
        return FindingDetail(
            entry=entry,
            picture=replace(self._picture(entry, events), mark=mark),
            events=events,
            rows=counted(rows, month(self.scanned.panel.scan.since)),
            caveats=self._caveats(entry),
        )

    def _picture(self, entry: Ranked, events: tuple[tuple[str, str, str, str], ...]) -> Picture:
        third, code = cell = entry.finding.cell
        named = findings.route(entry)
        who, to = countries.name(third), countries.name(self.asked.to)
        into = f"The coalition's exports of {code} to {who}"
        panels = [
            *self._points(into, cell, "coalition_exports", "reported_imports"),
            *self._points(f"{who}'s exports of {code} to {to}", cell, "onward_exports"),
            *self._points(f"The coalition's exports of {code} straight to {to}", cell, "direct"),
        ]
        return Picture(
            kind="counterfactual",
            title="The trade, and what was to be expected",
            reading="Monthly values; each panel has a scale of its own, and a gap is a month that "
            f"was not published. {LISTS[entry.list].drawn} Numbers mark the events listed below.",
            alt=f"Line charts of monthly trade in {named}, with the counterfactual.",
            rows=tuple(panels),
            options={
                "events": [{"date": day, "label": number} for number, day, _, _ in events],
                "mirror": f"recorded by {who}",
            },
        )

    def _points(
        self, panel: str, cell: tuple[str, str], series: str, mirror: str = ""
    ) -> list[dict[str, Any]]:
        """Return the months of one panel; none where the country published none of them."""
        seen = self.scanned.panel
        j, k = seen.thirds.index(cell[0]), seen.products.index(cell[1])
        values = seen.direct[k] if series == "direct" else seen[series][j, k]
        others = seen[mirror][j, k] if mirror else np.full(len(values), np.nan)
        drawn = range(max(0, seen.since - BEFORE), len(seen.months))
        if not np.isfinite(values[drawn.start :]).any():
            return []
        published = max(int(np.isfinite(values[seen.since :]).sum()), 1)
        levels = [level[j, k] / published for level in self._levels.get(series, ())]
        season = self._season(series, k, np.isfinite(values[seen.since :])) if levels else {}
        return [
            {
                "panel": panel,
                "period": f"{seen.months[at]}-01",
                "value_usd": _number(values[at]),
                "mirror_usd": _number(others[at]),
                **(
                    dict(zip(("expected_usd", "low_usd", "high_usd"),
                             (_number(level * season[at]) for level in levels), strict=True))
                    if levels and at >= seen.since and np.isfinite(values[at])
                    else {}
                ),
            }
            for at in drawn
        ]  # fmt: skip

    def _season(self, series: str, k: int, published: NDArray[np.bool_]) -> dict[int, float]:
        """Return how much of an even share each month of the window was to hold, by its place."""
        found = self.scanned.evidence.seasons(series)[k]
        if self._went_out:
            found = np.ones_like(found)
        usual = found[published].mean() if published.any() else 1.0
        return {self.scanned.panel.since + at: one / usual for at, one in enumerate(found)}

    def _events(self, third: str) -> tuple[tuple[str, str, str, str], ...]:
        """Return the dated events of the window that may break this series, numbered.

        Events of other third countries are left out: they belong to those countries' pages.
        """
        months = self.scanned.panel.months
        others = {
            row["iso2"]
            for code, row in countries.table().items()
            if code not in (third, self.asked.to, *self.asked.members)
        }
        found = [
            event
            for event in calendar.table(breaks_only=True)
            if months[max(0, self.scanned.panel.since - 1)] <= f"{event.date:%Y-%m}" <= months[-1]
            and event.actor not in others
            and event.actor != "research"
        ]
        return tuple(
            (str(number), event.date.isoformat(), f"{event.actor}: {event.what}", event.source)
            for number, event in enumerate(found, start=1)
        )

    def _caveats(self, entry: Ranked) -> tuple[str, ...]:
        classes = {
            good.code: good.hs2017_class
            for good in self.asked.listed.goods
            if good.code in entry.finding.product.split("+")
        }
        found = []
        for code, kind in classes.items():
            if kind in ("carved", "rescoped"):
                found.append(
                    f"Code {code} did not mean the same before 2022 ({kind}): its past holds "
                    "other goods too, so the excess may be larger or smaller than it looks."
                )
        found += [
            signal.explanation
            for signal in entry.signals
            if signal.detector == "code_switch" and signal.stands_out
        ]
        return (*found, *LISTS[entry.list].caveats, _ALWAYS)


_ALWAYS = (
    "A code counts civil goods too. Statistics show where to look, never who is guilty: no row "
    "names a company, a shipment or a use."
)


def _counterfactual(leg: Leg) -> Ends:
    middle, low, high = (one / leg.shift.unseen for one in leg.expected)
    return middle, low, high


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
