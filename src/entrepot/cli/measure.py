"""measure: the measures by themselves, on what the store knows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Format, Shown, Sources, Store, kind, reading, say, show
from entrepot.cli._complete import offer
from entrepot.cli._own import OwnOptions, given
from entrepot.errors import StudyError

if TYPE_CHECKING:
    from entrepot.contracts import Measure

app = typer.Typer(help="Measures: what can be computed from flows.", no_args_is_help=True)
OWN_HELP = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the measures and what each finds."""
    from entrepot.workspace import measures

    show(
        (
            {"measure": name, "finds": (part.run.__doc__ or "").splitlines()[0]}
            for name, part in measures().items()
        ),
        chosen,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(help="A measure.", autocompletion=offer(choices.measures))],
) -> None:
    """Show a measure: formula, sign, parameters, result, source."""
    from entrepot.workspace import measures, part

    found = part(measures(), "measure", name)
    typer.echo(f"{name}\n\n{inspect.getdoc(found.run)}\n\nReference: {found.reference}\n\nColumns:")
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
    basket: Annotated[
        str,
        typer.Option(
            "--basket",
            help="How codes count in older HS revisions: as-listed, stable, bridged.",
            autocompletion=offer(choices.baskets),
        ),
    ] = "as-listed",
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    chosen: Shown = None,
) -> None:
    """Run a measure on what the store knows: measure run growth --reporters Turkey --help.

    Its own parameters are options, in people's words: --reporters "Turkey, eu27", --goods 8542.31
    or chpl-2023-09, --months=2022-01..2022-09; each is given once. What is not known is named, and
    never zero.
    """  # fmt: skip
    from entrepot.workspace import measures, part

    if not name or name == "--help":
        typer.echo(context.get_help())
        raise typer.Exit
    found = part(measures(), "measure", name)
    if "--help" in context.args:
        typer.echo(_help(name, found))
        raise typer.Exit
    work = reading(store, as_of, demo=demo)
    answer = work.measure(
        name, sources=tuple(sources or ()), basket=_basket(basket), **given(name, context)
    )
    for gap in answer.missing:
        say(f"not known: {gap}" if not gap.startswith("not published") else gap)
    if not answer.rows:
        say("no rows: what is asked is known, and nothing was recorded")
    # A reader of a table has what is missing above it; a file says it in every row.
    show(answer.rows if kind(chosen) is Format.table else answer.records(), chosen)


def _basket(word: str) -> Any:
    from entrepot.harmonise.products import BASKETS
    from entrepot.reference._files import near

    if word not in BASKETS:
        raise StudyError(f"--basket {word}: {near(word, BASKETS)}; there are: {', '.join(BASKETS)}")
    return word


def _help(name: str, found: Measure[Any]) -> str:
    """Return the options of one measure: what each holds, its meaning and its default."""
    from entrepot.question.words import example

    doc = inspect.getdoc(found.run) or ""
    meanings = _meanings(doc)
    lines = [f"entrepot measure run {name} --OPTION VALUE ...", "", doc.splitlines()[0], ""]
    for key, param in found.params.items():
        usual = "" if param.default is param.empty else f"  [default: {_said(param.default)}]"
        option = f"--{key.replace('_', '-')}"
        if key == found.goods:
            option += ", --goods"
        lines.append(f"  {option}  {example(found.kind(key))}{usual}")
        lines.append(f"      {meanings.get(key, '')}")
    lines += ["", "  --months 2022-01..2022-09 stands for the first and last month.",
              "  --source, --basket, --store, --as-of, --demo, --format: see measure run --help",
              "", f"`entrepot measure show {name}` gives the formula and the columns."]  # fmt: skip
    return "\n".join(lines)


def _said(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(map(str, default)) or "all"
    return "none" if default is None else str(default)


def _meanings(doc: str) -> dict[str, str]:
    """Return what a docstring says of each parameter, on one line."""
    found: dict[str, str] = {}
    key = ""
    for line in doc.partition("Args:\n")[2].partition("\n\n")[0].splitlines():
        text = line.strip()
        if len(line) - len(line.lstrip()) == 4 and ":" in text:
            key, _colon, text = text.partition(":")
            found[key] = text.strip()
        elif key:
            found[key] += f" {text}"
    return found
