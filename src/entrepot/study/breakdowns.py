"""Breakdowns: the tables of detail of a study, by country, code, year or month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.harmonise.products import links
from entrepot.months import periods
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.reads import PLACES
from entrepot.reference import countries
from entrepot.study.columns import (
    SHARE,
    VALUE,
    amount_of,
    down_by,
    head,
    measured,
    ran,
    refusal,
    told_of,
)
from entrepot.study.over_time import by_period, by_year, side_by_side
from entrepot.study.runs import measure_of
from entrepot.terms import ALL

if TYPE_CHECKING:
    from collections.abc import Collection

    from entrepot.schema import Column, TableSchema
    from entrepot.study.books import Books
    from entrepot.study.columns import Columns, Row
    from entrepot.study.question import BreakdownBlock
    from entrepot.study.runs import Run


def breakdown(asked: BreakdownBlock, books: Books) -> Breakdown:
    """Return one table of detail, the largest first, or in order of time.

    Raises:
        StudyError: Its measure gives several rows of one name, or has no amount to set side by
            side.
    """
    table = measured(asked).returns
    column = next(one for one in table.grain if one.name == asked.by)
    is_time = column.type == "date" or column.role == "year"
    if column.type == "date":
        rows, columns = by_period(asked, books)
    elif column.role == "year":
        rows, columns = by_year(asked, books, column)
    elif asked.series:
        rows, columns = _crossed(asked, books, column)
    else:
        rows, columns = _by_key(asked, books, column)
    note = asked.note
    if asked.top and len(rows) > asked.top and not is_time:
        rows, rest = rows[: asked.top], rows[asked.top :]
        note = " ".join(filter(None, [note, _others(rest)]))
    return Breakdown(asked.name, asked.title, tuple(columns), tuple(rows), note)


def _by_key(asked: BreakdownBlock, books: Books, by: Column) -> tuple[list[Row], Columns]:
    """Break down by one column: what is compared, or the values of one year or of several."""
    wanted, found = ran(asked, books, down_by(asked, by.name))
    values, columns, nothing = _keyed(asked, books, wanted.measure.returns, found)
    if asked.each:
        values = _complete(asked, books, wanted, values, nothing)
    if (VALUE in columns) and len(columns) == 1:
        total = sum(row["value_usd"] or 0.0 for row in values.values())
        for row in values.values():
            is_part = row["value_usd"] is not None and total > 0
            row["share"] = row["value_usd"] / total if is_part else None
        columns = [*columns, SHARE]
    rows = [{"label": _label(by, key, books), "code": key} | row for key, row in values.items()]
    if asked.each and by.role == "reporter":
        columns = [*columns, *_months(rows, books, wanted)]
    rows.sort(key=lambda row: (*_rank(row, columns), row["code"]))
    return rows, [("label", head(by.name), ""), *columns]


def _crossed(asked: BreakdownBlock, books: Books, by: Column) -> tuple[list[Row], Columns]:
    """Break down by one column, with a column of amounts for each series.

    Without `each`, null is also what was not recorded.
    """
    values: dict[str, Row] = {}
    unit = ""
    for name, own in asked.series.items():
        wanted, found = ran(asked, books, {**down_by(asked, by.name), **own})
        amount = side_by_side(asked, books, wanted)
        one = {row[by.name]: {name: row[amount.name]} for row in found if row[by.name] is not None}
        if asked.each:
            one = _complete(asked, books, wanted, one, {name: 0.0})
        for key, cell in one.items():
            values.setdefault(key, {}).update(cell)
        unit = amount.reads_as
    rows: list[Row] = [
        {"label": _label(by, key, books), "code": key} | {name: row.get(name)
                                                          for name in asked.series}
        for key, row in values.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (-sum(abs(row[n] or 0.0) for n in asked.series), row["code"]))
    return rows, [("label", head(by.name), ""), *((name, name, unit) for name in asked.series)]


def _keyed(
    asked: BreakdownBlock, books: Books, table: TableSchema, found: list[Row]
) -> tuple[dict[str, Row], Columns, Row]:
    """Return the rows by key, the columns, and what a row of nothing recorded holds."""
    year, amount = table.of_role("year"), amount_of(table)
    keyed = [row for row in found if row[asked.by] is not None]
    names = {(row[asked.by], row[year.name] if year and amount else None) for row in keyed}
    if len(names) < len(keyed) or (found and not keyed):
        raise refusal(
            asked, books, f"{measure_of(asked)} gives {len(found)} rows under {len(names)} names; "
            f"give it parameters under which a row is one {asked.by}",
        )  # fmt: skip
    if year and amount:
        values, columns = _pivoted(keyed, asked.by, year.name, amount)
        return values, columns, {name: 0.0 for name, _, _ in columns}
    told = told_of(table)
    values = {row[asked.by]: {key: row[column.name] for key, (column, _) in told.items()}
              for row in keyed}  # fmt: skip
    columns = [(key, name, column.reads_as) for key, (column, name) in told.items()]
    # Nothing was recorded: sums are zero, and what is divided by them is not known.
    return values, columns, {key: 0.0 if one.adds_up else None for key, (one, _) in told.items()}


def _pivoted(found: list[Row], by: str, of: str, amount: Column) -> tuple[dict[str, Row], Columns]:
    """Return the amounts of rows by key: one value, or one column per year."""
    years = sorted({row[of] for row in found})
    names = {year: "value_usd" if len(years) < 2 else f"usd_{year}" for year in years}
    values: dict[str, Row] = {}
    for row in found:
        values.setdefault(row[by], {})[names[row[of]]] = row[amount.name]
    if len(years) < 2:
        return values, [(*VALUE[:2], amount.reads_as)]
    return values, [(names[year], f"{year}", amount.reads_as) for year in years]


def _complete(
    asked: BreakdownBlock, books: Books, wanted: Run, values: dict[str, Row], nothing: Row
) -> dict[str, Row]:
    """Add a row for whoever was asked for and has none, and empty those that are not known."""
    named, unknown = _asked_for(asked, books, wanted)
    filled = values | {key: dict(nothing) for key in named if key not in values}
    return {key: dict.fromkeys(nothing) if key in unknown else row for key, row in filled.items()}


def _asked_for(
    asked: BreakdownBlock, books: Books, wanted: Run
) -> tuple[Collection[str], Collection[str]]:
    """Return what a run names of a column, and what of it is not known at all."""
    known, compared = books.known(wanted), books.compared(wanted)
    role = next(one.role for one in wanted.measure.returns.grain if one.name == asked.by)
    if role == "product":
        names = {name for _hs, _code, name in links(books.goods, books.basket)}
        return names, names if not compared else names - {*known.names}
    if role == "reporter":
        names = books.named(wanted, "Reporters")
        unknown = names - {who for _flow, who, _day in compared}
    elif role == "partner":
        names = books.named(wanted, "Partners")
        unknown = names if not compared else {who for _f, _r, gone in known.dropped for who in gone}
    else:
        raise refusal(
            asked, books, f"each = true needs a column of reporters, partners or products; "
            f"{asked.by} of {measure_of(asked)} is none; leave it out",
        )  # fmt: skip
    everyone = any(ALL in wanted.params[key] for key in _places(wanted, role))
    return (() if everyone else names), unknown


def _places(wanted: Run, role: str) -> tuple[str, ...]:
    """Return the parameters that name the reporters, or the partners, of a run."""
    own = wanted.measure.of_kind("Reporters" if role == "reporter" else "Partners")
    return own or (wanted.measure.of_kind(*PLACES) if role == "partner" else ())


def _months(rows: list[Row], books: Books, wanted: Run) -> Columns:
    """Add how many months of each reporter count, unless all of everybody's do."""
    read = next((read for read in books.reads(wanted) if read.now and not read.optional), None)
    if read is None:
        return []
    days = periods(*read.now[0], read.freq)
    compared = {(who, day) for _flow, who, day in books.compared(wanted)}
    for row in rows:
        row["months"] = sum((row["code"], day) in compared for day in days)
    if all(row["months"] == len(days) for row in rows):
        for row in rows:
            del row["months"]
        return []
    unit = "Years" if read.freq == "A" else "Months"
    return [("months", f"{unit} of {len(days)}", "count")]


def _rank(row: Row, columns: Columns) -> tuple[bool, float]:
    """Order by the size of the change, or by the value; what is not known comes last."""
    keys = [key for key in row if key.startswith("usd_")] or [
        key for key, _, unit in columns if unit and isinstance(row[key], int | float)
    ][:1]
    value = row.get("change_usd", row.get("value_usd", row[keys[-1]] if keys else None))
    return value is None, -abs(value or 0.0)


def _others(rest: list[Row]) -> str:
    known = [row["value_usd"] for row in rest if row.get("value_usd") is not None]
    together = f", together {words.usd(sum(known))}" if known else ""
    return f"And {words.count(len(rest), 'other')}{together}."


def _label(by: Column, key: Any, books: Books) -> str:
    if by.role == "product":
        texts = {good.code: good.description for good in books.goods.goods}
        return f"{key} {texts.get(key) or texts.get(key.split('+')[0], '')}".strip()
    is_place = by.role in ("reporter", "partner") or key in countries.table()
    return countries.name(key) if is_place else f"{key}"
