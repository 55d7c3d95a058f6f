"""What the two fetching commands share: the plan before, progress, the result after."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli._common import say, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.cli._common import Format
    from entrepot.fetching import Fetched, Plan, Watch
    from entrepot.workspace import Workspace

LINE_EVERY = 10.0  # seconds between lines of progress where there is no terminal

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the plan, ask nobody, change nothing.")
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Ask for everything again, kept answers and stored rows alike."),
]
Door = Annotated[
    str | None, typer.Option("--door", help="Which door of the source; `source show` lists them.")
]


class _Lines:
    """Progress as plain lines: one at the start, one every ten seconds, one for each remark."""

    def __init__(self) -> None:
        self._total = self._done = self._asked = 0
        self._began = self._last = time.monotonic()

    def planned(self, calls: int) -> None:
        self._total = calls
        self._done = 0 if not self._done else self._done

    def answered(self, name: str, *, kept: bool) -> None:
        self._done += 1
        self._asked += not kept
        now = time.monotonic()
        if now - self._last >= LINE_EVERY:
            self._last = now
            pace = (now - self._began) / max(1, self._asked)
            left = max(0, self._total - self._done) * pace
            say(f"{self._done} of {self._total} answers, {words(left)} left; last: {name}")

    def said(self, text: str) -> None:
        say(text)


class _Bar:
    """Progress as a bar with rate and time left."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("asking", total=None)

    def planned(self, calls: int) -> None:
        self._progress.update(self._task, total=calls)

    def answered(self, name: str, *, kept: bool) -> None:
        words = f"{name}, kept from before" if kept else name
        self._progress.update(self._task, advance=1, description=words)

    def said(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)


@contextmanager
def watching() -> Iterator[Watch]:
    """Show how far a run is: a bar on a terminal, plain lines elsewhere; all on standard error."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(elapsed_when_finished=True),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Bar(progress)


def present(plans: Sequence[Plan], chosen: Format | None) -> None:
    """Print plans, one row per source: what is asked, in how many calls, for how long."""
    show((row(plan) for plan in plans), chosen)


def row(plan: Plan) -> dict[str, Any]:
    """Return a plan as one row; calls are the most there can be before the index is known."""
    periods = sorted({period for query in plan.queries for period in query.periods})
    return {
        "source": plan.source,
        "door": plan.access.name,
        "reporters": len({who for query in plan.queries for who in query.reporters}),
        "periods": len(periods),
        "first": periods[0],
        "last": periods[-1],
        "calls": plan.calls,
        "lasts": words(plan.seconds),
        "days": plan.days,
        "limits": plan.access.reference,
    }


def words(seconds: float) -> str:
    """Return a duration as people say it: 40 s, 3 min, 2.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def run(work: Workspace, plans: Sequence[Plan], *, fresh: bool, chosen: Format | None) -> None:
    """Show the plan, run it, show what came of it."""
    for plan in plans:
        facts = row(plan)
        say(
            f"{plan.source} ({plan.access.name}): at most {plan.calls:,} calls, about "
            f"{facts['lasts']} with {plan.access.pause:g} s between calls"
            + (f", over {plan.days} days" if plan.days > 1 else "")
        )
    results = []
    for plan in plans:
        with watching() as watch:
            results.append(work.fetch(plan, watch, fresh=fresh))
        tell(results[-1])
    show((result(fetched) for fetched in results), chosen)


def tell(fetched: Fetched) -> None:
    """Say what was not there, so that no gap is silent."""
    for what, months in (
        ("not published yet", fetched.unpublished),
        ("published, with none of these goods and partners", fetched.empty),
    ):
        if months:
            first = ", ".join(f"{who} {period}" for who, period in months[:6])
            more = f" and {len(months) - 6} more" if len(months) > 6 else ""
            say(f"{fetched.source}: {what}: {first}{more}")


def result(fetched: Fetched) -> dict[str, Any]:
    """Return a run as one row."""
    return {
        "source": fetched.source,
        "calls": fetched.calls,
        "kept_from_before": fetched.reused,
        "vintages": len(fetched.vintages),
        "rows": sum(vintage.rows for vintage in fetched.vintages),
        "not_published": len(fetched.unpublished),
        "nothing_recorded": len(fetched.empty),
    }
