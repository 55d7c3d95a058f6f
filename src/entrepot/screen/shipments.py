"""Shipments: rows as shipments, with what could not be read named and nothing dropped."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from entrepot import terms
from entrepot.errors import EntrepotError, UnknownCodeError, visible
from entrepot.reference._codes import digits
from entrepot.screen.columns import find
from entrepot.screen.files import rows
from entrepot.screen.match._types import Party
from entrepot.screen.names import fold, identifiers, words
from entrepot.screen.records import ROLES, Shipment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.screen.columns import ShipmentLayout
    from entrepot.screen.files import Row

SAMPLE = 200
_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_WRITTEN = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: .*)?")
_NUMBER = re.compile(r"-?[0-9][0-9.,'’\s]*")
_REVISION = re.compile(r"(?:HS|CN)? ?(20(?:02|07|12|17|22))")
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "us$": "USD"}


@dataclass(slots=True)
class Habits:
    """How a file writes what could be read in two ways, from all of its rows."""

    comma: bool = False
    dot: bool = False
    day_first: bool = False
    month_first: bool = False
    count: int = 0


class ShipmentFile:
    """A file of shipments, whose rows can be read again and again.

    Args:
        path: The file.
        given: What a mapping says of it.

    Raises:
        SourceError: It cannot be read at all, or its columns are unclear.
    """

    def __init__(self, path: Path, given: ShipmentLayout) -> None:
        self.path = path
        header, lines = rows(path, given.how)
        sample: list[dict[str, str]] = []
        for row in lines:
            sample += [] if row.fault else [row.cells]
            if row.number >= SAMPLE:
                break
        self.layout = find(path, header, sample, given)
        self.habits = self._habits()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def _rows(self) -> Iterator[Row]:
        return rows(self.path, self.layout.how)[1]

    def _habits(self) -> Habits:
        """Look at all rows for signs that can be read in one way only."""
        habits, layout = Habits(), self.layout
        money = [layout.columns[key] for key in ("value", "mass") if key in layout.columns]
        for row in self._rows():
            habits.count += 1
            for name in money:
                _marks(row.cells.get(name, "").strip(), habits)
            if found := _WRITTEN.fullmatch(
                row.cells.get(layout.columns.get("date", ""), "").strip()
            ):
                habits.day_first |= int(found[1]) > 12
                habits.month_first |= int(found[2]) > 12
        if (mark := layout.how.get("decimal")) in (".", ","):
            habits.dot, habits.comma = mark == ".", mark == ","
        if isinstance(first := layout.how.get("day_first"), bool):
            habits.day_first, habits.month_first = first, not first
        return habits

    def shipments(self, *, start: int = 0) -> Iterator[Shipment]:
        """Give the shipments after the first `start` rows, in the order of the file."""
        for row in self._rows():
            if row.number > start:
                yield self._shipment(row)

    def _shipment(self, row: Row) -> Shipment:
        case = hashlib.sha256(
            json.dumps(row.cells, sort_keys=True).encode("utf-8", "replace")
        ).hexdigest()[:12]
        if row.fault:
            return Shipment(row.number, case, fault=row.fault)
        cells = {key: " ".join(row.cells.get(name, "").split())
                 for key, name in self.layout.columns.items()}  # fmt: skip
        cells = {
            **self.layout.constants,
            **{k: v for k, v in cells.items() if v and v.casefold() not in _NOTHING},
        }
        faults: list[str] = []
        value, currency = self._money(cells, faults)
        return Shipment(
            row.number,
            case,
            ref=cells.get("ref", "")[:80],
            parties=_parties(cells, faults),
            origin=_country("origin", cells, faults),
            departure=_country("departure", cells, faults),
            destination=_country("destination", cells, faults),
            code=_code(cells.get("code", ""), faults),
            revision=_revision(cells.get("revision", ""), faults),
            description=cells.get("description", ""),
            value=value,
            currency=currency,
            mass_kg=self._mass(cells, faults),
            day=self._day(cells.get("date", ""), faults),
            faults=tuple(faults),
        )

    def _money(self, cells: dict[str, str], faults: list[str]) -> tuple[float | None, str]:
        text, currency = cells.get("value", ""), cells.get("currency", "").upper()
        for sign, code in _SIGNS.items():
            if sign in text.casefold():
                text, currency = (
                    re.sub(re.escape(sign), "", text, flags=re.IGNORECASE),
                    currency or code,
                )
        if found := re.fullmatch(r"([A-Z]{3})? ?(.*?) ?([A-Z]{3})?", text.strip()):
            text, currency = found[2], currency or found[1] or found[3] or ""
        named = squeezed_currency(self.layout.columns.get("value", ""))
        value = self._number("value", text, faults)
        return value, currency or named

    def _mass(self, cells: dict[str, str], faults: list[str]) -> float | None:
        text = cells.get("mass", "")
        found = re.fullmatch(r"(.*?) ?(kg|kgs|t|tonnes|g|lb|lbs)?\.?", text, re.IGNORECASE)
        unit = ((found[2] if found else "") or "kg").casefold()
        value = self._number("mass", found[1] if found else text, faults)
        factor = {"t": 1000.0, "tonnes": 1000.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237}
        return None if value is None else value * factor.get(unit, 1.0)

    def _number(self, what: str, text: str, faults: list[str]) -> float | None:
        """Return a number, None where it has two readings and the file does not decide."""
        text = text.strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            faults.append(f"{what} {shown(text)} is no number")
            return None
        bare = re.sub(r"[\s'’]", "", text)
        mark = _decimal(bare)
        if not mark and self.habits.comma != self.habits.dot:
            mark = "," if self.habits.comma else "."
        if not mark and re.search("[.,]", bare):
            faults.append(
                f"{what} {shown(text)} has two readings; set decimal under [format] in a mapping"
            )
            return None
        other = {".": ",", ",": ".", "": ","}[mark]
        try:
            found = float(bare.replace(other, "").replace(mark or ".", "."))
        except ValueError:
            faults.append(f"{what} {shown(text)} is no number")
            return None
        if found < 0:
            faults.append(f"{what} {shown(text)} is below zero")
            return None
        return found

    def _day(self, text: str, faults: list[str]) -> date | None:
        if not text:
            return None
        try:
            if found := _ISO.fullmatch(text):
                return date(*map(int, found.groups()))
            if found := _WRITTEN.fullmatch(text):
                first, second, year = map(int, found.groups())
                dotted = "." in text
                if first > 12 or (
                    second <= 12 and (dotted or first == second or self._is_day_first)
                ):
                    return date(year, second, first)
                if second > 12 or self._is_month_first:
                    return date(year, first, second)
                faults.append(f"date {shown(text)} has two readings; set day_first under [format]")
                return None
        except ValueError:
            pass
        faults.append(f"date {shown(text)} is no day, as 2024-03-15")
        return None

    @property
    def _is_day_first(self) -> bool:
        return self.habits.day_first and not self.habits.month_first

    @property
    def _is_month_first(self) -> bool:
        return self.habits.month_first and not self.habits.day_first


_NOTHING = {"-", "--", "n/a", "na", "none", "null", "nan", "unknown", "?", "."}


def _marks(text: str, habits: Habits) -> None:
    mark = _decimal(re.sub(r"[^0-9.,]", "", text))
    habits.dot |= mark == "."
    habits.comma |= mark == ","


def _decimal(bare: str) -> str:
    """Return the sign before the decimals where a number has one reading only, else ""."""
    dots, commas = bare.count("."), bare.count(",")
    if dots and commas:
        return max(".,", key=bare.rfind)
    if dots > 1:
        return ","
    if commas > 1:
        return "."
    if dots + commas == 1:
        sign = "." if dots else ","
        whole, _, rest = bare.partition(sign)
        return sign if len(rest) != 3 or len(whole.lstrip("-")) > 3 or whole in ("0", "") else ""
    return ""


def squeezed_currency(name: str) -> str:
    """Return the currency that a column's name ends or begins with, as in "Value (USD)"."""
    found = re.search(
        r"(?<![A-Z])(USD|EUR|GBP|TRY|CNY|JPY|CHF|KZT|RUB)(?![A-Z])", name.upper().replace("_", " ")
    )
    return found[1] if found else ""


