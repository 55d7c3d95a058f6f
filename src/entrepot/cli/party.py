"""party: public sanctions lists in the store, and who is on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli._common import AsOf, Shown, Store, day, say, show
from entrepot.config import existing_store, store_path

app = typer.Typer(
    help="Parties: take sanctions lists into the store, and look a name up.", no_args_is_help=True
)


@app.command()
def take(
    files: Annotated[list[Path], typer.Argument(help="Lists as their publishers give them.")],
    whose: Annotated[
        str, typer.Option("--list", help="eu, ftm, ofac or uk; looked up in the file if left out.")
    ] = "",
    part: Annotated[
        str, typer.Option(help="Which of a publisher's lists; the file's name if left out.")
    ] = "",
    published: AsOf = None,
    store: Store = None,
    chosen: Shown = None,
) -> None:
    """Take sanctions lists into the store, each as a vintage of its own.

    OFAC's sdn.csv and sdn.xml (consolidated too), the EU's and the UK's CSV and XML, entities of
    FollowTheMoney as JSON lines, OpenSanctions' targets.simple.csv. Each is read in full first.
    """
    from entrepot.screen.lists import stored

    rows = []
    for path in files:
        held, count = stored.take(
            store_path(store), path, name=whose, published=day(published), part=part
        )
        rows.append({"vintage": held.id, "entries": count, "publisher": held.publisher})
    show(rows, chosen)


@app.command("list")
def list_(store: Store = None, as_of: AsOf = None, chosen: Shown = None) -> None:
    """List the sanctions lists that are stored: of each the newest on the day."""
    from entrepot.screen.lists import stored

    found = stored.held(existing_store(store), day(as_of))
    if not found:
        say("no list is stored; `entrepot party take FILE` takes one")
    show(
        (
            {"vintage": one.id, "published": str(one.published), "publisher": one.publisher,
             "licence": one.licence, "sha256": one.sha256[:12]}
            for one in found
        ),
        chosen,
    )  # fmt: skip


@app.command()
def find(
    name: Annotated[str, typer.Argument(help="A name, in any script.")],
    country: Annotated[str, typer.Option(help="Its country.")] = "",
    number: Annotated[str, typer.Option(help="A registration, tax or ship number.")] = "",
    least: Annotated[float, typer.Option(min=0, max=1, help="Least score.")] = 0.7,
    matcher: Annotated[
        str, typer.Option(help="plain, nomenklatura, or the address of a running yente.")
    ] = "plain",
    store: Store = None,
    as_of: AsOf = None,
    chosen: Shown = None,
) -> None:
    """Look a name up on the stored lists; a like name is not the same person."""
    from entrepot import terms
    from entrepot.screen import run
    from entrepot.screen.lists import stored
    from entrepot.screen.match._types import Party
    from entrepot.screen.names import identifiers

    place = terms.members(country)[0] if country else ""
    lists = stored.held(existing_store(store), day(as_of))
    engine = run.matcher(matcher, list(stored.entries(lists)))
    if engine is None:
        say("no list is stored; `entrepot party take FILE` takes one")
        return
    hits = engine.match(Party(name, place, identifiers(number)), least=least, most=20)
    show(
        (
            {"score": hit.score, "name": hit.entry.name, "matched": hit.matched,
             "kind": hit.entry.kind, "countries": ", ".join(hit.entry.countries),
             "since": hit.entry.since, "entry": hit.entry.id, "vintage": hit.entry.vintage}
            for hit in hits
        ),
        chosen,
    )  # fmt: skip
