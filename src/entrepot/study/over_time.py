"""Over time: the tables of a study by month, by year, and by the same months of several years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.months import month
from entrepot.publish import words
from entrepot.study.columns import VALUE, amount_of, down_by, ran, refusal
from entrepot.study.runs import measure_of

if TYPE_CHECKING:
    from entrepot.schema import Column
    from entrepot.study.books import Books
    from entrepot.study.columns import Columns, Row
    from entrepot.study.question import BreakdownBlock
    from entrepot.study.runs import Run


def by_year(asked: BreakdownBlock, books: Books, by: Column) -> tuple[list[Row], Columns]:
    """Give the same months of each year."""
    wanted, found = ran(asked, books, down_by(asked))
    amount = side_by_side(asked, books, wanted)
    _refuse_several(asked, books, found)
    found_in = {row[by.name]: row[amount.name] for row in found}
    ends, years = wanted.measure.of_kind("Month"), wanted.measure.first("Years")
    rows: list[Row] = []
    for year in sorted({*(wanted.params[years] if years else found_in)}):
        label = f"{year}"
        if years and len(ends) == 2:
            first, last = (month(wanted.params[end]) for end in ends)
            moved = first.replace(year=year), last.replace(year=year + last.year - first.year)
            label = words.months(*moved)
        rows.append({"label": label, "code": f"{year}", VALUE[0]: found_in.get(year)})
    return rows, [("label", "Months", ""), (*VALUE[:2], amount.reads_as)]


def side_by_side(asked: BreakdownBlock, books: Books, wanted: Run) -> Column:
    """Return the column that a table over time shows.

    Raises:
        StudyError: There is none, or which of several is not said.
    """
    if amount := amount_of(wanted.measure.returns):
        return amount
    raise refusal(
        asked, books, f"{measure_of(asked)} has no one column of dollars, and none with the role "
        "of a value, to show over time; break it down by something else",
    )  # fmt: skip


def _refuse_several(asked: BreakdownBlock, books: Books, found: list[Row]) -> None:
    names = {row[asked.by] for row in found} - {None}
    if len(names) < len(found):
        raise refusal(
            asked, books, f"{measure_of(asked)} gives {len(found)} rows of {len(names)} times; "
            f"give it parameters under which a row is one {asked.by}",
        )  # fmt: skip


def by_period(asked: BreakdownBlock, books: Books) -> tuple[list[Row], Columns]:
    """Give a row per month or year, with a column per series."""
    rows: dict[Any, Row] = {}
    series = asked.series or {"": {}}
    freq, who = "M", 0
    for name, own in series.items():
        wanted, found = ran(asked, books, {**down_by(asked, asked.by), **own})
        amount = side_by_side(asked, books, wanted)
        present = wanted.measure.returns.of_role("reporters")
        freq = next((read.freq for read in books.reads(wanted)), "M")
        who = len(books.named(wanted, "Reporters"))
        _refuse_several(asked, books, found)
        for row in found:
            day = row[asked.by]
            told = rows.setdefault(day, {"label": _spoken(day, freq), "code": _coded(day, freq)})
            told[name or VALUE[0]] = row[amount.name]
            told["reporters"] = row[present.name] if present else who
    unit = amount.reads_as
    columns = [(name, name, unit) if name else (*VALUE[:2], unit) for name in series]
    heads: Columns = [("label", "Year" if freq == "A" else "Month", ""), *columns]
    shown = [rows[day] for day in sorted(rows)]
    if len(series) > 1 or all(row["reporters"] in (0, who) for row in shown):
        for row in shown:
            del row["reporters"]
    else:
        heads.append(("reporters", f"Reporters of {who}", "count"))
    return shown, heads


def _spoken(day: Any, freq: str) -> str:
    return f"{day:%Y}" if freq == "A" else words.months(day, day)


def _coded(day: Any, freq: str) -> str:
    return f"{day:%Y}" if freq == "A" else f"{day:%Y-%m}"
