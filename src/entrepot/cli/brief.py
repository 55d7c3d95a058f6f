"""brief: the main job, from a study and a store to a headline and its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Sources, Store, day, place, read_from
from entrepot.cli._complete import offer


def brief(
    study: Annotated[
        str,
        typer.Argument(
            help="A study that ships, or a path that ends in .toml.",
            autocompletion=offer(choices.studies),
        ),
    ] = "eu-to-central-asia-2022",
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    source: Sources = None,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for brief.html, brief.json and brief.csv.")
    ] = Path(),
) -> None:
    """Answer a study: print the brief, write its page, its JSON and the rows behind it.

    With an empty store the answer rests on the figures that ship with entrepot, and says so.
    """
    from rich.console import Console

    from entrepot.publish.text import show
    from entrepot.study.written import answer

    made = answer(
        study,
        read_from(store, demo=demo),
        as_of=day(as_of),
        place=place(demo=demo),
        sources=tuple(source or ()),
        out=out,
    )
    show(made, Console())
