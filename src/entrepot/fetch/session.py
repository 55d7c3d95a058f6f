"""Session: the answers of one run, from the archive or from the publisher."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from entrepot.contracts import Verdict
from entrepot.errors import SourceError, TruncatedError
from entrepot.sources._fetch import Fetcher
from entrepot.store.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from entrepot.contracts import Endpoint, Request
    from entrepot.store.answers import Kept
    from entrepot.store.vintages import Store


class Progress(Protocol):
    """Who is told how far a run is."""

    def planned(self, calls: int) -> None:
        """So many answers are needed in all, those that are here already included."""

    def answered(self, name: str, *, kept: bool) -> None:
        """One more is here; `kept` if it was before this run."""

    def said(self, text: str) -> None:
        """One line worth reading."""


class Session:
    """One run at one endpoint: `calls` made and answers `reused` so far."""

    def __init__(
        self, answers: Answers, fetcher: Fetcher, arriving: Path, watch: Progress, *, fresh: bool
    ) -> None:
        self.answers = answers
        self.fetcher = fetcher
        self.arriving = arriving
        self.watch = watch
        self.fresh = fresh
        self.reused = 0
        self.done: list[Request] = []

    @property
    def calls(self) -> int:
        """Calls made, attempts and redirects included."""
        return self.fetcher.calls

    def get(self, request: Request, *, today_only: bool = False, anew: bool = False) -> Kept:
        """Return the answer to one request.

        Args:
            request: The request.
            today_only: Ask again where the kept answer is of more than a day ago: a file of which
                only the publisher knows whether it changed.
            anew: Ask again whatever is kept: an index says what is out now.
        """
        is_new = self.fresh or anew
        kept = None if is_new else self.answers.kept(request, fresh_only=today_only)
        if kept is None:
            target = self.arriving / request.name  # errors name the file as the publisher does
            verdict, why = self.fetcher.get(request, target)
            kept = self.answers.keep(request, target, verdict, why)
            self.watch.answered(request.name, kept=False)
        else:
            self.reused += 1
            self.watch.answered(request.name, kept=True)
        self.done.append(request)
        return kept

    def all(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Kept]]:
        """Give every answer; what is too large is asked for again in parts.

        Raises:
            TruncatedError: It cannot be asked for in parts.
        """
        waiting = list(requests)[::-1]
        self.watch.planned(len(self.done) + len(waiting))
        while waiting:
            request = waiting.pop()
            kept = self.get(request)
            if kept.verdict is not Verdict.TOO_LARGE:
                yield request, kept
                continue
            parts = self.fetcher.endpoint.split(request)
            if not parts:
                raise TruncatedError(
                    f"{self.fetcher.name}: {request.name} is too large ({kept.why}) and cannot "
                    "be asked for in smaller parts; name fewer products or partners"
                )
            self.watch.said(f"{request.name}: {kept.why}; asking for {len(parts)} parts instead")
            waiting += parts[::-1]
            self.watch.planned(len(self.done) + len(waiting))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Forget the answer that an error names, so that the next run asks for it again.

        Raises:
            SourceError: The error itself.
        """
        try:
            yield
        except SourceError as error:
            named = str(error).partition(":")[0]
            self.answers.drop(request for request in self.done if request.name == named)
            raise

    def drop(self, more: Iterable[Request] = ()) -> None:
        """Forget what was answered: it is in the store now. `more` is what needed no answer."""
        self.answers.drop([*self.done, *more])


@contextmanager
def session(
    store: Store, name: str, endpoint: Endpoint, watch: Progress, *, fresh: bool = False
) -> Iterator[Session]:
    """Open one endpoint, for one process at a time.

    Args:
        store: The store, which keeps the answers.
        name: The source or material.
        endpoint: The endpoint.
        watch: Who is told about progress.
        fresh: Ask again for what an earlier run left.

    Raises:
        StoreError: The store cannot be written.
    """
    answers = Answers(store.path, name)
    with answers.asking() as arriving, Fetcher(name, endpoint, told=watch.said) as fetcher:
        yield Session(answers, fetcher, arriving, watch, fresh=fresh)
