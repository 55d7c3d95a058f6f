"""What stands out in real exports, and how often the same look finds something where nothing began.

Run as `python bench/detection/real.py --store FOLDER --since 2022-03` on a store that holds the
coalition's exports, such as the EU's. Looks at the way in alone: other windows and baskets, placebo
dates before the real one, and placebo lists of as many unlisted codes from the same chapters.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from entrepot.detect._assemble import panel
from entrepot.detect._legs import ScanLegs
from entrepot.detect._panel import Scan
from entrepot.detect.surge import surge
from entrepot.harmonise.products import links
from entrepot.reference import goods, groups
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from entrepot.detect._panel import ScanPanel
    from entrepot.findings import Finding

Q = 0.1
SHORTEST = 12
"""Months of history that a placebo date needs."""


def looked_at(store: Path, since: str, basket: str, codes: str) -> ScanPanel:
    """Return the panel of a store for Russia's coalition and goods."""
    workspace = Workspace(store)
    asked = Scan("RUS", since, groups.members("gecc-39"), tuple(links(goods.load(codes), basket)))
    return panel(workspace.flows, asked, workspace.arrow)


def way_in(seen: ScanPanel, at: int, length: int) -> list[Finding]:
    """Return the findings of the way in at a date."""
    with np.errstate(all="ignore"):
        rows = surge(ScanLegs(seen, at, length))
    return [row for row in rows if row.destination is None and row.q_value is not None]


def told(rows: list[Finding]) -> str:
    """Return cells judged, those that stand out by country, and the excess of all together."""
    found = Counter(row.intermediary for row in rows if row.q_value < Q)
    parts = ", ".join(f"{who} {count}" for who, count in found.most_common()) or "none"
    small = np.mean([row.p_value < 0.05 for row in rows]) if rows else np.nan
    flagged = [row for row in rows if row.q_value < Q]
    amounts = ", ".join(
        f"{name} ${sum(row.excess_usd or 0 for row in some) / 1e6:,.1f}m beyond expected and "
        f"${sum((row.recorded_usd or 0) - (row.before_usd or 0) for row in some) / 1e6:,.1f}m more "
        "than the year before"
        for name, some in (("all", rows), ("those", flagged))
    )
    return f"{found.total()} of {len(rows)} ({parts}); p < .05 in {small:.1%}; {amounts}"


def lists(seen: ScanPanel, count: int, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Yield draws of as many unlisted products from each chapter as the list has in it."""
    rng = np.random.default_rng(seed)
    chapter = np.array([code[:2] for code in seen.products])
    for _draw in range(count):
        drawn = np.zeros_like(seen.is_listed)
        for one in np.unique(chapter[seen.is_listed]):
            free = np.flatnonzero((chapter == one) & ~seen.is_listed)
            wanted = int((seen.is_listed & (chapter == one)).sum())
            drawn[rng.choice(free, min(wanted, len(free)), replace=False)] = True
        yield drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--since", default="2022-03")
    parser.add_argument("--others", default="2022-01,2022-05,2022-07", help="other first months")
    parser.add_argument(
        "--goods", default="chpl-2024-02,chpl-2023-05,eu-russia-2023-02", help="lists"
    )
    parser.add_argument("--draws", type=int, default=20, help="placebo lists")
    given = parser.parse_args()
    first, *_ = given.goods.split(",")
    seen = looked_at(given.store, given.since, "bridged", first)
    at, length = seen.since, seen.length
    print(f"since {given.since}, {first}: {told(way_in(seen, at, length))}")
    for since in given.others.split(","):
        place = seen.months.index(since)
        print(f"since {since}: {told(way_in(seen, place, len(seen.months) - place))}")
    for codes in given.goods.split(","):
        for basket in ("bridged", "as-listed"):
            other = looked_at(given.store, given.since, basket, codes)
            print(f"{codes}, {basket}: {told(way_in(other, other.since, other.length))}")
    for place in range(SHORTEST, at - length + 1):
        print(f"placebo date {seen.months[place]}: {told(way_in(seen, place, length))}")
    flagged = []
    for drawn in lists(seen, given.draws, 0):
        rows = way_in(replace(seen, is_listed=drawn), at, length)
        flagged.append(Counter(row.intermediary for row in rows if row.q_value < Q))
    whole = sum(flagged, Counter())
    print(
        f"{given.draws} placebo lists: {whole.total() / given.draws:.1f} a list stand out, "
        f"{min(map(Counter.total, flagged))} to {max(map(Counter.total, flagged))}; by country "
        f"{dict(whole.most_common())}"
    )


if __name__ == "__main__":
    main()
