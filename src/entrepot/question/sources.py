"""Sources: one set of books per reporter and flow, and never a union beside its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import CoverageError
from entrepot.publish import words
from entrepot.reference import countries, groups

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Book = tuple[str, str]
"""A reporter and a flow."""
UNIONS = {"EU27": "eu27"}
"""Reporters that are sums of others, and the group of their members."""


def choose(
    held: Mapping[Book, Collection[str]], preferred: Sequence[str], able: Mapping[Book, set[str]]
) -> dict[Book, str]:
    """Return which source is read for each reporter and flow.

    Args:
        held: The sources that hold each.
        preferred: Which to take where several do, the first one first; if any is given, others
            are left out.
        able: The sources that know anything of what is asked, of each.

    Raises:
        CoverageError: Two sources can answer for the same reporter's flow and none is preferred.
    """
    chosen: dict[Book, str] = {}
    double: dict[Book, set[str]] = {}
    for book, found in held.items():
        if preferred:
            if allowed := [source for source in preferred if source in found]:
                chosen[book] = allowed[0]
            continue
        candidates = {*found} if len(found) == 1 else ({*found} & able.get(book, set())) or {*found}
        if len(candidates) > 1:
            double[book] = candidates
        else:
            (chosen[book],) = candidates
    if double:
        (reporter, flow), found = min(double.items())
        raise CoverageError(
            f"{words.possessive(countries.name(reporter))} {flow}s are in {len(found)} sources: "
            f"{', '.join(sorted(found))} ({len(double)} such reporters and flows); adding them "
            f"would count twice: say which to use, as --source {min(found)}"
        )
    return chosen


def unions(reporters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the sums of countries among reporters that stand beside their own members.

    They are left out wherever whoever reports is asked: the members are counted.
    """
    present = {*reporters}
    found = {
        union: tuple(code for code in groups.members(group) if code in present)
        for union, group in UNIONS.items()
        if union in present
    }
    return {union: members for union, members in found.items() if members}


def refuse_overlap(reporters: Sequence[str]) -> None:
    """Refuse a sum of countries beside one of its members, which it holds already.

    Raises:
        CoverageError: Both are asked for.
    """
    for union, members in unions(reporters).items():
        raise CoverageError(
            f"{countries.name(union)} ({union}) holds {countries.name(members[0])} "
            f"({members[0]}) already; ask for one of them, or for the members as "
            f"{UNIONS[union]}"
        )


def expand(names: Sequence[str], present: Collection[str]) -> tuple[str, ...]:
    """Return the reporters to look for: a group's members, or the group as one reporter.

    Only where no member reports and the group itself does, as in the embedded figures that hold
    the EU as one reporter, does the group stand for its members.
    """
    reporters: list[str] = []
    for name in names:
        members, one = groups.members(name), name.upper()
        if one in present and one not in members and not {*present} & {*members}:
            reporters.append(one)
        else:
            reporters.extend(members)
    return tuple(dict.fromkeys(reporters))
