"""source: publishers' files into the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import Shown, Store, day, reading, say, show, workspace
from entrepot.cli._complete import offer
from entrepot.cli._fetching import DryRun, Endpoint, Fresh, endpoints, present, run, watching

app = typer.Typer(
    help="Sources: list them, and take their files into the store.", no_args_is_help=True
)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the sources and what their files must be."""
    from entrepot.parts import sources

    show(
        (
            {"source": name, "title": source.title, "publisher": source.publisher}
            for name, source in sources().items()
        ),
        chosen,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(help="A source.", autocompletion=offer(choices.sources))],
    chosen: Shown = None,
) -> None:
    """Show one source: publisher, licence, endpoints with their limits, how its files are read."""
    import inspect

    from entrepot.parts import part, sources

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
                "endpoints": endpoints(source.endpoints),
                "notes": inspect.getdoc(module) or "",
            }
        ],
        chosen,
    )


@app.command()
def ingest(
    name: Annotated[
        str,
        typer.Argument(
            help="The source whose files these are.", autocompletion=offer(choices.sources)
        ),
    ],
    files: Annotated[list[Path], typer.Argument(help="One or more files.")],
    store: Store = None,
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of publication, if the files do not say."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(
            help="TOML that says what the columns mean (generic only).",
            autocompletion=offer(choices.mappings),
        ),
    ] = None,
    scope: Annotated[
        Literal["part", "whole"] | None,
        typer.Option(help="Whether the files hold a part or all of what was published."),
    ] = None,
    propose: Annotated[
        str | None,
        typer.Option(help="Write a proposed mapping to this file, or to - (generic only)."),
    ] = None,
    told: Annotated[
        list[str] | None,
        typer.Option("--set", help="What a proposal should know: reporter=TUR, currency=USD."),
    ] = None,
    chosen: Shown = None,
) -> None:
    """Take publishers' files into the store: all of them, or none and one line that says why.

    Without a mapping, `generic` looks at its file, proposes one and takes nothing in.
    """
    from entrepot.parts import read_mapping
    from entrepot.store.compact import offer

    if name == "generic" and (propose or told or mapping is None):
        from entrepot.cli._proposing import present

        present(files, propose, told or [], mapping)
        return
    work = workspace(store)
    made = work.ingest(
        name,
        files,
        published=day(published),
        scope=scope,
        mapping=read_mapping(mapping) if mapping else None,
        progress=say,
    )
    if not made:
        say("nothing new: the store already holds these files")
    elif line := offer(work.store):
        say(line)
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


@app.command()
def fetch(
    name: Annotated[
        str, typer.Argument(help="The source to ask.", autocompletion=offer(choices.sources))
    ],
    reporters: Annotated[
        str,
        choices.named_places(help="Whose records: ISO3 codes or groups, with commas."),
    ],
    first: Annotated[str, typer.Option(help="First period: 2023-01, or 2023 for annual data.")],
    last: Annotated[str, typer.Option(help="Last period.")],
    partners: Annotated[
        str,
        choices.named_places(help="With whom: ISO3 codes or groups; all if left out."),
    ] = "",
    goods: Annotated[
        str,
        typer.Option(
            help="A goods list; `reference list` names them.", autocompletion=offer(choices.goods)
        ),
    ] = "",
    products: Annotated[str, typer.Option(help="HS codes, with commas, instead of a list.")] = "",
    flows: Annotated[
        str,
        typer.Option(
            help="import, export, re-import, re-export.",
            autocompletion=offer(choices.flows, listed=True),
        ),
    ] = ("import,export"),
    store: Store = None,
    endpoint: Endpoint = None,
    dry_run: DryRun = False,
    fresh: Fresh = False,
    chosen: Shown = None,
) -> None:
    """Fetch records from a publisher: complete, or one line that says what was not there.

    Without --goods or --products every product is asked for, which few endpoints allow.
    """
    from entrepot import fetch
    from entrepot.cli._asked import query
    from entrepot.parts import part, sources

    asked = query(reporters, partners, goods, products, flows, first, last)
    source = part(sources(), "source", name)
    plan = fetch.plan(name, fetch.endpoint_of(name, source, endpoint), [asked])
    if dry_run:
        present(workspace(store), [plan], fresh=fresh, chosen=chosen)
    else:
        run(workspace(store), [plan], fresh=fresh, chosen=chosen)


@app.command()
def status(
    store: Store = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Read the store only; ask no publisher.")
    ] = False,
    chosen: Shown = None,
) -> None:
    """Show per source and reporter what is stored, what is published, and what was revised since.

    This is what a daily job runs: `revised` and `new` above zero mean that a fetch brings
    something.
    """
    from dataclasses import asdict

    with watching() as watch:
        rows = reading(store).status(watch, ask=not offline)
    show((asdict(row) for row in rows), chosen)
