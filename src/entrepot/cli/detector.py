"""detector: the detectors by themselves, on everything the store holds."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import (
    AsOf,
    Demo,
    Engine,
    Format,
    Shown,
    Store,
    kind,
    reading,
    show,
    working,
)
from entrepot.cli._complete import offer
from entrepot.cli._own import Once
from entrepot.cli.scan import (
    Coalition,
    Destination,
    First,
    Goods,
    Last,
    Since,
    Source,
    question,
)

app = typer.Typer(help="Detectors: what a scan looks for.", no_args_is_help=True)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the detectors and what each finds."""
    from entrepot.parts import detectors
    from entrepot.scan.records import finds

    show(({"detector": name, "finds": finds(part)} for name, part in detectors().items()), chosen)


@app.command("show")
def show_(
    name: Annotated[
        str, typer.Argument(help="A detector.", autocompletion=offer(choices.detectors))
    ],
) -> None:
    """Show a detector: what it finds, its formula and assumptions, its source, its columns."""
    import inspect

    from entrepot.parts import detectors, part
    from entrepot.schema import FINDINGS

    found = part(detectors(), "detector", name)
    typer.echo(f"{name}\n\n{inspect.getdoc(found.run)}\n\nReference: {found.reference}\n\nColumns:")
    for column in FINDINGS.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        typer.echo(f"  {column.name}{unit}: {column.doc}")


@app.command(cls=Once)
def run(
    name: Annotated[
        str, typer.Argument(help="A detector.", autocompletion=offer(choices.detectors))
    ],
    destination: Destination,
    since: Since,
    goods: Goods = "chpl-2024-02",
    coalition: Coalition = "gecc-39",
    first: First = None,
    last: Last = None,
    source: Source = None,
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    engine: Engine = None,
    chosen: Shown = None,
) -> None:
    """Run one detector over every third country and product; its findings, the rarest first."""
    from dataclasses import asdict

    from entrepot.parts import detectors, part
    from entrepot.reference import countries

    part(detectors(), "detector", name)
    work = reading(store, as_of, demo=demo, engine=engine)
    how = kind(chosen)
    asked = question(destination, since, goods, coalition, (first, last), None, source)
    with working() as step:
        scanned = work.scan(asked.scan(), [name], sources=asked.sources, step=step)
    rows = (asdict(row) for row in scanned.findings[name])
    if how is Format.table:
        places = ("intermediary", "destination")
        rows = (row | {at: countries.called(row[at]) for at in places if row[at]} for row in rows)
    show(rows, how, work.mark())
