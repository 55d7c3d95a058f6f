"""Phrases: how a question's parts read in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot import terms
from entrepot.publish import words
from entrepot.reference import countries, groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.ask.question import Asked
    from entrepot.reference.goods import GoodsList

FEW = 4
"""Codes that a sentence spells out."""


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a question in words."""

    what: str
    who: str
    whom: str
    window: str
    flows: str
    side: str

    @property
    def trade(self) -> str:
        """The trade asked about: "exports of HS 854231, Germany to Kyrgyzstan"."""
        return f"{self.flows} of {self.what}, {self.who} {self.side} {self.whom}"


def said(asked: Asked, listed: GoodsList) -> Said:
    """Return the parts of a question in words."""
    return Said(
        goods(listed), who(asked.reporters), whom(asked.partners),
        *(window(asked), flows(asked), side(asked)),
    )  # fmt: skip


def goods(listed: GoodsList) -> str:
    """Return goods as they stand after "exports of"."""
    if listed.codes == ("TOTAL",):
        return "all goods"
    if listed.name != "codes":
        of = f"tier {listed.title.rpartition(' tier')[2].lstrip('s ')} of " \
            if " tier" in listed.title else ""  # fmt: skip
        return f"the {words.count(len(listed.codes), 'code')} of {of}{listed.name}"
    if len(listed.codes) == 1:
        return listed.title
    every = all(len(code) <= 6 for code in listed.codes)
    kind = "HS codes" if every else "codes"
    if len(listed.codes) <= FEW:
        return f"{kind} {words.listed(listed.codes)}"
    return f"{len(listed.codes)} {kind}"


def who(places: Sequence[str]) -> str:
    """Return who recorded the trade, as the subject of a sentence."""
    if places == (terms.ALL,):
        return "all who report"
    return _named(places)


def whom(places: Sequence[str]) -> str:
    """Return whom they traded with, as it stands after "to" or "from"."""
    if places == (terms.ALL,):
        return "all partners"
    return _named(places)


def _named(places: Iterable[str]) -> str:
    return words.listed("the world" if name == "WLD" else groups.title(name) for name in places)


def flows(asked: Asked) -> str:
    """Return the flow in the plural: "exports", "re-imports"."""
    return f"{asked.flow}s"


def side(asked: Asked) -> str:
    """Return "to" for what goes out and "from" for what comes in."""
    return "from" if asked.flow.endswith("import") else "to"


def window(asked: Asked) -> str:
    """Return the months asked about, in words."""
    return words.months(asked.first, asked.last)


def is_years(asked: Asked) -> bool:
    """Whether the months asked about are whole years."""
    return (asked.first[5:], asked.last[5:]) == ("01", "12")


def base(asked: Asked) -> str:
    """Return what is compared with: "the same months of 2021", or "2021" for whole years."""
    years = words.years(asked.base)
    return years if is_years(asked) else f"the same months of {years}"


def begun(text: str) -> str:
    """Return a phrase as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def name(code: str) -> str:
    """Return one country by name."""
    return countries.name(code)
