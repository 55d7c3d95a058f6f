"""Brief: a study answered on a workspace, with the command that does it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.study.answer import run
from entrepot.study.question import DEFAULT, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from entrepot.publish.brief import Brief
    from entrepot.study.question import Study
    from entrepot.workspace import Workspace


def brief(asked: str | Study, workspace: Workspace, *, sources: Sequence[str] = ()) -> Brief:
    """Answer a study from what a workspace knows, and write nothing.

    Args:
        asked: A study, or the name or path of one.
        workspace: The store and the day; an empty store is refused.
        sources: Which source to take where several hold the same reporter.

    Raises:
        EntrepotError: The study, the store or the data do not allow an answer.
    """
    study = load(asked) if isinstance(asked, str) else asked
    rebuilt = (
        command(asked, workspace.as_of, sources=sources)
        if isinstance(asked, str)
        else f"Workspace().brief(...) of the study {study.name!r}, which was made in Python"
    )
    made, _books = run(study, workspace, command=rebuilt, sources=sources)
    return made


def command(
    name: str,
    as_of: date | None = None,
    place: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> str:
    """Return the command that makes a brief again."""
    words = ["entrepot", "brief"]
    words += [name] if name != DEFAULT else []
    words += place
    words += ["--as-of", as_of.isoformat()] if as_of else []
    for source in sources:
        words += ["--source", source]
    return " ".join(words)
