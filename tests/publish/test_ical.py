"""iCalendar against a strict reader of RFC 5545, written from its grammar."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from entrepot.publish.ical import CalendarEvent, ical
from entrepot.publish.mark import Mark
from support.icalendar import parsed

REAL = Mark("", "An office, published 2023-01-01", "2023-01-01", "CC BY; 4.0")
INVENTED = Mark("SYNTHETIC: an invented world", "none", "2023-01-01", "none")


def event(title="May, 2023; due", text="Because.", uid="urn:uuid:1"):
    return CalendarEvent(uid, date(2023, 7, 31), title, text, date(2023, 6, 1), "due")


def test_a_day_reads_back_as_it_was_written():
    own, (found,) = parsed(ical("Releases", [event()], REAL))
    assert own["NAME"][1] == "Releases"
    assert found["SUMMARY"][1] == "May, 2023; due"
    assert found["DESCRIPTION"][1] == f"Because.\n{REAL.line}"
    assert found["DTSTART"] == (["VALUE=DATE"], "20230731")
    assert found["DTEND"] == (["VALUE=DATE"], "20230801")
    assert found["DTSTAMP"][1] == "20230601T000000Z"


def test_an_invented_world_says_so_in_every_title():
    own, (found,) = parsed(ical("Releases", [event()], INVENTED))
    assert own["NAME"][1].startswith("SYNTHETIC: ")
    assert found["SUMMARY"][1].startswith("SYNTHETIC: ")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_any_text_survives_folding_and_escaping(title):
    _own, (found,) = parsed(ical("x", [event(title)], REAL))
    assert found["SUMMARY"][1] == title


def test_line_ends_and_control_letters_cannot_begin_a_property():
    text = "one\r\nEND:VEVENT\rtwo\x00\x07"
    _own, (found,) = parsed(ical("x", [event(text=text)], REAL))
    assert found["DESCRIPTION"][1].startswith("one\nEND:VEVENT\ntwo\n")
