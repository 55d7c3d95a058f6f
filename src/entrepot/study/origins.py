"""Origins: beside a balance of what came and went, the table of what is from which member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.parts import measures, part
from entrepot.publish import words
from entrepot.publish.brief import Breakdown
from entrepot.question.origins import ASKED, TOGETHER, has_origins, origins
from entrepot.reference import countries
from entrepot.study.runs import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.question.origins import Origins
    from entrepot.study.books import Books

COLUMNS = (("label", "From", ""), ("low_usd", "At least", "USD"), ("high_usd", "At most", "USD"))
MEANS = (
    "Bounds from the third country's own books, month by month, with no assumption on which goods "
    "went on: at least is what everything else recorded cannot cover. Rows of single members do "
    "not add up. It reads rows of every partner, beyond those in brief.csv."
)


def tables(books: Books) -> tuple[Breakdown, ...]:
    """Return a table per figure whose measure balances what came with what went on.

    Figures of the same third country, destination, coalition and months share one.
    """
    found: dict[str, Breakdown] = {}
    for block in books.study.figure:
        measure = part(measures(), "measure", block.measure)
        asked = run(measure, books.study.params | block.params)
        if not has_origins(asked.params):
            continue
        params = books.resolve(asked)
        key = repr([params[name] for name in ASKED])
        if key not in found:
            found[key] = _table(block.name, params, _bounds(books, params))
    return tuple(found.values())


def _bounds(books: Books, params: Mapping[str, Any]) -> Origins:
    # A connection of its own: the study's holds the study's selection.
    desk = books.workspace.again()
    return origins(
        desk.engine,
        desk.snapshot,
        books.goods,
        params,
        sources=books.sources or books.study.sources,
        basket=books.basket,
    )


def _table(name: str, params: Mapping[str, Any], found: Origins) -> Breakdown:
    third, destination = (countries.name(params[side]) for side in ("third", "destination"))
    title = f"Where what {third} sent to {destination} in {words.months(*found.months)} came from"
    unknown: dict[str, Any] = {"origin": TOGETHER, "low_usd": None, "high_usd": None}
    rows: list[dict[str, Any]] = [
        {
            "label": _said(row["origin"]),
            "code": row["origin"],
            "low_usd": row["low_usd"],
            "high_usd": row["high_usd"],
        }
        for row in (found.totals or (unknown,))
    ]
    rows.sort(key=lambda row: (row["code"] != TOGETHER, -(row["high_usd"] or 0), row["code"]))
    note = f"{MEANS} {found.note[:1].upper()}{found.note[1:]}.".replace(" .", "")
    return Breakdown(f"{name}-origins", title, COLUMNS, tuple(rows), note)


def _said(origin: str) -> str:
    return "All members together" if origin == TOGETHER else countries.name(origin)
