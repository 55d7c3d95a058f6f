"""mcp: the interface of a store for assistants, over standard input and output."""

from __future__ import annotations

from entrepot.cli._common import Demo, Store, place, read_from, say
from entrepot.errors import EntrepotError


def mcp(store: Store = None, demo: Demo = False) -> None:
    """Answer assistants over stdio by the Model Context Protocol; read only.

    The tools ask as the commands do, refuse with the same line, and give with every answer its
    vintages, a line to cite it and, of an invented world, the word SYNTHETIC.
    """
    try:
        from entrepot.api.app import create, here
        from entrepot.api.assistants import server
    except ImportError:
        raise EntrepotError(
            "mcp: the protocol is not installed; run: pip install 'entrepot[serve,mcp]'"
        ) from None
    where = read_from(store, demo=demo)
    options = place(demo=demo)
    say(f"mcp: reading {where}; the assistant speaks on standard input, Ctrl-C ends it")
    server(create(where, place=options, run=here(where, options))).run("stdio")
