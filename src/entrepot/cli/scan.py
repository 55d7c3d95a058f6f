"""scan: every detector over every third country and product, as one ranking."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Engine, Format, Shown, Store, day, kind, say, working
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
        help="Show only these third countries, with commas; p and q stay those of all.",
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
    engine: Engine = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for index.html, a page per finding, and the files."),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Findings with a page, and lines of the table.")
    ] = 20,
    placebos: Annotated[
        int,
        typer.Option(
            "--placebos", min=0, help="Other destinations to look at in the same way; 0 for none."
        ),
    ] = 5,
    chosen: Shown = None,
) -> None:
    """Look for goods that reach a destination through third countries; print the ranking.

    A table shows the first ones; json, csv and parquet hold every product through every third
    country, with what the other detectors say of it and whose exports rose. The column list tells
    a route from goods that came in and of which nobody can say what became. A store without any
    exports of the coalition ranks what went out from third countries alone.
    """
    from entrepot.scan.answer import answer

    asked = question(destination, since, goods, coalition, (first, last), through, source)
    with working() as step:
        found = answer(
            asked, store, as_of=day(as_of), use_demo=demo, top=top, placebos=placebos, out=out,
            engine=engine, say=say, step=step,
        )  # fmt: skip
    made = found.report
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
    from entrepot.publish.export import dump, table

    if how is Format.table:
        lines = [_line(entry) for entry in made.shown]
        table(lines, None, how.value, sys.stdout, made.mark)
    elif how is Format.json:
        sys.stdout.write(dump(findings.document(made)))
    else:
        table(findings.flat(made.rows), None, how.value, sys.stdout, made.mark)


def _line(entry: Ranked) -> dict[str, object]:
    from entrepot import phrases
    from entrepot.publish import findings, lists, words
    from entrepot.reference import countries

    found = entry.finding
    recorded, expected, excess = (
        words.usd(one, short=True)
        for one in (found.recorded_usd, found.expected_usd, found.excess_usd)
    )
    return {
        "#": entry.place,
        lists.VIA[entry.list]: countries.called(found.intermediary),
        "product": found.product,
        "recorded, expected": f"{recorded}, {expected}",
        "excess, 90% range": f"{excess}, {phrases.interval(found, short=True)}",
        "q": findings.q_value(found.q_value).replace("under ", "< "),
        "since": found.first_month,
        "what else stands out": "; ".join(findings.kinds(entry)),
    }


def _told(made: ScanReport, out: Path | None) -> str:
    from entrepot.publish import cells, findings, lists

    lines = [cells.SYNTHETIC] if made.synthetic else []
    lines += [f"{findings.headline(made)}.", findings.Q_VALUE]
    lines += [f"{one}." for one in (made.narrowed, made.null) if one]
    lines += [f"not tested, {row['cells']:,} cells: {row['why']}" for row in made.untested.rows]
    lines += [f"{findings.unable(made)}."] if made.unable else []
    lines += [line for line in (lists.came_in(made), *made.said, made.elsewhere) if line]
    lines.append(findings.panel(made))
    lines.append(cells.GUILT)
    if out is not None:
        lines.append(f"pages: {out / 'index.html'}")
    return "\n".join(lines)
