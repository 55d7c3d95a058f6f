"""Breakdowns: the tables of detail of a study, by country, code, year or month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.harmonise.products import links
from entrepot.months import month, periods
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.reference import countries
from entrepot.study.runs import measure_of, run
from entrepot.terms import ALL
from entrepot.workspace import measures, part

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from entrepot.study.books import Books
    from entrepot.study.question import BreakdownAsked
    from entrepot.study.runs import Run

Row = dict[str, Any]
Columns = list[tuple[str, str, str]]

HEADS = {"partner": "Partner", "reporter": "Reporter", "product": "Product"}
GROWTH: Columns = [
    ("base_usd", "Before", "USD"),
    ("value_usd", "After", "USD"),
    ("change_usd", "Change", "USD"),
    ("ratio", "Ratio", "ratio"),
]
VALUE = ("value_usd", "Value", "USD")
SHARE = ("share", "Share", "share")


def breakdown(asked: BreakdownAsked, books: Books) -> Breakdown:
    """Return one table of detail, the largest first, or in order of time.

    Raises:
        StudyError: It is broken down by something that its measure does not know.
    """
    if asked.by == "period":
        rows, columns = _by_period(asked, books)
    elif asked.by == "year":
        rows, columns = _by_year(asked, books)
    elif asked.by in HEADS:
        rows, columns = _by_key(asked, books)
    else:
        known = ", ".join([*HEADS, "period", "year"])
        raise StudyError(
            f"study {books.study.name}: [[breakdown]] {asked.name} is by {asked.by!r}; expected "
            f"one of {known}"
        )
    note = asked.note
    if asked.top and len(rows) > asked.top and asked.by in HEADS:
        rows, rest = rows[: asked.top], rows[asked.top :]
        note = " ".join(filter(None, [note, _others(rest)]))
    return Breakdown(asked.name, asked.title, tuple(columns), tuple(rows), note)


def _run(asked: BreakdownAsked, books: Books, own: Mapping[str, Any]) -> tuple[Run, list[Row]]:
    measure = part(measures(), "measure", measure_of(asked))
    wanted = run(measure, {**books.study.params, **asked.params, **own})
    return wanted, books.run(wanted)[books.basket]


def _by_key(asked: BreakdownAsked, books: Books) -> tuple[list[Row], Columns]:
    """Break down by reporter, partner or product: growth, or values of one year or of several."""
    wanted, found = _run(asked, books, {"by": (asked.by,)})
    values, columns = _pivoted(found, asked.by) if "year" in wanted.measure.returns.keys else (
        {row[asked.by]: {name: row[name] for name, _, _ in GROWTH} for row in found}, GROWTH,
    )  # fmt: skip
    if asked.each:
        values = _complete(asked, books, wanted, values, [name for name, _, _ in columns])
    if (VALUE in columns) and len(columns) == 1:
        total = sum(row["value_usd"] or 0.0 for row in values.values())
        for row in values.values():
            is_part = row["value_usd"] is not None and total > 0
            row["share"] = row["value_usd"] / total if is_part else None
        columns = [*columns, SHARE]
    rows = [
        {"label": _label(asked.by, key, books), "code": key} | row for key, row in values.items()
    ]
    if asked.each and asked.by == "reporter":
        columns = [*columns, *_months(rows, books, wanted)]
    rows.sort(key=lambda row: (*_rank(row), row["code"]))
    return rows, [("label", HEADS[asked.by], ""), *columns]


def _pivoted(found: list[Row], by: str) -> tuple[dict[str, Row], Columns]:
    """Return the rows of `period_to_date` by key: one value, or one column per year."""
    years = sorted({row["year"] for row in found})
    names = {year: "value_usd" if len(years) < 2 else f"usd_{year}" for year in years}
    values: dict[str, Row] = {}
    for row in found:
        if row[by] is not None:
            values.setdefault(row[by], {})[names[row["year"]]] = row["value_usd"]
    if len(years) < 2:
        return values, [VALUE]
    return values, [(names[year], f"{year}", "USD") for year in years]


def _complete(
    asked: BreakdownAsked,
    books: Books,
    wanted: Run,
    values: dict[str, Row],
    columns: Sequence[str],
) -> dict[str, Row]:
    """Add a row for whoever was asked for and has none, and empty those that are not known."""
    named, unknown = _asked_for(asked.by, books, wanted)
    nothing = {name: None if name == "ratio" else 0.0 for name in columns}
    filled = values | {key: dict(nothing) for key in named if key not in values}
    return {key: dict.fromkeys(columns) if key in unknown else row for key, row in filled.items()}


def _asked_for(by: str, books: Books, wanted: Run) -> tuple[Collection[str], Collection[str]]:
    """Return what a run names of a column, and what of it is not known at all."""
    known, compared = books.known(wanted), books.compared(wanted)
    if by == "product":
        names = {name for _hs, _code, name in links(books.goods, books.basket)}
        return names, names if not compared else names - {*known.names}
    params = books.resolve(wanted)
    param = wanted.measure.reporters if by == "reporter" else "partners"
    names = {*params[param]}
    if by == "reporter":
        unknown = names - {who for _flow, who, _day in compared}
    else:
        unknown = names if not compared else {who for _f, _r, gone in known.dropped for who in gone}
    return (() if ALL in wanted.params[param] else names), unknown


def _months(rows: list[Row], books: Books, wanted: Run) -> Columns:
    """Add how many months of each reporter count, unless all of everybody's do."""
    read = books.reads(wanted)[0]
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


