"""Deadline: ends an answer that drips, however often a byte of it comes."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE = 300.0
"""Seconds an answer may take before its size counts. By hand, as is the pace below; both are
told in docs/how-to/fetch.md."""
SLOWEST = 20_000
"""Bytes a second below which a long answer is given up. 160 kbit/s: 72 MB an hour."""
AGAIN = 0.5
"""Seconds until a socket is shut again: another may have been opened since."""


class Deadline:
    """The time that one answer may take: five minutes, and a second for every 20 kB it brought.

    A timeout of the connection counts from the last byte, so one byte a minute would hold a run
    for ever. A thread of its own shuts the socket instead. `size` is what arrived so far, `passed`
    whether the time is up: an answer that ends by being shut can look whole.
    """

    def __init__(self) -> None:
        self.size = 0
        self.passed = False
        self._socket: socket.socket | None = None
        self._began = 0.0

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket of a connection: what httpx's extension `trace` calls."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch one answer, from the request to its last byte."""
        self.size, self.passed, self._began = 0, False, time.monotonic()
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done,), daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def _watch(self, done: threading.Event) -> None:
        while (left := self._left()) > 0:
            if done.wait(left):
                return
        self.passed = True
        while not done.is_set():
            self._shut()
            done.wait(AGAIN)

    def _left(self) -> float:
        return self._began + PATIENCE + self.size / SLOWEST - time.monotonic()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # not through TLS, which would wait for an answer
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
