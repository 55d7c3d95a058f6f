"""What the fetching commands share: the plan before, progress, the result after."""

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
    from entrepot.fetch import Fetched, Plan, Progress
    from entrepot.workspace import Workspace

LINE_EVERY = 10.0  # seconds between lines of progress where there is no terminal

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the plan, ask nobody, change nothing.")
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Ask for everything again, kept answers and stored rows alike."),
]
Endpoint = Annotated[
    str | None,
    typer.Option("--endpoint", help="Which endpoint of the source; `source show` lists them."),
]


class _Pace:
    """How fast the publisher answers; answers kept from before cost no time and do not count."""

    def __init__(self) -> None:
        self.total = self.done = self._asked = 0
        self._began = time.monotonic()

    def answered(self, *, kept: bool) -> None:
        self.done += 1
        self._asked += not kept
        if not self._asked:
            self._began = time.monotonic()

    def __str__(self) -> str:
        if not self._asked:
            return f"{self.done} of {self.total}, kept from before"
        each = (time.monotonic() - self._began) / self._asked
        left = max(0, self.total - self.done) * each
        return (
            f"{self.done} of {self.total}, {60 / max(each, 0.001):,.0f} a minute, "
            f"{words(left)} left"
        )


class _Lines:
    """Progress as plain lines: one every ten seconds, and one for each remark."""

    def __init__(self) -> None:
        self._pace = _Pace()
        self._last = time.monotonic()

    def planned(self, calls: int) -> None:
        self._pace.total = calls

    def answered(self, name: str, *, kept: bool) -> None:
        self._pace.answered(kept=kept)
        now = time.monotonic()
        if now - self._last >= LINE_EVERY:
            self._last = now
            say(f"{self._pace}; last: {name}")

    def said(self, text: str) -> None:
        say(text)


class _Bar:
    """Progress as a bar with rate and time left; remarks stay above it."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._pace = _Pace()
        self._task = progress.add_task("session", total=None)

    def planned(self, calls: int) -> None:
        self._pace.total = calls
        self._progress.update(self._task, total=calls)

    def answered(self, name: str, *, kept: bool) -> None:
        self._pace.answered(kept=kept)
        self._progress.update(self._task, advance=1, description=f"{self._pace}; {name}")

    def said(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)


@contextmanager
def watching() -> Iterator[Progress]:
    """Show how far a run is: a bar on a terminal, plain lines elsewhere; all on standard error.

    Ctrl-C ends the command with one line: what was answered is on disk by then.
    """
    try:
        if not sys.stderr.isatty():
            yield _Lines()
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield _Bar(progress)
    except KeyboardInterrupt:
        say("interrupted; the store is as it was, what was answered is kept: "
            "run the same command again and it goes on from here")  # fmt: skip
        raise typer.Exit(130) from None


def present(work: Workspace, plans: Sequence[Plan], *, fresh: bool, chosen: Format | None) -> None:
    """Print plans, one row per source: what is asked, in how many calls, for how long."""
    short = [plan if fresh else work.lacking(plan) for plan in plans]
    for plan in short:
        say(_line(plan))
    show((row(plan) for plan in short), chosen)


def row(plan: Plan) -> dict[str, Any]:
    """Return a plan as one row; calls are an estimate before the index is known."""
    periods = sorted({period for query in plan.queries for period in query.periods})
    return {
        "source": plan.source,
        "endpoint": plan.endpoint.name,
        "reporters": len({who for query in plan.queries for who in query.reporters}),
        "periods": len(periods),
        "first": periods[0],
        "last": periods[-1],
        "calls": plan.calls,
        "lasts": words(plan.seconds),
        "days": plan.days,
        "limits": plan.endpoint.reference,
    }


def _line(plan: Plan) -> str:
    calls = f"{plan.calls:,} call{'' if plan.calls == 1 else 's'}"
    over = (
        f", over {plan.days} days at {plan.endpoint.calls_per_day} a day" if plan.days > 1 else ""
    )
    return (
        f"{plan.source} ({plan.endpoint.name}): about {calls}, {words(plan.seconds)} with "
        f"{plan.endpoint.pause:g} s between calls{over}"
    )


def words(seconds: float) -> str:
    """Return a duration as people say it: 40 s, 3 min, 2.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def run(
    work: Workspace,
    plans: Sequence[Plan],
    *,
    fresh: bool,
    chosen: Format | None,
    then: str = "",
) -> None:
    """Show the plan, run it, show what came of it.

    Args:
        work: The workspace.
        plans: One per source; what the first brought stays if a later one fails.
        fresh: Ask for everything again.
        chosen: The format of the result.
        then: The command that uses what was fetched.
    """
    for plan in plans:
        say(_line(plan if fresh else work.lacking(plan)))
    results = []
    for plan in plans:
        with watching() as watch:
            results.append(work.fetch(plan, watch, fresh=fresh))
        tell(results[-1])
    if then:
        say(f"next: {then}")
    show((result(fetched) for fetched in results), chosen)


def tell(fetched: Fetched) -> None:
    """Say what came, and what was not there, so that no gap is silent."""
    for what, months in (
        ("not published yet", fetched.unpublished),
        ("published, with none of these goods and partners", fetched.empty),
    ):
        if months:
            first = ", ".join(f"{who} {period}" for who, period in months[:6])
            more = f" and {len(months) - 6} more" if len(months) > 6 else ""
            say(f"{fetched.source}: {what}: {first}{more}")
    if fetched.vintages:
        rows = sum(vintage.rows for vintage in fetched.vintages)
        say(f"{fetched.source}: {rows:,} rows in {len(fetched.vintages):,} new vintages")


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


def endpoints(found: Sequence[Any]) -> str:
    """Return endpoints and their limits in words, the best first."""
    return "; ".join(_endpoint(one) for one in found) or "none: ingest files that you have"


def _endpoint(endpoint: Any) -> str:
    key = f"needs a key from {endpoint.key.register}" if endpoint.key else "no key"
    daily = f", {endpoint.calls_per_day} calls a day" if endpoint.calls_per_day else ""
    return (
        f"{endpoint.name} ({key}; {endpoint.pause:g} s between calls{daily}; answers up to "
        f"{endpoint.largest / 1e6:,.0f} MB; {endpoint.reference})"
    )
