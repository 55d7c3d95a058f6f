"""reference: the lists that ship, each with its passport, and files that are not trade."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import Format, Shown, Store, say, show, workspace
from entrepot.cli._complete import offer
from entrepot.cli._fetching import DryRun, watching, words

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
    name: Annotated[
        str,
        typer.Argument(
            help="A list, as `reference list` names it.", autocompletion=offer(choices.lists)
        ),
    ],
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


@app.command()
def fetch(
    name: Annotated[
        str, typer.Argument(help="ecb (exchange rates) or unsd_hs (tables of HS revisions).")
    ],
    store: Store = None,
    dry_run: DryRun = False,
    chosen: Shown = None,
) -> None:
    """Fetch a publisher's file that is not trade, check it, and keep it in the store.

    Figures taken in afterwards are converted with the newest ECB file; `entrepot vintage show`
    says which. The path is where the file is kept, for `harmonise.concordance.read` in Python.
    """
    work = workspace(store)
    if dry_run:
        _present(name, chosen)
        return
    with watching() as watch:
        found = work.fetch_material(name, watch)
    if not any(received.is_new for received in found):
        say(f"{name}: unchanged: the store already holds these files")
    show(
        (
            {
                "material": name,
                "file": received.stored.file,
                "day": received.stored.day.isoformat(),
                "bytes": received.stored.bytes,
                "is_new": received.is_new,
                "path": str(received.stored.path),
            }
            for received in found
        ),
        chosen,
    )


def _present(name: str, chosen: Format | None) -> None:
    from entrepot.contracts import Query
    from entrepot.fetch import endpoint_of
    from entrepot.parts import materials, part

    endpoint = endpoint_of(name, part(materials(), "material", name))
    requests = list(endpoint.requests(Query("", ()), ()))
    show(
        [
            {
                "material": name,
                "endpoint": endpoint.name,
                "files": ", ".join(request.name for request in requests),
                "calls": len(requests),
                "lasts": words(max(0, len(requests) - 1) * endpoint.pause),
                "limits": endpoint.reference,
            }
        ],
        chosen,
    )
