"""serve: the briefs as pages on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli._common import Store, place, read_from
from entrepot.errors import EntrepotError


def serve(
    store: Store = None,
    demo: Annotated[bool, typer.Option("--demo", help="Serve the synthetic demo world.")] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000,
) -> None:
    """Serve every study's brief as a page on http://127.0.0.1:8000."""
    try:
        import uvicorn

        from entrepot.api.app import create
    except ImportError:
        raise EntrepotError(
            "serve: the web server is not installed; run: pip install 'entrepot[serve]'"
        ) from None
    uvicorn.run(
        create(read_from(store, demo=demo), place=place(demo=demo)), host="127.0.0.1", port=port
    )
