"""A campaign: case after case in a process of its own, with a limit for each, counted and told."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fuzz.judge import BAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIMIT = 30.0
"""Seconds for one file."""
TWICE = 10
"""Every so many cases, one is run once more under another hash seed."""


class Worker:
    """A process that runs cases; a new one takes the place of one that hangs or dies."""

    def __init__(self, seed: int, hashes: str) -> None:
        self.command = [sys.executable, "-m", "fuzz.worker", str(seed)]
        self.env = os.environ | {
            "PYTHONHASHSEED": hashes,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self.start()

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def run(self, number: int) -> dict[str, Any]:
        """Run one case; a process that does not answer in time, or at all, is a finding."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{number}\n")
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], LIMIT)
        line = stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.process.kill()
        code = self.process.wait()
        stdin.close()
        stdout.close()
        self.start()
        said = f"the process ended with {code}" if ready else f"no answer in {LIMIT:.0f} seconds"
        return {"number": number, "start": "", "done": [], "kind": "hang", "said": said}

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


@dataclass
class Told:
    """What a campaign found: how often each outcome, per start, and every finding."""

    kinds: Counter[str] = field(default_factory=Counter)
    starts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, outcome: dict[str, Any]) -> None:
        """Count an outcome."""
        self.kinds[outcome["kind"]] += 1
        self.starts[outcome["start"], outcome["kind"]] += 1
        if outcome["kind"] in (*BAD, "hang", "hash seed"):
            self.findings.append(outcome)


def campaign(
    seed: int, numbers: Iterable[int], tell: Callable[[Told, dict[str, Any]], None]
) -> Told:
    """Run cases of a seed; `tell` hears of each."""
    told = Told()
    workers = [Worker(seed, hashes) for hashes in ("0", "1")]
    try:
        for number in numbers:
            outcome = workers[0].run(number)
            if number % TWICE == 0 and (other := workers[1].run(number)) != outcome:
                both = f"{outcome['said']!r} and {other['said']!r}"
                outcome = outcome | {"kind": "hash seed", "said": both}
            told.add(outcome)
            tell(told, outcome)
    finally:
        for worker in workers:
            worker.close()
    return told


def minutes(wanted: float) -> Iterable[int]:
    """Count cases until the time is over."""
    end, number = time.monotonic() + 60 * wanted, 0
    while time.monotonic() < end:
        yield number
        number += 1
