"""vintage: what the store holds, and what publishers revised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from entrepot.cli import _complete as choices
from entrepot.cli._common import AsOf, Demo, Shown, Store, reading, say, show, workspace
from entrepot.cli._complete import offer

if TYPE_CHECKING:
    from entrepot.cli._common import Format
    from entrepot.store.releases import CalendarMonth
    from entrepot.store.revising import RevisionBand
    from entrepot.workspace import Workspace

    Row = TypeVar("Row", CalendarMonth, RevisionBand)

app = typer.Typer(
    help="Vintages: what was known on which day, and what was revised.", no_args_is_help=True
)
Id = Annotated[
    str,
    typer.Argument(
        help="A vintage's id, or its beginning.", autocompletion=offer(choices.vintages)
    ),
]
Reporter = Annotated[
    str | None,
    typer.Option(
        "--reporter", help="Only these, as Turkey,eu27.", autocompletion=offer(choices.places)
    ),
]


@app.command("list")
def list_(store: Store = None, chosen: Shown = None) -> None:
    """List the vintages, oldest first."""
    show(
        (
            {
                "vintage": vintage.id,
                "source": vintage.source,
                "published": vintage.published.isoformat(),
                "rows": vintage.rows,
                "files": len(vintage.raw),
                "products": len(vintage.scope.products) if vintage.scope.products else "all",
                "synthetic": vintage.synthetic,
            }
            for vintage in reading(store).store.vintages()
        ),
        chosen,
    )


@app.command("show")
def show_(name: Id, store: Store = None) -> None:
    """Show one vintage: its files, scope, rates and slices, as JSON."""
    import json

    from entrepot.store.vintages import manifest_of

    vintage = reading(store).store.vintage(name)
    typer.echo(json.dumps(manifest_of(vintage), indent=1, default=str))


@app.command()
def diff(
    old: Id,
    new: Id,
    store: Store = None,
    cells: Annotated[bool, typer.Option("--cells", help="Name the cells, not the slices.")] = False,
    most: Annotated[int, typer.Option(help="How many cells to name.")] = 100,
    chosen: Shown = None,
) -> None:
    """Say what a publisher added, withdrew and changed between two vintages, and by how much."""
    from entrepot.publish.mark import mark_of
    from entrepot.store.diff import diff as compare

    desk = reading(store)
    was, became = desk.store.vintage(old), desk.store.vintage(new)
    made = compare(desk.own.con, was, became, most=most)
    is_invented = was.synthetic or became.synthetic
    totals = {
        kind: sum(piece[kind] for piece in made.slices)
        for kind in ("added", "withdrawn", "changed", "change_usd")
    }
    say(
        f"{totals['added']:,} cells added, {totals['withdrawn']:,} withdrawn, "
        f"{totals['changed']:,} changed; together {totals['change_usd']:+,.0f} USD; "
        f"{made.only_old:,} slices only in the old vintage, {made.only_new:,} only in the new"
    )
    mark = mark_of([was, became], synthetic=is_invented)
    if mark.notice:
        say(mark.notice)
    show(made.cells if cells else made.slices, chosen, mark)


@app.command()
def calendar(
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    months: Annotated[
        bool, typer.Option("--months", help="One row per month, not per reporter.")
    ] = False,
    reporter: Reporter = None,
    chosen: Shown = None,
) -> None:
    """Say when each month of each reporter came out, and when the next one is due.

    Due and late come from the delays that the vintages show; where fewer than three releases are
    held, neither is said. Judged on the day of the source's newest vintage.
    """
    from dataclasses import asdict

    from entrepot.store import releases

    desk = reading(store, as_of, demo=demo)
    found = releases.calendar(desk.own.con, desk.store.vintages(), as_of=desk.as_of)
    kept = _of(found, reporter)
    rows = [asdict(one) for one in kept] if months else releases.counts(kept)
    _told(rows, desk, chosen)


@app.command()
def revisions(
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
    reporter: Reporter = None,
    chosen: Shown = None,
) -> None:
    """Say how far a month of each reporter still moves, by the age at which it is read.

    Per age in full months: quantiles 0.1, 0.5 and 0.9 of the last known value over the value then,
    of the months that were published again; empty where there are fewer than six.
    """
    from dataclasses import asdict

    from entrepot.store import revising

    desk = reading(store, as_of, demo=demo)
    found = revising.profile(desk.own.con, desk.store.vintages(), as_of=desk.as_of)
    _told([asdict(one) for one in _of(found, reporter)], desk, chosen)


def _of(found: list[Row], reporter: str | None) -> list[Row]:
    """Return the rows of some reporters, all if none is named."""
    from entrepot.terms.places import ALL, members

    if not reporter:
        return found
    codes = set(members(reporter, what="--reporter"))
    return [one for one in found if ALL in codes or one.reporter in codes]


def _told(rows: list[dict[str, Any]], desk: Workspace, chosen: Format | None) -> None:
    """Print rows with the mark of everything that is known on the day."""
    mark = desk.mark()
    if mark.notice:
        say(mark.notice)
    if not rows:
        say("nothing to show: see `entrepot vintage list` for what is held")
    show(rows, chosen, mark)


@app.command()
def check(
    name: Annotated[
        str | None,
        typer.Argument(help="A vintage; all if not given.", autocompletion=offer(choices.vintages)),
    ] = None,
    store: Store = None,
) -> None:
    """Check every stored file against the hash it was written with, raw files too."""
    from entrepot.errors import StoreError
    from entrepot.store import audit

    stored = reading(store).store
    problems = audit.check(stored, name)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise StoreError(f"store {stored.path}: {len(problems)} problems, listed above")
    number = 1 if name else len(stored.head()[0].vintages)
    typer.echo(f"{number} vintages are as they were written")


@app.command()
def adopt(store: Store = None) -> None:
    """Name all vintages of a store of an earlier release in its head, once each is checked.

    It does the same for a store whose head.json was lost. A folder that is damaged is named and
    nothing is changed; a copy of a vintage under another name is passed over.
    """
    from entrepot.store import adoption

    head = adoption.adopt(workspace(store).store, say)
    typer.echo(f"{len(head.vintages)} vintages and {len(head.materials)} materials adopted")
