"""scan: every detector over every third country and product, as one ranking."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Format, Shown, Store, day, kind, say
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from entrepot.publish.finding import Ranked, ScanReport
    from entrepot.scan.question import ScanQuestion

Destination = Annotated[
    str,
    typer.Option(
        "--destination",
        help="Where the goods may end: one country, as Russia.",
        autocompletion=offer(choices.countries),
    ),
]
Since = Annotated[
    str, typer.Option("--since", help="First month of the window, as 2022-03; the past is before.")
]
Goods = Annotated[
    str,
    typer.Option(
        "--goods",
        help="A goods list, six-digit codes with commas, or a CSV of your own.",
        autocompletion=offer(choices.goods),
    ),
]
Coalition = Annotated[
    str,
    typer.Option(
        "--coalition",
        help="Whose goods: countries or groups, with commas.",
        autocompletion=offer(choices.places, listed=True),
    ),
]
Through = Annotated[
    str | None,
    typer.Option(
        "--through",
        help="Rank only these third countries; all if left out.",
        autocompletion=offer(choices.places, listed=True),
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Source to use where several hold a reporter; with commas.",
        autocompletion=offer(choices.sources, listed=True),
    ),
]
First = Annotated[
    str | None, typer.Option("--first", help="First month of the past; all there is if left out.")
]
Last = Annotated[
    str | None, typer.Option("--last", help="Last month of the window; the last if left out.")
]


def scan(
    destination: Destination,
    since: Since,
    goods: Goods = "chpl-2024-02",
    coalition: Coalition = "gecc-39",
    first: First = None,
    last: Last = None,
    through: Through = None,
    source: Source = None,
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for index.html, a page per finding, and the files."),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Findings with a page, and lines of the table.")
    ] = 20,
    chosen: Shown = None,
) -> None:
    """Look for goods that reach a destination through third countries; print the ranking.

    A table shows the first ones; json, csv and parquet hold every product through every third
    country, with what the other detectors say of it and whose exports rose. A store without any
    exports of the coalition ranks what went out from third countries alone.
    """
    from entrepot.scan.answer import answer

    asked = question(destination, since, goods, coalition, (first, last), through, source)
    made = answer(asked, store, as_of=day(as_of), use_demo=demo, top=top, out=out, say=say).report
    _print(made, kind(chosen))
    say(_told(made, out))


def question(
    destination: str,
    since: str,
    goods: str,
    coalition: str,
    window: tuple[str | None, str | None],
    through: str | None = None,
    source: str | None = None,
) -> ScanQuestion:
    """Return what the options of a scan ask for."""
    from entrepot.scan.question import ScanQuestion

    return ScanQuestion(destination, since, goods, coalition, *window, through, source)


def _print(made: ScanReport, how: Format) -> None:
    from entrepot.publish import findings
    from entrepot.publish.export import table

    if how is Format.table:
        table([_line(entry) for entry in made.shown], None, how.value, sys.stdout)
    elif how is Format.json:
        table(findings.nested(made.entries), None, how.value, sys.stdout)
    else:
        table(findings.flat(made.entries), None, how.value, sys.stdout)


def _line(entry: Ranked) -> dict[str, object]:
    from entrepot.publish import findings, words

    found = entry.finding
    return {
        "place": entry.place,
        "intermediary": found.intermediary,
        "product": found.product,
        "excess": words.usd(found.excess_usd, short=True),
        "90% range": findings.excess(found),
        "q_value": findings.q_value(found.q_value),
        "since": found.first_month,
        "what else stands out": "; ".join(findings.kinds(entry)),
    }


def _told(made: ScanReport, out: Path | None) -> str:
    from entrepot.publish import cells, findings

    lines = [cells.SYNTHETIC] if made.synthetic else []
    lines += [f"{findings.headline(made)}.", findings.Q_VALUE]
    lines += [f"not tested, {row['cells']:,} cells: {row['why']}" for row in made.untested.rows]
    lines += [f"{findings.unable(made)}."] if made.unable else []
    lines.append(cells.GUILT)
    if out is not None:
        lines.append(f"pages: {out / 'index.html'}")
    return "\n".join(lines)
