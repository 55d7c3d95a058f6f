"""Reads: which records one run of a measure rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.months import Span, periods

if TYPE_CHECKING:
    from datetime import date

Country = str
"""A parameter that holds one country, or the name of a group that is one."""
Countries = tuple[str, ...]
"""A parameter that holds countries; the name of a group stands for its members."""
Reporters = tuple[str, ...]
"""Countries whose books are read: a group that reports as one stands for itself where none of its
members reports. Empty where a default allows it: whoever reports."""
Flow = str
"""A parameter that holds a direction: export, import, re-export or re-import."""
Freq = str
"""A parameter that holds how often the figures come: M or A."""
Columns = tuple[str, ...]
"""A parameter that holds names of columns to break a result down by."""
Goods = tuple[str, ...]
"""A parameter that holds codes, as they stand in the flows."""
Month = str
"""A parameter that holds a month, as 2023-01."""
Since = str | Mapping[str, str]
"""A parameter that holds a month, or "listed": the own month of each good of a list with days."""
Names = tuple[str, ...]
"""A parameter that holds words."""
Window = tuple[str, str]
"""A parameter that holds the first and last month of a window."""


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
