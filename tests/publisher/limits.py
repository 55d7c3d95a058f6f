"""Limits: what the publishers allow, and the keys that this server knows."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

KEYS = {"free-key": "free", "premium-key": "premium"}
"""Keys that are accepted, and what each may do. No others are; none of them is anybody's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Documented limits of the publishers; a test sets them lower, or the pace to 0.

    * preview_rows, data_rows, premium_rows: records of a Comtrade answer without a key, with a
      free and with a premium one, cut without a word
    * calls_per_day: Comtrade calls of a free key
      (both: https://docs.ropensci.org/comtradr/articles/large_data.html)
    * pace: seconds between two Comtrade calls; sooner is HTTP 429
      (https://github.com/uncomtrade/comtradeapicall/issues/3)
    * periods: periods that one Comtrade call may name (seen in users' code, not documented)
    * sdmx_sync, sdmx_cells: from how many cells Eurostat queues an extraction, and above how many
      it refuses one (see `publisher.eurostat`)
    * census_calls: calls a day without a key (see `publisher.census`)
    * hmrc_page, hmrc_top: rows of a page, and with $top (see `publisher.hmrc`)
    """

    preview_rows: int = 500
    data_rows: int = 100_000
    premium_rows: int = 250_000
    calls_per_day: int = 500
    pace: float = 1.0
    periods: int = 12
    sdmx_sync: int = 500_000
    sdmx_cells: int = 5_000_000
    census_calls: int = 500
    hmrc_page: int = 30_000
    hmrc_top: int = 40_000


@dataclass(slots=True)
class Meter:
    """Counts calls against the limits."""

    _last: dict[str, float] = field(default_factory=dict)
    _calls: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def too_soon(self, who: str, pace: float) -> float:
        """Return how long `who` still has to wait, or 0 and count from now."""
        now = time.monotonic()
        with self._lock:
            wait = self._last.get(who, -pace) + pace - now if who in self._last else 0.0
            if wait > 0:
                return wait
            self._last[who] = now
        return 0.0

    def spend(self, who: str, most: int) -> bool:
        """Count a call; return False where `who` has used them all."""
        with self._lock:
            self._calls[who] = self._calls.get(who, 0) + 1
            return self._calls[who] <= most
