"""brief: the main job, from a study and a store to a headline and its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Engine, Sources, Store, day, place, read_from, say
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    engine: Engine = None,
    source: Sources = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for brief.html, brief.json and brief.csv; here for the default study, one "
            "of its own name for any other.",
        ),
    ] = None,
) -> None:
    """Answer a study: print the brief, write its page, its JSON and the rows behind it.

    No study overwrites another's files: all but the default write into a folder of their own name.

    With an empty store the answer rests on the figures that ship with entrepot, and says so.
    """
    from rich.console import Console

    from entrepot.publish import words
    from entrepot.publish.text import show
    from entrepot.study.question import DEFAULT
    from entrepot.study.written import answer

    said: list[str] = []

    def wrote(files: Sequence[Path]) -> None:
        main = [str(path) for path in files if not path.name.startswith("picture-")]
        drawn = len(files) - len(main)
        rest = [f"{words.count(drawn, 'file')} of its pictures"] if drawn else []
        said.append(f"written: {words.listed([*main, *rest])}")

    made = answer(
        study,
        read_from(store, demo=demo),
        as_of=day(as_of),
        place=place(demo=demo),
        sources=tuple(source or ()),
        engine=engine,
        out=out or Path("" if study == DEFAULT else Path(study).stem),
        wrote=wrote,
    )
    show(made, Console())
    say("\n".join(said))
