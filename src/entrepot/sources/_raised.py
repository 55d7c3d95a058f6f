"""Raised: what DuckDB raises while it reads a publisher's file, as one line for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from entrepot.errors import (
    DriftError,
    DuplicateError,
    EntrepotError,
    SourceError,
    TruncatedError,
    UnknownCodeError,
)
from entrepot.sources._bytes import PARQUET, broken_gzip, encoding_trouble

if TYPE_CHECKING:
    from pathlib import Path

KINDS: dict[str, type[EntrepotError]] = {
    "Source": SourceError,
    "Drift": DriftError,
    "Truncated": TruncatedError,
    "Duplicate": DuplicateError,
    "UnknownCode": UnknownCodeError,
}
LONG = 800
"""Characters of one line for people."""

_CONVERSIONS = (duckdb.ConversionException, duckdb.InvalidTypeException)


def translate(error: duckdb.Error | UnicodeDecodeError, path: Path) -> EntrepotError:
    """Return the error a person should see for what DuckDB raised while it read `path`.

    One line: the file's name, what was found, what was expected, what to do.
    A lack of memory is raised as it is.
    """
    if isinstance(error, UnicodeDecodeError):  # DuckDB cut its message inside a letter
        error = duckdb.InvalidInputException(error.object.decode("utf-8", "replace"))
    said = str(error).replace(str(path), path.name)
    about_file = isinstance(error, duckdb.IOException) and path.name in said.replace("[[]", "[")
    if isinstance(error, duckdb.OutOfMemoryException):
        raise error
    if isinstance(error, duckdb.IOException) and "gzip" in said.lower():
        return SourceError(broken_gzip(path, one_line(said)[:200]))
    if not about_file and not isinstance(error, (duckdb.InvalidInputException, *_CONVERSIONS)):
        return _broken_parquet(path, said) or unforeseen(error, path)
    if marked := re.search(r"entrepot:(\w+):(.*)", said, re.DOTALL):
        kind, message = marked.groups()
        return KINDS[kind](f"{path.name}: {one_line(message)}")
    line = re.search(r"CSV Error on Line: (\d+)", said)
    at = f"; line {line[1]}" if line else ""
    if "unicode" in said.lower() or "not utf-8" in said.lower():
        return SourceError(encoding_trouble(path, "UTF-8", line[1] if line else "unknown"))
    if broken := _broken_parquet(path, said):
        return broken
    if found := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said):
        return SourceError(
            f"{path.name}: a row has {found[2]} columns; expected {found[1]}, as in the header; "
            f"download the file again, it may be cut or edited{at}"
        )
    return SourceError(
        f"{path.name}: cannot be read ({one_line(said)[:200]}); expected the publisher's layout; "
        f"download the file again{at}"
    )


def _broken_parquet(path: Path, said: str) -> SourceError | None:
    """Say that a Parquet file is damaged inside, for which DuckDB has no one kind of error."""
    with path.open("rb") as file:
        if file.read(len(PARQUET)) != PARQUET:
            return None
    return SourceError(
        f"{path.name}: a Parquet file that is broken inside ({one_line(said)[:200]}); expected a "
        "whole one; download or write it again"
    )


def unforeseen(error: BaseException, path: Path) -> SourceError:
    """Return one line for what no connector foresaw: a file of a kind that nobody had met."""
    said = one_line(str(error))[:200]
    return SourceError(
        f"{path.name}: cannot be read ({type(error).__name__}: {said}); expected a file as the "
        "publisher writes it; download it again, or run with --debug and report what it prints"
    )


def one_line(message: str) -> str:
    """Return a message as one line of bounded length: its start and its end."""
    line = " ".join(message.split())
    return line if len(line) <= LONG else f"{line[: LONG // 2]} ... {line[-LONG // 2 :]}"
