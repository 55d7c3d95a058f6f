"""What every command shares: the store's option, the day, the format, one-line errors."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._complete import offer
from entrepot.config import ENGINE_VARIABLE, STORE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from entrepot.publish.mark import Mark
    from entrepot.workspace import Workspace


def place_of(named: str | Path) -> Path:
    """Return the folder of a store that is named on the command line."""
    from entrepot.config import place

    return place(str(named))


Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        envvar=STORE_VARIABLE,
        parser=place_of,
        metavar="FOLDER|ADDRESS",
        help="Folder of the store, or s3://BUCKET/PREFIX.  [default: entrepot-store]",
        show_default=False,
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Only what was known on this day."),
]


Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        envvar=ENGINE_VARIABLE,
        help="What evaluates the rows: duckdb here, sc://HOST:PORT (a Spark Connect server), or "
        "spark.  [default: duckdb]",
        show_default=False,
    ),
]


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


Shown = Annotated[
    Format | None,
    typer.Option("--format", help="table on a terminal, json when captured, unless you choose."),
]


Demo = Annotated[
    bool, typer.Option("--demo", help="Use the synthetic demo world instead of the store.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="Source to use where several hold a reporter; repeatable.",
        autocompletion=offer(choices.sources),
    ),
]


def reading(
    store: Path | None,
    as_of: datetime | None = None,
    *,
    demo: bool = False,
    engine: str | None = None,
) -> Workspace:
    """Open the workspace of a command that only reads.

    Raises:
        StoreError: A folder was named that is none, or the demo world cannot be made.
        EngineError: No engine has the address.
    """
    return workspace(read_from(store, demo=demo), as_of, engine)


def read_from(store: Path | None, *, demo: bool) -> Path:
    """Return the store of a command that only reads: the one chosen, or the demo world's.

    Raises:
        StoreError: A folder was named that is none, or the demo world cannot be made.
    """
    from entrepot.config import existing_store

    if demo:
        from entrepot.demo import cache

        return cache.store(say)
    return existing_store(store)


def place(*, demo: bool) -> list[str]:
    """Return the options of a command that say where it reads."""
    return ["--demo"] if demo else []


def workspace(
    store: Path | None, as_of: datetime | None = None, engine: str | None = None
) -> Workspace:
    """Open the workspace a command works on."""
    from entrepot.workspace import Workspace

    return Workspace(store, as_of=day(as_of), engine=engine)


def day(moment: datetime | None) -> date | None:
    """Return the day of a command-line date."""
    return moment.date() if moment else None


def show(rows: Iterable[dict[str, Any]], chosen: Format | None, mark: Mark | None = None) -> None:
    """Print rows: a table on a terminal, JSON when captured, or as chosen; figures with a mark."""
    from entrepot.publish.export import table

    table(list(rows), None, kind(chosen).value, sys.stdout, mark)


def kind(chosen: Format | None) -> Format:
    """Return the format chosen, else a table on a terminal and JSON when captured."""
    return chosen or (Format.table if sys.stdout.isatty() else Format.json)


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """Show what a command is at: a line on a terminal's standard error, nothing when captured."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("opening the store", total=None)
        yield lambda text: progress.update(task, description=text)


def say(text: str) -> None:
    """Print a line of progress where it cannot spoil the output."""
    typer.echo(text, err=True)
