"""store: how a store lies on its disk."""

from __future__ import annotations

import typer

from entrepot.cli._common import Store, reading, say

app = typer.Typer(
    help="The store's files: fewer and sorted ones, for fast questions.", no_args_is_help=True
)


@app.command()
def compact(store: Store = None) -> None:
    """Write the rows of many vintages again, into few sorted files that questions read faster.

    No answer changes, as of any day: the vintages stay, and are read where the sorted files are
    not as written. Removing STORE/compact undoes it. A run that was stopped goes on where it was.
    """
    made = reading(store).compact(say)
    for segment in made:
        files = len(segment.parts) - 1
        typer.echo(
            f"{segment.source}: {segment.rows:,} rows of {len(segment.vintages):,} vintages in "
            f"{files:,} sorted file{'' if files == 1 else 's'}"
        )
    if not made:
        typer.echo("nothing to gain: the store's files are few, or compacted already")
