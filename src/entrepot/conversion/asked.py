"""Asked: what the user says of a table, and the revision to convert it to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.errors import CoverageError
from entrepot.sources.comtrade.codes import CLASSIFICATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REVISION = re.compile(r"HS ?((?:19|20)[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What the user says of a table: `before` is a revision, or the column that names each row's.

    `told` are keys of `tables.FORMAT`: how the file is written where it cannot be seen.
    """

    path: Path
    before: str
    after: str
    code: str = ""
    values: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """The revision of all rows, "" where a column names it."""
        return revision(self.before)


def revision(text: str) -> str:
    """Return the HS revision that a word means, "" for none: HS 2017, hs2017 and H5 are HS2017."""
    word = text.strip().upper()
    if found := REVISION.fullmatch(word):
        return f"HS{found[1]}"
    return CLASSIFICATIONS.get(word, "")


def target(asked: Conversion, *, is_given: bool) -> str:
    """Return the revision to convert to, before any file or store is opened.

    Args:
        asked: The revisions.
        is_given: Whether the user names workbooks, which may hold a revision newer than these.

    Raises:
        CoverageError: The target is no HS revision, one of the two never was, or both are the same.
    """
    before, after = asked.revision, revision(asked.after)
    if not after:
        raise CoverageError(f"convert: --to {asked.after}: expected an HS revision such as HS2022")
    known = [*CLASSIFICATIONS.values()]
    for option, named in (("--from", before), ("--to", after)):
        if named and named not in known and not is_given:
            raise CoverageError(
                f"convert: {option} {named}: no such HS revision; there are: {', '.join(known)}"
            )
    if before == after:
        raise CoverageError(f"convert: from {before} to {after} is the same revision; give two")
    return after
