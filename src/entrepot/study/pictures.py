"""Pictures: the rows that a study's charts are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.parts import measures, part
from entrepot.publish.brief import Picture
from entrepot.reference import events
from entrepot.study.runs import MONTHS, drawn, run

if TYPE_CHECKING:
    from entrepot.publish.brief import Breakdown, Figure
    from entrepot.study.books import Books
    from entrepot.study.question import PictureBlock


def picture(asked: PictureBlock, books: Books, breakdowns: tuple[Breakdown, ...]) -> Picture | None:
    """Return the data of one chart; None where there is nothing to draw.

    Raises:
        StudyError: It draws a breakdown or marks an event that does not exist.
    """
    rows = _drawn(asked, breakdowns) if asked.of else _months(asked, books)
    if not rows:
        return None
    options = {key: value for key, value in asked.options.items() if key != "mark"}
    if marks := _marks(asked):
        options["events"] = marks
    return Picture(asked.kind, asked.title, asked.reading, asked.alt, tuple(rows), options)


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


def _drawn(asked: PictureBlock, breakdowns: tuple[Breakdown, ...]) -> list[dict[str, Any]]:
    """Return the rows of a breakdown as its chart takes them; none where nothing is known."""
    tables = {table.name: table for table in breakdowns}
    if asked.of not in tables:
        raise StudyError(
            f"picture {asked.title!r}: no breakdown is called {asked.of!r}; "
            f"there are: {', '.join(tables)}"
        )
    table = tables[asked.of]
    if asked.kind == "monthly":
        return _series(table)
    shown = [row for row in table.rows if not asked.top or _moves(row)][: asked.top or None]
    if asked.kind == "bars":
        values = [(key, label) for key, label, unit in table.columns if unit == "USD"]
        rows = [
            {"label": f"{row['label']}, {label}" if len(values) > 1 else row["label"],
             "value_usd": row[key]}
            for row in shown for key, label in values
        ]  # fmt: skip
        return rows if any(row["value_usd"] is not None for row in rows) else []
    if not {"base_usd", "value_usd"} <= {key for key, _label, _unit in table.columns}:
        raise StudyError(
            f"picture {asked.title!r}: the breakdown {asked.of} compares nothing with a base, so "
            f'there is no change to draw; write kind = "bars", or break down growth'
        )
    return [
        {"label": row["label"], "before_usd": row["base_usd"], "after_usd": row["value_usd"]}
        for row in shown
    ]


def _moves(row: dict[str, Any]) -> bool:
    """Whether a row has anything to draw: some value that is known and not zero."""
    return any(row.get(name) for name in row if name.endswith("_usd") or name.startswith("usd_"))


def _series(table: Breakdown) -> list[dict[str, Any]]:
    """Return a table by period as series, one per column of dollars, unless all is unknown."""
    rows = [
        {"period": f"{row['code']}-01", "series": label, "value_usd": row[key]}
        for key, label, unit in table.columns
        for row in table.rows
        if unit == "USD"
    ]
    return rows if any(row["value_usd"] is not None for row in rows) else []


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
    return rows if any(row["value_usd"] is not None for row in rows) else []


def _marks(asked: PictureBlock) -> list[dict[str, str]]:
    days = {event.date.isoformat() for event in events.table()}
    marks: dict[str, str] = asked.options.get("mark", {})
    if unknown := marks.keys() - days:
        raise StudyError(
            f"picture {asked.title!r}: nothing in the events list happened on {min(unknown)}; "
            "`entrepot reference show events` lists the days"
        )
    return [{"date": day, "label": label} for day, label in marks.items()]
