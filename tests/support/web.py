"""Web: asks an application in this process; no socket is opened."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import httpx

HREF = re.compile(r'href="([^"]*)"')


class Client:
    """A browser of one application; it keeps nothing and follows nothing."""

    def __init__(self, app, host="localhost", whom="127.0.0.1"):
        self.app, self.base, self.whom = app, f"http://{host}", whom

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def ask(self, method, path, **options):
        transport = httpx.ASGITransport(app=self.app, client=(self.whom, 50_000))

        async def asked():
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as web:
                return await web.request(method, path, **options)

        return asyncio.run(asked())


def links(page):
    """The addresses of this server that a page leads to."""
    found = [unescape(one) for one in HREF.findall(page.text)]
    return [one for one in found if one.startswith("/")]
