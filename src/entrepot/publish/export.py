"""Export: a brief and any table of rows as files other programs read."""

from __future__ import annotations

import csv
import json
import math
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from entrepot.errors import EntrepotError
from entrepot.publish.mark import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from entrepot.publish.brief import Brief
    from entrepot.publish.mark import Mark

FORMATS = ("table", "json", "csv", "parquet")
_NARROW = 10  # columns that a cell of words has at least, where it is as long as that
_DIGITS = 12  # enough for any statistic, too few to show the order of a summation


def to_json(brief: Brief) -> str:
    """Return the brief as JSON, the same bytes for the same brief.

    Keys come in the order of `Brief`; numbers keep 12 significant digits; a number that is not
    finite is null; dates are ISO 8601; the last character is a line end.
    """
    return dump(brief.to_dict())


def table(
    rows: Sequence[Mapping[str, Any]] | pa.Table,
    columns: Sequence[str] | None,
    format: str,  # noqa: A002
    stream: IO[Any],
    mark: Mark | None = None,
) -> None:
    """Write rows to `stream` as a table to read, JSON records, CSV or Parquet.

    `columns` names and orders the columns; none means those of the rows. Parquet is bytes and
    goes to the buffer of a text stream. A mark stands in columns of its own, in a table to read as
    a line below it.

    Raises:
        EntrepotError: The format is unknown, or Parquet would go to a terminal.
    """
    names = list(columns) if columns is not None else _names(rows)
    if mark is not None and format != "table":
        rows = mark.on_table(rows) if _is_arrow(rows) else mark.on(rows)
        names += [name for name in COLUMNS if name not in names]
    if format == "table":
        _to_terminal(_records(rows), names, stream)
        if mark is not None:
            stream.write(f"{_wrapped(mark.line, stream)}\n")
    elif format == "json":
        stream.write(dump([{n: row.get(n) for n in names} for row in _records(rows)]))
    elif format == "csv":
        _to_csv(rows, names, stream)
    elif format == "parquet":
        _to_parquet(rows, names, stream)
    else:
        raise EntrepotError(f"format {format!r}: expected one of {', '.join(FORMATS)}")


def dump(content: Any) -> str:
    """Return plain data as JSON, the same bytes for the same data."""
    return json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(content: Any) -> Any:
    """Return `content` in JSON's own types."""
    if isinstance(content, Mapping):
        return {str(key): _plain(item) for key, item in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(item) for item in content]
    if isinstance(content, float | Decimal):
        return _rounded(content) if math.isfinite(content) else None
    return content.isoformat() if isinstance(content, date) else content


def _rounded(value: float | Decimal) -> float:
    """Return a number as a file has it: half of its last digit is so however it was added up."""
    return float(f"{float(f'{value:.{_DIGITS + 2}g}'):.{_DIGITS}g}")


def _is_arrow(rows: Any) -> bool:
    return not isinstance(rows, Sequence)


def _names(rows: Any) -> list[str]:
    if _is_arrow(rows):
        return list(rows.column_names)
    return list(dict.fromkeys(name for row in rows for name in row))


def _records(rows: Any) -> list[Mapping[str, Any]]:
    return list(rows.to_pylist() if _is_arrow(rows) else rows)


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, float):
        return f"{_rounded(content):.{_DIGITS}g}" if math.isfinite(content) else ""
    if isinstance(content, list | tuple):
        return "; ".join(_text(item) for item in content)
    return str(content)


def _wrapped(text: str, stream: IO[Any]) -> str:
    """Break a line between words where a terminal has an edge."""
    if not (hasattr(stream, "isatty") and stream.isatty()):
        return text
    return textwrap.fill(text, shutil.get_terminal_size().columns, break_on_hyphens=False)


