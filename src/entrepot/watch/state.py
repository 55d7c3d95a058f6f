"""State: what a watch last saw, in STORE/watch/NAME.json."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError, StudyError
from entrepot.publish.feeds import FeedItem
from entrepot.scan.question import ScanQuestion
from entrepot.store.disk import writable
from entrepot.watch.changes import CellState

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.watch.changes import Cell

LAYOUT = 1
MOST = 200
"""News that the feeds keep, the latest first."""


@dataclass(frozen=True, slots=True)
class State:
    """One run: the question, the vintages it rests on, how every cell stood, and the news so far.

    `day` is that of the newest vintage.
    """

    asked: ScanQuestion
    day: str
    vintages: tuple[str, ...]
    cell_states: dict[Cell, CellState]
    items: tuple[FeedItem, ...] = ()


def path_of(store: Path, name: str) -> Path:
    """Return where a watch keeps its state.

    Raises:
        StudyError: The name is not one that every file system takes.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise StudyError(
            f"watch: {name!r} is no name for a watch; expected small letters, digits, dots, "
            "hyphens and underscores"
        )
    return store / "watch" / f"{name}.json"


def read(path: Path) -> State | None:
    """Return the last run, or None before the first.

    Raises:
        StoreError: The file cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"watch: {path} cannot be read ({error.strerror})") from None
    try:
        return _state(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"watch: {path} is not a watch's state ({error}); remove it to begin anew"
        ) from None


def _state(content: dict[str, Any]) -> State:
    if content["layout"] != LAYOUT:
        raise ValueError(f"layout {content['layout']}, expected {LAYOUT}")
    cells = {
        (cell.pop("intermediary"), cell.pop("product")): CellState(**cell)
        for cell in content["cells"]
    }
    return State(
        asked=ScanQuestion(**content["asked"]),
        day=content["day"],
        vintages=tuple(content["vintages"]),
        cell_states=cells,
        items=tuple(FeedItem(**item) for item in content["items"]),
    )


def write(path: Path, state: State) -> None:
    """Write a run by one rename: another reader sees the old state or the new one.

    Raises:
        StoreError: The folder cannot be written.
    """
    content = {
        "layout": LAYOUT,
        "asked": asdict(state.asked),
        "day": state.day,
        "vintages": list(state.vintages),
        "items": [asdict(item) for item in state.items[:MOST]],
        "cells": [
            {"intermediary": third, "product": product, **asdict(standing)}
            for (third, product), standing in sorted(state.cell_states.items())
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    with writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(text, "utf-8")
        fresh.replace(path)
