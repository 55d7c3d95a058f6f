"""Money: how an amount of dollars reads, in a sentence, on an axis and in a table.

Every number is rounded by the one rule that is here: halves go away from zero, as a reader with a
pencil would round them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeGuard

NOT_AVAILABLE = "not available"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
_NUMBER = r"(\$?)([\d.,]+)(.*)"

# How many decimals a number keeps below 10, below 100 and from there on.
THREE_DIGITS = (2, 1, 0)
TWO_DIGITS = (1, 0, 0)
WHOLE = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A power of ten with its word, its letter and the decimals of a sentence."""

    power: int
    word: str
    letter: str
    places: tuple[int, int, int]

    @property
    def size(self) -> float:
        """How many dollars one of it is."""
        return 10.0**self.power


SCALES = (
    Scale(0, "", "", WHOLE),
    Scale(3, " thousand", "k", TWO_DIGITS),
    Scale(6, " million", "m", TWO_DIGITS),
    Scale(9, " billion", "bn", THREE_DIGITS),
    Scale(12, " trillion", "tn", THREE_DIGITS),
)
SHARED = SCALES[3::-1]
"""The scales, largest first, of which one column or one axis takes one for all its amounts."""


def usd(value: float | None, *, short: bool = False) -> str:
    """Return dollars in words: "$158 million", "$1.77 billion", "$6.6 million", "$835,000".

    Billions keep three digits; millions are whole, with one decimal below ten; less than a million
    is rounded to thousands, less than 10,000 to hundreds and less than 1,000 to dollars.
    `short` is for axes and narrow tables: "$158m", "$1.77bn", "$835k".
    """
    if not is_number(value):
        return NOT_AVAILABLE
    size, sign = split(value)
    if 0 < size < Decimal("0.5"):
        return "under $1" if value > 0 else f"between {MINUS}$1 and $0"
    # A number that rounds up to the next scale is named in it: 999,500 is $1.0 million.
    readings = (digits(size.scaleb(-scale.power), scale.places) for scale in SCALES)
    shown, scale = next(
        (shown, scale)
        for shown, scale in zip(readings, SCALES, strict=True)
        if "," not in shown or scale is SCALES[-1]
    )
    if scale.power == 3 and not short:
        return f"{sign}${rounded(size, -2 if '.' in shown else -3):,f}"
    return f"{sign}${shown}{scale.letter if short else scale.word}"


def span(low: float | None, high: float | None, *, short: bool = False) -> str:
    """Return a range of dollars: "$22\N{EN DASH}28 million", "$200,000 to $3.0 million".

    One amount is enough where both ends read the same.
    """
    return NOT_AVAILABLE if low is None and high is None else joined(
        usd(low, short=short), usd(high, short=short)
    )  # fmt: skip


def joined(first: str, last: str) -> str:
    """Return two readings as a range, with a dash where they share sign and scale, else "to"."""
    if first == last:
        return first
    start, end = re.fullmatch(_NUMBER, first), re.fullmatch(_NUMBER, last)
    if start and end and start[1] == end[1] and start[3] == end[3]:
        return f"{start[1]}{start[2]}{DASH}{end[2]}{end[3]}"
    return f"{first} to {last}"


def in_scale(value: float, scale: Scale) -> str:
    """Return an amount of a column whose head names the scale: "158.2", "< 0.1", "1,234"."""
    size, sign = split(value)
    tenths = rounded(size.scaleb(-scale.power), 1 if scale.power else 0)
    if scale.power and not tenths and value > 0:
        return "< 0.1"
    return f"{sign}{tenths:,f}"


def is_number(value: float | None) -> TypeGuard[float]:
    """Return whether there is a finite value."""
    return value is not None and math.isfinite(value)


def split(value: float) -> tuple[Decimal, str]:
    """Return the size of `value`, as its shortest decimal, and its sign."""
    return abs(Decimal(str(value))), MINUS if value < 0 else ""


def rounded(value: Decimal, places: int) -> Decimal:
    """Return a value with so many decimals; halves go away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def digits(size: Decimal, places: tuple[int, int, int]) -> str:
    """Return `size` with the decimals of its rounded magnitude: 9.96 is "10", not "10.0"."""
    small, middle, large = (rounded(size, most) for most in places)
    shown = small if small < 10 else middle if middle < 100 else large
    return f"{shown:,f}"
