"""Ical: days as an iCalendar file (RFC 5545), the same bytes for the same days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from entrepot.publish.mark import Mark

WIDTH = 75
"""Octets of a line, without its end."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One whole day: `uid` never changes for the same thing, `stamped` is when it was said."""

    uid: str
    day: date
    title: str
    text: str
    stamped: date
    category: str = ""


def ical(title: str, events: Iterable[CalendarEvent], mark: Mark) -> str:
    """Return a calendar of whole days, each with the mark below its text.

    Lines end with CRLF and are folded at 75 octets, never within a letter.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//entrepot//release calendar//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_escaped(_marked(title, mark))}",
        f"X-WR-CALNAME:{_escaped(_marked(title, mark))}",
        *(line for event in events for line in _event(event, mark)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(event: CalendarEvent, mark: Mark) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{event.stamped:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(_marked(event.title, mark))}"
    told = f"{event.text}\n{mark.line}"
    yield f"DESCRIPTION:{_escaped(told)}"
    if event.category:
        yield f"CATEGORIES:{_escaped(event.category)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _marked(title: str, mark: Mark) -> str:
    return f"SYNTHETIC: {title}" if mark.notice else title


def _escaped(text: str) -> str:
    for plain in ("\\", ";", ","):
        text = text.replace(plain, f"\\{plain}")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\\n".join("".join(c for c in line if c >= " " and c != "\x7f") for line in lines)


def _folded(line: str) -> str:
    """Break a line of more than 75 octets: what goes on begins with a blank."""
    pieces, used, width = [""], 0, WIDTH
    for letter in line:
        size = len(letter.encode())
        if used + size > width:
            pieces.append("")
            used, width = 0, WIDTH - 1
        pieces[-1] += letter
        used += size
    return "\r\n ".join(pieces)
