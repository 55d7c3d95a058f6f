"""Answer: from a file to all that is written of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.screen import cases, columns, entities, output
from entrepot.screen.run import PART, STATE, Setting, run
from entrepot.store.disk import writable
from entrepot.store.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.screen.output import Verdicts
    from entrepot.workspace import Workspace


def setting(
    as_of: date | None, goods: str, destination: str, matcher: str, lists: Path | None = None
) -> Setting:
    """Return what verdicts are made with; without a day it is today's.

    Raises:
        EntrepotError: There is no such list or country.
    """
    terms.goods(goods)
    to = terms.members(destination, what="destination")[0]
    return Setting(as_of or datetime.now(tz=UTC).date(), goods, to, matcher, lists=lists)


def answer(
    work: Workspace,
    path: Path,
    mapping: Path | None,
    given: Setting,
    out: Path,
    *,
    pages: int = 20,
    step: Callable[[str], None] = lambda _text: None,
    done: Callable[[int, int], None] = lambda _rows, _all: None,
) -> tuple[Verdicts, dict[str, Any]]:
    """Judge a file and write verdicts.jsonl, .xlsx, entities.ftm.json, pages and about.json.

    Raises:
        EntrepotError: The file, the mapping, the store or a list cannot be read; or the folder
            cannot be written.
    """
    layout = columns.mapping(mapping) if mapping else columns.ShipmentLayout({})
    with writable(out):
        out.mkdir(parents=True, exist_ok=True)
        with locked(out / ".lock", f"writes to {out}"):
            about, known = run(work, path, layout, given, out, step=step, done=done)
            step("writing")
            found = output.finish(out, out / PART, about)
            entities.write(found, out, about)
            cases.write(found, out, about, known, most=pages)
            (out / STATE).unlink(missing_ok=True)
    return found, about
