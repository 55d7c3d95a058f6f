"""Audit: whether a store still holds what its manifests say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from entrepot.errors import EntrepotError
from entrepot.store.archive import digest
from entrepot.store.vintages import MANIFEST, SLICES

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.store.vintages import Vintage


def audit(vintage: Vintage) -> list[str]:
    """Check every file of a vintage by its sha256; return the problems, one line each.

    An empty list means that the raw bytes, the rows and the slices are what was written.
    """
    problems = []
    expected = {vintage.folder / "raw" / raw.sha256: raw.sha256 for raw in vintage.raw}
    expected |= {vintage.folder / name: sha256 for name, sha256 in vintage.parts.items()}
    for path, sha256 in expected.items():
        problems += _problem(path, sha256)
    found = {path for path in vintage.folder.rglob("*") if path.is_file()}
    stray = found - expected.keys() - {vintage.folder / MANIFEST}
    problems += [f"{path}: not in the manifest; remove it" for path in sorted(stray)]
    if not problems:
        rows = sum(
            pq.read_metadata(vintage.folder / name).num_rows
            for name in vintage.parts
            if name != SLICES
        )
        if rows != vintage.rows:
            problems.append(f"{vintage.id}: {rows:,} rows, the manifest says {vintage.rows:,}")
    return problems


def _problem(path: Path, sha256: str) -> list[str]:
    try:
        seen = digest(path).sha256
    except EntrepotError as error:
        return [f"{path}: {error}"]
    if seen != sha256:
        return [f"{path}: changed since it was written; restore it or ingest the file again"]
    return []
