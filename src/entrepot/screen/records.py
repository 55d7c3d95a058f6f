"""Records: a shipment as it was read, and a verdict with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date

    from entrepot.screen.match._types import Party

Word = Literal["stop", "ask", "cannot say", "pass"]
VERDICTS: tuple[Word, ...] = ("stop", "ask", "cannot say", "pass")
"""From what is looked at first to what is looked at last."""
ROLES = ("exporter", "importer", "consignee", "bank")
NOTICE = (
    "A verdict shows where to look and why. It is no licence decision, accuses nobody and replaces "
    "no counsel: a like name is not the same person, and statistics name no company."
)


@dataclass(frozen=True, slots=True)
class Shipment:
    """One row of a file.

    `row` counts the rows below the header from 1, `case` is the hash of its cells. Countries are
    ISO alpha-3 codes, `code` digits, `mass_kg` net. What is empty or None stands not in the row;
    what stands there and cannot be read is named in `faults`. A `fault` says why nothing of the
    row could be read.
    """

    row: int
    case: str
    ref: str = ""
    parties: tuple[tuple[str, Party], ...] = ()
    origin: str = ""
    departure: str = ""
    destination: str = ""
    code: str = ""
    revision: str = ""
    description: str = ""
    value: float | None = None
    currency: str = ""
    mass_kg: float | None = None
    day: date | None = None
    faults: tuple[str, ...] = ()
    fault: str = ""

    @property
    def sender(self) -> str:
        """The country that the goods leave: of departure, else of the exporter, else of origin."""
        exporter = next((p.country for role, p in self.parties if role == "exporter"), "")
        return self.departure or exporter or self.origin

    def party(self, role: str) -> str:
        """Return the name in a role, "" where none stands in the row."""
        return next((party.name for held, party in self.parties if held == role), "")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is.

    `kind` is what was looked at (row, goods, route, price, pattern, party), `word` what it alone
    would make of the row, `points` how much it adds to the rank, `says` the sentence with its
    figure, and `behind` where that is from: list, entry, vintage, rows.
    """

    kind: str
    word: Word
    points: int
    says: str
    behind: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What is said of one row; `rank` is from 0 to 100 and depends on this row alone."""

    shipment: Shipment
    word: Word
    rank: int
    reasons: tuple[Reason, ...]


def judged(shipment: Shipment, reasons: list[Reason]) -> RowVerdict:
    """Return the verdict that reasons make: the first of `VERDICTS` that one of them has.

    The rank is 100 less the product over reasons of (1 - points / 100), so that each adds and none
    takes away: 60 and 50 make 80.
    """
    order = sorted(reasons, key=lambda r: (VERDICTS.index(r.word), -r.points, r.kind, r.says))
    word = order[0].word if order else "cannot say"
    left = 1.0
    for reason in order:
        left *= 1 - reason.points / 100
    return RowVerdict(shipment, word, round(100 * (1 - left)), tuple(order))
