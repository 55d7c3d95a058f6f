"""Columns: which column of a file holds what, by its name, by what stands in it, or as told."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from entrepot.errors import SourceError
from entrepot.reference._files import near, records
from entrepot.screen.names import latin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIELDS = (
    *("ref", "exporter", "importer", "consignee", "bank"),
    *("exporter_country", "importer_country", "consignee_country", "bank_country"),
    *("exporter_id", "importer_id", "consignee_id", "bank_id"),
    *("origin", "departure", "destination", "code", "revision", "description"),
    *("value", "currency", "mass", "date"),
)
_KNOWN = {row["name"]: row["field"] for row in records("shipment_columns")}
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](19|20)\d\d|20\d{6}")
_CODE = re.compile(r"(0[1-9]|[1-8]\d|9[0-7])\d{2}([. ]?\d{2}){1,3}")
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class ShipmentLayout:
    """Where each field is: a column's name, or one value for all rows (`constants`).

    `how` are the settings of a mapping's [format]: delimiter, encoding, sheet, decimal ("." or
    ","), day_first. `told` says which columns were found by what stands in them, and which are not
    read.
    """

    columns: dict[str, str]
    constants: dict[str, str] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def squeezed(name: str) -> str:
    """Return a header as headers are compared: Latin letters and digits alone."""
    return re.sub("[^a-z0-9]", "", latin(name.replace("_", " ")))


def find(
    path: Path, header: Sequence[str], sample: Sequence[dict[str, str]], given: ShipmentLayout
) -> ShipmentLayout:
    """Return where each field is; what the mapping says goes before names, names before content.

    Raises:
        SourceError: The mapping names a column that is not there, two columns could be one field,
            or no party, goods or route is found.
    """
    if lost := [name for name in given.columns.values() if name not in header]:
        raise SourceError(
            f"{path.name}: no column {lost[0]!r}; {near(lost[0], list(header))}; correct it under "
            "[columns] in the mapping"
        )
    columns = dict(given.columns)
    free = [name for name in header if name not in columns.values()]
    for name in free:
        if (what := _KNOWN.get(squeezed(name))) and what not in given.columns:
            if what in given.constants:
                continue
            if what in columns:
                raise SourceError(
                    f"{path.name}: {columns[what]!r} and {name!r} could both be the {what}; name "
                    f'one in a mapping: [columns] {what} = "{name}"'
                )
            columns[what] = name
    told = _by_content(columns, [name for name in header if name not in columns.values()], sample)
    if not {"exporter", "importer", "consignee", "code", "description"} & {
        *columns,
        *given.constants,
    }:
        raise SourceError(
            f"{path.name}: no column of a party or of goods among {', '.join(header)[:200]}; name "
            'them in a mapping: [columns] importer = "...", code = "..."'
        )
    unread = [name for name in header if name not in columns.values()]
    told += [f"not read: {', '.join(unread)[:300]}"] if unread else []
    return ShipmentLayout(columns, given.constants, given.how, tuple(told))


def _by_content(
    columns: dict[str, str], free: list[str], sample: Sequence[dict[str, str]]
) -> list[str]:
    """Add the one column that holds days, and the one that holds codes, if nothing is named so."""
    told = []
    for what, pattern in (("date", _DAY), ("code", _CODE)):
        if what in columns:
            continue
        fit = []
        for name in free:
            cells = [row.get(name, "").strip() for row in sample]
            filled = [cell for cell in cells if cell]
            if len(filled) >= 3 and sum(bool(pattern.fullmatch(c)) for c in filled) >= 0.9 * len(
                filled
            ):
                fit.append(name)
        if len(fit) == 1:
            columns[what] = fit[0]
            free.remove(fit[0])
            told.append(f"column {fit[0]!r} is taken for the {what} by what stands in it")
    return told


def mapping(path: Path) -> ShipmentLayout:
    """Read a mapping: tables [columns], [constants] and [format], each key once.

    Raises:
        SourceError: It is no TOML, or a key is unknown.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"mapping {path.name}: cannot be read ({error}); correct it") from None
    known = {"columns": FIELDS, "constants": FIELDS,
             "format": ("delimiter", "encoding", "sheet", "decimal", "day_first")}  # fmt: skip
    for table, values in data.items():
        if table not in known or not isinstance(values, dict):
            raise SourceError(
                f"mapping {path.name}: no table [{table}]; there are: {', '.join(known)}"
            )
        if odd := [key for key in values if key not in known[table]]:
            raise SourceError(
                f"mapping {path.name}: no key {odd[0]!r} in [{table}]; {near(odd[0], known[table])}"
            )
    texts = {t: {k: str(v) for k, v in data.get(t, {}).items()} for t in ("columns", "constants")}
    return ShipmentLayout(texts["columns"], texts["constants"], data.get("format", {}))
