"""Saved: a study as the TOML that gives the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT
from msgspec.structs import fields

from entrepot.errors import StoreError, StudyError
from entrepot.typed import key, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from entrepot.study.question import Study

BLOCKS = ("figure", "derived", "tally", "claim", "breakdown", "picture")


def save(study: Study, path: Path, command: str) -> None:
    """Write a study as TOML.

    Args:
        study: The study.
        path: The file, which must end in .toml.
        command: What it was made by, for its first line.

    Raises:
        StudyError: The path does not end in .toml.
        StoreError: The file cannot be written.
    """
    if path.suffix.lower() != ".toml":
        raise StudyError(
            f"ask: --save {path} ends in {path.suffix or 'nothing'}; a study is a file that ends "
            f"in .toml, as {path.with_suffix('.toml')}"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml(study, command), "utf-8")
    except OSError as error:
        raise StoreError(
            f"ask: {path} cannot be written ({error.strerror}); choose another place with --save"
        ) from None


def toml(study: Study, command: str = "") -> str:
    """Return a study as TOML, without what is left at its default."""
    lines = [f"# {command}"] if command else []
    lines += [*_pairs(study, skip={"name", "lines", "params", *BLOCKS}), "", "[params]"]
    lines += [f"{key(name)} = {written(value)}" for name, value in study.params.items()]
    for block in BLOCKS:
        for record in getattr(study, block):
            lines += ["", f"[[{block}]]", *_pairs(record, skip={"show", "series", "options"})]
            for table in ("show", "series", "options"):
                if inner := getattr(record, table, None):
                    lines.append(f"[{block}.{table}]")
                    lines += [f"{key(name)} = {written(value)}" for name, value in inner.items()]
    return "\n".join(lines) + "\n"


def _pairs(record: Any, skip: set[str]) -> Iterator[str]:
    for item in fields(record):
        value = getattr(record, item.name)
        made = item.default if item.default_factory is NODEFAULT else item.default_factory()
        if item.name not in skip and value != made:
            yield f"{item.name} = {written(value)}"
