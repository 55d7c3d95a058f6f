"""Run: a plan is asked, archived and taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from entrepot import config
from entrepot.contracts import Verdict
from entrepot.errors import FetchError, UnpublishedError
from entrepot.fetch.planning import lacking
from entrepot.fetch.session import session
from entrepot.ingest import Batch, InputFile, ingest, refuse_mixed
from entrepot.store.holdings import Holdings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from entrepot.contracts import Endpoint, Query, Release, Request, Source
    from entrepot.fetch.planning import Plan
    from entrepot.fetch.session import Progress, Session
    from entrepot.store.answers import Kept
    from entrepot.store.vintages import Store, Vintage

Month = tuple[str, str]
"""A reporter and a period."""


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


def fetch(
    store: Store,
    source: Source,
    wanted: Plan,
    watch: Progress,
    *,
    held: Holdings | None = None,
    fresh: bool = False,
) -> Fetched:
    """Run a plan: ask what is missing, archive every answer, take them in together.

    Args:
        store: Where to.
        source: The connector that reads the answers.
        wanted: The plan.
        watch: Who is told about progress.
        held: What the store holds of the source, so that it need not be asked for; None asks for
            everything.
        fresh: Drop answers kept by an earlier run that did not finish.

    Raises:
        FetchError: A request was refused, or not answered; what was answered is kept.
        SourceError: An answer cannot be read; it is forgotten, and the store is unchanged.
        StoreError: The store holds synthetic figures and the publisher's are real, or the reverse.
    """
    _refuse_nothing(wanted)
    is_synthetic = bool(config.publisher())  # a server of this machine stands in for them
    refuse_mixed(store, is_synthetic=is_synthetic)
    with session(store, wanted.source, wanted.endpoint, watch, fresh=fresh) as run:
        watch.planned(wanted.calls)
        requests, every, unpublished = _exact(run, wanted, held or Holdings({}))
        files = [_input_file(*answered) for answered in run.all(requests)]
        watch.said(_summary(wanted, len(files)))
        batch = Batch(
            name=wanted.source,
            source=source,
            files=tuple(files),
            today=datetime.now(tz=UTC).date(),
            synthetic=is_synthetic,
        )
        with run.reading():
            made = ingest(store, batch, lambda _text: None) if files else []
        run.drop(every)
    empty = tuple(sorted(set(_empty(files))))
    return Fetched(wanted.source, tuple(made), run.calls, run.reused, unpublished, empty)


def _exact(
    run: Session, wanted: Plan, held: Holdings
) -> tuple[tuple[Request, ...], tuple[Request, ...], tuple[Month, ...]]:
    """Ask the index; return what to ask for, all there would be, and what is not published."""
    # A release since an interrupted run would come under the day of the one before it.
    index = [run.get(request, anew=True).path for request in wanted.index]
    if wanted.endpoint.releases is None:
        return wanted.requests, (), ()
    with run.reading():
        found = wanted.endpoint.releases(index)
    try:
        unpublished = _unpublished(wanted, found)
    except UnpublishedError:
        run.drop()  # this run has ended: the next one asks what is out by then
        raise
    return *lacking(wanted, found, held), unpublished


def _input_file(request: Request, kept: Kept) -> InputFile:
    return InputFile(
        path=kept.path,
        published=request.published,
        asked=request.asked,
        is_empty=kept.verdict is Verdict.EMPTY,
        arrived=kept.at.date(),
    )


def index(
    store: Store, name: str, endpoint: Endpoint, query: Query, watch: Progress
) -> tuple[Release, ...]:
    """Ask a publisher what exists, and nothing else; the answers are not kept.

    Returns:
        What is released of a query's reporters or periods; nothing where no index is kept.

    Raises:
        FetchError: The index was refused, or not answered.
    """
    if endpoint.index is None or endpoint.releases is None:
        return ()
    requests = list(endpoint.index(query))
    with session(store, name, endpoint, watch, fresh=True) as run:
        watch.planned(len(requests))
        found = endpoint.releases([run.get(request).path for request in requests])
        run.drop()
    return found


def _refuse_nothing(wanted: Plan) -> None:
    if not wanted.requests:
        query = wanted.queries[0]
        freq = {"M": "monthly", "A": "annual"}[query.freq]
        raise FetchError(
            f"{wanted.source}: publishes no {freq} {' or '.join(query.flows)} as asked; "
            f"`entrepot source show {wanted.source}` says what it has; ask for that, or ask another"
        )


def _unpublished(wanted: Plan, found: tuple[Release, ...]) -> tuple[Month, ...]:
    """Return what is asked for and not in the index; a release of nobody's is everybody's.

    Raises:
        UnpublishedError: That is all of it.
    """
    there = {(release.reporter, release.freq, release.period) for release in found}
    asked = {
        (reporter, query.freq, period)
        for query in wanted.queries
        for reporter in query.reporters
        for period in query.periods
    }
    missing = {
        (reporter, period)
        for reporter, freq, period in asked
        if not there & {(reporter, freq, period), ("", freq, period)}
    }
    if asked and len(missing) == len({(who, period) for who, _freq, period in asked}):
        (reporter, period), n = min(missing), len(missing)
        raise UnpublishedError(
            f"{wanted.source}: none of the {n} reporter-periods asked for is published yet (first: "
            f"{reporter} {period}); ask for earlier ones, or again later; `entrepot source show "
            f"{wanted.source}` says whose records it has"
        )
    return tuple(sorted(missing))


def _summary(wanted: Plan, answers: int) -> str:
    if answers:
        return f"{wanted.source}: {answers:,} answer{'' if answers == 1 else 's'} to take in"
    return f"{wanted.source}: nothing new: the store holds all that is published of what is asked"


def _empty(files: Iterable[InputFile]) -> Iterator[Month]:
    for file in files:
        if file.is_empty and file.asked:
            for reporter in file.asked.reporters:
                for period in file.asked.periods:
                    yield reporter, period
