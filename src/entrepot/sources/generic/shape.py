"""Tables with several figures in a row: both flows side by side, or a column per month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.sources import _read
from entrepot.sources.generic.mapping import BY_FLOW
from entrepot.sources.generic.mapping_file import AMOUNTS

if TYPE_CHECKING:
    from entrepot.sources.generic.mapping import Layout
    from entrepot.sources.generic.table import Table


def unfolded(layout: Layout, table: Table) -> str:
    """Return SQL for the file's rows, one per flow or month where a row holds several.

    They have `_flow` or `_period`, and `_value`, `_value_number` and so on beside their columns.
    """
    if layout.flows:
        given = by_flow(layout)
        rows = [
            {"_flow": _read.quote(flow)}
            | {
                name: sql
                for key in BY_FLOW
                if key in given
                for name, sql in _cell(table, key, columns.get(key)).items()
            }
            for flow, columns in layout.flows.items()
        ]
    elif layout.months:
        rows = [
            {"_period": _read.quote(month)} | _cell(table, "value", column)
            for column, month in layout.months.items()
        ]
    else:
        return table.rows.sql
    structs = ", ".join(
        "{" + ", ".join(f"'{key}': {sql}" for key, sql in row.items()) + "}" for row in rows
    )
    return f"(select *, unnest([{structs}], recursive := true) from {table.rows.sql})"


def by_flow(layout: Layout) -> set[str]:
    """Return the fields that stand once per flow in a row."""
    return {key for columns in layout.flows.values() for key in columns}


def _cell(table: Table, key: str, column: str | None) -> dict[str, str]:
    """A cell as text, and an amount's number beside it."""
    text = table.text(column) if column else "cast(null as varchar)"
    if key not in AMOUNTS:
        return {f"_{key}": text}
    number = table.numbers.get(column, "") if column else ""
    return {f"_{key}": text, f"_{key}_number": number or "cast(null as double)"}
