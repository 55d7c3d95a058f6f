"""Fetch plans: what a study needs, what the store has, and the difference from the best source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot import fetch
from entrepot.errors import AccessError
from entrepot.parts import part, sources
from entrepot.reference import groups
from entrepot.store.holdings import holdings
from entrepot.study.check import check
from entrepot.study.needs import lacking, needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.contracts import Endpoint, Query
    from entrepot.fetch import Plan
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace

BEST = {"eu27": "eurostat", "USA": "census", "GBR": "hmrc"}
"""Who publishes a reporter's own figures first; everyone else is asked through UN Comtrade."""
ELSEWHERE = "comtrade"


def plans(
    study: Study,
    workspace: Workspace,
    *,
    only: str | None = None,
    endpoint: str | None = None,
    everything: bool = False,
) -> list[Plan]:
    """Return one plan per source for what a study needs and the store does not hold.

    A reporter is asked for where the store has it from already, since two sources of one reporter
    would count twice; else at the source the study names, else at its own statistical office where
    that can be asked without a key we lack, else at UN Comtrade.

    Args:
        study: The question.
        workspace: Its store.
        only: The one source to ask for everybody.
        endpoint: The endpoint of that source.
        everything: Plan for what the store holds too.

    Raises:
        AccessError: The source wanted needs a key that is not there.
        RegistryError: There is no such source or endpoint.
    """
    check(study)
    held = _held(workspace)
    endpoints = _endpoints(only, endpoint, study.sources)
    wanted: dict[str, list[Query]] = defaultdict(list)
    for query in needs(study):
        for source, reporters in _shared_out(query, endpoints, held, only, study.sources).items():
            wanted[source].append(replace(query, reporters=reporters))
    found = []
    vintages = workspace.store.vintages()
    for source, queries in sorted(wanted.items()):
        has = holdings(vintages, source)
        short = queries if everything else [lacking(query, has) for query in queries]
        rest = [query for query in short if query is not None]
        if rest:
            found.append(fetch.plan(source, endpoints[source], rest))
    return found


def _endpoints(
    only: str | None, endpoint: str | None, preferred: Sequence[str]
) -> dict[str, Endpoint]:
    every = sources()
    if only is not None:
        return {only: fetch.endpoint_of(only, part(every, "source", only), endpoint)}
    found = {}
    for name in dict.fromkeys([*preferred, *BEST.values(), ELSEWHERE]):
        if name not in every:
            continue
        try:
            found[name] = fetch.endpoint_of(name, part(every, "source", name))
        except AccessError:
            continue
    return found


def _held(workspace: Workspace) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for row in workspace.rows(workspace.slices.select("source", "reporter").distinct()):
        held[row["source"]].add(row["reporter"])
    return held


def _shared_out(
    query: Query,
    endpoints: dict[str, Endpoint],
    held: dict[str, set[str]],
    only: str | None,
    preferred: Sequence[str],
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for reporter in query.reporters:
        found[only or _source(reporter, endpoints, held, preferred)].append(reporter)
    return {source: tuple(reporters) for source, reporters in found.items()}


def _source(
    reporter: str,
    endpoints: dict[str, Endpoint],
    held: dict[str, set[str]],
    preferred: Sequence[str],
) -> str:
    for source, reporters in held.items():
        if reporter in reporters and source in endpoints:
            return source
    if preferred:
        return next((source for source in preferred if source in endpoints), ELSEWHERE)
    for group, source in BEST.items():
        if source in endpoints and reporter in groups.members(group):
            return source
    return ELSEWHERE
