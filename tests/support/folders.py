"""Folders: what lies in one, byte by byte."""

from __future__ import annotations

from pathlib import Path


def content(folder):
    """Every file below a folder with its bytes."""
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
