"""Random lives of a state machine: always the same ones, or those of a campaign's numbers."""

from __future__ import annotations

import time

from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from support.sampled import LONG


def live(machine, number=None, lives=60):
    """Live some lives: always the same ones, or those of a number."""
    run_state_machine_as_test(
        machine if number is None else seed(number)(machine),
        settings=settings(
            max_examples=lives,
            stateful_step_count=30 if LONG else 14,
            deadline=None,
            derandomize=number is None,
            database=None,
            phases=[Phase.generate],  # to make a life shorter takes as long as a thousand others
        ),
    )


def campaign(machine, done, capsys, *, first, seconds, lives):
    """Live lives of one number after another for so long; print what was done."""
    began, number = time.monotonic(), first
    while time.monotonic() - began < seconds:
        live(machine, number, lives)
        number += 1
        with capsys.disabled():
            print(f"\nseeds {first}-{number - 1}: {sum(done.values()):,} steps: "
                  f"{dict(sorted(done.items()))}", flush=True)  # fmt: skip
