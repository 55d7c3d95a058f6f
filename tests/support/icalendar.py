"""A strict reader of RFC 5545, written from its grammar."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Z0-9-]+")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ONCE = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION")


def parsed(text):
    """Return the calendar's own properties and those of each event; anything odd fails."""
    assert text.endswith("\r\n")
    raw = text[:-2].split("\r\n")
    assert not any("\n" in line or "\r" in line for line in raw)
    assert all(len(line.encode()) <= 75 for line in raw)
    lines = re.sub("\r\n[ \t]", "", text[:-2]).split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    own, events, inside = {}, [], None
    for line in lines[1:-1]:
        head, _colon, value = line.partition(":")
        name, *params = head.split(";")
        assert NAME.fullmatch(name), line
        assert all(c >= " " for c in value)
        if line == "BEGIN:VEVENT":
            assert inside is None
            inside = {}
        elif line == "END:VEVENT":
            assert all(one in inside for one in ONCE)
            events.append(inside)
            inside = None
        else:
            target = own if inside is None else inside
            assert name not in target, f"{name} twice"
            is_text = name in ("SUMMARY", "DESCRIPTION", "UID", "NAME", "CATEGORIES")
            target[name] = (params, unescaped(value) if is_text else value)
    assert inside is None
    assert {"VERSION", "PRODID"} <= {*own}
    return own, events


def unescaped(value):
    bare = ESCAPED.sub("", value)
    assert not re.search(r"[,;\\]", bare), f"unescaped: {value}"
    assert {found[1] for found in ESCAPED.finditer(value)} <= {*"\\;,n"}
    return ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], value)
