"""Intervals: how often that of `excess_trade` holds what is diverted, over many demo worlds.

Run as `python tests/measures/intervals.py [SEED ...]`; no seed means the demo's own and 1 to 12. It
takes five seconds a world.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import intervals as recovery
from support import planted


def main():
    """Print what misses in each world, and the shares that hold by kind of country."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("seeds", nargs="*", type=int)
    held, made = Counter(), Counter()
    for seed in parser.parse_args().seeds or [planted.SEED, *range(1, 13)]:
        planted.SEED = seed
        for cached in (planted._planted, planted.world, planted.told):
            cached.cache_clear()
        for who, (low, usd, _excess, high) in sorted(recovery.intervals().items()):
            kind = who if who == "TUR" else "hub" if who in recovery.HUBS else "no diversion"
            holds = low - 1 <= usd <= high + 1
            made[kind] += 1
            held[kind] += holds
            if not holds:
                print(f"{seed} {who}: {usd / 1e6:.1f} not in {low / 1e6:.1f} to {high / 1e6:.1f}")
    for kind, count in sorted(made.items()):
        print(f"{kind}: {held[kind]} of {count}, {held[kind] / count:.0%}")


if __name__ == "__main__":
    main()
