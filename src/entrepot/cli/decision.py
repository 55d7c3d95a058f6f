"""decision: who decided what of a case, when and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from entrepot.cli._common import Shown, Store, say, show
from entrepot.config import existing_store, store_path

app = typer.Typer(
    help="Decisions: a log of what people decided of cases; it only grows.", no_args_is_help=True
)


@app.command()
def add(
    case: Annotated[str, typer.Argument(help="The case of a verdict.")],
    decision: Annotated[
        str, typer.Option(help="released, stopped, escalated, the same, not the same.")
    ],
    who: Annotated[str, typer.Option(help="Who decided.")],
    why: Annotated[str, typer.Option(help="Why, in a sentence.")],
    verdict: Annotated[str, typer.Option(help="What the screening said.")] = "",
    store: Store = None,
    chosen: Shown = None,
) -> None:
    """Add a decision to the end of the store's log."""
    from entrepot.screen import decisions

    made = decisions.add(
        store_path(store), who=who, case=case, decision=decision, why=why,
        when=datetime.now(tz=UTC), verdict=verdict,
    )  # fmt: skip
    show([asdict(made)], chosen)


@app.command("list")
def list_(
    case: Annotated[str, typer.Option(help="Only of this case.")] = "",
    store: Store = None,
    chosen: Shown = None,
) -> None:
    """Print or export the log (--format), once every line is seen to be as it was written."""
    from entrepot.screen import decisions

    found = decisions.log(existing_store(store))
    if not found:
        say("no decision is logged")
    show((asdict(one) for one in found if case in ("", one.case)), chosen)
