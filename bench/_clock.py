"""Runs a command on its own and says how long it took and how much memory it needed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ENTREPOT = str(Path(sys.executable).parent / "entrepot")


@dataclass(frozen=True)
class Run:
    """Seconds on the clock and peak memory in MB."""

    seconds: float
    megabytes: float


def run(*command: str, times: int = 1) -> Run:
    """Run a command as a process of its own; of several times, return the quickest."""
    return min((_once(command) for _ in range(times)), key=lambda run: run.seconds)


def python(code: str, times: int = 1) -> Run:
    return run(sys.executable, "-c", code, times=times)


def cpu(code: str) -> Run:
    """Return the processor seconds of a program, over all its threads, instead of the clock's."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program.py")  # Spark's client refuses a program without a file
        program.write_text(code, "utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = run(sys.executable, str(program))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(used, found.megabytes)


def _once(command: tuple[str, ...]) -> Run:
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"failed with {child.returncode}: {' '.join(command)}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1024)


def show(title: str, limit: tuple[str, Run], runs: dict[str, Run], rows: int = 0) -> None:
    """Print each run against the limit; the ratio holds on any machine, the seconds on this one."""
    name, floor = limit
    print(f"\n{title}\n{'':42}{'seconds':>8}{'ratio':>7}{'MB':>7}{'rows/s' if rows else '':>12}")
    for label, one in {name: floor, **runs}.items():
        speed = f"{rows / one.seconds:>12,.0f}" if rows else ""
        ratio = one.seconds / floor.seconds
        print(f"  {label:40}{one.seconds:>8.2f}{ratio:>7.1f}{one.megabytes:>7.0f}{speed}")
