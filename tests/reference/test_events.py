"""Events: checked by hand and against the collected timeline."""

from __future__ import annotations

import csv
from datetime import date

from entrepot.reference import events


def test_events_are_dated_and_in_order():
    dates = [event.date for event in events.table()]
    assert dates == sorted(dates)
    assert date(2022, 2, 24) in dates
    assert all(event.what and event.source for event in events.table())


def test_breaks_can_be_asked_for_alone():
    breaks = events.table(breaks_only=True)
    assert len(breaks) == 19
    assert all(event.is_break for event in breaks)
    assert date(2023, 10, 19) not in [event.date for event in breaks]


def test_both_ends_of_a_period_are_inside():
    found = events.table(since=date(2023, 2, 25), until=date(2023, 3, 1))
    assert [(event.date.isoformat(), event.actor) for event in found] == [
        ("2023-02-25", "EU"),
        ("2023-03-01", "TR"),
    ]


def test_the_kazakh_ban_that_was_denied_is_no_ban():
    (event,) = events.table(since=date(2023, 10, 19), until=date(2023, 10, 19))
    assert (event.kind, event.is_break) == ("claim", False)


def test_events_equal_the_collected_timeline(shared_domain):
    with (shared_domain / "events.csv").open(encoding="utf-8", newline="") as file:
        collected = list(csv.DictReader(file))
    expected = sorted(
        (row["date"], row["confidence"], row["use_as_break_marker"] == "1") for row in collected
    )
    ours = sorted((e.date.isoformat(), e.confidence, e.is_break) for e in events.table())
    assert ours == expected
