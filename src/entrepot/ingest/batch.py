"""Batch: which files to take in together, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from entrepot.contracts import Query, Source

ScopeWord = Literal["part", "whole"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file, and what is known about it besides its bytes.

    `published` and `asked` come from the request it answers; `is_empty` says that the publisher has
    the periods and that nothing is in them, which the file alone cannot. `arrived` is the day it
    was fetched, which is before today where a run was cut off.
    """

    path: Path
    published: date | None = None
    asked: Query | None = None
    is_empty: bool = False
    arrived: date | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What to take in: the files, and what the user says about them.

    `published` overrides the day that a file gives; without either, the day is the one it arrived,
    or `today`, because that is when we were told. `scope` says whether the files hold all or only a
    part of what was published for their reporters and periods.
    """

    name: str
    source: Source
    files: tuple[InputFile, ...]
    today: date
    published: date | None = None
    scope: ScopeWord | None = None
    mapping: Mapping[str, Any] | None = None
    synthetic: bool = False
