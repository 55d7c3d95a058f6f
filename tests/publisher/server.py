"""Server: takes requests, applies faults, writes the record; every publisher under one address."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import traceback
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from publisher import certificate, comtrade, controls
from publisher.faults import Fault, Faults
from publisher.hosts import HOSTS
from publisher.instead import instead
from publisher.limits import KEYS, Limits, Meter
from publisher.record import SECRETS, Entry, Record
from publisher.reply import Ask, Reply, as_json
from publisher.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPRESS = 1_000
"""Bodies longer than this are compressed on the way for clients that accept it."""


class Publisher(ThreadingHTTPServer):
    """The running server: `url` is its address, `record` what was asked, `faults` what goes wrong.

    `faults`, `limits` and `world` may be replaced while it runs.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        *,
        port: int = 0,
        faults: Faults | None = None,
        limits: Limits | None = None,
        world: World | None = None,
        tls: str = "",
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.faults = faults or Faults()
        self.limits = limits or Limits()
        self.world = world or World.made()
        self.record = Record()
        self.meter = Meter()
        self.authority: Path | None = None
        self._began = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(prefix="publisher-") if tls else None
        if self._folder:
            self._secure(Path(self._folder.name), tls)

    def _secure(self, folder: Path, kind: str) -> None:
        self.authority, key = certificate.make(folder, kind)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, key)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def url(self) -> str:
        """The address to set ENTREPOT_PUBLISHER to."""
        scheme = "https" if self.authority else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def reset(self) -> None:
        """Forget every request and count; faults, limits and world stay."""
        self.record, self.meter = Record(), Meter()
        self._began = time.monotonic()

    def seconds(self) -> float:
        """Seconds since the start or the last reset."""
        return round(time.monotonic() - self._began, 4)

    def server_close(self) -> None:
        """Close the socket and remove the certificate."""
        super().server_close()
        if self._folder:
            self._folder.cleanup()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away; a fault of our own is printed."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@contextmanager
def running(
    *,
    port: int = 0,
    faults: Faults | None = None,
    limits: Limits | None = None,
    world: World | None = None,
    tls: str = "",
) -> Iterator[Publisher]:
    """Run a server for the length of a `with` block.

    Args:
        port: Where to listen on 127.0.0.1; 0 takes any free port.
        faults: What goes wrong; nothing by default.
        limits: The publishers' limits; documented ones by default, among them one Comtrade call
            a second: tests that do not check the pace want `Limits(pace=0)`.
        world: What the publishers hold.
        tls: "" for HTTP, "valid" or "expired" for HTTPS with such a certificate.
    """
    server = Publisher(port=port, faults=faults, limits=limits, world=world, tls=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Publisher
    timeout = 30
    disable_nagle_algorithm = True  # headers and body are two writes: no 40 ms between them

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        _, host, *rest = parts.path.split("/", 2)
        path = unquote(rest[0]) if rest else ""
        if host in controls.CONTROLS:
            self._send(controls.CONTROLS[host](self.server, params))
        else:
            self._publisher(host, path, params)

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def _publisher(self, host: str, path: str, params: dict[str, str]) -> None:
        shown = {name: value for name, value in params.items() if name.lower() not in SECRETS}
        entry = self.server.record.enter(self.server.seconds(), f"https://{host}/{path}", shown)
        headers = {name.lower(): value for name, value in self.headers.items()}
        ask = Ask(
            host, path, params, headers, self.server.world, self.server.limits, self.server.meter
        )
        given = comtrade.key(ask) or params.get("key", "")
        entry.key = (KEYS.get(given) or "wrong") if given else ""
        faults = self.server.faults
        fault = self.server.record.fault(entry, faults)
        if fault:
            entry.outcome = fault.kind
        if fault and fault.kind == "cut":
            return self._cut()
        if reply := instead(fault, faults, ask):
            return self._send(reply, entry)
        reply = _answered(replace(ask, drift=bool(fault and fault.kind == "drift")))
        if fault is None or reply.refused:
            entry.outcome = _outcome(reply)
        self._send(reply, entry, fault)
        return None

    def _cut(self) -> None:
        """Reset the connection: closing a socket that lingers for no time sends RST."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _send(self, reply: Reply, entry: Entry | None = None, fault: Fault | None = None) -> None:
        kind = fault.kind if fault else ""
        body, headers = reply.body, dict(reply.headers)
        if self._compresses(body, headers):
            body = gzip.compress(body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        middle = len(body) // 2
        if kind == "short":
            body = body[:middle]
        if entry:
            entry.status, entry.bytes = reply.status, len(body)
        self.send_response(reply.status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            if kind in ("half", "slow"):
                self.wfile.write(body[:middle])
                body = body[middle:]
            if kind == "half":
                self.close_connection = True
                return
            if kind == "slow":
                time.sleep(self.server.faults.pause)
            if reply.status not in (204, 304):
                self.wfile.write(body)
        except OSError:
            self.close_connection = True
            if entry:
                entry.outcome = "left"

    def _compresses(self, body: bytes, headers: dict[str, str]) -> bool:
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        packed = headers.get("Content-Type", "").endswith(("zip", "7z-compressed"))
        return (
            accepted and not packed and len(body) > COMPRESS and "Content-Encoding" not in headers
        )

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal: /_log has it all."""


def _outcome(reply: Reply) -> str:
    if reply.status == 599:
        return "broken"
    if reply.refused:
        return "refused"
    return "redirected" if 300 <= reply.status < 400 else "answered"


def _answered(ask: Ask) -> Reply:
    publisher = HOSTS.get(ask.host)
    if publisher is None:
        known = ", ".join(HOSTS)
        return as_json({"error": f"no publisher {ask.host!r} here; expected {known}"}, 404)
    try:
        return publisher(ask)
    except Exception:  # so that a mistake of ours is never taken for a fault that was asked for
        traceback.print_exc()
        return Reply(b"the test server is broken: see its terminal", 599)
