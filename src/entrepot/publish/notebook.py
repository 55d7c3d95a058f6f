"""Notebook: rows as a notebook and a Python prompt show them, with what is missing from them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from entrepot.publish import export, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Records = Sequence[Mapping[str, Any]]

MOST = 20
"""Rows shown: as many as a screen holds without scrolling past what is missing below them."""


def text(title: str, records: Records, told: Sequence[str], most: int = MOST) -> str:
    """Return rows as a plain table under a title, then what must be known about them.

    Args:
        title: What the rows are.
        records: The rows; a null cell is blank.
        told: Lines below the table, as "not known: ...".
        most: How many rows are shown; how many are not is said.
    """
    stream = io.StringIO()
    if records:
        export.table(records[:most], None, "table", stream)
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    return "\n".join([title, *lines, *_rest(records, most), *told])


def html(title: str, records: Records, told: Sequence[str], most: int = MOST) -> str:
    """Return rows as an HTML table with a caption, then what must be known about them.

    Every cell is escaped; a null cell is a dash, as on the page of a brief: it is not zero.
    """
    names = list(dict.fromkeys(name for row in records for name in row))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(_cell(row.get(name)) for name in names)}</tr>" for row in records[:most]
    )
    notes = "".join(f"<p>{escape(line)}</p>" for line in (*_rest(records, most), *told))
    return (
        f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{notes}"
    )


def _cell(content: Any) -> str:
    if content is None:
        return "<td>\N{EN DASH}</td>"
    is_number = isinstance(content, int | float) and not isinstance(content, bool)
    style = ' style="text-align:right"' if is_number else ""
    return f"<td{style}>{escape(export.shown(content))}</td>"


def _rest(records: Records, most: int) -> list[str]:
    left = len(records) - most
    return [f"... and {words.count(left, 'more row')}"] if left > 0 else []
