"""Plan: a query cut into parts that each fit into one answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from entrepot.contracts import Query, Release

DIMENSIONS = ("periods", "flows", "partners", "products")


def by_release(
    query: Query, releases: tuple[Release, ...]
) -> Iterator[tuple[Query, tuple[Release, ...]]]:
    """Give the query per reporter and day of release, with only the periods released that day.

    Rows that were released together become one vintage, so an answer never holds two days.
    Reporters and periods come in the query's order (all reporters of the index, sorted, where the
    query names none); what is not released is left out.
    """
    for reporter in query.reporters or sorted({release.reporter for release in releases}):
        days: dict[object, list[Release]] = {}
        found = {
            release.period: release
            for release in releases
            if (release.reporter, release.freq) == (reporter, query.freq)
        }
        for period in query.periods:
            if period in found:
                days.setdefault(found[period].day, []).append(found[period])
        for day in days.values():
            periods = tuple(release.period for release in day)
            yield replace(query, reporters=(reporter,), periods=periods), tuple(day)


def chunks(query: Query, cells: Callable[[Query], int], most: int, periods: int) -> Iterator[Query]:
    """Cut a query until each part has at most `most` cells and `periods` periods."""
    parts = [query]
    while parts:
        part = parts.pop(0)
        if len(part.periods) > periods:
            parts[:0] = [replace(part, periods=piece) for piece in runs(part.periods, periods)]
        elif cells(part) > most and (halves := halve(part)):
            parts[:0] = halves
        else:
            yield part


def halve(query: Query) -> tuple[Query, ...]:
    """Cut the first list that has two entries or more; nothing where none has."""
    for name in DIMENSIONS:
        names = getattr(query, name)
        if len(names) > 1:
            middle = (len(names) + 1) // 2
            return (
                replace(query, **{name: names[:middle]}),
                replace(query, **{name: names[middle:]}),
            )
    return ()


def file_name(source: str, query: Query, params: Mapping[str, str]) -> str:
    """Return a file name that says what is inside, and differs where the lists it shortens do."""
    first, last = query.periods[0], query.periods[-1]
    parts = [source, first if first == last else f"{first}_{last}", *query.flows]
    for names in (query.partners, query.products):
        if names:
            parts.append(names[0] if len(names) == 1 else f"{names[0]}+{len(names) - 1}")
    return f"{'-'.join(parts)}-{crc32(repr(sorted(params.items())).encode()):08x}.json"


def runs(items: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """Give the items in runs of at most `length`."""
    for place in range(0, len(items), length):
        yield tuple(items[place : place + length])
