"""Protocol: the server's end of a connection, which cuts off who sends or takes too slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from entrepot.api.guard import HEADERS

if TYPE_CHECKING:
    import asyncio

SENDING = 10.0
"""Seconds in which a request must be there whole, from the connection or the last answer on."""
TAKING = 400.0
"""Seconds in which an answer must be computed and taken."""
MOST = 400
"""Connections at once; one more is told to come back."""
HEAD = 16_384
"""Bytes of a request's line and headers."""


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with a limit on the time of each request."""

    _limit: asyncio.TimerHandle | None = None
    _is_over = False

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._within(SENDING)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes in; after an answer to what is no request, nothing of it counts."""
        if not self._is_over:
            super().data_received(data)

    def handle_events(self) -> None:
        """Give a request that is there whole the time to be answered."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self.conn.their_state in (h11.DONE, h11.MUST_CLOSE):
            self._within(TAKING)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self._within(SENDING)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, with the headers of every answer."""
        body = f"serve: {msg}\n".encode("ascii", "replace")
        headers = [(n.encode(), v.encode()) for n, v in HEADERS.items()]
        headers += [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"),
                    (b"content-length", str(len(body)).encode())]  # fmt: skip
        try:
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:  # an answer has begun already
            pass
        # To close at once while more comes in would take the answer away from who sends it.
        self._is_over = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._within(SENDING)

    def _within(self, seconds: float) -> None:
        self._end()
        self._limit = self.loop.call_later(seconds, self.transport.abort)

    def _end(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


def settings(app: Any, host: str, port: int, **more: Any) -> uvicorn.Config:
    """Return how an application is served: within limits, and without a word on what serves it."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        limit_concurrency=MOST,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=HEAD,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        **more,
    )


def serve(app: Any, host: str, port: int) -> None:
    """Serve an application until it is interrupted."""
    uvicorn.Server(settings(app, host, port, log_level="warning")).run()
