"""Typed: what a TOML file may hold, as structs; a mistake in one has its path and its line."""

from entrepot.typed.lines import Document, Lines, Path
from entrepot.typed.misfit import Misfit, convert
from entrepot.typed.words import cut, expected_of, key, likely, written

__all__ = [
    "Document",
    "Lines",
    "Misfit",
    "Path",
    "convert",
    "cut",
    "expected_of",
    "key",
    "likely",
    "written",
]
