"""Phrases: how a question's parts read in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot import terms
from entrepot.months import month
from entrepot.publish import words
from entrepot.reference import countries, groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from entrepot.ask.question import Asked
    from entrepot.reference.goods import GoodsList

FEW = 4
"""Codes that a sentence spells out."""


def goods(asked: Asked, listed: GoodsList) -> str:
    """Return goods as they stand after "exports of"."""
    if listed.codes == ("TOTAL",):
        return "all goods"
    if listed.name != "codes":
        part = listed.title.partition(", tier")
        tier = f", tier{part[2]}" if part[1] and listed.published else ""
        return f"the {words.count(len(listed.codes), 'code')} of {listed.name}{tier}".replace(
            "the 1 code", "the one code"
        )
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
    return words.listed(
        "the world" if name == "WLD" else groups.title(name) for name in places
    )


def flows(asked: Asked) -> str:
    """Return the flow in the plural: "exports", "re-imports"."""
    return f"{asked.flow}s"


def side(asked: Asked) -> str:
    """Return "to" for what goes out and "from" for what comes in."""
    return "from" if asked.flow.endswith("import") else "to"


def window(asked: Asked) -> str:
    """Return the months asked about, as "January–March 2022"."""
    return words.months(asked.first, asked.last)


def base(asked: Asked) -> str:
    """Return what is compared with: "the same months of 2021", or "2021" for whole years."""
    is_year = (month(asked.first).month, month(asked.last).month) == (1, 12)
    years = words.years(asked.base)
    told = years if is_year else f"the same months of {years}"
    return told if len(asked.base) == 1 else f"the mean of {told}"


def begun(text: str) -> str:
    """Return a phrase as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def name(code: str) -> str:
    """Return one country by name."""
    return countries.name(code)
