"""Shared: where real publishers' files and collected cases lie, if they are here."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