def shown(text: str) -> str:
    """Return a cell as a sentence may quote it: short, and without signs that no one sees."""
    cut = visible(text if len(text) <= 60 else f"{text[:60]}...").replace("\n", " ")
    return repr(cut) if "\\" not in cut else f"'{cut}'"


def _parties(cells: dict[str, str], faults: list[str]) -> tuple[tuple[str, Party], ...]:
    found = []
    for role in ROLES:
        name = cells.get(role, "")
        numbers = identifiers(cells.get(f"{role}_id", ""))
        if name or numbers:
            if name and not words(name):
                faults.append(f"{role} {shown(name)} has no letters")
            country = _country(f"{role}_country", cells, faults)
            found.append((role, Party(name, country, numbers)))
    return tuple(found)


def _country(key: str, cells: dict[str, str], faults: list[str]) -> str:
    text = cells.get(key, "")
    code, why = place(text)
    if why:
        faults.append(f"{key.replace('_', ' ')} {shown(text)} {why}")
    return code


@lru_cache(1 << 12)
def place(text: str) -> tuple[str, str]:
    """Return the country that a cell names and, where it names none, why."""
    if not text:
        return "", ""
    try:
        found = terms.members(text)
    except EntrepotError:
        return "", "is no country that is known"
    if len(found) != 1 or len(found[0]) != 3 or not found[0].isalpha():
        return "", "is no single country"
    return found[0], ""


def _code(text: str, faults: list[str]) -> str:
    text = text.strip().strip("'").removeprefix('="').removesuffix('"')
    if not text:
        return ""
    try:
        return digits(re.sub("[-/]", "", text))
    except UnknownCodeError as error:
        faults.append(f"code {visible(str(error))}"[:200])
        return ""


def _revision(text: str, faults: list[str]) -> str:
    if not text:
        return ""
    if found := _REVISION.fullmatch(text.upper()):
        return f"HS{found[1]}"
    faults.append(f"revision {shown(text)} is none, as HS2017")
    return ""


def key_of(name: str) -> str:
    """Return what two ways of writing a company's name share, for its history in a file."""
    return " ".join(sorted(map(fold, words(name))))
