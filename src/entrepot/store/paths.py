"""Paths: names of files inside SQL, whatever characters a folder's name has."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from entrepot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_GLOB = re.compile(r"([\[*?])")


def quoted(path: Path | str) -> str:
    """Return a path as an SQL string, for a file that is written."""
    return "'" + str(path).replace("'", "''") + "'"


def pattern(path: Path | str) -> str:
    """Return the pattern that DuckDB takes for this file and no other.

    Raises:
        StoreError: There is none: DuckDB takes a backslash in a pattern for a slash.
    """
    found = _GLOB.sub(r"[\1]", str(path))
    if os.sep == "/" and "\\" in found and found != str(path):
        raise StoreError(
            f"{path}: a path with both a backslash and one of [ * ?, which DuckDB cannot read; "
            "rename the folder"
        )
    return found


def parquet(paths: Iterable[Path | str], *, by_name: bool = False) -> str:
    """Return SQL that reads these Parquet files; no folder's name becomes a column.

    With `by_name` files of several releases are read together, a column one lacks being null.
    """
    listed = ", ".join(quoted(pattern(path)) for path in paths)
    more = ", union_by_name=true" if by_name else ""
    return f"read_parquet([{listed}], hive_partitioning=false{more})"


def shut_in(con: DuckDBPyConnection, folder: Path) -> None:
    """Let a connection read and write below one folder alone, whatever SQL comes to it.

    It loads no extension and keeps these settings; what it spills goes where it did before.
    """
    # A pattern is looked up as it is written. A list as parameter would load pandas.
    allowed = ", ".join(map(quoted, (str(folder), pattern(folder))))
    con.execute(f"set allowed_directories = [{allowed}]")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
