"""Kept: what a world gave stays in a folder, so that a run that was cut off goes on."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Arrays = TypeVar("Arrays")


def kept(path: Path, kind: type[Arrays], make: Callable[[], Arrays]) -> Arrays:
    """Return a record of arrays from a file, made and written first where there is none."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if not path.exists():
        found = make()
        part = path.with_suffix(".part.npz")
        np.savez(part, **{name: getattr(found, name) for name in names})
        part.replace(path)
    with np.load(path) as file:
        held: dict[str, Any] = {name: file[name][()] for name in names}
    return kind(**held)
