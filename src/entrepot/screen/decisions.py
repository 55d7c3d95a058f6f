"""Decisions: who decided what of a case, when and why: a log that only grows.

STORE/decisions.jsonl, one decision a line. Each has the hash of the line before it, so that a line
that is changed, left out or put in shows; one who may write the file can write it anew as a whole,
so keep the last hash elsewhere where that matters.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from entrepot.errors import StoreError
from entrepot.store import disk
from entrepot.store.lock import locked

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

FILE = "decisions.jsonl"
WORDS = ("released", "stopped", "escalated", "not the same", "the same")
START = "0" * 64
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: its number from 1, the moment (UTC), who, on which case, what and why.

    `verdict` is what the screening said, `about` the hash of the file of lines it stood in, both ""
    where they are not given; `before` and `hash` chain the lines.
    """

    number: int
    when: str
    who: str
    case: str
    decision: str
    why: str
    verdict: str = ""
    about: str = ""
    before: str = START
    hash: str = ""

    def sealed(self) -> str:
        """Return the hash that the line must have: of all its fields but the hash itself."""
        told = {key: value for key, value in asdict(self).items() if key != "hash"}
        return hashlib.sha256(
            json.dumps(told, sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()


def add(
    store: Path, *, who: str, case: str, decision: str, why: str, when: datetime,
    verdict: str = "", about: str = "",
) -> Decision:  # fmt: skip
    """Add a decision to the end of a store's log; return it.

    Raises:
        StoreError: A field is empty, too long or unknown; the log was changed; it cannot be
            written.
    """
    if decision not in WORDS:
        raise StoreError(f"decision {decision!r}: expected one of {', '.join(WORDS)}")
    for name, text in (("who", who), ("case", case), ("why", why)):
        if not text.strip() or len(text) > LONGEST:
            raise StoreError(f"decision: {name} has {len(text)} letters; expected 1 to {LONGEST}")
    path = store / FILE
    with disk.writable(store):
        store.mkdir(parents=True, exist_ok=True)
        disk.refuse_links(path, store / "decisions.lock")
        with locked(store / "decisions.lock", f"writes to {path}"):
            held = log(store)
            last = held[-1] if held else None
            made = Decision(
                (last.number if last else 0) + 1, f"{when:%Y-%m-%dT%H:%M:%SZ}", who.strip(),
                case.strip(), decision, why.strip(), verdict, about, last.hash if last else START,
            )  # fmt: skip
            made = Decision(**{**asdict(made), "hash": made.sealed()})
            with path.open("ab") as file:
                file.write(json.dumps(asdict(made), ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
    return made


def log(store: Path) -> list[Decision]:
    """Return the decisions of a store, oldest first.

    Raises:
        StoreError: A line was changed, left out, put in or cut; the message names it.
    """
    path = store / FILE
    if not path.exists():
        return []
    found: list[Decision] = []
    with disk.regular(path, disk.NO_LINK) as file:
        for number, line in enumerate(file, start=1):
            before = found[-1].hash if found else START
            try:
                one = Decision(**json.loads(line))
                is_right = (one.number, one.before, one.hash) == (number, before, one.sealed())
            except (ValueError, TypeError, RecursionError):
                is_right = False
            if not is_right:
                raise StoreError(
                    f"{path}: line {number} is not as it was written, or one before it is missing; "
                    "restore the file from a copy"
                )
            found.append(one)
    return found
