"""measure: the measures by themselves, on what the store knows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli._common import AsOf, Demo, Format, Shown, Sources, Store, kind, reading, say, show
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
        ({"measure": name, "finds": _finds(part)} for name, part in measures().items()),
        chosen,
    )


@app.command("show")
def show_(name: Annotated[str, typer.Argument(help="A measure.")]) -> None:
    """Show a measure: formula, sign, parameters, result, source."""
    from entrepot.workspace import measures, part

    found = part(measures(), "measure", name)
    typer.echo(
        f"{name}\n\n{inspect.getdoc(found.run) or ''}\n\nReference: {found.reference}\n\nColumns:"
    )
    for column in found.returns.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        typer.echo(f"  {column.name}{unit}: {column.doc}")


@app.command(context_settings=OWN_HELP)
def run(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A measure; with --help after it, its own options.")
    ] = "",
    sources: Sources = None,
    basket: Annotated[
        str,
        typer.Option(
            "--basket", help="How codes count in older HS revisions: as-listed, stable, bridged."
        ),
    ] = "as-listed",
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    chosen: Shown = None,
) -> None:
    """Run a measure on what the store knows: measure run growth --reporters Turkey --help.

    Its own parameters are options, in people's words: --reporters "Turkey, eu27", --goods 8542.31
    or chpl-2023-09, --months 2022-01..2022-09. What is not known is named, and never zero.
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
        name, sources=tuple(sources or ()), basket=_basket(basket), **_given(name, context.args)
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


def _given(name: str, words: list[str]) -> dict[str, str]:
    """Read `--key value` and `--key=value`; a comma list may go on over several words."""
    given: dict[str, str] = {}
    key = ""
    for word in words:
        if word.startswith("--"):
            key, equals, value = word.removeprefix("--").partition("=")
            key = key.replace("-", "_")
            if key in given:
                raise StudyError(f"measure {name}: --{key.replace('_', '-')} is given twice")
            given[key] = value if equals else ""
        elif not key:
            raise StudyError(
                f"measure {name}: {word!r} belongs to no option; write --option value, as "
                "--reporters Turkey"
            )
        else:
            given[key] = f"{given[key]} {word}".strip()
    if empty := [key for key, value in given.items() if not value]:
        raise StudyError(f"measure {name}: --{empty[0].replace('_', '-')} has no value after it")
    return given


def _help(name: str, found: Measure[Any]) -> str:
    """Return the options of one measure: what each holds, its meaning and its default."""
    from entrepot.question.words import example

    meanings = _meanings(inspect.getdoc(found.run) or "")
    lines = [f"entrepot measure run {name} --OPTION VALUE ...", "", _finds(found), ""]
    for key, param in found.params.items():
        usual = "" if param.default is param.empty else f"  [default: {_said(param.default)}]"
        option = f"--{key.replace('_', '-')}"
        if key == found.goods:
            option += ", --goods"
        lines.append(f"  {option}  {example(found.kind(key))}{usual}")
        lines.append(f"      {meanings.get(key, '')}")
    if len(found.of_kind("Month")) >= 2 or found.first("Window"):
        lines += ["", "  --months 2022-01..2022-09 stands for the first and last month."]
    lines += ["  --source, --basket, --store, --as-of, --demo, --format: see measure run --help",
              "", f"`entrepot measure show {name}` gives the formula and the columns."]  # fmt: skip
    return "\n".join(lines)


def _finds(found: Measure[Any]) -> str:
    """Return the first line of what a measure says of itself."""
    return next(iter((inspect.getdoc(found.run) or "").splitlines()), "")


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
