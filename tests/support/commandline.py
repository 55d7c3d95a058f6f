"""The command line, as a process of its own and, ten times as fast, within the test's process."""

from __future__ import annotations

import contextlib
import gc
import io
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest import mock

ENTREPOT = Path(sys.executable).with_name("entrepot")


class Done(NamedTuple):
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def launch(*words, check=True, cwd=None):
    """Run a command as a process of its own."""
    done = subprocess.run(
        [ENTREPOT, *map(str, words)], capture_output=True, text=True, check=False, cwd=cwd
    )
    return _checked(Done(done.returncode, done.stdout, done.stderr), check)


def run(*words, check=True, cwd="."):
    """Run a command within this process: the same words, lines and exit code."""
    from entrepot.cli import main

    before = _written()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code = 0
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["entrepot", *map(str, words)]),
        mock.patch.object(gc, "disable"),  # for the seconds that a command lives, not for a suite
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    assert cwd != "." or _written() == before, f"{words} writes into the tree: say cwd or --out"
    printed = (stream.buffer.getvalue().decode("utf-8") for stream in (out, err))
    return _checked(Done(code, *printed), check)


def _written():
    """When a brief was last written where the tests run."""
    return [path.stat().st_mtime_ns for path in Path().glob("brief.*")]


def _checked(done, check):
    if check:
        assert done.returncode == 0, done.stderr
    return done
