"""Any publisher: a CSV, Parquet or XLSX table whose columns a small TOML explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from entrepot.contracts import Reading, Source
from entrepot.errors import SourceError, UnknownCodeError
from entrepot.reference import countries
from entrepot.sources import _mapping, _read, _tables
from entrepot.sources._generic_sql import Cells

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

SIDES = ("reporter", "partner")


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read a table of one row per cell as its mapping says.

    Every column of the file must be mapped, expected or ignored by name. Columns are read as
    text, so codes keep their leading zeros. A value in `missing` gives no row; a mass or
    quantity in `missing`, empty or 0 is null.

    Raises:
        SourceError: The mapping has an unknown key, the file lacks a mapped column or has one that
            is not mapped, or a value, period, product or flow cannot be read.
        UnknownCodeError: A country is in none of our lists.
    """
    layout = _mapping.check(raw.mapping, raw.path.name)
    try:
        rows, header = _tables.open_table(raw, layout.format, connection)
        _check_columns(raw.path, layout, header)
        tables = {side: _codes(raw.path, layout, side) for side in SIDES}
        cells = Cells(layout, rows)
        relation = _read.reported(
            connection,
            cells.columns(),
            f"from {cells.sql()} as cell "
            + " ".join(f"left join {tables[s]} as {s}_code on {s}_code.code = {s}" for s in SIDES),
        )
    except duckdb.Error as error:
        raise _read.translate(error, raw.path) from error
    return Reading(relation, source=layout.name, published=layout.published)


def _check_columns(path: Path, layout: _mapping.Layout, header: list[str]) -> None:
    if missing := [column for column in layout.used if column not in header]:
        raise SourceError(
            f"{path.name}: no column {missing[0]!r}; the file has {', '.join(header)}; "
            "correct the column's name in the mapping, or download the file with it"
        )
    known = {*layout.used, *layout.ignore}
    if new := [column for column in header if column not in known]:
        raise SourceError(
            f"{path.name}: column {new[0]!r} is not in the mapping; expected every column to be "
            f"named; map it under [columns], or add it to ignore = [{', '.join(map(repr, new))}]"
        )


def _codes(path: Path, layout: _mapping.Layout, side: str) -> str:
    """The codes of a side as a table (`code`, `iso3`); a constant is ISO3 already."""
    given = "iso3" if side in layout.constants else layout.codes.get(side, "iso3")
    if not isinstance(given, dict):
        return _read.code_table(countries.lookup(given))
    ours = countries.lookup("iso3")
    if unknown := [code for code in given.values() if code not in ours]:
        raise UnknownCodeError(
            f"{path.name}: mapping code {side!r} gives {unknown[0]!r}; expected a country or area "
            "that entrepot lists; correct it in the mapping"
        )
    return _read.code_table(given)


generic = Source(
    title="Your own table",
    publisher="stated by the mapping",
    url="stated by the mapping",
    licence="stated by the mapping",
    parse=parse,
)
