"""vintage: what the store holds, and what publishers revised."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import Shown, Store, reading, say, show, workspace
from entrepot.cli._complete import offer

app = typer.Typer(
    help="Vintages: what was known on which day, and what was revised.", no_args_is_help=True
)
Id = Annotated[
    str,
    typer.Argument(
        help="A vintage's id, or its beginning.", autocompletion=offer(choices.vintages)
    ),
]


@app.command("list")
def list_(store: Store = None, chosen: Shown = None) -> None:
    """List the vintages, oldest first."""
    show(
        (
            {
                "vintage": vintage.id,
                "source": vintage.source,
                "published": vintage.published.isoformat(),
                "rows": vintage.rows,
                "files": len(vintage.raw),
                "products": len(vintage.scope.products) if vintage.scope.products else "all",
                "synthetic": vintage.synthetic,
            }
            for vintage in reading(store).store.vintages()
        ),
        chosen,
    )


@app.command("show")
def show_(name: Id, store: Store = None) -> None:
    """Show one vintage: its files, scope, rates and slices, as JSON."""
    import json

    from entrepot.store.vintages import manifest_of

    vintage = reading(store).store.vintage(name)
    typer.echo(json.dumps(manifest_of(vintage), indent=1, default=str))


@app.command()
def diff(
    old: Id,
    new: Id,
    store: Store = None,
    cells: Annotated[bool, typer.Option("--cells", help="Name the cells, not the slices.")] = False,
    most: Annotated[int, typer.Option(help="How many cells to name.")] = 100,
    chosen: Shown = None,
) -> None:
    """Say what a publisher added, withdrew and changed between two vintages, and by how much."""
    from entrepot.store.diff import diff as compare

    desk = reading(store)
    made = compare(desk.own.con, desk.store.vintage(old), desk.store.vintage(new), most=most)
    totals = {
        kind: sum(piece[kind] for piece in made.slices)
        for kind in ("added", "withdrawn", "changed", "change_usd")
    }
    say(
        f"{totals['added']:,} cells added, {totals['withdrawn']:,} withdrawn, "
        f"{totals['changed']:,} changed; together {totals['change_usd']:+,.0f} USD; "
        f"{made.only_old:,} slices only in the old vintage, {made.only_new:,} only in the new"
    )
    show(made.cells if cells else made.slices, chosen)


@app.command()
def check(
    name: Annotated[
        str | None,
        typer.Argument(help="A vintage; all if not given.", autocompletion=offer(choices.vintages)),
    ] = None,
    store: Store = None,
) -> None:
    """Check every stored file against the hash it was written with, raw files too."""
    from entrepot.errors import StoreError
    from entrepot.store import audit

    stored = reading(store).store
    problems = audit.check(stored, name)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise StoreError(f"store {stored.path}: {len(problems)} problems, listed above")
    number = 1 if name else len(stored.head()[0].vintages)
    typer.echo(f"{number} vintages are as they were written")


@app.command()
def adopt(store: Store = None) -> None:
    """Name all vintages of a store of an earlier release in its head, once each is checked.

    It does the same for a store whose head.json was lost. A folder that is damaged is named and
    nothing is changed; a copy of a vintage under another name is passed over.
    """
    from entrepot.store import adoption

    head = adoption.adopt(workspace(store).store, say)
    typer.echo(f"{len(head.vintages)} vintages and {len(head.materials)} materials adopted")
