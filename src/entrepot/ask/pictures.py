"""Pictures: the charts of a question, one for each view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot import terms
from entrepot.ask import phrases
from entrepot.months import same_months
from entrepot.reference import groups, places
from entrepot.study.question import BreakdownBlock, PictureBlock

if TYPE_CHECKING:
    from entrepot.ask.phrases import Said
    from entrepot.ask.question import Asked

LINES = 6
"""Countries that one chart of months can show."""
DRAWN = 15
"""Rows of a table that one chart can show."""
SHADED = "Shaded: the months compared. "
BAND = (
    "Imports are valued with freight: a line of the importer inside the band needs no other reason."
)
GAP = "A gap is a month that was not published."


def _members(asked: Asked) -> list[str]:
    """Return the countries that the table is by; none where it is by everyone or by code."""
    names = {"partner": asked.partners, "reporter": asked.reporters}.get(asked.view, ())
    if terms.ALL in names:
        return []
    return [code for name in names for code in groups.members(name)]


def has_lines(asked: Asked) -> bool:
    """Whether the countries of a table are few enough for one chart of months."""
    is_long = asked.length > 2 or bool(asked.base)
    return asked.freq == "M" and is_long and 1 <= len(_members(asked)) <= LINES


def lines(asked: Asked) -> dict[str, dict[str, Any]]:
    """Return a series per country of the table."""
    return {phrases.name(code): {f"{asked.view}s": [code]} for code in _members(asked)}


def begin(asked: Asked) -> str:
    """Return the first month that is compared, or asked about."""
    spans = same_months((asked.first, asked.last), [*asked.base])
    return min([asked.first, *(first for first, _last in spans)])


def pictures(
    asked: Asked, said: Said, tables: tuple[BreakdownBlock, ...]
) -> tuple[PictureBlock, ...]:
    """Return the charts of a question, the one that says most first."""
    of = {table.name for table in tables}
    found = []
    if asked.view == "month" and asked.base and asked.freq == "M":
        found.append(_over_time(asked, said))
    elif "months" in of:
        found.append(_by_period(asked, said, tables[-1]))
    if "years" in of and asked.freq == "A":
        found.append(_bars(said, tables[0], DRAWN))
    if "rows" not in of:
        return tuple(found)
    several = len(tables[0].params.get("years", ())) > 1
    if asked.base:
        found.append(_change(asked, said, tables[0]))
    else:
        found.append(_bars(said, tables[0], DRAWN // 3 if several else DRAWN))
    if not several and _is_star(asked):
        found.append(_map(said, tables[0]))
    return tuple(found)


def _shading(asked: Asked) -> dict[str, Any]:
    if not asked.base or phrases.is_years(asked):
        return {}  # shaded from end to end, nothing would stand out
    window = (asked.first, asked.last)
    return {"windows": [[*span] for span in (*same_months(window, [*asked.base]), window)]}


def _shaded(asked: Asked) -> str:
    return SHADED if _shading(asked) else ""


def _over_time(asked: Asked, said: Said) -> PictureBlock:
    """Return the months from the first that is compared to the last, as one line."""
    trade = phrases.begun(said.trade)
    return PictureBlock(
        *("monthly", f"{trade}, month by month", f"Dollars a month. {_shaded(asked)}{GAP}"),
        f"Line chart of monthly {said.trade}.",
        series={phrases.begun(f"{said.flows} {said.side} {said.whom}"): [*asked.partners]},
        params={"first": begin(asked)},
        options=_shading(asked),
    )


def _by_period(asked: Asked, said: Said, table: BreakdownBlock) -> PictureBlock:
    is_short = asked.freq == "A" or asked.length < 3
    if is_short and not has_lines(asked):
        return _bars(said, table, 0)
    if asked.view == "mirror" and asked.freq == "M":
        return PictureBlock(
            *("mirror", table.title, f"{BAND} {GAP}", f"Two lines: {table.title}."), of=table.name,
            options={"exporter": phrases.begun(said.who), "importer": phrases.begun(said.whom)},
        )  # fmt: skip
    reading = f"Dollars a month, as recorded. {_shaded(asked)}{GAP}"
    return PictureBlock(
        *("monthly", table.title, reading, f"Line chart of {table.title}."),
        of=table.name, options=_shading(asked),
    )  # fmt: skip


def _is_star(asked: Asked) -> bool:
    """Whether the rows of a table are countries that all trade with one."""
    other = {"partner": asked.reporters, "reporter": asked.partners}.get(asked.view, ())
    return len(other) == 1 and other[0] in places.table()


def _map(said: Said, table: BreakdownBlock) -> PictureBlock:
    reading = f"The wider an arc, the more was recorded in {said.window}."
    return PictureBlock(
        *("corridor_map", f"{table.title}, on a map", reading, f"A map of {table.title}."),
        of=table.name, options={"heads": [phrases.begun(said.trade), ""]},
    )  # fmt: skip


def _bars(said: Said, table: BreakdownBlock, top: int) -> PictureBlock:
    reading = f"Dollars recorded in {said.window}."
    return PictureBlock(
        "bars", table.title, reading, f"Bars of {table.title}.", of=table.name, top=top
    )


def _change(asked: Asked, said: Said, table: BreakdownBlock) -> PictureBlock:
    before, after = phrases.begun(phrases.base(asked)), said.window
    return PictureBlock(
        *("change", table.title, f"From {phrases.base(asked)} to {after}, the largest rise first."),
        f"Change of {table.title}.",
        of=table.name, top=DRAWN, options={"before": before, "after": after},
    )  # fmt: skip
