"""Phrases: recorded, expected and excess in the words of every sentence, row and page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.money import span, usd

if TYPE_CHECKING:
    from entrepot.findings import Finding, Numbers

HALF = 0.5
"""The part of an excess from which on a single month is named."""


def more(value: float | None, *, short: bool = False) -> str:
    """Return a signed amount: "$25 million more", "$3.0 million less", "no more and no less"."""
    if value == 0:
        return "no more and no less"
    if value is None or value > 0:
        return f"{usd(value, short=short)} more"
    return f"{usd(-value, short=short)} less"


def interval(said: Finding | Numbers, *, short: bool = False) -> str:
    """Return the ends of the excess: "$22\N{EN DASH}28 million", "$200,000 to $3.0 million"."""
    return span(said.excess_low_usd, said.excess_high_usd, short=short)


def together(*parts: str) -> str:
    """Return parts of a sentence with semicolons, without those that say nothing."""
    return "; ".join(part for part in parts if part)


def beyond(said: Numbers, basis: str = "") -> str:
    """Return "$20 million was to be expected: $25 million more ($22-28 million), ...".

    Args:
        said: The numbers of the row.
        basis: From what it was to be expected, in words that follow "expected".
    """
    if said.expected_usd is None:
        return "what was to be expected is not known"
    ends = f" ({interval(said)})" if said.excess_low_usd is not None else ""
    what = f"{usd(said.expected_usd)} was to be expected{basis}: {more(said.excess_usd)}{ends}"
    return ", ".join(part for part in (what, months(said)) if part)


def months(said: Finding | Numbers) -> str:
    """Return in how many months an excess arose: "above it in 9 of 10 months"."""
    if said.months_above is None:
        return ""
    text = f"above it in {said.months_above} of {said.months_window} months"
    if said.months_published is not None and said.months_published < said.months_window:
        text += f", {said.months_window - said.months_published} of them not published in full"
    return text


def largest(said: Numbers) -> str:
    """Return which month holds more than half of an excess; nothing where none does."""
    share = said.largest_share
    if share is None or share <= HALF or (said.excess_usd or 0) <= 0:
        return ""
    part = f"{share:.0%}" if share <= 1 else "more than all"
    return f"{said.largest_month} alone holds {part} of it"


def plain(said: Finding | Numbers, since: str) -> str:
    """Return the plain rise: "$30 million more than the same months of the year before 2022-03"."""
    if said.before_usd is None or said.recorded_usd is None:
        return ""
    rise = more(said.recorded_usd - said.before_usd)
    return f"{rise} than in the same months of the year before {since}"
