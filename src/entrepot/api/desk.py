"""Desk: the process that computes: it keeps a store open, and the last answers and scans."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import tempfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from entrepot.api.jobs import Refused, refusal
from entrepot.api.state import state_of
from entrepot.errors import EngineError, EntrepotError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import date

    from entrepot.api.jobs import Job, Outcome
    from entrepot.ask import Answer, Words
    from entrepot.scan.answer import ScanAnswer
    from entrepot.scan.question import ScanQuestion
    from entrepot.workspace import Workspace

KEPT = {"workspace": 2, "ask": 12, "scan": 3, "table": 4, "brief": 8}
"""How many of each are kept: a page, its files and its pictures come of one answer."""
MEMORY = 6_000_000_000
"""Bytes that the process may take; a question that needs more is refused."""
TOP = 20

T = TypeVar("T")


class Desk:
    """A store, and what was last read from it.

    Args:
        store: The store's folder.
        place: Options of the commands that repeat the answers, as `--demo`.
        spool: Where files for large answers go.
    """

    def __init__(self, store: Path, place: tuple[str, ...] = (), spool: Path | None = None) -> None:
        self.store, self.place = store, place
        self.spool = spool or Path(tempfile.gettempdir())
        self._kept: dict[str, OrderedDict[Hashable, Any]] = {k: OrderedDict() for k in KEPT}
        self.as_of: date | None = None

    def run(self, job: Job) -> Outcome:
        """Run a job; what entrepot refuses is a refusal, and so is a fault, with another status."""
        self.as_of = job.as_of
        try:
            return self._done(job)
        except EntrepotError as error:
            return refusal(error)
        except MemoryError:
            line = "serve: this needs more memory than one question may take; ask for less"
            return Refused(line, "Large", status=503)
        except Exception:
            logging.getLogger("entrepot.api").exception("fault in %s", job.said)
            line = f"serve: a fault in entrepot; the server's log says more of it ({job.said})"
            return Refused(line, "Fault", status=500)

    def _done(self, job: Job) -> Outcome:
        """Do a job, a second time with new sessions where an engine has lost what was open."""
        try:
            return job.work(self, **dict(job.given))
        except EngineError:
            if not self._kept["workspace"]:
                raise
            for kept in self._kept.values():
                kept.clear()
            return job.work(self, **dict(job.given))

    @property
    def workspace(self) -> Workspace:
        """The store as known on the day that the job asks about."""
        from entrepot.workspace import Workspace

        def opened() -> Workspace:
            return Workspace(self.store, as_of=self.as_of)

        return self.keep("workspace", self.as_of, opened)

    @property
    def synthetic(self) -> bool:
        """Whether the store is of an invented world."""
        return self.workspace.snapshot.is_synthetic

    def ask(self, words: Words, *, is_plain: bool = False) -> Answer:
        """Answer a question as `entrepot ask` does; a plain answer shows no range of a figure."""
        from entrepot.ask import ask

        work = self.workspace

        def asked() -> Answer:
            return ask(words, work, place=self.place, is_plain=is_plain)

        whole = (self.as_of, words)
        if is_plain and not self.holds("ask", whole):
            return self.keep("ask", (*whole, "plain"), asked)
        return self.keep("ask", whole, asked)

    def scan(self, asked: ScanQuestion) -> ScanAnswer:
        """Answer a scan as `entrepot scan` does."""
        from entrepot.scan.answer import answer

        def scanned() -> ScanAnswer:
            return answer(asked, self.store, as_of=self.as_of, top=TOP)

        return self.keep("scan", (self.as_of, asked), scanned)

    def holds(self, kind: str, key: Hashable) -> bool:
        """Whether something was made before of this state of the store."""
        return (state_of(self.store), key) in self._kept[kind]

    def keep(self, kind: str, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made before of this state of the store, else make it."""
        found = self._kept[kind]
        full = (state_of(self.store), key)
        if full not in found:
            found[full] = make()
            while len(found) > KEPT[kind]:
                found.popitem(last=False)
        found.move_to_end(full)
        made: T = found[full]
        return made


def main() -> None:
    """Read a setting and then jobs from standard input, and answer on standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    store, place, spool = pickle.load(sys.stdin.buffer)
    _limit()
    os.chdir(spool)  # a relative path leads to an empty folder
    desk = Desk(store, place, spool)
    _say(out, b"ready")
    _warm()
    with suppress(EOFError):
        while True:
            outcome = desk.run(pickle.load(sys.stdin.buffer))
            _say(out, pickle.dumps(outcome))


def _say(out: Any, message: bytes) -> None:
    out.write(len(message).to_bytes(8) + message)
    out.flush()


def _limit() -> None:
    """Bound the memory of this process, and let it be the first to go where there is none left."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _warm() -> None:
    """Load what the first question would wait for."""
    from entrepot.publish.brief import Picture
    from entrepot.publish.picture import svg

    rows = ({"period": "2022-01-01", "series": "", "value_usd": 1.0},)
    svg(Picture("monthly", "", "", "", rows))


if __name__ == "__main__":
    main()
