"""Text: the brief in a terminal, 80 columns or more, plain where colour means nothing."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from entrepot.publish import cells, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.table import Table

    from entrepot.publish.brief import Breakdown, Brief

_WIDEST = 100  # columns a reader's eye follows with ease
_TOP = 8  # rows of the main breakdown
_STYLES = {"reproduced": "green", "not reproduced": "red"}


def plain(say: Callable[[Console], None]) -> str:
    """Return what is said to a console as text without colours, `_WIDEST` columns wide."""
    from rich.console import Console

    stream = io.StringIO()
    say(Console(file=stream, width=_WIDEST, color_system=None, force_terminal=False))
    return stream.getvalue().strip("\n")


def show(brief: Brief, console: Console) -> None:
    """Print the brief: notice, headline, figures, claims, main breakdown, caveats, evidence.

    Nothing is cut short: text wraps between words, and a word longer than the line stays whole.
    """
    width = min(console.width, _WIDEST)
    for notice in cells.notices(brief):
        _say(console, width, notice, style="bold white on red" if brief.synthetic else "yellow")
    _say(console, width, "")
    _say(console, width, brief.title, style="dim")
    _say(console, width, brief.headline, style="bold")
    _heads(brief, console, width)
    if brief.claims:
        _title(console, "Published claims, checked")
        _claims(brief, console, width)
    _title(console, "Figures: value, and range over all choices")
    _figures(brief, console, width)
    if brief.breakdowns:
        _breakdown(brief.breakdowns[0], console, width)
    _title(console, "What this does not show")
    for caveat in cells.caveats(brief):
        _say(console, width, caveat, first="- ", rest="  ")
    _title(console, "Evidence")
    _evidence(brief, console, width)


def brief_answer(brief: Brief, console: Console, rows: int = _TOP) -> None:
    """Print an answer in short: the sentence, its table, what it rests on, and the evidence.

    Args:
        brief: The answer.
        console: Where to.
        rows: How many rows of the table to print.
    """
    width = min(console.width, _WIDEST)
    for notice in cells.notices(brief):
        _say(console, width, notice, style="bold white on red" if brief.synthetic else "yellow")
        _say(console, width, "")
    _say(console, width, brief.headline, style="bold")
    coverage = brief.figures[0].coverage
    for gap in (one for one in coverage.gaps if one not in brief.headline):
        _say(console, width, f"Not known: {gap}.", style="yellow", rest="  ")
    for missing in coverage.missing:
        _say(console, width, f"Not published: {missing}.", style="yellow", rest="  ")
    for breakdown in brief.breakdowns[:1]:
        _breakdown(breakdown, console, width, rows)
    console.print()
    rest = cells.known(coverage)
    _say(console, width, f"Rests on: {'; '.join([f'basket {brief.figures[0].basket}', *rest])}.")
    for caveat in cells.caveats(brief):
        _say(console, width, caveat, style="dim")
    _evidence(brief, console, width)


def _say(
    console: Console, width: int, text: str, *, style: str = "", first: str = "", rest: str = ""
) -> None:
    lines = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    for line in lines or [""]:
        console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold", markup=False)


def _heads(brief: Brief, console: Console, width: int) -> None:
    heads = [figure for figure in brief.figures if figure.headline]
    if not heads:
        return
    console.print()
    room = max(len(cells.value(figure)) for figure in heads)
    for figure in heads:
        number = cells.value(figure).rjust(room)
        _say(console, width, figure.label, first=f"  {number}  ", rest=" " * (room + 4))


def _grid(width: int) -> Table:
    from rich.table import Table

    return Table(
        box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim",
        width=width,
    )  # fmt: skip


def _print(table: Table, console: Console, width: int) -> None:
    with console.capture() as captured:
        console.print(table, width=width)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def _claims(brief: Brief, console: Console, width: int) -> None:
    from rich.text import Text

    table = _grid(width)
    table.add_column("Claim", ratio=5)
    table.add_column("Test", ratio=3)
    table.add_column("Found", justify="right", no_wrap=True)
    table.add_column("Verdict", width=18)
    for claim in brief.claims:
        verdict = Text(cells.verdict(claim), style=_STYLES.get(claim.verdict, "yellow"))
        table.add_row(Text(claim.text), Text(claim.expected), Text(cells.found(claim)), verdict)
    _print(table, console, width)
    for claim in brief.claims:
        if claim.because:
            told = f"{cells.verdict(claim)}, {claim.text!r}: {claim.because}"
            _say(console, width, told, rest="  ")


def _figures(brief: Brief, console: Console, width: int) -> None:
    """Print the figures in runs that rest on the same, which is said once above each run."""
    from rich.text import Text

    shared, groups = cells.basis(brief.figures)
    if shared:
        _say(console, width, f"All of them: {'; '.join(shared)}.", style="dim")
    values = max((len(cells.value(figure)) for figure in brief.figures), default=0)
    ranges = min(24, max((len(cells.span(figure)) for figure in brief.figures), default=0))
    for group in groups:
        console.print()
        if group.phrases:
            _say(console, width, f"{'; '.join(group.phrases)}:", style="dim")
        table = _grid(width)
        table.show_header = False
        table.add_column(ratio=1)
        table.add_column(justify="right", no_wrap=True, width=values)
        table.add_column(justify="right", width=ranges)
        for figure in group.figures:
            label = Text(figure.label)
            if figure.because:
                label.append(f"\n{figure.because}", style="italic")
            table.add_row(label, Text(cells.value(figure)), Text(cells.span(figure)))
        _print(table, console, width)


def _breakdown(breakdown: Breakdown, console: Console, width: int, rows: int = _TOP) -> None:
    from rich.text import Text

    _title(console, breakdown.title)
    grid = cells.grid(breakdown)
    table = _grid(width)
    for (label, unit), is_number in zip(grid.heads, grid.numeric, strict=True):
        head = Text(label)
        if unit:
            head.append(f"\n{unit}")
        table.add_column(head, justify="right" if is_number else "left", vertical="bottom")
    for row in grid.rows[:rows]:
        table.add_row(*(Text(cell.text) for cell in row))
    table.width = None
    _print(table, console, width)
    if len(grid.rows) > rows:
        _say(console, width, f"... and {words.count(len(grid.rows) - rows, 'more row')}")
    if breakdown.note:
        _say(console, width, breakdown.note, style="dim")


def _evidence(brief: Brief, console: Console, width: int) -> None:
    evidence = brief.evidence
    for used in evidence.vintages:
        what = f"{used.publisher}, published {used.published}, {words.count(used.rows, 'row')}"
        _say(console, width, f"{what}, {words.count(len(used.files), 'file')}: {used.vintage}",
             rest="  ")  # fmt: skip
    if evidence.lists:
        names = words.listed(f"{used.title} [{used.name}]" for used in evidence.lists)
        _say(console, width, f"Goods: {names}.", rest="  ")
    _say(
        console,
        width,
        f"Rates: {evidence.rates}. As known {words.known(evidence.as_of)}.",
        rest="  ",
    )
    _say(console, width, "Rebuild it:")
    _command(evidence.command, console, width)


def _command(command: str, console: Console, width: int) -> None:
    lines = textwrap.wrap(
        command, width - 6, break_long_words=False, break_on_hyphens=False
    )  # a shell reads the lines as one
    for i, line in enumerate(lines):
        end = " \\" if i < len(lines) - 1 else ""
        indent = "  " if i == 0 else "    "
        console.print(f"{indent}{line}{end}", style="cyan", markup=False, highlight=False,
                      soft_wrap=True)  # fmt: skip
