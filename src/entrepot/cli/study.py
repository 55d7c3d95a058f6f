"""study: the questions that ship."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli._common import Shown, show

app = typer.Typer(
    help="Studies: questions as TOML; `entrepot brief` answers one.", no_args_is_help=True
)


@app.command("list")
def list_(chosen: Shown = None) -> None:
    """List the studies."""
    from entrepot.study.question import load, names

    studies = [load(name) for name in names()]
    show(
        (
            {
                "study": study.name,
                "title": study.title,
                "goods": study.goods,
                "figures": len(study.figure),
                "claims": len(study.claim),
            }
            for study in studies
        ),
        chosen,
    )


@app.command("show")
def show_(name: Annotated[str, typer.Argument(help="A study.")]) -> None:
    """Show a study's TOML, ready to be copied into one of your own."""
    from importlib.resources import files

    from entrepot.study.question import load

    study = load(name)
    typer.echo(files("entrepot.studies").joinpath(f"{study.name}.toml").read_text("utf-8"))
