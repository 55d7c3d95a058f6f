"""Room: which goods a panel holds, so that it fits into memory whatever the store holds.

All listed goods, and of the others as many as there is room for. They are controls: medians over
them say how trade moves where nothing is controlled, and their cells how far chance reaches. A
sample of some hundred gives both; all 5,600 subheadings would take the memory of a server.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from entrepot.errors import CoverageError
from entrepot.reference import goods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.detect._panel import Scan

MOST = 800_000_000
"""Bytes of a panel's arrays. A scan needs about four times as much at its height, as placebo dates
look at halves of the arrays: of a hundred million rows and all subheadings it is to stay within 4
GB (`bench/scan.py --whole`)."""
FEWEST = 50
"""Unlisted goods without which a panel would have nothing to hold the listed ones against. By
hand: a country's growth is a median of five goods or more, and not every country trades each."""


def fits(codes: int, scan: Scan, across: int, *, listed: int, other: int) -> bool:
    """Say whether all goods fit, listed ones and so many codes: nobody need look which there are.

    See `held` for the parameters.
    """
    names = {name for _hs, _code, name in scan.codes}
    return across * (len(names) * listed + codes * other) <= MOST


def held(products: Sequence[str], scan: Scan, across: int, *, listed: int, other: int) -> list[str]:
    """Return the goods that a panel holds, in order.

    Unlisted ones are taken in an order that only the codes decide: those of the same headings as a
    listed good or its predecessors first, as goods may change their label within a heading, then
    those of the same chapters, then the rest; within each by the hash of the code, which is as good
    as by lot and the same again.

    Args:
        products: All names that goods of the flows count under.
        scan: The question.
        across: Third countries times months.
        listed: Bytes that a listed good takes of a country and month.
        other: Bytes of an unlisted one.

    Raises:
        CoverageError: The listed goods alone do not fit.
    """
    names = {name for _hs, _code, name in scan.codes}
    mine = [one for one in products if one in names]
    rest = [one for one in products if one not in names]
    room = (MOST // max(across, 1) - len(mine) * listed) // other
    if room >= len(rest):
        return sorted(products)
    if room < FEWEST:
        size = across * (len(mine) * listed + FEWEST * other)
        raise CoverageError(
            f"scan: {len(mine):,} listed goods, {FEWEST} others and {across:,} pairs of third "
            f"country and month take {size / 1e9:,.1f} GB; expected at most {MOST / 1e9:,.1f}; "
            "take fewer goods, or fewer months with --first and --last"
        )
    near = {one[:4] for one in (*mine, *_predecessors(names))}
    chapters = {one[:2] for one in near}
    ranked = sorted(rest, key=lambda one: (one[:4] not in near, one[:2] not in chapters,
                                           sha256(one.encode()).hexdigest()))  # fmt: skip
    return sorted([*mine, *ranked[:room]])


def _predecessors(names: set[str]) -> set[str]:
    found: set[str] = set()
    for one in (goods.load(name) for name in goods.names()):
        for revision in ("HS2017", "HS2012"):
            for new, (old, _) in one.predecessors(revision).items():
                if new in names:
                    found.add(old)
    return found
