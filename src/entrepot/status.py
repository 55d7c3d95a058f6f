"""Status: what the store holds of each publisher, and what the publisher has by now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from entrepot import fetch, months
from entrepot.contracts import Query
from entrepot.errors import AccessError, FetchError
from entrepot.store.holdings import holdings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from entrepot.contracts import Release, Source
    from entrepot.fetch import Progress
    from entrepot.store.vintages import Store


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One reporter of one source: stored against published.

    `stored_release` is the newest day of publication in the store. `speaks_for` says for which
    goods and partners the store was told of the newest period, and how fine their codes are.
    `published_last`, `released`, `revised` and `new` are None where the publisher was not asked,
    or where its index has nothing of the reporter. `revised` counts stored periods that were
    released again since, and is None where the publisher does not say on which day it releases;
    `new` counts periods released after the last one stored.
    """

    source: str
    reporter: str
    freq: str
    periods: int
    stored_last: str
    stored_release: date
    speaks_for: str = ""
    published_last: str | None = None
    released: date | None = None
    revised: int | None = None
    new: int | None = None


def status(
    store: Store,
    sources: Mapping[str, Source],
    watch: Progress,
    *,
    ask: bool,
    told: Mapping[tuple[str, str, str], str] | None = None,
    today: date | None = None,
    as_of: date | None = None,
) -> list[SourceStatus]:
    """Return one record per source, reporter and freq in the store, sorted.

    Args:
        store: The store.
        sources: Every connector.
        watch: Who is told about progress.
        told: By source, reporter and freq, what the store speaks for.
        ask: Whether to ask the publishers' indexes; without, only the store is read.
        today: Up to when publishers are asked for; None is the real day.
        as_of: Only what was stored of publications until this day.

    Raises:
        FetchError: A publisher did not answer.
    """
    vintages = [v for v in store.vintages() if as_of is None or v.published <= as_of]
    until = today or datetime.now(tz=UTC).date()
    found: list[SourceStatus] = []
    for name in sorted({vintage.source for vintage in vintages}):
        held = holdings((v for v in vintages if v.source == name), name).periods()
        releases = tuple(_ask(store, name, sources, held, watch, until)) if ask else ()
        found += [
            replace(
                _standing(name, reporter, freq, periods, releases),
                speaks_for=(told or {}).get((name, reporter, freq), ""),
            )
            for (reporter, freq), periods in sorted(held.items())
        ]
    return found


def _ask(
    store: Store,
    name: str,
    sources: Mapping[str, Source],
    held: dict[tuple[str, str], dict[str, date]],
    watch: Progress,
    until: date,
) -> Iterator[Release]:
    connector = connector_of(name, sources)
    if connector is None:  # a mapping's own name
        return
    try:
        endpoint = fetch.endpoint_of(connector, sources[connector])
    except AccessError as error:
        watch.said(f"{error}; only the store is shown")
        return
    except FetchError:
        return
    for freq in sorted({freq for _reporter, freq in held}):
        reporters = tuple(reporter for reporter, how in held if how == freq)
        periods = {p for (_who, how), mine in held.items() if how == freq for p in mine}
        query = Query(freq, (*sorted(periods), *_after(max(periods), until)), reporters)
        yield from fetch.index(store, connector, endpoint, query, watch)


def connector_of(name: str, sources: Mapping[str, Source]) -> str | None:
    """Return the connector that a vintage's source comes from: `baci` for `baci_hs22`."""
    if name in sources:
        return name
    return next((one for one in sorted(sources, reverse=True) if name.startswith(f"{one}_")), None)


def _after(last: str, until: date) -> Iterator[str]:
    """Give the periods from the one after `last` to that of a day."""
    if "-" not in last:
        return map(str, range(int(last) + 1, until.year + 1))
    return map(
        months.name_of, range(months.number(months.month(last)) + 1, months.number(until) + 1)
    )


def _standing(
    name: str, reporter: str, freq: str, periods: dict[str, date], releases: tuple[Release, ...]
) -> SourceStatus:
    last = max(periods)
    here = SourceStatus(name, reporter, freq, len(periods), last, max(periods.values()))
    theirs = [item for item in releases if item.freq == freq and item.reporter in (reporter, "")]
    if not theirs:
        return here
    newest = max(theirs, key=lambda item: item.period)
    days = [(item.day, periods[item.period]) for item in theirs if item.period in periods]
    dated = [(day, stored) for day, stored in days if day is not None]
    return replace(
        here,
        published_last=newest.period,
        released=newest.day,
        revised=sum(day > stored for day, stored in dated) if dated or not days else None,
        new=sum(item.period > last for item in theirs),
    )