def _rank(row: Row) -> tuple[bool, float]:
    """Order by the size of the change, or by the value; what is not known comes last."""
    keys = [key for key in row if key.startswith("usd_")]
    value = row.get("change_usd", row.get("value_usd", row[keys[-1]] if keys else None))
    return value is None, -abs(value or 0.0)


def _others(rest: list[Row]) -> str:
    known = [row["value_usd"] for row in rest if row.get("value_usd") is not None]
    together = f", together {words.usd(sum(known))}" if known else ""
    return f"And {words.count(len(rest), 'other')}{together}."


def _label(by: str, key: str, books: Books) -> str:
    if by != "product":
        return countries.name(key)
    texts = {good.code: good.description for good in books.goods.goods}
    return f"{key} {texts.get(key) or texts.get(key.split('+')[0], '')}".strip()


def _by_year(asked: BreakdownAsked, books: Books) -> tuple[list[Row], Columns]:
    """Give the same months of each year."""
    wanted, found = _run(asked, books, {"by": ()})
    first, last = (month(wanted.params[end]) for end in ("first", "last"))
    by_year = {row["year"]: row["value_usd"] for row in found}
    rows: list[Row] = []
    for year in sorted({*wanted.params["years"]}):
        ends = first.replace(year=year), last.replace(year=year + last.year - first.year)
        rows.append({"label": words.months(*ends), "code": f"{year}",
                     "value_usd": by_year.get(year)})  # fmt: skip
    return rows, [("label", "Months", ""), VALUE]


def _by_period(asked: BreakdownAsked, books: Books) -> tuple[list[Row], Columns]:
    """Give a row per month or year, with a column per series."""
    rows: dict[Any, Row] = {}
    series = asked.series or {"": {}}
    freq, who = "M", 0
    for name, own in series.items():
        wanted, found = _run(asked, books, own)
        freq, who = wanted.params["freq"], len(books.resolve(wanted)["reporters"])
        for row in found:
            day = row["period"]
            key = name or "value_usd"
            told = rows.setdefault(day, {"label": _spoken(day, freq), "code": _coded(day, freq)})
            told[key] = row["series_usd"]
            told["reporters"] = row["reporters_present"]
    columns = [(name, name, "USD") if name else VALUE for name in series]
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
