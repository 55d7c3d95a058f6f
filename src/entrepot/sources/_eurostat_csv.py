"""Eurostat's SDMX-CSV: one row per indicator."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from entrepot.errors import DriftError, SourceError
from entrepot.sources import _read
from entrepot.sources._eurostat_workbook import FLAGS

if TYPE_CHECKING:
    from pathlib import Path

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
)


def rows(raw: RawFile) -> tuple[_read.Rows, date | None]:
    """Return SQL for the long table of a file, and the day of its last update.

    Raises:
        SourceError: The file is not SDMX-CSV of a dataset this source reads.
        DriftError: It has a column we have never seen.
    """
    lines = _read.text(raw.path).splitlines()
    header = _read.fields(lines[0], ",")
    _check(raw.path, header)
    if len(lines) < 2:
        raise SourceError(
            f"{raw.path.name}: no rows: not published yet or nothing to report; expected data; "
            "ask again for other periods or products"
        )
    first = dict(zip(header, _read.fields(lines[1], ","), strict=False))
    _check_dataset(raw.path, first.get("DATAFLOW") or first.get("STRUCTURE_ID") or "")
    reading = _read.csv_rows(raw.path, header, delimiter=",", skip=1, locate=raw.locate)
    return _long(reading, header), day(first.get("LAST UPDATE", ""))


def _long(reading: _read.Rows, header: list[str]) -> _read.Rows:
    flag = "coalesce(\"OBS_FLAG\", '')" if "OBS_FLAG" in header else "''"
    unknown = reading.problem(
        "Drift",
        f"'unknown flag ' || {flag} || '; expected one of {', '.join(sorted(FLAGS))}; "
        "update entrepot, or report the new flag'",
    )
    known = "".join(sorted(FLAGS))
    return _read.Rows(
        f"""(select freq, reporter as "REPORTER", partner as "PARTNER", product as "PRODUCT",
            flow as "FLOW", indicators as "INDICATORS", "TIME_PERIOD",
            {_read.number('"OBS_VALUE"', reading)} as value,
            case when not regexp_full_match({flag}, '[{known}]*') then {unknown}
                when regexp_matches({flag}, '[es]') then 'estimated'
                else 'reported' end as status,
            {reading.at} as place
        from {reading.sql} where coalesce(trim("OBS_VALUE"), '') not in ('', ':'))""",
        "place",
    )


def _check(path: Path, header: list[str]) -> None:
    if missing := [column for column in REQUIRED if column not in header]:
        raise SourceError(
            f"{path.name}: no column {', '.join(missing)}; expected SDMX-CSV of "
            f"{' or '.join(DATASETS)} with codes ({', '.join(REQUIRED)}); download it in that "
            "format, or ingest it with generic and a mapping"
        )
    if new := [column for column in header if column not in (*REQUIRED, *OPTIONAL)]:
        raise DriftError(
            f"{path.name}: unknown column {', '.join(new)}; expected {', '.join(REQUIRED)}; "
            "update entrepot, or report the new column"
        )


def _check_dataset(path: Path, dataset: str) -> None:
    if not any(known in dataset for known in DATASETS):
        raise SourceError(
            f"{path.name}: dataset {dataset!r}; expected {' or '.join(DATASETS)}; "
            "download one of these, or ingest the file with generic and a mapping"
        )


def day(text: str) -> date | None:
    """Return the day in "13/01/23 11:00:00" or "2023-01-13T11:00:00"."""
    if found := re.match(r"(\d\d)/(\d\d)/(\d{4}|\d\d)\b", text):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        return date(year, int(found[2]), int(found[1]))
    found = re.match(r"\d{4}-\d\d-\d\d", text)
    return date.fromisoformat(found[0]) if found else None
