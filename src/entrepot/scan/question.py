"""Question: a scan in the words of a command line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot import terms
from entrepot.detect._panel import Scan
from entrepot.errors import StudyError
from entrepot.harmonise.products import family, is_subheading, links

if TYPE_CHECKING:
    from datetime import date

    from entrepot.reference.goods import GoodsList

GOODS, COALITION = "chpl-2024-02", "gecc-39"


@dataclass(frozen=True, slots=True)
class ScanQuestion:
    """What to look for, in people's words: see `entrepot.terms`.

    `goods` are a list or codes, `coalition` and `through` countries or groups with commas, `since`,
    `first` and `last` months. `through` leaves only findings of these third countries in the
    ranking; `source` names which source to take where several hold the same reporter.
    """

    destination: str
    since: str
    goods: str = GOODS
    coalition: str = COALITION
    first: str | None = None
    last: str | None = None
    through: str | None = None
    source: str | None = None

    @property
    def to(self) -> str:
        """The destination's code.

        Raises:
            UnknownCodeError: There is no such country.
            StudyError: It is a group.
        """
        found = terms.members(self.destination, what="destination")
        if len(found) != 1:
            raise StudyError(
                f"scan: --destination {self.destination} is {len(found)} countries; expected one, "
                "such as RUS"
            )
        return found[0]

    @property
    def thirds(self) -> tuple[str, ...]:
        """The third countries that the ranking is narrowed to; none for all.

        Raises:
            UnknownCodeError: One does not exist.
        """
        return terms.members(self.through, what="third country") if self.through else ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Which sources to take where several hold the same reporter."""
        return tuple(word.strip() for word in (self.source or "").split(",") if word.strip())

    @property
    def members(self) -> tuple[str, ...]:
        """The coalition's countries.

        Raises:
            UnknownCodeError: A group or country does not exist.
        """
        return terms.members(self.coalition, what="coalition country")

    @property
    def listed(self) -> GoodsList:
        """The goods list.

        Raises:
            UnknownCodeError: There is no such list.
            StudyError: A code is no subheading, which is what a scan works on.
        """
        found = terms.goods(self.goods)
        if odd := [code for code in found.codes if not is_subheading(code)]:
            raise StudyError(
                f"scan: --goods {odd[0]} is no subheading; a scan looks at codes of six digits: "
                "name those under it, or a list"
            )
        return found

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The listed codes by the name they count under: "854151+854159" holds two."""
        found: dict[str, tuple[str, ...]] = {}
        for code, name in family(self.listed).items():
            found[name] = (*found.get(name, ()), code)
        return found

    def scan(self) -> Scan:
        """Return the question in the terms of `detect`.

        Raises:
            UnknownCodeError: A country, group or list does not exist.
            StudyError: A month is not one, or the destination is a group.
        """
        return Scan(
            destination=self.to,
            since=terms.month(self.since),
            coalition=self.members,
            codes=tuple(links(self.listed, "bridged")),
            first=terms.month(self.first) if self.first else None,
            last=terms.month(self.last) if self.last else None,
        )

    def options(self) -> str:
        """Return the options of a command line that asks the same."""
        words = ["--destination", self.destination, "--since", self.since]
        given = (("--goods", self.goods, GOODS), ("--coalition", self.coalition, COALITION),
                 ("--first", self.first, None), ("--last", self.last, None),
                 ("--through", self.through, None), ("--source", self.source, None))  # fmt: skip
        for option, value, usual in given:
            if value is not None and value != usual:
                words += [option, value]
        return shlex.join(words)


def command(
    verb: str, asked: ScanQuestion, *, as_of: date | None = None, demo: bool = False
) -> str:
    """Return the command that gives the same answer from the same store."""
    words = f"entrepot {verb} {asked.options()}"
    words += f" --as-of {as_of}" if as_of else ""
    return words + (" --demo" if demo else "")
