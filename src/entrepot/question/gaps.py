"""Gaps: what of a question is not known, each with its reason in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from entrepot.publish import words
from entrepot.reference import countries
from entrepot.store.known import TOTAL, WORLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Reason = Literal[
    "not published",
    "not asked for",
    "only coarser",
    "not in all months",
    "confidential",
    "correction",
    "union",
    "revisions",
    "national codes",
]
SOME = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a question asks for and the store does not know.

    `what` names it in a few words, `text` says it as a sentence without its full stop. `side` is
    what is missing: months of a reporter, partners, goods, or cells among those that are known;
    codes, where it is not known whether anything is missing.
    """

    reason: Reason
    side: Literal["months", "partners", "goods", "cells", "codes"]
    what: tuple[str, ...]
    text: str


def partners(
    who: Sequence[str], gone: Sequence[str], flow: str, reason: Reason = "not asked for"
) -> Gap:
    """Return the gap of partners that nobody asked about, or not for all of the question."""
    names = _names(gone)
    whose = f"{words.possessive(_names(who))} {flow}s" if who else f"{flow}s"
    side = "to" if flow.endswith("export") else "from"
    said = "were never asked for"
    if reason != "not asked for":
        said = "are not held for all goods and months compared"
    return Gap(reason, "partners", tuple(gone), f"{whose} {side} {names} {said}")


def goods(gone: Sequence[str], of: int, reason: Reason) -> Gap:
    """Return the gap of goods that were never asked for, or are held in a broader code only."""
    some = words.listed(gone) if len(gone) <= SOME else f"{', '.join(gone[:3])} and others"
    what = f"{len(gone)} of {of} codes ({some})" if of > 1 else gone[0] or "every code"
    is_one = len(gone) == 1
    said = {
        "not asked for": f"{'was' if is_one else 'were'} never asked for",
        "only coarser": f"{'is' if is_one else 'are'} held only under a broader code",
    }
    text = said.get(reason, f"{'is' if is_one else 'are'} not held in every month compared")
    return Gap(reason, "goods", tuple(gone), f"{what} {text}")


def revisions(names: Sequence[str]) -> Gap:
    """Return the gap of headings that stand in two revisions of the HS, which are not added up."""
    what = words.listed([name or "all goods" for name in names])
    text = (
        f"{what} {'stands' if len(names) == 1 else 'stand'} in two revisions of the HS in one "
        "month: the one that holds more is counted"
    )
    return Gap("revisions", "goods", tuple(names), text)


def national(names: Sequence[str], of: int) -> Gap:
    """Return the gap of subheadings known by their national codes, whatever these are."""
    some = f"{len(names)} of {of} codes" if len(names) < of else f"all {of} codes"
    what = some if of > 1 else names[0]
    said = "is the sum" if len(names) == 1 else "are sums"
    text = (
        f"{what} {said} of the national codes that the files hold, which need not be all there are"
    )
    return Gap("national codes", "codes", tuple(names), text)


def _names(codes: Iterable[str]) -> str:
    names = ["the world" if code == WORLD else countries.name(code) for code in codes]
    if len(names) <= SOME:
        return words.listed(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} others"


def everywhere(who: Sequence[str], flow: str) -> Gap:
    """Return the gap of a question about all partners where only some were asked for."""
    text = f"{words.possessive(_names(who))} {flow}s are held for some partners only"
    return Gap("not asked for", "partners", (), text)


def half(name: str, held: Iterable[str]) -> Gap:
    """Return the gap of a code of which only some finer codes are held."""
    codes = sorted(held)
    some = words.listed(codes) if len(codes) <= SOME else f"{len(codes)} codes"
    what = f"of all goods only {some}" if name in ("", TOTAL) else f"of {name} only {some}"
    return Gap(
        "not asked for", "goods", (name,), f"{what} {'is' if len(codes) == 1 else 'are'} held"
    )


def union(code: str, members: Sequence[str]) -> Gap | None:
    """Return the gap of a union that is left out beside too few members; None beside all."""
    from entrepot.question.sources import UNIONS
    from entrepot.reference import groups

    every = groups.members(UNIONS[code])
    if len(members) == len(every):
        return None
    text = (
        f"{countries.name(code)} reports as one beside {len(members)} of its {len(every)} members: "
        "these are counted, and the other members are not"
    )
    return Gap("union", "months", (code,), text)


def cells(status: str, count: int, usd: float | None, who: Sequence[str]) -> Gap:
    """Return the gap of cells whose value is withheld, or below zero and left out of the sums."""
    whose = _names(who)
    if status == "correction":
        text = (
            f"{words.count(count, 'value')} below zero (corrections of {whose}, "
            f"{words.usd(usd)} in all) {'is' if count == 1 else 'are'} left out of every sum"
        )
        return Gap("correction", "cells", tuple(who), text)
    text = f"{words.count(count, 'cell')} of {whose} {'is' if count == 1 else 'are'} confidential"
    return Gap("confidential", "cells", tuple(who), text)


def broader(gap: Gap, held: Mapping[str, float | None]) -> Gap:
    """Return the gap with what the nearest broader codes hold, the goods being a part of it."""
    nearest = {
        next(stem for size in (4, 2) if (stem := code[:size]) in held)
        for code in gap.what
        if code[:4] in held or code[:2] in held
    }
    if not nearest:
        return gap
    told = words.listed(f"{code} {words.usd(held[code])}" for code in sorted(nearest)[:SOME])
    more = f" and {len(nearest) - SOME} more" if len(nearest) > SOME else ""
    return replace(gap, text=f"{gap.text} ({told}{more} in all)")


def alone(code: str, count: int, usd: float | None) -> Gap:
    """Return the gap of cells that hold a broader code and nothing under it."""
    text = (
        f"{words.count(count, 'cell')} {'is' if count == 1 else 'are'} held only under {code} "
        f"({words.usd(usd)} in all)"
    )
    return Gap("only coarser", "cells", (code,), text)
