"""Browsing: a server as a process of its own, and a browser that notes whatever goes wrong."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx

WORK = "from entrepot.cli import main; main()"
PATIENCE = 180.0
"""Seconds for a page whose parts are all to be computed, on a machine that is busy."""
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
PHONE, DESK = 390, 1280


@contextlib.contextmanager
def served(*words, env=None):
    """Run `entrepot serve` with some options on a free port; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, "serve", *map(str, words), "--port", str(port)],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    home = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while not _lives(home):
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield home
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def _lives(home):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{home}/healthz").status_code == 200
    return False


def ready(home, path, patience=PATIENCE):
    """Ask for a page until all of it is computed; give the answer."""
    until = time.monotonic() + patience
    while (found := httpx.get(home + path, timeout=patience)).status_code == 202:
        assert 'role="status"' in found.text
        assert time.monotonic() < until, f"{path} is not ready after {patience:g} seconds"
        time.sleep(0.2)
    return found


class Tab:
    """A tab of a browser: opens pages of one server, and notes what a visitor would complain of."""

    def __init__(self, browser, home, width=DESK, scheme="light"):
        self.home, self.complaints = home, []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", lambda said: self.note(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.note(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._asked)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.context.close()

    def note(self, complaint):
        self.complaints.append(complaint)

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # so ends the way to a page that is a download
            self.note(f"failed: {request.url} {request.failure}")

    def _asked(self, request):
        if not request.url.startswith((self.home + "/", "data:")):
            self.note(f"another host: {request.url}")

    def open(self, path, status=200):
        """Open a page that is computed by now; what it says is in `page`."""
        ready(self.home, path)
        answer = self.page.goto(self.home + path)
        assert answer.status == status, (path, answer.status)
        return self.page

    def settle(self):
        """Wait until the page at hand shows all its parts; it asks again by itself."""
        self.page.wait_for_load_state()
        self.page.locator("[aria-busy]").first.wait_for(state="detached")
        return self.page

    def spill(self):
        """How many pixels the page is wider than the window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


def internal(home, path, text):
    """The addresses of this server that a page leads to, each once, in their order."""
    found = [urljoin(home + path, unescape(one)) for one in LINK.findall(text)]
    here = [one.partition("#")[0] for one in found if one.startswith(home + "/")]
    return list(dict.fromkeys(one.removeprefix(home) for one in here))


def kind(path):
    """Which sort of page an address is of: two of a sort have one template."""
    parts = urlsplit(path)
    names = [one if one.islower() and "-" not in one else "*" for one in parts.path.split("/")[1:]]
    asked = sorted({one.partition("=")[0] for one in parts.query.split("&") if one})
    form = re.search(r"format=(\w+)", parts.query)
    return "/".join(names), tuple(asked), form[1] if form else ""
