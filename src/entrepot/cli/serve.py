"""serve: the pages and the interface of a store, on this machine unless told otherwise."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from entrepot import config
from entrepot.cli._common import Engine, Store, place, read_from, say
from entrepot.config import ENGINE_VARIABLE, engine_address
from entrepot.errors import EntrepotError


def serve(
    store: Store = None,
    demo: Annotated[bool, typer.Option("--demo", help="Serve the synthetic demo world.")] = False,
    engine: Engine = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than this machine's own opens it.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="A name that browsers may call it by; repeatable."),
    ] = None,
) -> None:
    """Serve pages to read and an interface for programs on http://127.0.0.1:8000.

    It reads the store and writes nothing. There is no password: who reaches it reads all of it.
    With ENTREPOT_SERVE_KEY set it screens shipments that are sent to POST /api/screen with it.
    """
    try:
        from entrepot.api import protocol
        from entrepot.api.app import create
        from entrepot.api.guard import LOOPBACK
    except ImportError:
        raise EntrepotError(
            "serve: the web server is not installed; run: pip install 'entrepot[serve]'"
        ) from None
    # The processes that compute are told as everything else is: by their environment.
    os.environ[ENGINE_VARIABLE] = engine_address(engine)
    bound = f"[{host}]" if ":" in host else host
    is_open = bound not in LOOPBACK
    if is_open and not allow_host:
        raise EntrepotError(
            f"serve: --host {host} opens the server to others; say by which name they may call it, "
            "as --allow-host trade.example.org"
        )
    app = create(
        read_from(store, demo=demo),
        place=place(demo=demo),
        hosts=(*LOOPBACK, bound, *(allow_host or ())),
        token=config.key("serve"),
    )
    if is_open:
        say("serve: open to all who reach it, without a password")
    say(f"serving http://{bound}:{port}; Ctrl-C ends it")
    protocol.serve(app, host, port)
