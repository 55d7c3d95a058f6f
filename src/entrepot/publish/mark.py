"""Mark: what stands in every file and picture that leaves: invented or not, whose, known when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import pyarrow as pa

SYNTHETIC = "SYNTHETIC: an invented world"
"""What every file and picture of an invented world says of itself."""
INVENTED = "none of a publisher's: the figures are invented"


class Published(Protocol):
    """What a mark takes from a vintage, or from a brief's record of one."""

    @property
    def publisher(self) -> str:
        """Who published it."""

    @property
    def published(self) -> date | str:
        """When, as a day."""

    @property
    def licence(self) -> str:
        """On which terms."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where figures come from, in four words that fit a column, a field or a line of a drawing.

    `notice` is `SYNTHETIC`, or empty where the figures were published; `publisher` names who
    published them and when, `as_of` is the day as known on which they stand, `licence` their terms.
    """

    notice: str
    publisher: str
    as_of: str
    licence: str

    def to_dict(self) -> dict[str, str]:
        """Return the mark as the field of a JSON file, or the columns of a row."""
        return asdict(self)

    @property
    def line(self) -> str:
        """The mark in one line, for drawings and below tables."""
        told = [
            self.notice,
            f"Source: {self.publisher or 'no vintage'}",
            f"as known on {self.as_of}" if self.as_of else "",
            f"licence: {self.licence}" if self.licence else "",
        ]
        return f"{'. '.join(filter(None, (told[0], '; '.join(filter(None, told[1:])))))}."

    def on(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return rows with the mark in columns of its own."""
        return [{**row, **self.to_dict()} for row in rows]

    def on_table(self, rows: pa.Table) -> pa.Table:
        """Return an Arrow table with the mark in columns of its own; one that is there stays."""
        import pyarrow as pa

        for name, text in self.to_dict().items():
            if name not in rows.column_names:
                rows = rows.append_column(name, pa.repeat(pa.scalar(text, pa.string()), len(rows)))
        return rows


COLUMNS = tuple(Mark("", "", "", "").to_dict())
"""The columns that a mark adds to a table."""


def mark_of(
    vintages: Sequence[Published], *, synthetic: bool, as_of: date | str | None = None
) -> Mark:
    """Return the mark of what is made from some vintages.

    Args:
        vintages: Those with rows in it.
        synthetic: Whether any of it is invented.
        as_of: The day as known on which it was made; None means that of the last publication.
    """
    days: dict[str, set[str]] = {}
    for one in vintages:
        days.setdefault(one.publisher, set()).add(str(one.published))
    last = max((str(one.published) for one in vintages), default="")
    told = "; ".join(f"{who}, published {_days(found)}" for who, found in days.items())
    licences = dict.fromkeys(one.licence for one in vintages if one.licence)
    return Mark(
        notice=SYNTHETIC if synthetic else "",
        publisher=f"invented, in the format of {told}" if synthetic and told else told,
        as_of=str(as_of or last),
        licence=INVENTED if synthetic else "; ".join(licences),
    )


def _days(found: set[str]) -> str:
    """Name one day or two, and of more the first and the last."""
    named = sorted(found)
    return " and ".join(named) if len(named) < 3 else f"{named[0]} to {named[-1]}"
