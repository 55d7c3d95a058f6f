"""Asking: an application asked in this process; no socket is opened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Asgi = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What an application answered: status, media type without its parameters, and body."""

    status: int
    media: str
    body: bytes


def get(app: Asgi, address: str) -> PageAnswer:
    """Return the answer to a GET of an address of the application, as `/country/KGZ?as_of=...`."""
    parts = urlsplit(address)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }
    messages: list[dict[str, Any]] = []

    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        while not asked:  # who streams an answer waits here for us to leave, which we do not
            await asyncio.sleep(3600)
        return asked.pop()

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    asyncio.run(_whole(app, scope, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
    media = headers.get("content-type", "").partition(";")[0].strip()
    body = b"".join(one.get("body", b"") for one in messages[1:])
    return PageAnswer(messages[0]["status"], media, body)


async def _whole(app: Asgi, scope: Any, receive: Any, send: Any) -> None:
    await app(scope, receive, send)
