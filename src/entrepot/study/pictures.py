"""Pictures: the rows that a study's charts are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.parts import measures, part
from entrepot.publish import words
from entrepot.publish.brief import Picture
from entrepot.reference import countries, events, places
from entrepot.study.runs import MONTHS, drawn, run

if TYPE_CHECKING:
    from entrepot.publish.brief import Breakdown, Figure
    from entrepot.study.books import Books
    from entrepot.study.question import PictureBlock

_EU = "EU27"
"""Where flows of all members of the European Union begin or end on a map."""


def picture(asked: PictureBlock, books: Books, breakdowns: tuple[Breakdown, ...]) -> Picture | None:
    """Return the data of one chart; None where there is nothing to draw.

    Raises:
        StudyError: It draws a breakdown or marks an event that does not exist.
    """
    rows = _drawn(asked, books, breakdowns) if asked.of else _months(asked, books)
    if not rows:
        return None
    options = {key: value for key, value in asked.options.items() if key != "mark"}
    if marks := _marks(asked):
        options["events"] = marks
    alt = f"{asked.alt} {_largest(rows)}" if asked.kind == "corridor_map" else asked.alt
    return Picture(asked.kind, asked.title, asked.reading, alt.strip(), tuple(rows), options)


def choices(figures: tuple[Figure, ...]) -> Picture | None:
    """Return the picture of the headline figure that the choices move most, None if none moves."""
    moved = [figure for figure in figures if figure.headline and _spread(figure) > 0]
    if not moved:
        return None
    figure = max(moved, key=_spread)
    rows = tuple(
        {"label": f"{variant.choice}: {variant.option}", "value": variant.value}
        for variant in figure.sensitivity
    )
    return Picture(
        kind="choices",
        title=figure.label,
        reading="Each dot is the same figure under one other choice; the dashed line is the figure "
        "of this brief. The scale does not begin at zero.",
        alt=f"{figure.label} under {len(rows)} choices.",
        rows=rows,
        options={"unit": figure.unit, "chosen": figure.value},
    )


def _spread(figure: Figure) -> float:
    """Return how far the range reaches, in parts of the figure itself."""
    if not figure.value or figure.low is None or figure.high is None:
        return 0.0
    return (figure.high - figure.low) / abs(figure.value)


def _drawn(
    asked: PictureBlock, books: Books, breakdowns: tuple[Breakdown, ...]
) -> list[dict[str, Any]]:
    """Return the rows of a breakdown as its chart takes them; none where nothing is known."""
    tables = {table.name: table for table in breakdowns}
    if asked.of not in tables:
        raise StudyError(
            f"picture {asked.title!r}: no breakdown is called {asked.of!r}; "
            f"there are: {', '.join(tables)}"
        )
    table = tables[asked.of]
    shown = [row for row in table.rows if not asked.top or _moves(row)][: asked.top or None]
    if asked.kind in ("monthly", "multiples"):
        return _series(table)
    if asked.kind == "mirror":
        return _two_books(asked, table)
    if asked.kind == "heat":
        return _cells(table, shown)
    if asked.kind == "corridor_map":
        return _arcs(asked, books, table, shown)
    return _bars(table, shown) if asked.kind == "bars" else _changes(asked, table, shown)


def _dollars(table: Breakdown) -> list[tuple[str, str]]:
    """Return the columns of dollars of a table, with their heads."""
    return [(key, label) for key, label, unit in table.columns if unit == "USD"]


def _known(rows: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    """Return the rows, or none where nothing of them is known."""
    return rows if any(row[key] is not None for row in rows for key in keys) else []


def _bars(table: Breakdown, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    values = _dollars(table)
    rows = [
        {"label": f"{row['label']}, {label}" if len(values) > 1 else row["label"],
         "value_usd": row[key]}
        for row in shown for key, label in values
    ]  # fmt: skip
    return _known(rows, "value_usd")


def _changes(
    asked: PictureBlock, table: Breakdown, shown: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if not {"base_usd", "value_usd"} <= {key for key, _label, _unit in table.columns}:
        raise StudyError(
            f"picture {asked.title!r}: the breakdown {asked.of} compares nothing with a base, so "
            f'there is no change to draw; write kind = "bars", or break down growth'
        )
    return [
        {"label": row["label"], "before_usd": row["base_usd"], "after_usd": row["value_usd"]}
        for row in shown
    ]


def _cells(table: Breakdown, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a cell per row and column of dollars of a table."""
    rows = [
        {"row": row["label"], "column": label, "value_usd": row[key]}
        for row in shown for key, label in _dollars(table)
    ]  # fmt: skip
    return _known(rows, "value_usd")


