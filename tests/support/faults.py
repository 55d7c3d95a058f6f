"""Faults: a process that dies or fails at a chosen one of its calls to the system."""

from __future__ import annotations

import multiprocessing
import os
import signal

CALLS = ("mkdir", "open", "fsync", "rename", "replace", "unlink", "rmdir")
fork = multiprocessing.get_context("fork")


def count(step, fault):
    """Do `fault` at the step-th call to the system from now on; return how many there were."""
    seen = [0]
    for name in CALLS:
        real = getattr(os, name)

        def call(*args, real=real, **options):
            seen[0] += 1
            if seen[0] == step:
                fault()
            return real(*args, **options)

        setattr(os, name, call)
    return seen


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def fail():
    raise OSError(28, "No space left on device")
