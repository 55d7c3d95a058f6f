"""watch: what changed in a scan since it last ran; for cron."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Format, Shown, Store, day, kind, say, working
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from entrepot.scan.question import ScanQuestion
    from entrepot.watch.run import News


def watch(
    name: Annotated[
        str, typer.Argument(help="Name of the watch; that of a study takes its goods list.")
    ],
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination",
            help="As in scan; needed on the first run.",
            autocompletion=offer(choices.countries),
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="As in scan; needed on the first run.")
    ] = None,
    goods: Annotated[
        str | None, typer.Option("--goods", help="As in scan.", autocompletion=offer(choices.goods))
    ] = None,
    coalition: Annotated[
        str,
        typer.Option(
            "--coalition", help="As in scan.", autocompletion=offer(choices.places, listed=True)
        ),
    ] = "gecc-39",
    first: Annotated[str | None, typer.Option("--first", help="As in scan.")] = None,
    last: Annotated[str | None, typer.Option("--last", help="As in scan.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="As in scan.")] = None,
    store: Store = None,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for feed.json and feed.xml.")
    ] = None,
    chosen: Shown = None,
) -> None:
    """Scan again if the store has new vintages, and print what changed since the last run.

    The question is given once; later runs need the name alone. Without new vintages nothing is
    computed. Either way the exit code is 0.
    """
    from entrepot.cli._common import show
    from entrepot.reference import countries
    from entrepot.watch.run import watch as run

    asked = _asked(name, destination, since, goods, (coalition, first, last, None, source))
    how = kind(chosen)
    called = countries.called if how is Format.table else str
    with working() as step:
        news = run(name, asked, store, as_of=day(as_of), out=out, say=say, step=step)
    show(
        (
            {
                "change": change.kind,
                "intermediary": called(change.intermediary),
                "product": change.product,
                "text": change.text,
            }
            for change in news.changes
        ),
        how,
        news.mark,
    )
    say(_told(news))


def _asked(
    name: str,
    destination: str | None,
    since: str | None,
    goods: str | None,
    rest: tuple[str, str | None, str | None, str | None, str | None],
) -> ScanQuestion | None:
    """Return the question of the options; None where they give none."""
    from entrepot.errors import StudyError
    from entrepot.scan.question import GOODS, ScanQuestion
    from entrepot.watch.run import named

    if destination is None and since is None:
        if goods or rest != ("gecc-39", None, None, None, None):
            raise StudyError(f"watch {name}: a question needs --destination and --since as well")
        return None
    if destination is None or since is None:
        absent = "--since" if since is None else "--destination"
        raise StudyError(f"watch {name}: needs {absent} as well")
    return ScanQuestion(destination, since, goods or named(name) or GOODS, *rest)


def _told(news: News) -> str:
    from entrepot.publish import words
    from entrepot.watch.changes import BARS, KINDS

    if news.is_quiet:
        return f"watch {news.name}: nothing new, no vintage since the last run"
    counts = {kind: sum(change.kind == kind for change in news.changes) for kind in KINDS}
    told = words.listed(f"{count} {kind}" for kind, count in counts.items() if count)
    since = "first run" if news.is_first else words.count(len(news.vintages), "new vintage")
    return f"watch {news.name}: {since}; {told if news.changes else 'no change'}\nbars: {BARS}"
