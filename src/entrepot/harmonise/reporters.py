"""Reporters: one set of books per country, and a group or its members but never both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis import _

from entrepot.errors import CoverageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibis.expr.types import Table


def one_source(flows: Table, slices: list[tuple[str, str, str]], sources: Sequence[str]) -> Table:
    """Keep one source per reporter and flow.

    Args:
        flows: Flows of any source.
        slices: The (source, reporter, flow) combinations in `flows`.
        sources: Which source to take where several hold the same reporter, the first one first;
            if any is given, others are left out.

    Raises:
        CoverageError: Two sources hold the same reporter's flow and none is preferred.
    """
    if sources:
        rank = {source: place for place, source in enumerate(sources)}
        slices = [piece for piece in slices if piece[0] in rank]
        best = {
            (reporter, flow): min(
                (s for s, r, f in slices if (r, f) == (reporter, flow)), key=rank.__getitem__
            )
            for _s, reporter, flow in slices
        }
        first = sources[0]
        exceptions = [key for key, source in best.items() if source != first]
        if not exceptions:
            return flows.filter(_.source == first)
        kept = sorted({f"{source} {r} {f}" for (r, f), source in best.items()})
        return flows.filter((_.source + " " + _.reporter + " " + _.flow).isin(kept))
    books: dict[tuple[str, str], set[str]] = {}
    for source, reporter, flow in slices:
        books.setdefault((reporter, flow), set()).add(source)
    double = {key: found for key, found in books.items() if len(found) > 1}
    if double:
        (reporter, flow), found = min(double.items())
        raise CoverageError(
            f"{reporter}'s {flow}s are in {len(found)} sources: {', '.join(sorted(found))} "
            f"({len(double)} such reporters and flows); adding them would count twice: "
            "say which to use with --source"
        )
    return flows


def expand(
    names: Sequence[str], members: dict[str, tuple[str, ...]], present: set[str]
) -> tuple[str, ...]:
    """Return the reporters to look for: a group's members, or the group as one reporter.

    Args:
        names: Countries and groups as a study writes them.
        members: The countries of each group in `names`; a country is its own only member.
        present: Reporters that the flows have.

    Returns:
        The members, present or not. Only where no member is present and the group itself reports
        (the embedded figures hold the EU as one reporter) does the group stand for them.
    """
    reporters: list[str] = []
    for name in names:
        group = name.upper()
        if group in present and not present.intersection(members[name]):
            reporters.append(group)
        else:
            reporters.extend(members[name])
    return tuple(dict.fromkeys(reporters))
