"""Record: every request that came in and what became of it, without secrets."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.faults import Fault, Faults, Script

SECRETS = ("subscription-key", "key")
"""Query parameters that are never written down, in any case."""


@dataclass(slots=True)
class Entry:
    """One request: `url` and `params` as asked of the publisher, `key` by its kind only.

    `at` is seconds since the start. `outcome` is "answered" where the whole answer was sent as
    the publisher would, "redirected" or "refused" where the publisher itself does that, the kind
    of a fault, or "left" where the client closed first.
    """

    number: int
    at: float
    url: str
    params: dict[str, str]
    key: str = ""
    status: int = 0
    outcome: str = ""
    bytes: int = 0

    @property
    def name(self) -> str:
        """URL and parameters as one text, the same for equal requests in any order."""
        query = "&".join(f"{name}={value}" for name, value in sorted(self.params.items()))
        return f"{self.url}?{query}" if query else self.url


@dataclass(slots=True)
class Record:
    """The entries in the order they came in, and what the faults need to know of them."""

    entries: list[Entry] = field(default_factory=list)
    _asked: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)
    _turns: Counter[Script] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, at: float, url: str, params: dict[str, str]) -> Entry:
        """Write down a request that came in."""
        with self._lock:
            entry = Entry(len(self.entries) + 1, at, url, params)
            self.entries.append(entry)
            return entry

    def fault(self, entry: Entry, faults: Faults) -> Fault | None:
        """Return what goes wrong with a request: by script, else by draw."""
        with self._lock:
            self._asked[entry.name] += 1
            turns = [script for script in faults.scripts if script.match in entry.name]
            self._turns.update(turns)
            if fault := faults.scripted({script: self._turns[script] for script in turns}):
                return fault
            fault = faults.draw(entry.name, self._asked[entry.name], self._failed[entry.name])
            self._failed[entry.name] += fault is not None
            return fault

    def answered(self) -> list[Entry]:
        """Return the requests that got a whole answer."""
        return [entry for entry in self.entries if entry.outcome == "answered"]

    def answered_twice(self) -> list[str]:
        """Return the requests that got a whole answer more than once: work done in vain."""
        counted = Counter(entry.name for entry in self.answered())
        return sorted(name for name, times in counted.items() if times > 1)

    def as_json(self) -> list[dict[str, object]]:
        """Return the entries as JSON writes them."""
        return [asdict(entry) for entry in list(self.entries)]
