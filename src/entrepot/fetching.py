"""Fetching: from a question to new vintages; planned, resumable, and never silently short.

A run asks the publisher's index what exists, plans one request per part that fits into an answer,
archives every answer before anything is read, and takes all of them in at the end or nothing.
Cut off at any point, the same command goes on with what it lacks.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from entrepot import config
from entrepot.contracts import Release, Verdict
from entrepot.errors import AccessError, FetchError, RegistryError, TruncatedError, UnpublishedError
from entrepot.intake import Delivery, Order, intake
from entrepot.sources._fetch import Fetcher
from entrepot.store.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Access, Query, Request, Source
    from entrepot.store.answers import Kept
    from entrepot.store.vintages import Store, Vintage

Month = tuple[str, str]
"""A reporter and a period."""


class Watch(Protocol):
    """Who is told how far a run is."""

    def planned(self, calls: int) -> None:
        """So many answers are needed in all, those that are here already included."""

    def answered(self, name: str, *, kept: bool) -> None:
        """One more is here; `kept` if it was before this run."""

    def said(self, text: str) -> None:
        """One line worth reading."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will ask.

    `index` requests come first and cost a call each; `requests` is exact where the index is known
    and otherwise what is asked if everything is published: the most there can be.
    """

    source: str
    access: Access
    queries: tuple[Query, ...]
    index: tuple[Request, ...]
    requests: tuple[Request, ...]

    @property
    def calls(self) -> int:
        """The number of calls."""
        return len(self.index) + len(self.requests)

    @property
    def seconds(self) -> float:
        """How long the publisher's pause between calls makes it last, without the answers."""
        return max(0, self.calls - 1) * self.access.pause

    @property
    def days(self) -> int:
        """How many days it takes under the publisher's limit of calls a day."""
        return math.ceil(self.calls / self.access.calls_per_day) if self.access.calls_per_day else 1


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a run brought: one record per run and source.

    `unpublished` are the reporter-periods that the publisher does not have yet, `empty` those it
    has with nothing of what was asked.
    """

    source: str
    vintages: tuple[Vintage, ...]
    calls: int
    reused: int
    unpublished: tuple[Month, ...]
    empty: tuple[Month, ...]


def door(name: str, source: Source, wanted: str | None = None) -> Access:
    """Return the door to use: the one wanted, else the first that needs no key we lack.

    Raises:
        FetchError: The source cannot be fetched.
        RegistryError: It has no such door.
        AccessError: Every door, or the one wanted, needs a key that is not there.
    """
    if not source.access:
        raise FetchError(
            f"{name}: only you know where its files come from; ingest files that you have with "
            f"`entrepot source ingest {name} FILE...`"
        )
    found = {access.name: access for access in source.access}
    if wanted is not None and wanted not in found:
        raise RegistryError(f"{name}: no door is called {wanted!r}; there are: {', '.join(found)}")
    candidates = [found[wanted]] if wanted else list(source.access)
    for access in candidates:
        if access.key is None or config.key(access.key.name):
            return access
    key = candidates[0].key
    assert key is not None
    raise AccessError(
        f"{name}: needs a key; get one at {key.register} and put it in "
        f"{config.key_variable(key.name)} or {config.keys_path()}"
    )


def plan(
    name: str, access: Access, queries: Sequence[Query], known: tuple[Release, ...] | None = None
) -> Plan:
    """Return the requests of a run.

    Args:
        name: The source.
        access: The door.
        queries: What is wanted.
        known: What the index says; None before it was asked, when all is taken as published.
    """
    index = {r.name: r for q in queries if access.index for r in access.index(q)}
    requests = {
        request.name: request
        for query in queries
        for request in access.requests(query, _assumed(query) if known is None else known)
    }
    return Plan(name, access, tuple(queries), tuple(index.values()), tuple(requests.values()))


def _assumed(query: Query) -> tuple[Release, ...]:
    return tuple(Release(r, query.freq, p) for r in query.reporters for p in query.periods)


def fetch(
    store: Store,
    source: Source,
    wanted: Plan,
    watch: Watch,
    *,
    have: Callable[[Release, Query], bool] = lambda _release, _query: False,
    fresh: bool = False,
) -> Fetched:
    """Run a plan: ask what is missing, archive every answer, take them in together.

    Args:
        store: Where to.
        source: The connector that reads the answers.
        wanted: The plan.
        watch: Who is told about progress.
        have: Whether the store holds a release already, so that it need not be asked for.
        fresh: Drop answers kept by an earlier run that did not finish.

    Raises:
        FetchError: A request was refused, or not answered; what was answered is kept.
        SourceError: An answer cannot be read; the store is unchanged.
    """
    answers = Answers(store.path, wanted.source)
    with (
        answers.asking() as arriving,
        Fetcher(wanted.source, wanted.access, told=watch.said) as fetcher,
    ):
        run = _Run(answers, fetcher, arriving, watch, fresh)
        index = [run.get(request, index=True) for request in wanted.index]
        exact, unpublished = _exact(wanted, index, have)
        _refuse_unpublished(wanted, unpublished)
        done = [*wanted.index]
        deliveries: list[Delivery] = []
        watch.planned(len(index) + len(exact.requests))
        for request, kept in run.all(exact.requests):
            done.append(request)
            if kept.verdict is not Verdict.TOO_LARGE:
                is_empty = kept.verdict is Verdict.EMPTY
                deliveries.append(Delivery(kept.path, request.published, request.asked, is_empty))
        order = Order(
            name=wanted.source,
            source=source,
            files=tuple(deliveries),
            today=datetime.now(tz=UTC).date(),
            synthetic=bool(config.publisher()),  # a server of this machine stands in for them
        )
        watch.said(f"{wanted.source}: {len(deliveries):,} answers to take in")
        made = intake(store, order, lambda _text: None) if deliveries else []
        answers.drop(done)
    return Fetched(
        wanted.source,
        tuple(made),
        fetcher.calls,
        run.reused,
        unpublished,
        tuple(sorted(set(_empty(deliveries)))),
    )


def index(
    store: Store, name: str, access: Access, query: Query, watch: Watch
) -> tuple[Release, ...]:
    """Ask a publisher what exists, and nothing else; the answers are not kept.

    Returns:
        What is released of a query's reporters or periods; nothing for a door without an index.

    Raises:
        FetchError: The index was refused, or not answered.
    """
    if access.index is None or access.releases is None:
        return ()
    requests = list(access.index(query))
    answers = Answers(store.path, name)
    with answers.asking() as arriving, Fetcher(name, access, told=watch.said) as fetcher:
        run = _Run(answers, fetcher, arriving, watch, True)
        watch.planned(len(requests))
        found = access.releases([run.get(request).path for request in requests])
        answers.drop(requests)
    return found


def _exact(
    wanted: Plan, index: list[Kept], have: Callable[[Release, Query], bool]
) -> tuple[Plan, tuple[Month, ...]]:
    """Plan again with what the index says; return that and what is not published."""
    access = wanted.access
    if access.releases is None:
        return wanted, ()
    found = access.releases([kept.path for kept in index])
    there = {(release.reporter, release.freq, release.period) for release in found}
    missing = {
        (reporter, period)
        for query in wanted.queries
        for reporter in query.reporters
        for period in query.periods
        if (reporter, query.freq, period) not in there
    }
    requests: dict[str, Request] = {}
    for query in wanted.queries:
        new = tuple(release for release in found if not have(release, query))
        requests |= {request.name: request for request in access.requests(query, new)}
    return replace(wanted, requests=tuple(requests.values())), tuple(sorted(missing))


def _refuse_unpublished(wanted: Plan, missing: tuple[Month, ...]) -> None:
    asked = {(r, p) for query in wanted.queries for r in query.reporters for p in query.periods}
    if asked and asked == set(missing):
        (reporter, period), n = missing[0], len(missing)
        raise UnpublishedError(
            f"{wanted.source}: none of the {n} reporter-periods asked for is published yet (first: "
            f"{reporter} {period}); ask for earlier ones, or again later"
        )


def _empty(deliveries: Iterable[Delivery]) -> Iterator[Month]:
    for delivery in deliveries:
        if delivery.is_empty and delivery.asked:
            for reporter in delivery.asked.reporters:
                for period in delivery.asked.periods:
                    yield reporter, period


class _Run:
    """The answers of one run, from the archive or from the publisher."""

    def __init__(
        self, answers: Answers, fetcher: Fetcher, arriving: Path, watch: Watch, fresh: bool
    ) -> None:
        self.answers = answers
        self.fetcher = fetcher
        self.arriving = arriving
        self.watch = watch
        self.fresh = fresh
        self.reused = 0

    def get(self, request: Request, *, index: bool = False) -> Kept:
        """Return the answer to one request."""
        kept = None if self.fresh else self.answers.kept(request, fresh_only=index)
        if kept is None:
            target = self.arriving / f"answer-{os.getpid()}"
            verdict, why = self.fetcher.get(request, target)
            kept = self.answers.keep(request, target, verdict, why)
            self.watch.answered(request.name, kept=False)
        else:
            self.reused += 1
            self.watch.answered(request.name, kept=True)
        return kept

    def all(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Kept]]:
        """Give every answer; what is too large is asked for again in parts."""
        waiting = list(requests)
        planned = len(waiting)
        while waiting:
            request = waiting.pop(0)
            kept = self.get(request)
            if kept.verdict is Verdict.TOO_LARGE:
                parts = self.fetcher.access.split(request)
                if not parts:
                    raise TruncatedError(
                        f"{self.fetcher.name}: {request.name} is too large ({kept.why}) and cannot "
                        "be asked for in smaller parts; name fewer products or partners"
                    )
                self.watch.said(
                    f"{request.name}: {kept.why}; asking for {len(parts)} parts instead"
                )
                planned += len(parts)
                self.watch.planned(planned)
                waiting[:0] = parts
            yield request, kept
