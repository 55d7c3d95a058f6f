"""App: the commands, and the one place where an error becomes one line."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from typing import Annotated

import typer

from entrepot import __version__
from entrepot.cli import (
    ask,
    brief,
    convert,
    decision,
    detector,
    estimate,
    mcp,
    measure,
    party,
    reference,
    scan,
    screen,
    serve,
    site,
    source,
    store,
    study,
    vintage,
    watch,
)
from entrepot.cli._own import Once
from entrepot.errors import EntrepotError

app = typer.Typer(
    name="entrepot",
    help="Where export-controlled goods go: official trade statistics, from files to a headline.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("brief")(brief.brief)
app.command("ask")(ask.ask)
app.command("scan", cls=Once)(scan.scan)
app.command("watch")(watch.watch)
app.command("screen")(screen.screen)
app.command("convert")(convert.convert)
app.add_typer(source.app, name="source")
app.add_typer(vintage.app, name="vintage")
app.add_typer(store.app, name="store")
app.add_typer(measure.app, name="measure")
app.add_typer(detector.app, name="detector")
app.add_typer(estimate.app, name="estimate")
app.add_typer(reference.app, name="reference")
app.add_typer(study.app, name="study")
app.add_typer(party.app, name="party")
app.add_typer(decision.app, name="decision")
app.command("serve")(serve.serve)
app.command("site")(site.site)
app.command("mcp")(mcp.mcp)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"entrepot {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - typer calls it before any command runs
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Where export-controlled goods go: official trade statistics, from files to a headline."""
    if debug:
        os.environ["ENTREPOT_DEBUG"] = "1"


def main() -> None:
    """Run the command line; an error is one line and exit code 1, wrong usage is 2."""
    # A command lives for seconds and makes no garbage worth looking for; a tenth of the time of a
    # brief went into looking.
    gc.disable()
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of one alphabet, or a name of none
            stream.reconfigure(errors="replace")
    try:
        app()
    except EntrepotError as error:
        if os.environ.get("ENTREPOT_DEBUG"):
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("interrupted; the store is as it was", err=True)
        sys.exit(130)
