"""Holdings: what a store holds of a source, so that only the difference is asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import duckdb

from entrepot.store.audit import verified
from entrepot.store.known import columns
from entrepot.store.paths import parquet
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from entrepot.contracts import Query, Release, Request
    from entrepot.store.vintages import Vintage

Slice = tuple[str, str, str, str]
"""Reporter, freq, flow and period ("2023-01", "2023")."""
ANY = "HS"
"""The classification of a query that takes any HS revision."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the vintages of one source speak for, and when they were published.

    `slices` gives the vintages that speak for a slice, `files` the newest day of each raw file.
    `depths` gives, by vintage and slice, the digits of the finest codes in it; 0 where it has none.
    """

    slices: dict[Slice, list[Vintage]]
    files: dict[str, date] = field(default_factory=dict)
    depths: dict[tuple[str, Slice], int] = field(default_factory=dict)

    def has(self, release: Release, query: Query) -> bool:
        """Return whether the store holds a release, for all that a query asks of it.

        True where, for each flow, one vintage not older than the release speaks for the
        query's products, and such vintages together for its partners. A release of no reporter
        is one of every reporter that the query names.
        """
        whose = (release.reporter,) if release.reporter else query.reporters
        return self._holds(
            replace(query, freq=release.freq, reporters=whose, periods=(release.period,)),
            release.day,
        )

    def answers(self, request: Request, query: Query) -> bool:
        """Return whether the store holds all that a query would learn from a request's answer.

        That is what query and request have in common: an answer may hold more than was asked for,
        and a query more than its source has. A file of all reporters, whose names are only inside
        it, is held where a raw file of its name and day is.
        """
        if request.asked is None:
            return False
        day = self.files.get(request.name)
        if not request.asked.reporters and day and (request.published or day) <= day:
            return True
        return self._holds(_shared(query, request.asked), request.published)

    def periods(self) -> dict[tuple[str, str], dict[str, date]]:
        """Return, by reporter and freq, each period held and the newest day it was published."""
        found: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
        for (reporter, freq, _flow, period), vintages in self.slices.items():
            newest = max(vintage.published for vintage in vintages)
            mine = found[reporter, freq]
            mine[period] = max(newest, mine.get(period, newest))
        return found

    def _holds(self, query: Query, day: date | None) -> bool:
        """Whether every slice is held; where no one is named, or a revision is, we cannot know."""
        slices = [
            (reporter, query.freq, flow, period)
            for reporter in query.reporters
            for flow in query.flows
            for period in query.periods
        ]
        is_known = bool(slices) and query.classification == ANY
        return is_known and all(self._has(piece, query, day) for piece in slices)

    def _has(self, piece: Slice, query: Query, day: date | None) -> bool:
        partners: set[str] = set()
        for vintage in self.slices.get(piece, ()):
            if day is not None and vintage.published < day:
                continue
            scope = vintage.scope
            if not _within(query.products, scope.products):
                continue
            depth = self.depths.get((vintage.id, piece), 0)
            if scope.products is None and 0 < depth < _digits(query.products):
                continue  # a table of headings says nothing of their subheadings
            if scope.partners is None:
                return True
            partners |= set(scope.partners)
        return bool(query.partners) and partners.issuperset(query.partners)


def _shared(query: Query, asked: Query) -> Query:
    """What two queries have in common, in the words of the first; empty means all in either."""
    return replace(
        query,
        periods=_common(query.periods, asked.periods),
        reporters=_common(query.reporters, asked.reporters),
        partners=_common(query.partners, asked.partners),
        flows=_common(query.flows, asked.flows),
        products=_common(query.products, asked.products),
    )


def _common(wanted: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in wanted if name in given) if wanted and given else wanted or given


def _digits(products: tuple[str, ...]) -> int:
    return max((len(code) for code in products if code.isdigit()), default=0)


def _within(asked: tuple[str, ...], scope: tuple[str, ...] | None) -> bool:
    return scope is None or (bool(asked) and set(asked) <= set(scope))


def is_of(vintage: Vintage, source: str) -> bool:
    """Return whether a vintage came from a source, under its name or one that it begins.

    A connector may name several sources, such as `baci_hs22` of `baci`.
    """
    return vintage.source == source or vintage.source.startswith(f"{source}_")


def holdings(vintages: Iterable[Vintage], source: str) -> Holdings:
    """Return what the vintages of a source hold, read from their slices and no row."""
    mine = {vintage.id: vintage for vintage in vintages if is_of(vintage, source)}
    found: dict[Slice, list[Vintage]] = defaultdict(list)
    files: dict[str, date] = {}
    depths: dict[tuple[str, Slice], int] = {}
    if mine:
        verified(*mine.values())
        slices = parquet((v.folder / SLICES for v in mine.values()), by_name=True)
        with duckdb.connect() as con:
            written = {row[0] for row in con.execute(f"describe from {slices}").fetchall()}
            rows = con.execute(
                f"""select vintage, reporter, freq, flow,
                case freq when 'A' then strftime(period, '%Y') else strftime(period, '%Y-%m') end,
                coalesce(list_max(depths), 0)
                from (select vintage, reporter, freq, flow, period, {columns(written)}
                    from {slices})"""
            ).fetchall()
        for vintage, *piece, depth in rows:
            found[tuple(piece)].append(mine[vintage])
            depths[vintage, tuple(piece)] = depth
    for one in mine.values():
        files |= {
            raw.name: max(one.published, files.get(raw.name, one.published)) for raw in one.raw
        }
    return Holdings(dict(found), files, depths)
