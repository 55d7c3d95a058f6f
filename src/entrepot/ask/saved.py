"""Saved: a study as the TOML that gives the same answer."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError, StudyError

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
    lines += [*_pairs(study, skip={"name", "params", *BLOCKS}), "", "[params]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in study.params.items()]
    for block in BLOCKS:
        for record in getattr(study, block):
            lines += ["", f"[[{block}]]", *_pairs(record, skip={"show", "series", "options"})]
            for table in ("show", "series", "options"):
                if inner := getattr(record, table, None):
                    lines.append(f"[{block}.{table}]")
                    lines += [f"{_key(key)} = {_value(value)}" for key, value in inner.items()]
    return "\n".join(lines) + "\n"


def _pairs(record: Any, skip: set[str]) -> Iterator[str]:
    for item in fields(record):
        value = getattr(record, item.name)
        made = item.default_factory() if item.default_factory is not MISSING else item.default
        if item.name not in skip and value != made:
            yield f"{item.name} = {_value(value)}"


def _key(text: str) -> str:
    is_bare = text.isascii() and text.replace("_", "").replace("-", "").isalnum()
    return text if is_bare else _value(text)


def _value(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A basic string of TOML escapes what a string of JSON does, and DEL as well.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return repr(value)
