"""Guard: what stands before every request, and what every answer says.

It answers for the application where that fails, so that no answer is without the headers.
"""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Any

from entrepot.api.answering import page_of_refusal, problem
from entrepot.api.jobs import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Message, Receive, Scope, Send

LONGEST = 8_192
"""Bytes of a path with its parameters; a question in words has a few hundred."""
POSTED = "/api/screen"
"""The one address that takes what is sent to it, and only with a token."""
LARGEST = 1_000_000
"""Bytes that may be sent to it."""
WIDEST = 16_384
"""Bytes of all headers together; a browser's have two thousand."""
VERSIONS = ("1.0", "1.1")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    # Nothing is loaded from elsewhere and no script runs. Pictures carry their style inside, and
    # the bars of a table their length, so styles may stand in a page.
    "content-security-policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """An application behind its guard.

    Args:
        app: The application.
        hosts: Names that the Host header may have, without a port.
        token: What opens `POSTED`; without one nothing is taken.
    """

    def __init__(self, app: Any, hosts: Sequence[str] = LOOPBACK, token: str = "") -> None:
        self.app, self._token = app, token
        self.hosts = tuple(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                names = {name.lower() for name, _value in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in HEADERS.items()
                      if n.encode() not in names),
                ]  # fmt: skip
            await send(message)

        refused = self.refused(scope)
        if refused is not None:
            await _answer(refused, scope, receive, sending)
            return
        # Routes know GET alone; the server leaves the body out where HEAD was asked.
        inner = scope if scope["method"] == "POST" else {**scope, "method": "GET"}
        try:
            await self.app(inner, receive, sending)
        except Exception:
            logging.getLogger("entrepot.api").exception("fault at %s", scope["path"])
            if begun:
                raise
            line = "serve: a fault in entrepot; the server's log says more of it"
            await _answer(Refused(line, "Fault", 500), scope, receive, sending)

    def refused(self, scope: Scope) -> Refused | None:
        """Return why a request is not passed on, or None."""
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or bare(hosts[0]) not in self.hosts:
            return Refused(
                f"serve: this server does not go by that name; it is {', '.join(self.hosts)}, or "
                "what --allow-host names",
                "Host",
                400,
            )
        if scope["method"] == "POST" and scope["path"] == POSTED:
            return self._unopened(scope)
        if scope["method"] not in ("GET", "HEAD"):
            return Refused("serve: read only; ask with GET", "Method", 405)
        length = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if length > LONGEST:
            return Refused(
                f"serve: an address of {length:,} bytes; expected at most {LONGEST:,}: name a "
                "list in place of its codes",
                "Length",
                414,
            )
        if sum(len(name) + len(value) for name, value in scope["headers"]) > WIDEST:
            return Refused(
                f"serve: headers of more than {WIDEST:,} bytes; send fewer", "Length", 431
            )
        if scope["http_version"] not in VERSIONS:
            return Refused(
                f"serve: HTTP {scope['http_version']}; expected {' or '.join(VERSIONS)}",
                "Version",
                400,
            )
        if b"\x00" in scope["query_string"] or "\x00" in scope["path"]:
            return Refused("serve: an address with a zero byte", "Address", 400)
        return None

    def _unopened(self, scope: Scope) -> Refused | None:
        """Return why what is sent is not taken, or None."""
        given = {name: value for name, value in scope["headers"]}  # noqa: C416 - a pair is bytes
        if not self._token:
            line = "serve: nothing is taken without a token; start it with ENTREPOT_SERVE_KEY set"
            return Refused(line, "Token", 403)
        held = f"Bearer {self._token}".encode()
        if not hmac.compare_digest(given.get(b"authorization", b""), held):
            return Refused("serve: no such token; send it as Authorization: Bearer", "Token", 401)
        size = given.get(b"content-length", b"")
        if not size.isdigit() or int(size) > LARGEST:
            line = f"serve: expected content-length, of at most {LARGEST:,} bytes; send less"
            return Refused(line, "Length", 413)
        return None


def bare(host: str) -> str:
    """Return a Host header's name without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


async def _answer(refused: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    is_data = scope["path"] == "/api" or scope["path"].startswith("/api/")
    response = problem(refused) if is_data else page_of_refusal(refused)
    if refused.status == 405:
        response.headers["allow"] = "GET, HEAD"
    await response(scope, receive, send)
