"""study: the questions that ship."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import Shown, Store, say, show, workspace
from entrepot.cli._complete import offer
from entrepot.cli._fetching import DryRun, Endpoint, Fresh, present, run

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
def show_(
    name: Annotated[str, typer.Argument(help="A study.", autocompletion=offer(choices.studies))],
) -> None:
    """Show a study's TOML, ready to be copied into one of your own."""
    from importlib.resources import files

    from entrepot.study.question import load

    study = load(name)
    typer.echo(files("entrepot.studies").joinpath(f"{study.name}.toml").read_text("utf-8"))


@app.command()
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            help="A study, or a TOML file of your own.", autocompletion=offer(choices.studies)
        ),
    ],
    store: Store = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Ask this source for every reporter.", autocompletion=offer(choices.sources)
        ),
    ] = None,
    endpoint: Endpoint = None,
    dry_run: DryRun = False,
    fresh: Fresh = False,
    chosen: Shown = None,
) -> None:
    """Fetch what a study needs and the store lacks, from the best source that needs no more keys.

    The plan is shown first. A run that is cut off goes on where it stopped when the same command
    is given again. A later run reads the publishers' indexes and asks for what is new or revised.
    """
    from entrepot.study.fetch_plans import plans
    from entrepot.study.question import load

    work = workspace(store)
    wanted = plans(load(name), work, only=source, endpoint=endpoint, everything=True)
    if not wanted:
        say("nothing to fetch: this study rests on no publisher's records")
    elif dry_run:
        present(work, wanted, fresh=fresh, chosen=chosen)
    else:
        place = f" --store {store}" if store else ""
        run(work, wanted, fresh=fresh, chosen=chosen, then=f"entrepot brief {name}{place}")
