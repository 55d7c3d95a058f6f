"""Status: what the store holds of each publisher, and what the publisher has by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot import fetching
from entrepot.contracts import Query
from entrepot.errors import AccessError, FetchError
from entrepot.store.holdings import holdings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from entrepot.contracts import Release, Source
    from entrepot.fetching import Watch
    from entrepot.store.vintages import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """One reporter of one source: stored against published.

    `stored_release` is the newest day of publication in the store. `published_last`, `released`, `revised` and `new` are None where the publisher was not asked or
    has no index. `revised` counts stored periods that were released again since; `new` counts
    periods released after the last one stored.
    """

    source: str
    reporter: str
    freq: str
    periods: int
    stored_last: str
    stored_release: date
    published_last: str | None = None
    released: date | None = None
    revised: int | None = None
    new: int | None = None


def status(
    store: Store, sources: Mapping[str, Source], watch: Watch, *, ask: bool
) -> list[Standing]:
    """Return one record per source, reporter and freq in the store, sorted.

    Args:
        store: The store.
        sources: Every connector.
        watch: Who is told about progress.
        ask: Whether to ask the publishers' indexes; without, only the store is read.

    Raises:
        FetchError: A publisher did not answer.
    """
    vintages = store.vintages()
    found: list[Standing] = []
    for name in sorted({vintage.source for vintage in vintages}):
        held = holdings(vintages, name).periods()
        releases = tuple(_ask(store, name, sources, held, watch)) if ask else ()
        found += [
            _standing(name, reporter, freq, periods, releases)
            for (reporter, freq), periods in sorted(held.items())
        ]
    return found


def _ask(
    store: Store,
    name: str,
    sources: Mapping[str, Source],
    held: dict[tuple[str, str], dict[str, date]],
    watch: Watch,
) -> Iterator[Release]:
    if name not in sources:  # a mapping's own name
        return
    try:
        access = fetching.door(name, sources[name])
    except AccessError as error:
        watch.said(str(error))
        return
    except FetchError:
        return
    for freq in sorted({freq for _reporter, freq in held}):
        reporters = tuple(reporter for reporter, how in held if how == freq)
        periods = sorted({p for (_who, how), mine in held.items() if how == freq for p in mine})
        query = Query(freq, tuple(periods), reporters)
        yield from fetching.index(store, name, access, query, watch)


def _standing(
    name: str, reporter: str, freq: str, periods: dict[str, date], releases: tuple[Release, ...]
) -> Standing:
    last = max(periods)
    theirs = [item for item in releases if (item.reporter, item.freq) == (reporter, freq)]
    here = Standing(name, reporter, freq, len(periods), last, max(periods.values()))
    if not theirs:
        return here
    newest = max(theirs, key=lambda item: item.period)
    return Standing(
        *(name, reporter, freq, len(periods), last, here.stored_release),
        published_last=newest.period,
        released=newest.day,
        revised=sum(
            item.day is not None and item.period in periods and item.day > periods[item.period]
            for item in theirs
        ),
        new=sum(item.period > last for item in theirs),
    )
