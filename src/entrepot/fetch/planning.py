"""Plans: which endpoint of a publisher is used, and what a run will ask there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from entrepot import config
from entrepot.contracts import Release
from entrepot.errors import AccessError, FetchError, RegistryError
from entrepot.store.answers import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.contracts import Endpoint, Query, Request
    from entrepot.store.holdings import Holdings


class HasEndpoints(Protocol):
    """What has endpoints: a source, or a material."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Its endpoints, the best first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will ask.

    `index` requests come first and cost a call each. `requests` is exact where the index is known.
    Before, it takes everything as published on one day: the run asks for less where something is
    not published, and for a few more where parts came out on different days.
    """

    source: str
    endpoint: Endpoint
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
        return max(0, self.calls - 1) * self.endpoint.pause

    @property
    def days(self) -> int:
        """How many days it takes under the publisher's limit of calls a day."""
        return (
            math.ceil(self.calls / self.endpoint.calls_per_day)
            if self.endpoint.calls_per_day
            else 1
        )


def endpoint_of(name: str, source: HasEndpoints, wanted: str | None = None) -> Endpoint:
    """Return the endpoint to use: the one wanted, else the first that needs no key we lack.

    Raises:
        FetchError: The source cannot be fetched.
        RegistryError: It has no such endpoint.
        AccessError: Every endpoint, or the one wanted, needs a key that is not there.
    """
    if not source.endpoints:
        raise FetchError(
            f"{name}: only you know where its files come from; ingest files that you have with "
            f"`entrepot source ingest {name} FILE...`"
        )
    found = {endpoint.name: endpoint for endpoint in source.endpoints}
    if wanted is not None and wanted not in found:
        raise RegistryError(
            f"{name}: no endpoint is called {wanted!r}; there are: {', '.join(found)}"
        )
    candidates = [found[wanted]] if wanted else list(source.endpoints)
    for endpoint in candidates:
        if endpoint.key is None or config.key(endpoint.key.name):
            return endpoint
    lacking = candidates[0].key
    assert lacking is not None
    raise AccessError(
        f"{name}: needs a key; get one at {lacking.register} and put it in "
        f"{config.key_variable(lacking.name)} or {config.keys_path()}"
    )


def plan(
    name: str,
    endpoint: Endpoint,
    queries: Sequence[Query],
    known: tuple[Release, ...] | None = None,
) -> Plan:
    """Return the requests of a run.

    Args:
        name: The source.
        endpoint: The endpoint.
        queries: What is wanted.
        known: What the index says; None before it was asked, when all is taken as published.
    """
    index = once(request for q in queries if endpoint.index for request in endpoint.index(q))
    requests = once(
        request
        for query in queries
        for request in endpoint.requests(query, _assumed(query) if known is None else known)
    )
    return Plan(name, endpoint, tuple(queries), index, requests)


def _assumed(query: Query) -> tuple[Release, ...]:
    return tuple(Release(r, query.freq, p) for r in query.reporters for p in query.periods)


def short(wanted: Plan, held: Holdings) -> Plan:
    """Return a plan without what the store holds, of whatever day: the estimate of a later run.

    The run itself asks for what was released again since, too; only the index knows of that.
    """
    every = tuple(release for query in wanted.queries for release in _assumed(query))
    return replace(wanted, requests=lacking(wanted, every, held)[0])


def once(requests: Iterable[Request]) -> tuple[Request, ...]:
    """Return each request once, in order: two queries of a plan may need the same answer."""
    return tuple({(key(request), request.asked): request for request in requests}.values())


def lacking(
    wanted: Plan, found: tuple[Release, ...], held: Holdings
) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """Plan again with what the index says; return what to ask for, and all there would be.

    A release is passed over where the store holds it in every flow that this endpoint can give, and
    so is a request whose answer could bring a query nothing that the store does not hold.
    """
    ask: list[Request] = []
    every: list[Request] = []
    for query in wanted.queries:
        possible = list(wanted.endpoint.requests(query, found))
        given = {flow for request in possible if request.asked for flow in request.asked.flows}
        flows = tuple(flow for flow in query.flows if flow in given)
        asked = replace(query, flows=flows or query.flows)
        new = tuple(release for release in found if not held.has(release, asked))
        requests = list(wanted.endpoint.requests(query, new))
        ask += [request for request in requests if not held.answers(request, query)]
        every += possible
    return once(ask), once(every)
