"""Reads: which records one run of a measure rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from entrepot.months import Span, periods

if TYPE_CHECKING:
    from datetime import date

Country = Annotated[str, "Country"]
"""A parameter that holds one country, or the name of a group that is one."""
Countries = Annotated[tuple[str, ...], "Countries"]
"""A parameter that holds countries; the name of a group stands for its members."""
Reporters = Annotated[tuple[str, ...], "Reporters"]
"""Countries whose books are read: a group that reports as one stands for itself where none of its
members reports. Empty where a default allows it: whoever reports."""
Partners = Annotated[tuple[str, ...], "Partners"]
"""Countries that the reporters traded with; a group stands for its members."""
Flow = Annotated[str, "Flow"]
"""A parameter that holds a direction: export, import, re-export or re-import."""
Freq = Annotated[str, "Freq"]
"""A parameter that holds how often the figures come: M or A."""
Columns = Annotated[tuple[str, ...], "Columns"]
"""A parameter that holds names of columns to break a result down by."""
Goods = Annotated[tuple[str, ...], "Goods"]
"""A parameter that holds codes, as they stand in the flows."""
Month = Annotated[str, "Month"]
"""A parameter that holds a month, as 2023-01."""
Since = Annotated[str | Mapping[str, str], "Since"]
"""A parameter that holds a month, or "listed": the own month of each good of a list with days."""
Names = Annotated[tuple[str, ...], "Names"]
"""A parameter that holds words."""
Window = Annotated[tuple[str, str], "Window"]
"""A parameter that holds the first and last month of a window."""
Years = Annotated[tuple[int, ...], "Years"]
"""A parameter that holds the years to give."""
BaseYears = Annotated[tuple[int, ...], "BaseYears"]
"""A parameter that holds the years that a window is compared with."""

PLACES = ("Countries", "Partners")
"""Kinds that hold countries by the names of groups, whose books are read or not."""


def kind_of(annotation: Any, names: Mapping[str, Any]) -> str:
    """Return what a parameter holds, by the name of its type: "Countries", "Month", "int".

    Whether the annotation is text or a type, None beside it, the module before it and another name
    given to it on import make no difference.

    Args:
        annotation: As `inspect.signature` gives it.
        names: What the names in a text stand for, as far as it is known.
    """
    if isinstance(annotation, str):
        text = annotation.strip("\"'")
        if found := re.fullmatch(r"(?:\w+\.)*Optional\[(.*)\]", text):
            text = found[1]
        text = re.sub(r"^None \| | \| None$", "", text)
        named = names.get(text)
        return kind_of(named, {}) if named is not None else re.sub(r"^(\w+\.)+", "", text)
    if get_origin(annotation) is Annotated:
        return str(annotation.__metadata__[0])
    kinds = [one for one in get_args(annotation) if one is not type(None)]
    if get_origin(annotation) in (Union, UnionType) and len(kinds) == 1:
        return kind_of(kinds[0], names)
    return annotation.__name__ if isinstance(annotation, type) and not kinds else str(annotation)


@dataclass(frozen=True, slots=True)
class Reads:
    """Whose records of which flow with whom a run of a measure reads, over which months.

    Without `reporters` it reads whoever reports, without `partners` everything they report. `now`
    are the windows measured and `base` those compared with; `later` are months after a window in
    which goods may still arrive. Where `is_counted` is false only who published is read, and no
    row. With `has_controls` the other goods of the same chapters are read too. What is `optional`
    makes a column more exact and is no reason to refuse an answer.
    """

    flow: str
    reporters: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    now: tuple[Span, ...] = ()
    base: tuple[Span, ...] = ()
    later: tuple[date, ...] = ()
    freq: str = "M"
    has_controls: bool = False
    is_counted: bool = True
    optional: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every window, in order of time; several measured ones as they are written."""
        return tuple(sorted([*self.now, *self.base])) if self.base else self.now

    @property
    def periods(self) -> tuple[date, ...]:
        """Every month read, or every year, in order of time."""
        days = {day for span in self.spans for day in periods(*span, self.freq)}
        return tuple(sorted(days | {*self.later}))
