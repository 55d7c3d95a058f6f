"""source: publishers' files into the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from entrepot.cli._common import Shown, Store, day, say, show, workspace

app = typer.Typer(
    help="Sources: list them, and take their files into the store.", no_args_is_help=True
)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the sources and what their files must be."""
    from entrepot.workspace import sources

    show(
        (
            {"source": name, "title": source.title, "publisher": source.publisher}
            for name, source in sources().items()
        ),
        chosen,
    )


@app.command("show")
def show_(name: Annotated[str, typer.Argument(help="A source.")], chosen: Shown = None) -> None:
    """Show one source: publisher, address, licence, and how its files are read."""
    import inspect

    from entrepot.workspace import part, sources

    source = part(sources(), "source", name)
    module = inspect.getmodule(source.parse)
    show(
        [
            {
                "source": name,
                "title": source.title,
                "publisher": source.publisher,
                "url": source.url,
                "licence": source.licence,
                "notes": inspect.getdoc(module) or "",
            }
        ],
        chosen,
    )


@app.command()
def ingest(
    name: Annotated[str, typer.Argument(help="The source whose files these are.")],
    files: Annotated[list[Path], typer.Argument(help="One or more files.")],
    store: Store = None,
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of publication, if the files do not say."),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(help="TOML that says what the columns mean (generic only).")
    ] = None,
    scope: Annotated[
        Literal["part", "whole"] | None,
        typer.Option(help="Whether the files hold a part or all of what was published."),
    ] = None,
    chosen: Shown = None,
) -> None:
    """Take publishers' files into the store: all of them, or none and one line that says why."""
    from entrepot.workspace import read_mapping

    made = workspace(store).ingest(
        name,
        files,
        published=day(published),
        scope=scope,
        mapping=read_mapping(mapping) if mapping else None,
        progress=say,
    )
    if not made:
        say("nothing new: the store already holds these files")
    show(
        (
            {
                "vintage": vintage.id,
                "published": vintage.published.isoformat(),
                "rows": vintage.rows,
                "files": len(vintage.raw),
            }
            for vintage in made
        ),
        chosen,
    )
