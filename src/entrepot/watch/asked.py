"""Asked: a scan in the words of a command line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.detect._panel import Scan
from entrepot.errors import StudyError
from entrepot.harmonise.products import family, links
from entrepot.months import month
from entrepot.reference import goods as goods_lists
from entrepot.reference import groups

if TYPE_CHECKING:
    from datetime import date

    from entrepot.reference.goods import GoodsList

GOODS, COALITION = "chpl-2024-02", "gecc-39"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for: `goods` names a list, `coalition` a group or ISO3 codes with commas.

    `since`, `first` and `last` are months such as 2022-03.
    """

    destination: str
    since: str
    goods: str = GOODS
    coalition: str = COALITION
    first: str | None = None
    last: str | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """The coalition's countries.

        Raises:
            UnknownCodeError: A group or country does not exist.
        """
        words = [word.strip() for word in self.coalition.split(",") if word.strip()]
        return tuple(dict.fromkeys(code for word in words for code in groups.members(word)))

    @property
    def listed(self) -> GoodsList:
        """The goods list.

        Raises:
            UnknownCodeError: There is no such list.
        """
        return goods_lists.load(self.goods)

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
        if len(groups.members(self.destination)) != 1:
            raise StudyError(
                f"scan: --destination {self.destination} is a group; expected one country, such "
                "as RUS"
            )
        for text in (self.since, self.first, self.last):
            if text is not None:
                month(text)
        return Scan(
            destination=self.destination,
            since=self.since,
            coalition=self.members,
            codes=tuple(links(self.listed, "bridged")),
            first=self.first,
            last=self.last,
        )

    def options(self) -> str:
        """Return the options of a command line that asks the same."""
        words = ["--destination", self.destination, "--since", self.since]
        given = (("--goods", self.goods, GOODS), ("--coalition", self.coalition, COALITION),
                 ("--first", self.first, None), ("--last", self.last, None))  # fmt: skip
        for option, value, usual in given:
            if value is not None and value != usual:
                words += [option, value]
        return shlex.join(words)


def command(verb: str, asked: Asked, *, as_of: date | None = None, demo: bool = False) -> str:
    """Return the command that gives the same answer from the same store."""
    words = f"entrepot {verb} {asked.options()}"
    words += f" --as-of {as_of}" if as_of else ""
    return words + (" --demo" if demo else "")
