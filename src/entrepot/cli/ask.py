"""ask: a question in one line, without a file."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Format, Shown, Sources, Store, place, reading, say
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from entrepot.ask import Answer, Words
    from entrepot.workspace import Workspace

EXAMPLES = """
How much did Germany export to Kyrgyzstan, month by month?

  entrepot ask 8542.31 --from Germany --to Kyrgyzstan --months 2022

Which EU countries' exports rose most, from the same months a year before?

  entrepot ask tier:1 --from eu27 --to Kazakhstan --months 2022 --by reporter

Who says they sent listed goods to Iran in the last twelve months known?

  entrepot ask chpl-2023-09 --from all --to Iran --by reporter

Armenia and Georgia in one picture, and the rows behind it:

  entrepot ask chpl-2023-09 --from Turkey --to "Armenia, Georgia" --by partner --out turkey.png

  entrepot ask chpl-2023-09 --from Turkey --to "Armenia, Georgia" --rows --out rows.xlsx

An importer's suppliers, in its own books, by year:

  entrepot ask 8517.62 --imports --of Kyrgyzstan --by partner --months 2023 --freq A

Both sides of the mirror, kept as a study for `entrepot brief`:

  entrepot ask 854231 --from Turkey --to Kazakhstan --months 2023 --mirror --save mirror.toml

Words for goods, countries and months: docs/how-to/words.md. What is not known is named, and is
never zero.
"""
ROWS = 15
"""Rows of a table that a terminal shows, unless --top says otherwise."""
PERIODS = 60
"""Months of a table that a terminal shows."""


def ask(
    goods: Annotated[
        list[str],
        typer.Argument(
            help="What: HS codes as 8542.31 or 85, a list as chpl-2023-09, tier:1, all, or a CSV.",
            autocompletion=offer(choices.goods),
        ),
    ],
    sender: Annotated[
        str,
        choices.named_places("--from", help="Who sends: countries or groups, or all."),
    ] = "",
    receiver: Annotated[
        str,
        choices.named_places("--to", help="Who gets it: countries or groups, world, or all."),
    ] = "",
    imports: Annotated[
        bool,
        typer.Option("--imports", help="Read the importer's books in place of the exporter's."),
    ] = False,
    months: Annotated[
        str,
        typer.Option(help="When: 2022, 2022-01..2022-09, 2022Q1, last-12.  [default: last-12]"),
    ] = "",
    by: Annotated[
        str, typer.Option(help="One row per month, reporter, partner or product (code).")
    ] = "",
    base: Annotated[
        str,
        typer.Option(
            help="Compare with the same months of these years: 2021, 2019-2021, before (the year "
            "before), none.  [default: before, except by month]"
        ),
    ] = "",
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Both books: what one recorded, and what the other.")
    ] = False,
    reporter: Annotated[
        str,
        choices.named_places(
            "--of", "--reporter", "--reporters", help="Whose books, in place of --from."
        ),
    ] = "",
    partner: Annotated[
        str,
        choices.named_places("--partner", "--partners", help="Trade with whom, beside --of."),
    ] = "",
    flow: Annotated[
        str,
        typer.Option(
            help="export, import, re-export or re-import.  [default: export]",
            autocompletion=offer(choices.flows),
        ),
    ] = "",
    freq: Annotated[
        str,
        typer.Option(
            help="M or A.  [default: months, or years if only these are held]",
            autocompletion=offer(choices.freqs),
        ),
    ] = "",
    top: Annotated[int, typer.Option(help="Keep so many rows, and add the others up.")] = 0,
    basket: Annotated[
        str,
        typer.Option(
            help="Codes in older HS revisions: as-listed, stable, bridged.",
            autocompletion=offer(choices.baskets),
        ),
    ] = "as-listed",
    rows: Annotated[
        bool, typer.Option("--rows", help="The stored rows behind the answer, with names.")
    ] = False,
    out: Annotated[
        str,
        typer.Option(
            help="Files, with commas: .html .json .csv .xlsx .parquet .sdmx.csv .zip .svg .png; "
            "or a folder."
        ),
    ] = "",
    save: Annotated[
        Path | None, typer.Option(help="Write the study that gives this answer, as my.toml.")
    ] = None,
    sources: Sources = None,
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    chosen: Shown = None,
) -> None:
    """Ask one question of the store, in people's words, and get the answer with its evidence."""
    from entrepot.ask import Words
    from entrepot.errors import StudyError

    if imports and flow:
        raise StudyError("ask: --imports and --flow say the same in two ways; leave one out")
    words = Words(
        goods=", ".join(goods), sender=sender, receiver=receiver, reporter=reporter,
        partner=partner, flow="import" if imports else flow, months=months, by=by, base=base,
        mirror=mirror, freq=freq, top=top, basket=basket, sources=tuple(sources or ()),
    )  # fmt: skip
    with ExitStack() as stack:
        made = _answer(
            words, stack, reading(store, as_of, demo=demo), (out, rows, save), place(demo=demo)
        )
        _print(made, chosen, rows=rows)


def _answer(
    words: Words,
    stack: ExitStack,
    work: Workspace,
    files: tuple[str, bool, Path | None],
    place: list[str],
) -> Answer:
    """Answer, and write what is to be written; a study is kept even if nothing is known yet."""
    from entrepot.ask import ask as answer
    from entrepot.ask.answer import command, prepare
    from entrepot.ask.files import plan, write
    from entrepot.ask.saved import save as keep

    out, rows, save = files
    paths = plan(out)
    prepared = prepare(words, work)
    if save is not None:
        keep(prepared[1], save, command(prepared[0], place))
        say(f"study: {save}; `entrepot brief {save}` gives this answer again")
    drawer = None
    if any(path.suffix == ".html" for path in paths):
        from entrepot.publish.drawing import DrawingProcess

        drawer = stack.enter_context(DrawingProcess())
    asked = partial(answer, words, work, prepared=prepared, place=place)
    made = asked(begin=drawer.start) if drawer else asked()
    write(made, paths, rows=rows, draw=drawer.draw if drawer else None)
    for path in paths:
        say(f"written: {path}")
    return made


def _print(made: Answer, chosen: Format | None, *, rows: bool) -> None:
    """Print the answer: to read on a terminal, as data when captured."""
    from rich.console import Console

    from entrepot.ask.files import as_json
    from entrepot.publish.export import table
    from entrepot.publish.text import brief_answer

    kind = chosen or (Format.table if sys.stdout.isatty() else Format.json)
    if kind is Format.json:
        sys.stdout.write(as_json(made, made.stored() if rows else None))
    elif kind is Format.table:
        limit = made.asked.top or (PERIODS if made.asked.view in ("month", "mirror") else ROWS)
        console = Console() if sys.stdout.isatty() else Console(width=100)
        brief_answer(made.brief, console, limit)
        if rows:
            table(made.stored(), None, kind.value, sys.stdout)
    else:
        for gap in made.gaps:
            say(f"not known: {gap}" if not gap.startswith("not published") else gap)
        table(made.stored() if rows else made.rows, None, kind.value, sys.stdout)


ask.__doc__ = f"{ask.__doc__}\n{EXAMPLES}"
