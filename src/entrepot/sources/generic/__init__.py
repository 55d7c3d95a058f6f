"""Any publisher: a CSV, Parquet, XLSX or HTML table whose columns a small TOML explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.contracts import Reading, Source
from entrepot.errors import SourceError
from entrepot.sources import _read
from entrepot.sources.generic import after, any_file, country_codes, mapping, written_periods
from entrepot.sources.generic.cells import Cells

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from entrepot.contracts import RawFile

SIDES = ("reporter", "partner")


def parse(raw: RawFile, connection: DuckDBPyConnection) -> Reading:
    """Read a table as its mapping says.

    Every column of the file must be mapped, expected or ignored by name. Columns are read as
    text, so codes keep their leading zeros; cells that are numbers in a workbook or in Parquet
    stay numbers. A value in `missing` gives no row; a mass or quantity in `missing`, empty or 0 is
    null.

    Raises:
        SourceError: The mapping has an unknown key, the file lacks a mapped column or has one that
            is not mapped, or a value, period, product or flow cannot be read.
        UnknownCodeError: A country is in none of our lists.
    """
    layout = mapping.check(raw.mapping, raw.path.name)
    table = any_file.open_table(raw, layout.format, connection)
    _check_columns(raw.path, layout, table.header, table.spare)
    cells = Cells(layout, table)
    _refuse_fiscal_years(raw.path, cells, connection)
    relation = _relation(raw.path, cells, connection)
    notes: tuple[str, ...] = ()
    if layout.format.get("cumulative"):
        notes = ("figures since January were differenced: each month has its own",)
    return Reading(relation, source=layout.name, published=layout.published, notes=notes)


def _relation(path: Path, cells: Cells, connection: DuckDBPyConnection) -> DuckDBPyRelation:
    layout = cells.layout
    tables = {side: country_codes.table(path, cells, side, connection) for side in SIDES}
    joins = " ".join(
        f"left join {tables[side]} as {side}_code "
        f"on {side}_code.code = {country_codes.key(layout, side)}"
        for side in SIDES
    )
    rest = f"from {cells.sql()} as cell {joins}"
    adds = bool(layout.parts or layout.format.get("sum"))
    if not adds and not layout.format.get("cumulative"):
        return _read.reported(connection, cells.columns(), rest)
    rows = after.typed(cells.columns(), layout, rest)
    if adds:
        rows = after.added(rows, layout)
    if layout.format.get("cumulative"):
        rows = after.differenced(rows, layout)
    return connection.sql(f"select {after.NAMES} from {rows}")


def _check_columns(
    path: Path, layout: mapping.Layout, header: list[str], spare: tuple[str, ...]
) -> None:
    if missing := [column for column in layout.used if column not in header]:
        raise SourceError(
            f"{path.name}: no column {missing[0]!r}; the file has {_listed(header)}; "
            "correct the column's name in the mapping, or download the file with it"
        )
    known = {*layout.used, *layout.ignore, *spare}
    counters = [name for name in header if name.startswith("column ") and name not in spare]
    if new := [column for column in header if column not in known and column not in counters]:
        raise SourceError(
            f"{path.name}: column {new[0]!r} is not in the mapping; expected every column to be "
            f"named; map it under [columns], or add it to ignore = [{_listed(map(repr, new))}]"
        )


def _listed(names: object) -> str:
    found = list(names)  # type: ignore[call-overload]
    more = f", ... ({len(found)} in all)" if len(found) > 40 else ""
    return ", ".join(found[:40]) + more


def _refuse_fiscal_years(path: Path, cells: Cells, connection: DuckDBPyConnection) -> None:
    """Refuse a column of 2010-11, 2011-12: each could be a month, together they are years.

    A first row of another form shows that they are not, so that few files are read for it.
    """
    rows = f"(from {cells.periods()} where period is not null)"
    first = connection.sql(f"from {rows} limit 1").fetchone()
    if not first or not written_periods.is_fiscal(str(first[0])):
        return
    distinct = connection.sql(f"select distinct period from {rows}").fetchall()
    found = [str(period) for (period,) in distinct]
    if len(found) > 1 and all(map(written_periods.is_fiscal, found)):
        shown = ", ".join(sorted(found)[:3])
        raise SourceError(
            f"{path.name}: every period is a year and the one after it ({shown}), as fiscal years "
            "are; expected calendar months or years; take a table by calendar month or year"
        )


generic = Source(
    title="Your own table",
    publisher="stated by the mapping",
    url="stated by the mapping",
    licence="stated by the mapping",
    parse=parse,
)
