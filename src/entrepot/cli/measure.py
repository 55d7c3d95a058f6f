"""measure: the measures by themselves, on what the store knows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import (
    AsOf,
    Demo,
    Engine,
    Format,
    Shown,
    Sources,
    Store,
    kind,
    reading,
    say,
    show,
)
from entrepot.cli._complete import offer
from entrepot.cli._own import (
    OWN_HELP,
    Basketed,
    OwnOptions,
    basket_of,
    finds,
    given,
    help_of,
    say_gaps,
)

if TYPE_CHECKING:
    from entrepot.question.origins import Origins

app = typer.Typer(help="Measures: what can be computed from flows.", no_args_is_help=True)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the measures and what each finds."""
    from entrepot.parts import measures

    show(
        ({"measure": name, "finds": finds(part)} for name, part in measures().items()),
        chosen,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(help="A measure.", autocompletion=offer(choices.measures))],
) -> None:
    """Show a measure: formula, sign, parameters, result, source."""
    from entrepot.parts import measures, part

    found = part(measures(), "measure", name)
    typer.echo(
        f"{name}\n\n{inspect.getdoc(found.run) or ''}\n\nReference: {found.reference}\n\nColumns:"
    )
    for column in found.returns.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        typer.echo(f"  {column.name}{unit}: {column.doc}")


@app.command(cls=OwnOptions, context_settings=OWN_HELP)
def run(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="A measure; with --help after it, its own options.",
            autocompletion=offer(choices.measures),
        ),
    ] = "",
    sources: Sources = None,
    basket: Basketed = "as-listed",
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    engine: Engine = None,
    chosen: Shown = None,
) -> None:
    """Run a measure on what the store knows: measure run growth --reporters Turkey --help.

    Its own parameters are options, in people's words: --reporters "Turkey, eu27", --goods 8542.31
    or chpl-2023-09, --months=2022-01..2022-09; each is given once. What is not known is named, and
    never zero.
    """  # fmt: skip
    from entrepot.parts import measures, part

    if not name or name == "--help":
        typer.echo(context.get_help())
        raise typer.Exit
    found = part(measures(), "measure", name)
    if "--help" in context.args:
        typer.echo(help_of("measure", name, found))
        raise typer.Exit
    work = reading(store, as_of, demo=demo, engine=engine)
    answer = work.measure(
        name,
        sources=tuple(sources or ()),
        basket=basket_of(basket),
        **given("measure", name, context),
    )
    say_gaps(answer.missing)
    if not answer.rows:
        say("no rows: what is asked is known, and nothing was recorded")
    # A reader of a table has what is missing above it; a file says it in every row.
    mark = work.mark(answer.vintages)
    show(answer.rows if kind(chosen) is Format.table else answer.records(), chosen, mark)
    if answer.origins is not None:
        _show_origins(answer.origins, chosen)


def _show_origins(found: Origins, chosen: Format | None) -> None:
    """Print beside a balance what can and must be from which member; a file has it in its rows."""
    if kind(chosen) is Format.table and found.rows:
        typer.echo(
            "\nof what went on in {} to {}, at least and at most from each origin:".format(
                *found.months
            )
        )
        show(found.rows, chosen)
    if found.note:
        say(f"origins: {found.note}")