def _to_terminal(records: list[Mapping[str, Any]], names: list[str], stream: IO[Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Cutting a value in a file or a pipe would be a lie; only a terminal has an edge.
    is_terminal = hasattr(stream, "isatty") and stream.isatty()
    console = Console(file=stream, width=None if is_terminal else 100_000)
    least = {name: _least(name, records) for name in names}
    spare = console.width - sum(least.values()) - 2 * (len(names) - 1)
    if spare < 0:
        _in_blocks(records, names, console)
        return
    widths = _widths(least, {name: _longest(name, records) for name in names}, spare)
    grid = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        grid.add_column(
            Text(name), justify="right" if _is_numeric(name, records) else "left", overflow="fold",
            width=widths[name], header_style="bold",
        )  # fmt: skip
    for row in records:
        grid.add_row(*(Text(shown(row.get(name))) for name in names))
    console.print(grid)


def _widths(least: dict[str, int], longest: dict[str, int], spare: int) -> dict[str, int]:
    """Return how wide each column is: what is to spare goes evenly to those that want more."""
    wanted = {name: max(longest[name] - width, 0) for name, width in least.items()}
    widths = dict(least)
    for at, name in enumerate(sorted(wanted, key=lambda one: wanted[one])):
        given = min(wanted[name], spare // (len(wanted) - at))
        widths[name] += given
        spare -= given
    return widths


def _longest(name: str, records: list[Mapping[str, Any]]) -> int:
    return max([len(name), *(len(shown(row.get(name))) for row in records)])


def _least(name: str, records: list[Mapping[str, Any]]) -> int:
    """Return how wide a column must be at least: short cells and numbers stay in one line."""
    longest = max((len(shown(row.get(name))) for row in records), default=0)
    word = max((len(one) for one in name.split()), default=0)
    return max(word, longest if _is_numeric(name, records) else min(longest, _NARROW))


def _is_numeric(name: str, records: list[Mapping[str, Any]]) -> bool:
    found = [row[name] for row in records if row.get(name) is not None]
    kinds = (int, float, Decimal)
    return bool(found) and all(isinstance(n, kinds) and not isinstance(n, bool) for n in found)


def _in_blocks(records: list[Mapping[str, Any]], names: list[str], console: Console) -> None:
    """Print each row as lines of name and value: what to do where the columns do not fit."""
    from rich.table import Table
    from rich.text import Text

    for at, row in enumerate(records):
        grid = Table(box=None, show_edge=False, show_header=False, pad_edge=False,
                     padding=(0, 2, 0, 0))  # fmt: skip
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name in names:
            if row.get(name) is not None:
                grid.add_row(Text(name), Text(shown(row[name])))
        if at:
            console.print()
        console.print(grid)


def shown(content: Any) -> str:
    """Return a cell as a table shows it: thousands apart, nothing where it is null."""
    if isinstance(content, int | float) and not isinstance(content, bool):
        return f"{content:,.{_DIGITS}g}" if isinstance(content, float) else f"{content:,}"
    return _text(content)


def _to_csv(rows: Any, names: list[str], stream: IO[Any]) -> None:
    if _is_arrow(rows) and hasattr(stream, "buffer"):
        from pyarrow import csv as arrow_csv

        stream.flush()
        arrow_csv.write_csv(rows.select(names), stream.buffer)
        return
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(row.get(name)) for name in names] for row in _records(rows))


def _to_parquet(rows: Any, names: list[str], stream: IO[Any]) -> None:
    from pyarrow import parquet

    if hasattr(stream, "isatty") and stream.isatty():
        raise EntrepotError("parquet is not for a terminal: send it to a file with > rows.parquet")
    content = rows.select(names) if _is_arrow(rows) else arrow(rows, names)
    parquet.write_table(content, getattr(stream, "buffer", stream), compression="zstd")


def arrow(records: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> pa.Table:
    """Return records as an Arrow table; a column of mixed kinds becomes text."""
    import pyarrow as pa

    made = {}
    for name in columns if columns is not None else _names(records):
        values = [row.get(name) for row in records]
        try:
            made[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            made[name] = pa.array([None if v is None else _text(v) for v in values])
    return pa.table(made)
