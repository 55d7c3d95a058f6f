"""Flows: export and import, however they are written, and how often figures come."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from entrepot.errors import StudyError
from entrepot.reference._files import closest, shown
from entrepot.reference._letters import squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

# Letters are those of UN Comtrade; dispatches and arrivals are trade inside the European Union.
_FLOWS = {
    "export": "x e ex exp exported exporting out outgoing outbound outward dispatch dispatches",
    "import": "m i im imp imported importing in incoming inbound inward arrival arrivals",
    "re-export": "rx rex reexported",
    "re-import": "rm rim reimported",
}
_FREQS: Mapping[Literal["M", "A"], str] = {
    "M": "m month months monthly",
    "A": "a y year years yearly annual annually",
}
_BOTH = ("both", "bothways", "bothflows")


def flow(text: str) -> str:
    """Return one flow by its name in the house: `flow("Exports")` is "export".

    Raises:
        StudyError: The text is no flow, or two.
    """
    found = flows(text)
    if len(found) != 1:
        raise StudyError(f"flows: {shown(text)} is not one flow; write export or import")
    return found[0]


def flows(text: str) -> tuple[str, ...]:
    """Return flows in the order given, without doubles; `both` is import and export.

    Commas, semicolons, `+`, `&` and `and` stand between flows.

    Raises:
        StudyError: A word is no flow.
    """
    found: list[str] = []
    for word in re.split(r"[,;+&]|\band\b", text, flags=re.IGNORECASE):
        if squeeze(word) in _BOTH:
            found += ["import", "export"]
        elif known := _flow_words().get(squeeze(word)):
            found.append(known)
        elif word.strip():
            raise StudyError(_unknown("flow", word, _flow_words(), "export, import, both"))
    return tuple(dict.fromkeys(found))


def freq(text: str) -> Literal["M", "A"]:
    """Return how often figures come: "M" for months, "A" for years.

    Raises:
        StudyError: The text is neither.
    """
    for letter, words in _FREQS.items():
        if squeeze(text) in words.split():
            return letter
    known = {word: word for words in _FREQS.values() for word in words.split()}
    raise StudyError(_unknown("frequency", text, known, "monthly, annual"))


@cache
def _flow_words() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, others in _FLOWS.items():
        own = squeeze(name)
        found |= dict.fromkeys([own, f"{own}s", *others.split()], name)
    return MappingProxyType(found)


def _unknown(kind: str, word: str, known: Mapping[str, str], forms: str) -> str:
    long = {spelling: said for spelling, said in known.items() if len(spelling) > 3}
    close = closest(squeeze(word), long)
    hint = f"did you mean {' or '.join(close)}?" if close else f"write one of {forms}"
    return f"flows: {shown(word)} is no {kind}; {hint}"
