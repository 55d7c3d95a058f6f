"""The fuzz campaign: `make fuzz MINUTES=60 SEED=1`, and `python -m fuzz SEED NUMBER` for one."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fuzz.campaign import campaign, minutes
from fuzz.mutate import damage

if TYPE_CHECKING:
    from fuzz.campaign import Told

EVERY = 30.0
"""Seconds between two lines of progress."""


class Progress:
    """Prints findings as they come, and a line of counts now and then."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.last = self.begun = time.monotonic()

    def __call__(self, told: Told, outcome: dict[str, Any]) -> None:
        if told.findings and told.findings[-1] is outcome:
            print(finding(self.seed, outcome), flush=True)
        now = time.monotonic()
        if now - self.last > EVERY:
            self.last = now
            print(f"{now - self.begun:,.0f} s: {counts(told)}", flush=True)


def finding(seed: int, outcome: dict[str, Any]) -> str:
    """Say what went wrong, and how to see it again."""
    case = damage(seed, outcome["number"])
    return (
        f"FINDING {outcome['kind']}: {case.start.name}, {' + '.join(case.done) or 'unchanged'}: "
        f"{outcome['said'][:500]}\n  again: make fuzz SEED={seed} CASE={outcome['number']}"
    )


def counts(told: Told) -> str:
    """The outcomes and how often each came."""
    each = ", ".join(f"{kind} {count:,}" for kind, count in sorted(told.kinds.items()))
    return f"{sum(told.kinds.values()):,} files: {each}"


def table(told: Told) -> str:
    """The outcomes of every start."""
    names = sorted({name for name, _kind in told.starts})
    kinds = sorted(told.kinds)
    lines = ["  ".join([f"{'':18}", *(f"{kind:>13}" for kind in kinds)])]
    for name in names:
        lines.append("  ".join([f"{name:18}", *(f"{told.starts[name, k]:13,}" for k in kinds)]))
    return "\n".join(lines)


def main() -> int:
    """Run a campaign, or one case of it with its file kept; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--case", type=int, help="run this case alone, and keep its file")
    parser.add_argument("--keep", type=Path, default=Path("/tmp"), help="where its file goes")
    asked = parser.parse_args()
    numbers = minutes(asked.minutes) if asked.case is None else [asked.case]
    told = campaign(asked.seed, numbers, Progress(asked.seed))
    if asked.case is None:
        print(f"seed {asked.seed}\n{counts(told)}; {len(told.findings)} findings\n{table(told)}")
        for outcome in told.findings:
            print(finding(asked.seed, outcome))
        return bool(told.findings)
    case = damage(asked.seed, asked.case)
    path = asked.keep / f"fuzz-{asked.seed}-{asked.case}-{case.name}"
    path.write_bytes(case.raw)
    print(f"{counts(told)}\n{case.start.name}, {' + '.join(case.done)}: {path}")
    if case.mapping is not None:
        path.with_name(f"{path.name}.toml").write_text(case.mapping, "utf-8", "surrogatepass")
    return bool(told.findings)


if __name__ == "__main__":
    sys.exit(main())
