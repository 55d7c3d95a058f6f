"""Lanes: processes that compute beside the server, one job at a time, within limits.

A job that takes too long ends with its process, and nothing else does: the next one gets a new
process. The server itself computes nothing, so that it always answers.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING

from entrepot.api.jobs import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from entrepot.api.jobs import Job, Outcome

SECONDS = {"quick": 60.0, "slow": 300.0}
"""How long a job may take: many times what the demo world takes for the longest of its kind."""
FIRST = 60.0
"""Seconds for a new process to be ready, on a machine that is busy."""
JOBS = 500
"""Jobs after which a process gives way to a new one, so that its memory stays bounded."""


class Lane:
    """One process and the jobs that wait for it."""

    def __init__(self, setting: tuple[Path, tuple[str, ...], Path], seconds: float) -> None:
        self._setting, self._seconds = setting, seconds
        self._jobs: SimpleQueue[tuple[Job, Future[Outcome]] | None] = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: SimpleQueue[bytes] = SimpleQueue()
        self._done = 0
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Future[Outcome]:
        """Put a job at the end; its future never raises."""
        future: Future[Outcome] = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """End the process and the thread."""
        self._jobs.put(None)
        self._stop()

    def _serve(self) -> None:
        self._start()
        while (taken := self._jobs.get()) is not None:
            job, future = taken
            future.set_result(self._outcome(job))
        self._stop()

    def _outcome(self, job: Job) -> Outcome:
        if self._process is None or self._process.poll() is not None or self._done >= JOBS:
            self._stop()
            self._start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            pickle.dump(job, process.stdin)
            process.stdin.flush()
            answer = self._said.get(timeout=self._seconds)
        except Empty:
            self._stop()
            line = f"serve: this took longer than {self._seconds:g} seconds; ask for less"
            return Refused(line, "Slow", status=503)
        except OSError:
            answer = b""
        self._done += 1
        if not answer:
            self._stop()
            line = "serve: the process that computes ended; ask for less, or again in a minute"
            return Refused(line, "Ended", status=503)
        outcome: Outcome = pickle.loads(answer)
        return outcome

    def _start(self) -> None:
        self._done = 0
        self._said = SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "entrepot.api.desk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        Thread(target=_listen, args=(self._process.stdout, self._said), daemon=True).start()
        try:
            pickle.dump(self._setting, self._process.stdin)
            self._process.stdin.flush()
            self._said.get(timeout=FIRST)
        except (Empty, OSError):
            self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            with suppress(OSError):  # what was not sent yet goes nowhere
                process.stdin.close()


def _listen(stream: IO[bytes], said: SimpleQueue[bytes]) -> None:
    """Hand over each message: its length in eight bytes, then itself; b"" at the end."""
    with stream:
        while head := stream.read(8):
            said.put(stream.read(int.from_bytes(head)))
    said.put(b"")


class Lanes:
    """The lanes of one server, by name; they end with the `with` block."""

    def __init__(self, store: Path, place: Sequence[str], spool: Path) -> None:
        self._setting = (store, tuple(place), spool)
        self._lanes: dict[str, Lane] = {}

    def start(self) -> None:
        """Start the processes, so that the first question finds them ready."""
        for name, seconds in SECONDS.items():
            if name not in self._lanes:
                self._lanes[name] = Lane(self._setting, seconds)

    def run(self, job: Job) -> Future[Outcome]:
        """Start a job in its lane."""
        self.start()
        return self._lanes[job.lane].submit(job)

    def close(self) -> None:
        """End the processes."""
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()
