"""Faults: a mistake in a study as one line, with where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.typed import cut, key, likely, written

if TYPE_CHECKING:
    from entrepot.typed import Lines, Misfit, Path


def fault(study: str, lines: Lines, path: Path, text: str) -> StudyError:
    """Return the error of a study that says so of a place in its file."""
    line = lines.of(path)
    return StudyError(f"study {study}{f', line {line}' if line else ''}: {text}")


def misfit(study: str, lines: Lines, found: Misfit, data: Any) -> StudyError:
    """Return the error for a value of another type, or a key that is unknown or missing.

    Args:
        study: The study's name.
        lines: Where its keys stand.
        found: What does not fit.
        data: The study, as the parser of TOML gives it.
    """
    if found.lacks:
        text = f"{place(found.path, data)} is incomplete: it needs {found.lacks!r} as well"
    elif found.known:
        text = (
            f"{place(found.path[:-1], data)} has the unknown key {found.key!r}"
            f"{likely(found.key, found.known)}; known are: {', '.join(sorted(found.known))}"
        )
    else:
        text = (
            f"{place(found.path, data)} is {cut(written(found.given))}; expected {found.expected}"
        )
    return fault(study, lines, found.spot, text)


def place(path: Path, data: Any) -> str:
    """Return a way as people write it: "[params] base", or "[[figure]] five: show.ratio"."""
    if not path:
        return "the study"
    if len(path) > 1 and isinstance(path[1], int):
        block = data[path[0]][path[1]]
        name = (block.get("name") or block.get("title")) if isinstance(block, dict) else None
        head = f"[[{path[0]}]] {name if isinstance(name, str) else path[1] + 1}"
        return head + (f": {_dotted(path[2:])}" if path[2:] else "")
    if path[0] == "params":
        return f"[params] {_dotted(path[1:])}".strip()
    return _dotted(path)


def _dotted(path: Path) -> str:
    """Return keys with dots between them, and entries of lists counted from 1."""
    said = ""
    for step in path:
        said += f"[{step + 1}]" if isinstance(step, int) else f".{key(step)}"
    return said.removeprefix(".")
