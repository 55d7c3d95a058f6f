"""Links: the tables of HS revisions at hand, and the shortest way from one revision to another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.errors import CoverageError, SourceError
from entrepot.harmonise import concordance
from entrepot.sources import _workbook_bounds
from entrepot.store import archive, materials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from entrepot.harmonise.concordance import Concordance

MATERIAL = "unsd_hs"


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook of UNSD as a concordance, with what is known of the file."""

    concordance: Concordance
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """One workbook read in one direction."""

    concordance: Concordance
    book: Book


def books(store: Path, given: Sequence[Path], as_of: date | None = None) -> tuple[Book, ...]:
    """Return the workbooks named, else the newest that the store holds.

    Raises:
        SourceError: A file is none of UNSD's workbooks.
        CoverageError: None is named, and the store holds none.
        StoreError: The store is not as it was written.
    """
    if given:
        return tuple(map(_named, given))
    kept = {one.file: one for one in materials.stored(store, MATERIAL)
            if as_of is None or one.day <= as_of}  # fmt: skip
    if not kept:
        raise CoverageError(
            f"convert: the store {store} holds no table of HS revisions; expected UNSD's: get them "
            f"with `entrepot reference fetch {MATERIAL}`, or name workbooks with --tables FILE"
        )
    found = []
    for file, one in kept.items():
        path = materials.newest(store, MATERIAL, as_of, file=file)
        assert path is not None
        says = f"UNSD, {file}, fetched {one.day.isoformat()} (sha256 {one.sha256[:8]})"
        found.append(Book(concordance.read(path), says))
    return tuple(found)


def _named(path: Path) -> Book:
    if not path.is_file():
        raise SourceError(f"{path}: no such file; expected a workbook of UNSD's HS tables")
    _workbook_bounds.check(path)
    sha256 = archive.digest(path).sha256[:8]
    return Book(
        concordance.read(path), f"UNSD, {path.name}, of a day it does not state (sha256 {sha256})"
    )


def way(found: Sequence[Book], before: str, after: str) -> tuple[Step, ...]:
    """Return the shortest way between two revisions, step by step.

    Raises:
        CoverageError: No workbooks lead from one to the other.
    """
    steps = [Step(book.concordance, book) for book in found]
    steps += [Step(book.concordance.reverse(), book) for book in found]
    ways: dict[str, tuple[Step, ...]] = {before: ()}
    queue = [before]
    for here in queue:
        for step in steps:
            there = step.concordance.to_revision
            if step.concordance.from_revision == here and there not in ways:
                ways[there] = (*ways[here], step)
                queue.append(there)
    if after not in ways:
        known = sorted({step.concordance.from_revision for step in steps})
        raise CoverageError(
            f"convert: no table leads from {before} to {after}; those at hand relate "
            f"{', '.join(known)}; name another of UNSD's workbooks with --tables FILE"
        )
    return ways[after]


def joined(steps: Sequence[Concordance]) -> Concordance:
    """Return several steps as one; see `Concordance.then`."""
    made, *rest = steps
    for step in rest:
        made = made.then(step)
    return made