def _two_books(asked: PictureBlock, table: Breakdown) -> list[dict[str, Any]]:
    """Return a table by month with two columns as what was sent, and what came."""
    sides = [key for key, _label in _dollars(table)]
    if len(sides) != 2:
        raise StudyError(
            f"picture {asked.title!r}: the breakdown {asked.of} has {len(sides)} columns of "
            "dollars, expected two: what the exporter recorded, and then what the importer did"
        )
    rows = [
        {"period": f"{row['code']}-01", "sent_usd": row[sides[0]], "came_usd": row[sides[1]]}
        for row in table.rows
    ]
    return _known(rows, "sent_usd", "came_usd")


def _arcs(
    asked: PictureBlock, books: Books, table: Breakdown, shown: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return a table by partner or reporter as flows from, or to, the one that all are with."""
    block = next(one for one in books.study.breakdown if one.name == asked.of)
    params = {**books.study.params, **block.params}
    side = {"partner": "reporters", "reporter": "partners"}.get(block.by, "")
    names = params.get(side, ())
    one = _EU if [*names] == ["eu27"] else next(iter(names), "")
    if len(names) != 1 or one not in places.table() or len(_dollars(table)) == 0:
        raise StudyError(
            f"picture {asked.title!r}: a map is of a breakdown by partner or reporter, and the "
            f"other side is one country, or eu27; {asked.of} is by {block.by}"
        )
    key = "value_usd" if any("value_usd" in row for row in shown) else _dollars(table)[-1][0]
    sent = (block.by == "partner") == ("export" in str(params.get("flow", "export")))
    rows = [
        {"start": one if sent else row["code"], "finish": row["code"] if sent else one,
         "leg": "in", "value_usd": row.get(key)}
        for row in shown
    ]  # fmt: skip
    return _known(rows, "value_usd")


def _moves(row: dict[str, Any]) -> bool:
    """Whether a row has anything to draw: some value that is known and not zero."""
    return any(row.get(name) for name in row if name.endswith("_usd") or name.startswith("usd_"))


def _largest(rows: list[dict[str, Any]]) -> str:
    """Say the largest flows of a map, for those who cannot see their widths."""
    first = sorted((r for r in rows if r["value_usd"]), key=lambda row: -row["value_usd"])[:3]
    told = (
        f"{countries.name(row['start'])} to {countries.name(row['finish'])} "
        f"{words.usd(row['value_usd'])}"
        for row in first
    )
    return f"The widest: {words.listed(told)}." if first else ""


def _series(table: Breakdown) -> list[dict[str, Any]]:
    """Return a table by period as series, one per column of dollars, unless all is unknown."""
    rows = [
        {"period": f"{row['code']}-01", "series": label, "value_usd": row[key]}
        for key, label in _dollars(table)
        for row in table.rows
    ]
    return _known(rows, "value_usd")


def _months(asked: PictureBlock, books: Books) -> list[dict[str, Any]]:
    """Return the monthly series, unless every month of every series is unpublished."""
    measure = part(measures(), "measure", MONTHS)
    rows = []
    for series, own in drawn(books.study, asked).items():
        wanted = run(measure, books.study.params | own)
        rows += [
            {"period": str(row["period"]), "series": series, "value_usd": row["series_usd"]}
            for row in books.run(wanted)
        ]
    rows.sort(key=lambda row: (list(asked.series).index(row["series"]), row["period"]))
    return _known(rows, "value_usd")


def _marks(asked: PictureBlock) -> list[dict[str, str]]:
    days = {event.date.isoformat() for event in events.table()}
    marks: dict[str, str] = asked.options.get("mark", {})
    if unknown := marks.keys() - days:
        raise StudyError(
            f"picture {asked.title!r}: nothing in the events list happened on {min(unknown)}; "
            "`entrepot reference show events` lists the days"
        )
    return [{"date": day, "label": label} for day, label in marks.items()]
