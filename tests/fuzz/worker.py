"""Worker: reads numbers of cases, answers each with one line of JSON about what became of it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from fuzz.judge import Bench


def main(seed: int) -> None:
    """Run the cases whose numbers arrive on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a reader prints is no answer
    bench = Bench()
    try:
        for line in sys.stdin:
            answers.write(json.dumps(asdict(bench.run(seed, int(line)))) + "\n")
    finally:
        bench.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
