"""World: what the generator hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file of the demo world: which connector reads it and the day it was published."""

    source: str
    path: Path
    published: date


@dataclass(frozen=True, slots=True)
class World:
    """A generated world: its files, oldest release first, and the planted truth by table name."""

    files: tuple[DemoFile, ...]
    truth: dict[str, pa.Table]
