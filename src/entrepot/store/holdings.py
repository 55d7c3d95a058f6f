"""Holdings: what a store holds of a source, so that only the difference is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from entrepot.contracts import Query, Release
    from entrepot.store.vintages import Vintage

Slice = tuple[str, str, str, str]
"""Reporter, freq, flow and period ("2023-01", "2023")."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The vintages that speak for each slice of one source, and the days they were published."""

    slices: dict[Slice, list[Vintage]]

    def has(self, release: Release, query: Query) -> bool:
        """Return whether the store holds a release, for all that a query asks of it.

        True where, for each flow, one vintage not older than the release speaks for the
        query's products, and such vintages together for its partners.
        """
        return all(self._has(release, query, flow) for flow in query.flows)

    def _has(self, release: Release, query: Query, flow: str) -> bool:
        found = self.slices.get((release.reporter, release.freq, flow, release.period), ())
        partners: set[str] = set()
        for vintage in found:
            if release.day is not None and vintage.published < release.day:
                continue
            scope = vintage.scope
            if not _within(query.products, scope.products):
                continue
            if scope.partners is None:
                return True
            partners |= set(scope.partners)
        return bool(query.partners) and partners.issuperset(query.partners)

    def periods(self) -> dict[tuple[str, str], dict[str, date]]:
        """Return, by reporter and freq, each period held and the newest day it was published."""
        found: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
        for (reporter, freq, _flow, period), vintages in self.slices.items():
            newest = max(vintage.published for vintage in vintages)
            mine = found[reporter, freq]
            mine[period] = max(newest, mine.get(period, newest))
        return found


def _within(asked: tuple[str, ...], scope: tuple[str, ...] | None) -> bool:
    return scope is None or (bool(asked) and set(asked) <= set(scope))


def holdings(vintages: Iterable[Vintage], source: str) -> Holdings:
    """Return what the vintages of a source hold, read from their slices and no row."""
    mine = {vintage.id: vintage for vintage in vintages if vintage.source == source}
    found: dict[Slice, list[Vintage]] = defaultdict(list)
    if mine:
        paths = [str(vintage.folder / SLICES) for vintage in mine.values()]
        with duckdb.connect() as con:
            rows = con.execute(
                f"""select vintage, reporter, freq, flow,
                case freq when 'A' then strftime(period, '%Y') else strftime(period, '%Y-%m') end
                from read_parquet({paths})"""
            ).fetchall()
        for vintage, *piece in rows:
            found[tuple(piece)].append(mine[vintage])
    return Holdings(dict(found))
