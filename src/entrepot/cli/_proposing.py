"""A mapping proposed for a file of one's own: shown, written, and nothing taken in."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from entrepot.errors import SourceError


def present(files: list[Path], target: str | None, told: list[str], mapping: str | None) -> None:
    """Print what a file seems to hold, what it does not say, and the next command.

    Args:
        files: The file; a mapping is proposed for one at a time.
        target: Where the mapping is written; "-" prints it, None writes nothing.
        told: What the user says, each as KEY=VALUE.
        mapping: A mapping that was named too, which makes a proposal needless.

    Raises:
        SourceError: No table can be seen in the file, an answer is no KEY=VALUE, or the target is
            there already.
    """
    from entrepot.publish.export import table
    from entrepot.sources.generic import proposing
    from entrepot.sources.generic.proposing import show

    if mapping is not None:
        raise SourceError(
            f"{mapping}: a mapping and a proposal; expected one of them; leave out --mapping, or "
            "--propose and --set"
        )
    if target not in (None, "-") and Path(target).exists():
        raise SourceError(
            f"{target}: there is such a file; expected a new one; name another, or remove it"
        )
    made = proposing.propose(files[0], answers(told))
    rows, trouble = show.sample(made)
    to_screen = target == "-"
    if to_screen:
        typer.echo(show.toml(made), nl=False)
    elif target is not None:
        Path(target).write_text(show.toml(made), "utf-8")
    lines = [f"{files[0].name}: nothing was taken in; this is how it would be read"]
    typer.echo("\n".join(lines), err=to_screen)
    if rows:
        table(rows, None, "table", sys.stderr if to_screen else sys.stdout)
    found = [f"{key} = {value}" for key, value in _read_as(made.mapping).items()]
    sections = {
        "read as": found,
        "please confirm": made.guesses,
        "not in the file, tell it": list(made.asked.values()),
        "stops at": [trouble] if trouble else [],
    }
    for title, section in sections.items():
        if section:
            typer.echo("\n".join([f"{title}:", *(f"  {line}" for line in section)]), err=to_screen)
    written = target if target and not to_screen else None
    first = f"fill in what is missing in {written}, then: " if written and made.asked else ""
    typer.echo(f"next:\n  {first}{show.command(made, written)}", err=to_screen)


def answers(told: list[str]) -> dict[str, str]:
    """Return what the user says, each as KEY=VALUE.

    Raises:
        SourceError: One is not.
    """
    answers = {}
    for answer in told:
        key, sign, value = answer.partition("=")
        if not sign or not key:
            raise SourceError(
                f"--set {answer}: expected KEY=VALUE, such as --set reporter=TUR; write it so"
            )
        answers[key.strip()] = value.strip()
    return answers


def _read_as(mapping: dict[str, object]) -> dict[str, object]:
    """The parts of a mapping that say how a file is read, as one line each."""
    from entrepot.sources.generic.proposing.show import value

    found: dict[str, object] = {}
    for name in ("columns", "constants", "codes", "flows", "wide", "filter", "format"):
        table = mapping.get(name)
        if isinstance(table, dict):
            before = "" if name in ("columns", "constants", "format") else f"{name}."
            found |= {f"{before}{key}": value(given) for key, given in table.items()}
    return found
