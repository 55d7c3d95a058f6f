"""Data package: rows with their meaning, sources and command in one file, by Frictionless' norm."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from entrepot import __version__
from entrepot.publish import export
from entrepot.schema import FLOWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

TYPES = {
    "string": "string", "large_string": "string", "double": "number", "int64": "integer",
    "bool": "boolean", "date32[day]": "date",
}  # fmt: skip
"""Arrow's types in the words of Table Schema; any other is "any"."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""The time inside the archive, so that the same rows give the same bytes."""


def write(
    path: Path,
    table: pa.Table,
    *,
    title: str,
    about: Sequence[tuple[str, str]],
    sources: Sequence[Mapping[str, Any]],
    synthetic: bool,
) -> None:
    """Write rows.csv and datapackage.json into one zip.

    Args:
        path: The zip.
        table: The rows; a column of `schema.FLOWS` brings its meaning.
        title: One sentence.
        about: What a reader must know, as pairs of what and said.
        sources: Publisher, day and vintage of each source.
        synthetic: Whether the rows are of an invented world.
    """
    rows = io.StringIO()
    export.table(table, None, "csv", rows)
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "entrepot-rows",
        "title": ("SYNTHETIC: " if synthetic else "") + title,
        "description": "\n\n".join(f"{what}: {said}" for what, said in about),
        "version": __version__,
        "sources": [
            {"title": f"{one['publisher']}, published {one['published']}: {one['vintage']}"}
            for one in sources
        ],
        "resources": [
            {
                "name": "rows",
                "path": "rows.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": _fields(table), "missingValues": [""]},
            }
        ],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("datapackage.json", export.dump(package)),
            ("rows.csv", rows.getvalue()),
        ):
            archive.writestr(zipfile.ZipInfo(name, STAMP), text)


def _fields(table: pa.Table) -> list[dict[str, Any]]:
    known = {one.name: one for one in (*FLOWS.grain, *FLOWS.values)}
    found = []
    for field in table.schema:
        told: dict[str, Any] = {"name": field.name, "type": TYPES.get(str(field.type), "any")}
        if one := known.get(field.name):
            told["description"] = f"{one.doc} {one.unit}".strip()
            if one.allowed:
                told["constraints"] = {"enum": list(one.allowed)}
        found.append(told)
    return found
