"""Columns: what a study's tables call the columns of a measure, by what each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.parts import measures, part
from entrepot.study.runs import measure_of, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrepot.contracts import Measure
    from entrepot.schema import Column, Role, TableSchema
    from entrepot.study.books import Books
    from entrepot.study.question import BreakdownBlock
    from entrepot.study.runs import Run

Row = dict[str, Any]
Columns = list[tuple[str, str, str]]

COMPARED: dict[Role, tuple[str, str]] = {
    "base": ("base_usd", "Before"),
    "value": ("value_usd", "After"),
    "change": ("change_usd", "Change"),
    "ratio": ("ratio", "Ratio"),
}
"""What the table of a comparison calls a column by its role, and its head."""
COUNTS = ("cells", "reporters", "months compared", "reporter-months", "expected")
"""Roles of columns that say what an amount rests on."""
VALUE = ("value_usd", "Value", "USD")
SHARE = ("share", "Share", "share")


def measured(asked: BreakdownBlock) -> Measure[Any]:
    """Return the measure that a breakdown is of."""
    found: Measure[Any] = part(measures(), "measure", measure_of(asked))
    return found


def ran(asked: BreakdownBlock, books: Books, own: Mapping[str, Any]) -> tuple[Run, list[Row]]:
    """Return the run of a breakdown with parameters of its own, and the rows it gives."""
    wanted = run(measured(asked), {**books.study.params, **asked.params, **own})
    return wanted, books.run(wanted)


def down_by(asked: BreakdownBlock, *columns: str) -> dict[str, Any]:
    """Return the parameter that breaks a measure down by columns, if it has one."""
    name = measured(asked).first("Columns")
    return {name: columns} if name else {}


def refusal(asked: BreakdownBlock, books: Books, why: str) -> StudyError:
    """Return the error of a breakdown that its measure cannot give."""
    return StudyError(f"study {books.study.name}: [[breakdown]] {asked.name}: {why}")


def amount_of(table: TableSchema) -> Column | None:
    """Return the column of dollars that is asked about: the value, or the only one; else None."""
    dollars = [column for column in table.values if column.unit == VALUE[2]]
    values = [column for column in dollars if column.role == "value"] or dollars
    return values[0] if len(values) == 1 else None


def told_of(table: TableSchema) -> dict[str, tuple[Column, str]]:
    """Return the columns that a table shows, with their heads, by the names it has for them.

    A comparison in dollars shows its sides; another measure every column of its own.
    """
    sides = {role: table.of_role(role) for role in COMPARED}
    if all((side := sides[role]) and side.unit == "USD" for role in ("base", "value")):
        return {COMPARED[role][0]: (side, COMPARED[role][1])
                for role, side in sides.items() if side}  # fmt: skip
    return {
        VALUE[0] if _is_value(column) else _free(column.name):
            (column, VALUE[1] if _is_value(column) else head(column.name, column.unit))
        for column in table.values if column.role not in COUNTS
    }  # fmt: skip


def _is_value(column: Column) -> bool:
    return column.role == "value" and column.unit == VALUE[2]


def _free(name: str) -> str:
    """Return the name of a column, unless the table itself has a column of that name."""
    return f"{name}_" if name in ("label", "code", "months", SHARE[0], VALUE[0]) else name


def head(name: str, unit: str = "") -> str:
    """Return the name of a column as the head of a table: "sold_before_usd" is "Sold before"."""
    return name.removesuffix(f"_{unit.lower()}").replace("_", " ").capitalize()
