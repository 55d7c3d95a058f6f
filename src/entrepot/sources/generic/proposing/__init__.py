"""A mapping proposed: what a table says of itself, and what only a person can say of it."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import duckdb

from entrepot.contracts import RawFile
from entrepot.errors import SourceError
from entrepot.sources._guard import guard
from entrepot.sources.generic import any_file
from entrepot.sources.generic.mapping import CONSTANTS, FORMAT, column
from entrepot.sources.generic.proposing import amounts, rest, sides, time
from entrepot.sources.generic.proposing.columns import Columns
from entrepot.sources.generic.proposing.draft import ASKED, LISTS, Draft, Proposal
from entrepot.sources.generic.proposing.opening import look

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = 400
"""Columns of a table that is looked at: each costs a few reads of the file's first rows."""


def propose(path: Path, told: dict[str, str]) -> Proposal:
    """Look at a file and propose the mapping that reads it.

    Args:
        path: The file.
        told: What the user says of it: keys of [constants] and [format], `published`, `year`,
            `import` and `export` (their valuation), `filter.COLUMN`, `leave_out.COLUMN`,
            `columns.FIELD`, `parts`, `ignore`.

    Raises:
        SourceError: No table can be seen in the file, or a key of `told` is unknown.
    """
    with guard(path):
        return _proposed(path, told)


def _proposed(path: Path, told: dict[str, str]) -> Proposal:
    check_told(path, told)
    made = Proposal(path, told)
    made.mapping |= {"name": _name(path)} | {
        key: told[key] for key in ("name", "publisher", "url", "licence", "title") if key in told
    }
    if "published" in told:
        made.mapping["published"] = told["published"]
    else:
        made.asked["published"] = ASKED["published"]
    connection = duckdb.connect()
    try:
        how, titles = look(path, {k: _value(k, v) for k, v in told.items() if k in FORMAT})
        table = any_file.open_table(RawFile(path), how, connection)
        _refuse_wide(path, table.header)
        columns = Columns(table, connection)
        made.table("format").update(how)
        _find(Draft(made, columns, " ".join(titles)))
    except (duckdb.Error, csv.Error) as error:
        raise SourceError(
            f"{path.name}: cannot be looked at ({' '.join(str(error).split())[:200]}); expected a "
            "table; write a mapping yourself (docs: bring your own data)"
        ) from error
    return made


def _refuse_wide(path: Path, header: list[str]) -> None:
    if len(header) > COLUMNS:
        raise SourceError(
            f"{path.name}: {len(header):,} columns; a proposal looks at {COLUMNS} at most; write a "
            "mapping yourself (docs: bring your own data), or save the columns that you need as a "
            "table of their own"
        )


def check_told(path: Path, told: dict[str, str]) -> None:
    """Refuse a --set that means nothing."""
    plain = {
        *(*FORMAT, *CONSTANTS, "published", "year", "import", "export"),
        *("parts", "ignore", "name", "publisher", "url", "licence", "title"),
    }
    for key in told:
        if key not in plain and key.partition(".")[0] not in ("filter", "leave_out", "columns"):
            raise SourceError(
                f"{path.name}: --set {key} is unknown; known: {', '.join(sorted(plain))}, "
                "filter.COLUMN, leave_out.COLUMN, columns.FIELD"
            )


def _value(key: str, text: str) -> Any:
    if key in LISTS:
        return text.split(",")
    if key in ("header_row", "header_rows", "pad_products", "scale"):
        return int(text) if text.isdigit() else text
    return text == "true" if key in ("cumulative", "sum") else text


def _name(path: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", path.name.partition(".")[0].lower()).strip("-")
    return stem or "own-table"


def _find(f: Draft) -> None:
    """Fill in a proposal, field by field; what comes first takes its columns first."""
    f.columns.wanted.update(_filter(f.told))
    f.made.mapping["filter"] = f.columns.wanted
    for key, name in f.told.items():
        if key.startswith("columns."):
            f.given[key.partition(".")[2]] = f.columns.take(column(name))
        elif key in CONSTANTS and key != "valuation":
            f.constants[key] = name
    time.periods(f)
    sides.sides(f)
    sides.products(f)
    amounts.flow(f)
    amounts.values(f)
    amounts.signs(f)
    amounts.money(f)
    rest.filters(f)
    rest.rest(f)
    sides.classification(f)
    amounts.valuation(f)
    rest.needed(f)


def _filter(told: dict[str, str]) -> dict[str, Any]:
    """The rows that the user keeps or leaves out."""
    wanted: dict[str, Any] = {}
    for key, text in told.items():
        kind, _dot, name = key.partition(".")
        if kind == "filter":
            wanted[column(name)] = text.split(",")
        elif kind == "leave_out":
            wanted[column(name)] = {"not": text.split(",")}
    return wanted
