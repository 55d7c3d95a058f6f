"""Answers: what was computed, kept per state of the store, and what is being computed."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from entrepot.api.jobs import JobResult, Refused
from entrepot.api.state import state_of
from entrepot.store.vintages import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.api.jobs import Job, Outcome
    from entrepot.store.vintages import Vintage

KEPT = 64_000_000
"""Bytes of answers that are kept; the least recently asked for go first."""
WAITING = 48
"""Answers that may be waited for at once; who asks for one more is sent away."""
EACH = 24
"""The same for one client, so that nobody takes all the places; a page has up to five parts."""
BUSY = Refused(
    "serve: too many answers are being computed; ask again in a minute", "Busy", status=503
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a store holds: its state, and its vintages, the newest first."""

    state: str
    vintages: tuple[Vintage, ...]

    @property
    def synthetic(self) -> bool:
        """Whether it is of an invented world."""
        return any(vintage.synthetic for vintage in self.vintages)


class KeptAnswers:
    """The answers of one store; a job runs once per state, however many ask for it.

    Args:
        store: The store's folder.
        run: Starts a job, and gives what will hold its outcome.
    """

    def __init__(self, store: Path, run: Callable[[Job], Future[Outcome]]) -> None:
        self.store, self._run = store, run
        self._kept: OrderedDict[tuple[Any, ...], Outcome] = OrderedDict()
        self._begun: dict[tuple[Any, ...], Future[Outcome]] = {}
        self._asked: Counter[str] = Counter()
        self._bytes = 0
        self._lock = Lock()
        self._shelf: Shelf | None = None

    def state(self) -> str:
        """Return the state of the store: see `state.state_of`."""
        return state_of(self.store)

    def shelf(self) -> Shelf:
        """Return what the store holds, read again only when it changed.

        Raises:
            StoreError: The store cannot be read.
        """
        state = self.state()
        if self._shelf is None or self._shelf.state != state:
            vintages = tuple(reversed(Store(self.store).vintages()))
            self._shelf = Shelf(state, vintages)
        return self._shelf

    async def get(self, job: Job, state: str, patience: float, who: str = "") -> Outcome | None:
        """Return the outcome of a job, or None if it is not there after so many seconds.

        `who` is the client that asks; one that waits for `EACH` answers already gets `BUSY`.
        """
        key = (state, *job.key)
        found = self._begin(key, job, who)
        if not isinstance(found, Future):
            return found
        if not found.done() and patience > 0:
            await asyncio.wait([asyncio.wrap_future(found)], timeout=patience)
        return found.result() if found.done() else None

    def _begin(self, key: tuple[Any, ...], job: Job, who: str) -> Outcome | Future[Outcome]:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if key in self._begun:
                return self._begun[key]
            if len(self._begun) >= WAITING or self._asked[who] >= EACH:
                return BUSY
            future = self._begun[key] = self._run(job)
            self._asked[who] += 1
        future.add_done_callback(lambda done: self._finish(key, done.result(), who))
        return future

    def _finish(self, key: tuple[Any, ...], outcome: Outcome, who: str) -> None:
        with self._lock:
            self._begun.pop(key, None)
            self._asked[who] -= 1
            if not self._asked[who]:
                del self._asked[who]
            is_lasting = not (isinstance(outcome, Refused) and outcome.status >= 500)
            if (isinstance(outcome, JobResult) and outcome.path) or not is_lasting:
                return  # a file is sent once; a fault may be gone the next time
            self._kept[key] = outcome
            self._bytes += _size(outcome)
            while self._bytes > KEPT and len(self._kept) > 1:
                _key, gone = self._kept.popitem(last=False)
                self._bytes -= _size(gone)


def _size(outcome: Outcome) -> int:
    return 200 + (len(outcome.body) if isinstance(outcome, JobResult) else len(outcome.line))
