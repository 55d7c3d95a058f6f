"""Calendar: what came out and what is due, as days of an iCalendar file."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from entrepot.publish import words
from entrepot.publish.feeds import urn
from entrepot.publish.ical import CalendarEvent, ical
from entrepot.reference import countries
from entrepot.store.releases import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from entrepot.publish.mark import Mark
    from entrepot.store.releases import CalendarMonth

TITLE = "Releases of trade statistics"
RECENT = 730
"""Days before the last news of a source whose publications are in the file."""


def calendar_file(months: Sequence[CalendarMonth], mark: Mark) -> str:
    """Return one event per month that is due or late, and per day of publication of two years.

    Args:
        months: See `store.releases.calendar`; at least one that is held, since an iCalendar file
            without an event is none.
        mark: Stands below the text of each.
    """
    return ical(TITLE, [*_published(months), *_due(months)], mark)


def _due(months: Sequence[CalendarMonth]) -> Iterator[CalendarEvent]:
    for one in months:
        if one.state not in ("due", "late") or one.due is None:
            continue
        who = f"{countries.name(one.reporter)} ({one.source})"
        yield CalendarEvent(
            uid=urn("release", one.source, one.reporter, one.month),
            day=one.due,
            title=f"{one.month} of {who}: {one.state}",
            text=(
                f"Usually out {one.usual} days after the month, by {one.releases} releases; at the "
                f"latest so far on {one.latest}. {one.state.capitalize()}: {MEANINGS[one.state]}; "
                f"{one.source} was last heard of on {one.heard}."
            ),
            stamped=one.heard,
            category=one.state,
        )


def _published(months: Sequence[CalendarMonth]) -> Iterator[CalendarEvent]:
    held = [one for one in months
            if one.published and (one.heard - one.published).days <= RECENT]  # fmt: skip
    held.sort(key=lambda one: (one.source, one.reporter, str(one.published), one.month))
    for (source, reporter, day), group in groupby(
        held, lambda one: (one.source, one.reporter, one.published)
    ):
        found = [*group]
        assert day is not None
        span = found[0].month if len(found) == 1 else f"{found[0].month} to {found[-1].month}"
        yield CalendarEvent(
            uid=urn("published", source, reporter, f"{day}"),
            day=day,
            title=f"{span} of {countries.name(reporter)} ({source}): published",
            text=f"{words.count(len(found), 'month')} held for the first time: {found[0].vintage}.",
            stamped=found[0].heard,
            category="published",
        )
