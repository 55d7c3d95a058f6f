"""Eurostat's SDMX-CSV: one row per indicator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from entrepot.errors import DriftError, SourceError
from entrepot.sources import _read, _saved
from entrepot.sources._bytes import a_day
from entrepot.sources.eurostat.workbook import FLAGS

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.contracts import RawFile

DATASETS = ("DS-045409", "DS-059341")
REQUIRED = (
    "freq",
    "reporter",
    "partner",
    "product",
    "flow",
    "indicators",
    "TIME_PERIOD",
    "OBS_VALUE",
)
OPTIONAL = (
    "DATAFLOW",
    "LAST UPDATE",
    "STRUCTURE",
    "STRUCTURE_ID",
    "STRUCTURE_NAME",
    "OBS_FLAG",
    "CONF_STATUS",
    "ACTION",
    _saved.INDEX_NAME,
)
READ = frozenset((*REQUIRED, *OPTIONAL))
MISSING = ("", ":", "nan")


def rows(raw: RawFile, connection: DuckDBPyConnection) -> tuple[_read.Rows, date | None]:
    """Return SQL for the long table of a file, and the day of its last update.

    A download with labels has them behind the codes ("DE:Germany") or in columns of their own.

    Raises:
        SourceError: The file is not SDMX-CSV of a dataset this source reads.
        DriftError: It has a column we have never seen.
        TruncatedError: It ends in the middle of a line.
    """
    table = _saved.look(raw, connection)
    if not raw.locate:
        _read.verify(table.path, columns=len(table.header), delimiter=table.delimiter)
    header = _names(table.header)
    _check(raw.path, header)
    if table.first is None:
        raise SourceError(
            f"{raw.path.name}: no rows: not published yet or nothing to report; expected data; "
            "ask again for other periods or products"
        )
    first = dict(zip(header, table.first, strict=False))
    dataset = _code(first.get("DATAFLOW") or first.get("STRUCTURE_ID") or "")
    _check_dataset(raw.path, dataset)
    reading = _saved.indexed(_saved.rows(raw, table, header), header)
    return _long(reading, header, first), day(first.get("LAST UPDATE", ""))


def _names(header: list[str]) -> list[str]:
    """The names of the columns as codes; columns of labels, which follow theirs, get numbers."""
    names = [_code(name) if _code(name) in READ else name for name in header]
    if "STRUCTURE_NAME" not in names:
        return names
    return [
        f"_label_{place}" if name not in READ and names[place - 1] in READ else name
        for place, name in enumerate(names)
    ]


def _code(text: str) -> str:
    """The code in "DE:Germany"; a dataset's own name has a colon too."""
    return text if text.startswith("ESTAT:") else text.partition(":")[0]


def _long(reading: _read.Rows, header: list[str], first: dict[str, str]) -> _read.Rows:
    has_labels = any(":" in first.get(name, "") for name in ("freq", "reporter", "partner"))
    code = "split_part({}, ':', 1)" if has_labels else "{}"
    flag, secret = (
        f"coalesce({code.format(_read.name(name))}, '')" if name in header else "''"
        for name in ("OBS_FLAG", "CONF_STATUS")
    )
    unknown = reading.problem(
        "Drift",
        f"unknown flag {{flag}}; expected one of {', '.join(sorted(FLAGS))}; "
        "update entrepot, or report the new flag",
        flag=flag,
    )
    known = "".join(sorted(FLAGS))
    # ":" and NaN are SDMX's words for a number that is not there.
    missing = f"lower(coalesce(trim(\"OBS_VALUE\"), '')) in {MISSING}"
    hidden = f"(contains({flag}, 'c') or upper({secret}) not in ('', 'F'))"
    columns = ", ".join(
        f"{code.format(name)} as {_read.name(name.upper() if name != 'freq' else name)}"
        for name in ("freq", "reporter", "partner", "product", "flow", "indicators")
    )
    return _read.Rows(
        f"""(select {columns}, "TIME_PERIOD",
            case when not {missing} then {_read.number('"OBS_VALUE"', reading)} end as value,
            case when not regexp_full_match({flag}, '[{known}]*') then {unknown}
                when {missing} then 'confidential'
                when regexp_matches({flag}, '[es]') then 'estimated'
                else 'reported' end as status,
            {reading.at} as place
        from {reading.sql} where {_same(reading, header, first)}
            and (not {missing} or {hidden}))""",
        "place",
    )


def _same(reading: _read.Rows, header: list[str], first: dict[str, str]) -> str:
    """True for a row of the dataset and day of the first row, which speaks for the file."""
    steps = []
    for name in ("DATAFLOW", "STRUCTURE_ID", "LAST UPDATE"):
        if name in header:
            other = reading.problem(
                "Source",
                f"{name} {{{name}}}; expected {{first}}, as in the first row; ingest each download "
                "as a file of its own",
                first=_read.quote(first[name][:80] or "empty"),
            )
            is_other = f"coalesce({_read.name(name)}, '') <> {_read.quote(first[name])}"
            steps.append(f"when {is_other} then {other}")
    if "ACTION" in header:
        other = reading.problem(
            "Drift", "ACTION {ACTION}; expected I, information; download the data again"
        )
        steps.append(f"when split_part(\"ACTION\", ':', 1) <> 'I' then {other}")
    return f"case {' '.join(steps)} else true end" if steps else "true"


def _check(path: Path, header: list[str]) -> None:
    if missing := [column for column in REQUIRED if column not in header]:
        raise SourceError(
            f"{path.name}: no column {', '.join(missing)}; expected SDMX-CSV of "
            f"{' or '.join(DATASETS)} with codes ({', '.join(REQUIRED)}); download it in that "
            "format, or ingest it with generic and a mapping"
        )
    extra = [name for name in header if not name.startswith("_label_")]
    if new := [column for column in extra if column not in READ]:
        raise DriftError(
            f"{path.name}: unknown column {_read.some(new)}; expected {', '.join(REQUIRED)}; "
            "update entrepot, or report the new column"
        )
    _saved.refuse_twice(path, extra)


def _check_dataset(path: Path, dataset: str) -> None:
    if not any(known in dataset for known in DATASETS):
        raise SourceError(
            f"{path.name}: dataset {dataset!r}; expected {' or '.join(DATASETS)}; "
            "download one of these, or ingest the file with generic and a mapping"
        )


def day(text: str) -> date | None:
    """Return the day in "13/01/23 11:00:00" or "2023-01-13T11:00:00", None if there is none.

    A spreadsheet in American writes 01/13/23: a month 13 says so.
    """
    if found := re.match(r"(\d\d)/(\d\d)/(\d{4}|\d\d)\b", text):
        one, two, year = (int(part) for part in found.groups())
        year += 2000 if len(found[3]) == 2 else 0
        return a_day(year, two, one) or a_day(year, one, two)
    found = re.match(r"(\d{4})-(\d\d)-(\d\d)", text)
    return a_day(*(int(part) for part in found.groups())) if found else None
