"""reference: the lists that ship, each with its passport."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli._common import Shown, show

app = typer.Typer(
    help="Reference lists: goods, groups, countries, events, published figures.",
    no_args_is_help=True,
)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the lists."""
    from entrepot.reference.passports import listing

    columns = ("kind", "name", "title", "rows")
    show((dict(zip(columns, entry[:4], strict=True)) for entry in listing()), chosen)


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(help="A list, as `reference list` names it.")],
    chosen: Shown = None,
) -> None:
    """Show one list, row by row."""
    from entrepot.reference.passports import read

    header, rows = read(name)
    show((dict(zip(header, row, strict=True)) for row in rows), chosen)


@app.command()
def check() -> None:
    """Check that every list is sorted text with a complete passport."""
    from entrepot.errors import RegistryError
    from entrepot.reference.passports import check as problems_in

    problems = problems_in()
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise RegistryError(f"reference: {len(problems)} problems, listed above")
    typer.echo("every list has its passport")
