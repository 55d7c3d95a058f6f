"""Releases: when each month of each reporter came out, and by when the next ones usually do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from entrepot.store import small
from entrepot.store.paths import parquet
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from entrepot.store.small import Columns
    from entrepot.store.vintages import Vintage

FEW = 3
"""Releases from which on a reporter's usual delay is told."""
QUARTER = 3
"""Months that one release of monthly statistics may bring; with more the store caught up, and its
day says nothing of the delay."""
SILENT = 365
"""Days after the end of a month from which on a reporter that gave nothing is called silent."""
AHEAD = 3
"""Months after the one in which a source was last heard of that are listed as due."""

State = Literal["published", "due", "late", "silent", "not known"]
STATES: tuple[State, ...] = ("published", "due", "late", "silent", "not known")
MEANINGS = {
    "published": "held, since the day of the first vintage with it",
    "due": "not held, and not later than this reporter ever was",
    "late": "not held, and later than this reporter ever was",
    "silent": f"not held {SILENT} days after the month ended",
    "not known": f"not held, and fewer than {FEW} releases say when to expect it",
}


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """One month of one reporter of one source.

    `state` is one of `MEANINGS`, judged on `heard`, the day of the source's newest vintage: what
    came out since is not known here. `published` is the day of the first vintage with the month,
    of any flow, and `vintage` its id. `due` is the day after which the month usually is out,
    `latest` the one after which it would be later than ever; both are None where fewer than `FEW`
    releases are held. `delay` counts the days from the end of the month to `published`; it is None
    where that day is the store's and not the publisher's. `releases` and `usual` are the
    reporter's: how many releases tell its delay, and the median of their months' delays in days.
    """

    source: str
    reporter: str
    month: str
    state: State
    published: date | None
    vintage: str | None
    due: date | None
    latest: date | None
    delay: int | None
    releases: int
    usual: int | None
    heard: date


def calendar(
    con: DuckDBPyConnection,
    vintages: Sequence[Vintage],
    *,
    as_of: date | None = None,
    ahead: int = AHEAD,
) -> list[CalendarMonth]:
    """Return every month of every reporter, from the first one held to some after the last news.

    A release is a day on which vintages brought months newer than any held of that reporter
    before. The first one tells no delay, since it may be of any age; nor does one whose day is that
    of its arrival, or that brings more than `QUARTER` months. The usual delay is the median over
    the months that the others brought. Figures by year have no calendar.

    Args:
        con: A connection.
        vintages: Those of the store, oldest first.
        as_of: Only what was known on this day; None is everything.
        ahead: Months listed after the one in which the source was last heard of.

    Returns:
        One record per month, by source, reporter and month; none where nothing is held by month.
    """
    known = [one for one in vintages if as_of is None or one.published <= as_of]
    if not known:
        return []
    _released(con, known)
    rows = con.execute(_months(int(ahead))).to_arrow_table().to_pylist()
    return [CalendarMonth(**row) for row in rows]


def counts(months: Sequence[CalendarMonth]) -> list[dict[str, Any]]:
    """Return one row per source and reporter: months by state, the usual delay, the next one due.

    `next` is the first month after the newest that is due or late, and `due` its day; they and
    `late` are None where the delay is not known. `unheld` counts months that are not held.
    """
    found: dict[tuple[str, str], list[CalendarMonth]] = {}
    for one in months:
        found.setdefault((one.source, one.reporter), []).append(one)
    return [_counted(rows) for rows in found.values()]


def _counted(rows: list[CalendarMonth]) -> dict[str, Any]:
    first = rows[0]
    held = [one for one in rows if one.state == "published"]
    after = [one for one in rows if one.state in ("due", "late") and one.month > held[-1].month]
    return {
        "source": first.source,
        "reporter": first.reporter,
        "newest": held[-1].month,
        "published": held[-1].published,
        "usual": first.usual,
        "releases": first.releases,
        "next": after[0].month if after else None,
        "due": after[0].due if after else None,
        "unheld": sum(one.published is None and one.state != "due" for one in rows),
        "late": None if first.usual is None else sum(one.state == "late" for one in rows),
        "silent": sum(one.state == "silent" for one in rows),
        "heard": first.heard,
    }


def _released(con: DuckDBPyConnection, known: Sequence[Vintage]) -> None:
    """Make `firsts`: per source, reporter and month the first vintage with it, and its delay."""
    days: Columns = {
        "vintage": ("varchar", [one.id for one in known]),
        "publication": ("varchar", [one.source for one in known]),
        "day": ("date", [one.published for one in known]),
        "is_dated": ("boolean", [one.dated for one in known]),
        "rank": ("bigint", range(len(known))),
    }
    small.table(con, "entrepot_days", days)
    read = parquet([one.folder / SLICES for one in known], by_name=True)
    con.execute(f"""create or replace temp table firsts as
        with held as (
            select source, reporter, period, min(rank) as rank
            from {read} join entrepot_days using (vintage) where freq = 'M' group by all),
        newer as (
            select *, coalesce(max(period) over (partition by source, reporter order by day
                range between unbounded preceding and interval 1 day preceding), date '0001-01-01')
                as newest_before,
                day = min(day) over (partition by source, reporter) as is_first
            from held join entrepot_days using (rank)),
        sized as (
            select *, count(*) filter (period > newest_before)
                over (partition by source, reporter, day) as brought,
                datediff('day', last_day(period), day) as days
            from newer)
        select source, reporter, period, vintage, day, if(is_dated, days, null) as days,
            is_dated and not is_first and period > newest_before and brought <= {QUARTER} as tells
        from sized""")


def _months(ahead: int) -> str:
    """Return the query of every month, held or not."""
    return f"""
        with heard as (
            select publication as source, max(day) as heard from entrepot_days group by all),
        usual as (
            select source, reporter, min(period) as first_month,
                count(distinct day) filter (tells) as releases,
                if(count(distinct day) filter (tells) >= {FEW},
                    quantile_disc(days, 0.5) filter (tells), null)::integer as usual,
                if(count(distinct day) filter (tells) >= {FEW},
                    max(days) filter (tells), null)::integer as longest,
                max(period) as last_month
            from firsts group by all),
        spans as (
            select source, reporter, unnest(generate_series(first_month,
                greatest(last_month, date_trunc('month', heard)::date + to_months({ahead})),
                interval 1 month))::date as period, releases, usual, longest, heard
            from usual join heard using (source)),
        told as (
            select s.*, f.day as published, f.vintage,
                last_day(period) + usual as due, last_day(period) + longest as latest,
                if(f.tells, f.days, null)::integer as delay
            from spans s left join firsts f using (source, reporter, period))
        select source, reporter, strftime(period, '%Y-%m') as month,
            case when published is not null then 'published'
                when heard >= last_day(period) + {SILENT} then 'silent'
                when usual is null then 'not known'
                when heard > latest then 'late' else 'due' end as state,
            published, vintage, due::date as due, latest::date as latest, delay, releases, usual,
            heard
        from told
        where published is not null or usual is not null or last_day(period) <= heard
        order by source, reporter, month"""
