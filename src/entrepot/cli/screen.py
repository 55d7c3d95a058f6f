"""screen: a verdict with reasons on every row of a file of shipments or payments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Format, Shown, Store, day, kind, reading, say
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = 20


def screen(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, Parquet or JSON lines.")],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for verdicts.jsonl, .xlsx, pages and the rest.")
    ] = Path("screened"),
    mapping: Annotated[
        Path | None, typer.Option(help="TOML that says which column is what, where names do not.")
    ] = None,
    matcher: Annotated[
        str, typer.Option(help="plain, nomenklatura, or the address of a running yente.")
    ] = "plain",
    goods: Annotated[
        str,
        typer.Option(help="Goods list of the routes.", autocompletion=offer(choices.goods)),
    ] = "chpl-2024-02",
    destination: Annotated[
        str,
        typer.Option(
            help="Where goods may end, as Russia.", autocompletion=offer(choices.countries)
        ),
    ] = "RUS",
    lists: Annotated[
        Path | None,
        typer.Option(help="Store that holds the sanctions lists; that of the flows if left out."),
    ] = None,
    pages: Annotated[
        int, typer.Option(min=0, help="Cases with a page of their own, the highest ranks first.")
    ] = TOP,
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    chosen: Shown = None,
) -> None:
    """Give every row of a file a verdict, stop, ask, cannot say or pass, with its reasons.

    It looks at goods lists, at what the stored statistics say of the route and the price, at the
    importer's history in the file, and at the sanctions lists that `entrepot party take` put into
    the store. A run that was interrupted goes on when it is run again. A verdict is no licence
    decision, accuses nobody and replaces no counsel.
    """
    from entrepot.screen import output
    from entrepot.screen.answer import answer, setting

    work = reading(store, as_of, demo=demo)
    with _watched() as (step, done):
        found, about = answer(
            work, file, mapping, setting(day(as_of), goods, destination, matcher, lists),
            out,
            pages=pages, step=step, done=done,
        )  # fmt: skip
    _print(found, kind(chosen))
    for line in [f"{output.headline(found.counts)}.", *about["told"], *output.notices(about)]:
        say(line)
    say(f"in {out}: verdicts.jsonl, verdicts.xlsx, entities.ftm.json, index.html, about.json")


def _print(found: Any, how: Format) -> None:
    import json

    from entrepot.publish.export import table
    from entrepot.screen.output import line

    if how is Format.json:
        for one in found.ranked():
            sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")
    else:
        most = TOP if how is Format.table else None
        table([line(one) for one in found.ranked(most)], None, how.value, sys.stdout)


class _watched:  # noqa: N801 - used as a function
    """Show rows done on a terminal's standard error; a few lines where it is captured."""

    def __enter__(self) -> tuple[Callable[[str], None], Callable[[int, int], None]]:
        self._bar: Any = None
        if not sys.stderr.isatty():
            return (lambda _text: None), (lambda _rows, _all: None)
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

        self._bar = Progress(
            *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._bar.start()
        task = self._bar.add_task("opening the store", total=None)
        return (
            lambda text: self._bar.update(task, description=text),
            lambda rows, every: self._bar.update(task, completed=rows, total=every),
        )

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        if error[0] is KeyboardInterrupt:
            say("interrupted; run the same command again to go on")
