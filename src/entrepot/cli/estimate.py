"""estimate: effects with intervals, on what the store knows."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    EstimatorOptions,
    basket_of,
    given,
    help_of,
    say_gaps,
)
from entrepot.errors import StudyError

if TYPE_CHECKING:
    from entrepot.publish.mark import Mark
    from entrepot.question.estimate import Estimate
    from entrepot.workspace import Workspace

app = typer.Typer(help="Estimators: effects with intervals, from flows.", no_args_is_help=True)
PICTURES = (".svg", ".png")


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the estimators and what each finds."""
    from entrepot.parts import estimators

    show(
        (
            {"estimator": name, "finds": (part.run.__doc__ or "").splitlines()[0]}
            for name, part in estimators().items()
        ),
        chosen,
    )


@app.command("show")
def show_(
    name: Annotated[
        str, typer.Argument(help="An estimator.", autocompletion=offer(choices.estimators))
    ],
) -> None:
    """Show an estimator: formula, assumptions, parameters, result, source, convention."""
    from entrepot.estimate.regression import CONVENTION
    from entrepot.parts import estimators, part

    found = part(estimators(), "estimator", name)
    typer.echo(f"{name}\n\n{inspect.getdoc(found.run)}\n\nReference: {found.reference}")
    typer.echo(f"\nStandard errors: {CONVENTION}.\n\nColumns:")
    for column in found.returns.columns:
        typer.echo(f"  {column.name}: {column.doc}")


@app.command(cls=EstimatorOptions, context_settings=OWN_HELP)
def run(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="An estimator; with --help after it, its own options.",
            autocompletion=offer(choices.estimators),
        ),
    ] = "",
    sources: Sources = None,
    basket: Basketed = "as-listed",
    out: Annotated[
        Path | None, typer.Option(help="Draw a path too, as path.svg or path.png.")
    ] = None,
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    engine: Engine = None,
    chosen: Shown = None,
) -> None:
    """Run an estimator on what the store knows: estimate run event_study --out path.svg --help.

    Its own parameters are options, in people's words: --exporters eu27, --intermediaries
    "Armenia, Kazakhstan", --goods eu-russia-2023-02, --months 2021-01..2022-11. What is not known
    is named and left out, and every row says how its standard error is made.
    """  # fmt: skip
    from entrepot.parts import estimators, part

    if not name or name == "--help":
        typer.echo(context.get_help())
        raise typer.Exit
    found = part(estimators(), "estimator", name)
    if "--help" in context.args:
        typer.echo(help_of("estimate", name, found))
        raise typer.Exit
    if out is not None and out.suffix.lower() not in PICTURES:
        raise StudyError(f"estimate: --out {out} is no picture; end it in {' or '.join(PICTURES)}")
    work = reading(store, as_of, demo=demo, engine=engine)
    own = given("estimate", name, context)
    made = work.estimate(name, sources=tuple(sources or ()), basket=basket_of(basket), **own)
    say_gaps(made.missing)
    _print(made, chosen, work.mark(made.vintages))
    if out is not None:
        _draw(made, work, out)


def _print(made: Estimate, chosen: Format | None, mark: Mark) -> None:
    """Print a table with what it rests on above it; a file says it in every row."""
    if kind(chosen) is not Format.table:
        show(made.records(), chosen, mark)
        return
    say(f"rests on: {made.statement}")
    say(f"standard errors: {made.rows[0]['convention']}")
    rows: list[dict[str, Any]] = [
        {key: value for key, value in row.items() if key != "convention"} for row in made.rows
    ]
    empty = {key for key in rows[0] if all(row[key] is None for row in rows)}
    show(({key: row[key] for key in row if key not in empty} for row in rows), chosen, mark)


def _draw(made: Estimate, work: Workspace, out: Path) -> None:
    from entrepot import demo
    from entrepot.publish.poster import png, poster
    from entrepot.publish.writing import together
    from entrepot.question.estimate import picture

    found = picture(made)
    if found is None:
        raise StudyError(
            f"estimate: {made.name} gives one number and no path to draw; leave out --out, or run "
            "event_study"
        )
    drawn = poster(
        replace(found, mark=work.mark(made.vintages).line),
        notice=demo.NOTICE if work.snapshot.is_synthetic else "",
        note=f"Intervals: {made.rows[0]['convention']}.",
    )
    with together(out.parent, "the picture") as folder:
        if out.suffix.lower() == ".svg":
            (folder / out.name).write_text(drawn, "utf-8")
        else:
            (folder / out.name).write_bytes(png(drawn))
    say(f"written: {out}")
