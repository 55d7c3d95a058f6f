"""Run: a whole file, row by row in bounded memory, which goes on where it was interrupted.

DIR/verdicts.jsonl.part   the verdicts so far, in the order of the file
DIR/state.json            what they rest on, how many there are and how many bytes they have
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot import __version__
from entrepot.screen.judge import Judge
from entrepot.screen.lists import stored
from entrepot.screen.output import record
from entrepot.screen.parties import ASK, Parties
from entrepot.screen.patterns import History
from entrepot.screen.prices import prices
from entrepot.screen.routes import DESTINATION, routes
from entrepot.screen.shipments import ShipmentFile
from entrepot.store import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from entrepot.screen.columns import ShipmentLayout
    from entrepot.screen.match._types import Entry, Matcher
    from entrepot.screen.routes import KnownRoutes
    from entrepot.workspace import Workspace

PART, STATE = "verdicts.jsonl.part", "state.json"
EVERY = 500
"""Rows between two steps of the state; what was done after the last one is done again."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What verdicts are made with: the day, the goods, the destination, the matcher.

    `lists` is the store that holds the sanctions lists where it is not the one of the flows.
    """

    today: date
    goods: str = "chpl-2024-02"
    destination: str = DESTINATION
    matcher: str = "plain"
    ask: float = ASK
    lists: Path | None = None


def matcher(name: str, entries: Sequence[Entry]) -> Matcher | None:
    """Return an engine by its name, or by the address of a running yente; None without entries.

    Raises:
        EntrepotError: There is no such engine, or it cannot be loaded.
    """
    if name.startswith(("http://", "https://")):
        from entrepot.screen.match.yente import Yente

        return Yente(name)
    if not entries:
        return None
    if name == "nomenklatura":
        from entrepot.screen.match.nomenklatura import Nomenklatura

        return Nomenklatura(entries)
    from entrepot.errors import RegistryError
    from entrepot.screen.match.plain import Plain

    if name != "plain":
        raise RegistryError(
            f"screen: no matcher {name!r}; there are plain, nomenklatura and the address of a yente"
        )
    return Plain(entries)


def base(
    work: Workspace, setting: Setting, step: Callable[[str], None] = lambda _text: None
) -> tuple[Parties, KnownRoutes]:
    """Return what all files share on a day: the lists behind a matcher, and the routes.

    Raises:
        EntrepotError: The store or the lists cannot be read.
    """
    step("reading the lists")
    lists = stored.held(setting.lists or work.store.path, work.as_of)
    engine = matcher(setting.matcher, list(stored.entries(lists)))
    found = routes(work, goods=setting.goods, destination=setting.destination, step=step)
    return Parties(engine, lists, setting.ask), found


def judge(
    shared: tuple[Parties, KnownRoutes],
    work: Workspace,
    file: ShipmentFile,
    setting: Setting,
    step: Callable[[str], None] = lambda _text: None,
) -> Judge:
    """Return what judges the rows of a file, with what all of them share.

    Raises:
        EntrepotError: The file or the store cannot be read.
    """
    step("reading the file")
    history = History(file.shipments(), setting.today)
    step("reading the prices")
    return Judge(*shared, prices(work, history.codes), history, setting.today)


def run(
    work: Workspace,
    path: Path,
    given: ShipmentLayout,
    setting: Setting,
    folder: Path,
    *,
    step: Callable[[str], None] = lambda _text: None,
    done: Callable[[int, int], None] = lambda _rows, _all: None,
) -> tuple[dict[str, Any], KnownRoutes]:
    """Judge every row of a file into DIR/verdicts.jsonl.part; return what that rests on.

    Run again after an interruption, it goes on; with another file, store, day or setting it begins
    anew.

    Raises:
        EntrepotError: The file, the store or a list cannot be read.
    """
    file = ShipmentFile(path, given)
    judging = judge(base(work, setting, step), work, file, setting, step)
    about = _about(work, file, setting, judging)
    folder.mkdir(parents=True, exist_ok=True)
    part, state = folder / PART, folder / STATE
    rows, size = _held(state, part, about)
    step("judging the rows")
    with part.open("r+b" if rows else "wb") as out:
        out.seek(size)
        out.truncate()
        count = rows
        try:
            for one in file.shipments(start=rows):
                out.write(_line(record(judging.verdict(one), about["as_of"])))
                count += 1
                if count % EVERY == 0:
                    size = _step(out, state, about, count)
                    done(count, file.habits.count)
            rows = count
        finally:
            if count != rows:  # interrupted: only whole steps count
                out.flush()
            else:
                _step(out, state, about, count)
    done(rows, file.habits.count)
    return about | {"rows": rows}, judging.routes


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _step(out: Any, state: Path, about: dict[str, Any], rows: int) -> int:
    out.flush()
    os.fsync(out.fileno())
    size: int = out.tell()
    disk.replace(state, json.dumps({"about": about, "rows": rows, "bytes": size}).encode())
    return size


def _held(state: Path, part: Path, about: dict[str, Any]) -> tuple[int, int]:
    """Return how many rows are done, and their bytes, where the same was begun before."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads(state.read_bytes())
        if data["about"] == json.loads(json.dumps(about)) and part.stat().st_size >= data["bytes"]:
            return int(data["rows"]), int(data["bytes"])
    return 0, 0


def _about(work: Workspace, file: ShipmentFile, setting: Setting, judging: Judge) -> dict[str, Any]:
    found, layout = judging.routes, file.layout
    with disk.regular(file.path) as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "file": file.name,
        "sha256": sha256,
        "as_of": str(work.as_of or setting.today),
        "entrepot": __version__,
        "columns": layout.columns,
        "constants": layout.constants,
        "told": [*layout.told],
        "format": {key: str(value) for key, value in layout.how.items()},
        "matcher": judging.parties.matcher.name if judging.parties.matcher else "none",
        "ask": setting.ask,
        "goods": setting.goods,
        "destination": setting.destination,
        "lists": [{"id": one.id, "file": one.file, "publisher": one.publisher,
                   "published": str(one.published), "sha256": one.sha256, "licence": one.licence}
                  for one in judging.parties.lists],
        "statistics": {"command": found.command, "as_of": found.as_of, "why_not": found.why_not,
                       "last_month": found.last_month, "vintages": [*found.vintages]},
        "synthetic": found.synthetic,
    }  # fmt: skip
