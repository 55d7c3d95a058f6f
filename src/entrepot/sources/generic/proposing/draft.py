"""A proposal while it is made: what is known of a file, and what is asked of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.sources.generic.proposing.columns import Columns

NATIONAL = {
    "TUR": "GTIP", "CHN": "CNHS", "IND": "ITCHS", "JPN": "JPHS", "USA": "HTS", "HKG": "HKHS",
} | dict.fromkeys(("ARM", "BLR", "KAZ", "KGZ", "RUS", "UZB"), "TNVED")  # fmt: skip
WHOLE = 200_000_000
"""Bytes of a file up to which all rows are looked at for what splits a cell."""
ASKED = {
    "reporter": "whose records these are: --set reporter=ISO3",
    "partner": "with whom the trade is: --set partner=ISO3",
    "flow": "the flow: --set flow=export or --set flow=import",
    "currency": "the currency of the values: --set currency=USD",
    "period": "the period: --set period=2023-01",
    "published": "the day of publication: --set published=2024-02-15",
    "product": "the column of product codes: --set columns.product=NAME",
    "value": "the column of values: --set columns.value=NAME",
}
LISTS = ("ignore", "parts", "missing")


@dataclass
class Proposal:
    """A mapping as far as the file tells it.

    `guesses` are what a person should confirm, `asked` is what only a person knows: a line each.
    `unknown` are, per side, the words for countries that nobody knows.
    """

    path: Path
    told: dict[str, str]
    mapping: dict[str, Any] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)

    def table(self, name: str) -> dict[str, Any]:
        """Return a table of the mapping, made where it is missing."""
        made: dict[str, Any] = self.mapping.setdefault(name, {})
        return made


@dataclass
class Draft:
    """A proposal, the columns it is made of, and the texts above them."""

    made: Proposal
    columns: Columns
    title: str
    amounts: list[str] = field(default_factory=list)
    wide_words: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    format: dict[str, Any] = field(init=False)
    given: dict[str, Any] = field(init=False)
    constants: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.format = self.made.table("format")
        self.given = self.made.table("columns")
        self.constants = self.made.table("constants")

    @property
    def told(self) -> dict[str, str]:
        """What the user says."""
        return self.made.told

    def missing(self, key: str) -> bool:
        """Whether nothing gives a field yet."""
        return key not in self.given and key not in self.constants

    def leave_out(self, name: str, words: list[str]) -> None:
        """Leave out the rows of some words of a column, beside those left out before."""
        before = self.columns.wanted.get(name, {"not": []})
        if isinstance(before, dict):
            self.columns.wanted[name] = {"not": [*before["not"], *words]}
