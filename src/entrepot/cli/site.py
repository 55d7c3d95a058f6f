"""site: the pages of a store as files that any web server can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli._common import AsOf, Demo, Store, day, place, read_from, say, working
from entrepot.errors import EntrepotError


def site(
    out: Annotated[Path, typer.Option("--out", help="Folder: absent, empty, or an earlier site.")],
    store: Store = None,
    as_of: AsOf = None,
    demo: Demo = False,
) -> None:
    """Write the pages of a store as a static site: HTML and data, links relative, no script.

    Overview, studies and briefs, countries, findings, sources and vintages, as `entrepot serve`
    shows them. Asking and searching need the server and are left out. A run that is cut off goes
    on where it stopped; the folder is the old site or the new one.
    """
    try:
        from entrepot.api.static.site import write
    except ImportError:
        raise EntrepotError(
            "site: the web pages are not installed; run: pip install 'entrepot[serve]'"
        ) from None
    where = read_from(store, demo=demo)
    with working() as step:
        made = write(out, where, as_of=day(as_of), place=place(demo=demo), step=step)
    for address, why in made.refused.items():
        say(f"left out: {address}: {why}")
    if not made.is_new:
        say(f"{out} shows this state of the store already; nothing was written")
        return
    say(f"written: {len(made.files):,} files in {out}; open {out / 'index.html'}")
