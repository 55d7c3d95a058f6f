"""Passports: where a list comes from, and whether every list keeps its promise."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from entrepot.errors import RegistryError, UnknownCodeError
from entrepot.reference._files import DATA, near
from entrepot.reference._files import read as read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REQUIRED = ("title", "source", "published", "retrieved", "licence", "notes")


def passport(path: Path) -> Mapping[str, Any]:
    """Return the passport of a list, given the path of its CSV or TOML.

    Raises:
        RegistryError: The passport is missing, or is not TOML.
    """
    path = Path(path).with_suffix(".toml")
    try:
        return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RegistryError(
            f"reference: cannot read the passport {path} ({error}); "
            f"expected TOML with {', '.join(REQUIRED)}"
        ) from error


def listing() -> tuple[tuple[str, str, str, int, Path], ...]:
    """Return one (kind, name, title, rows, path) per list that ships, sorted."""
    found = []
    for path in DATA.rglob("*.csv"):
        given = passport(path)
        found.append((given["kind"], path.stem, given["title"], len(read_csv(path)[1]), path))
    return tuple(sorted(found))


def read(name: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return header and rows, as text, of "goods/chpl-2023-09", "chpl-2023-09" or "groups/eu27".

    What follows the slash may also be a value of the first column: then only its rows come back.

    Raises:
        UnknownCodeError: No list is called so, and none has such rows.
    """
    lists = {path.relative_to(DATA).with_suffix("").as_posix(): path for *_, path in listing()}
    by_stem = {path.stem: path for path in lists.values()}
    path = lists.get(name) or by_stem.get(name)
    if path is not None:
        return read_csv(path)
    parent, _, key = name.partition("/")
    if parent in lists:
        header, rows = read_csv(lists[parent])
        rows = tuple(row for row in rows if row[0] == key)
        if rows:
            return header, rows
        known = [f"{parent}/{row[0]}" for row in read_csv(lists[parent])[1]]
        raise UnknownCodeError(f"reference: no {name!r}; {near(name, known)}")
    raise UnknownCodeError(f"reference: no list {name!r}; {near(name, [*lists, *by_stem])}")


def check(folder: Path = DATA) -> list[str]:
    """Return every promise that a list in the folder breaks, one line each.

    A list is a UTF-8 CSV with one header, no cell with stray spaces, rows in text order and none
    twice, beside a TOML passport of the same stem that says how many rows there are.
    """
    problems = [
        f"{path.relative_to(folder)}: no list of that name; remove it or add the CSV"
        for path in sorted(folder.rglob("*.toml"))
        if not path.with_suffix(".csv").exists()
    ]
    for path in sorted(folder.rglob("*.csv")):
        where = path.relative_to(folder)
        problems += [f"{where}: {problem}" for problem in _problems(path)]
    return problems


def _problems(path: Path) -> Iterator[str]:
    rows = -1
    try:
        header, body = read_csv(path)
        rows = len(body)
        yield from _table_problems(header, body)
        if path.read_bytes().startswith(codecs.BOM_UTF8):
            yield "the file starts with a byte-order mark; save it as plain UTF-8"
    except RegistryError as error:
        yield str(error)
    try:
        yield from _passport_problems(passport(path), rows)
    except RegistryError as error:
        yield str(error)


def _table_problems(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    if "" in header or len(set(header)) != len(header):
        yield f"the header {','.join(header)} has an empty name or one twice"
    if list(rows) != sorted(set(rows)):
        yield "rows are not in text order, or one comes twice; sort the file"
    for number, row in enumerate(rows, start=2):
        if any(cell != cell.strip() for cell in row):
            yield f"row {number} has a cell with spaces around it"


def _passport_problems(given: Mapping[str, Any], rows: int) -> Iterator[str]:
    for key in (*REQUIRED, "kind"):
        if not given.get(key):
            yield f"the passport has no {key}"
    if given.get("kind") == "goods" and not given.get("classification"):
        yield "the passport has no classification, such as HS2022"
    if not isinstance(given.get("notes"), list):
        yield "notes in the passport is not a list of sentences"
    if rows >= 0 and given.get("rows") != rows:
        yield f"the passport says {given.get('rows')} rows, the list has {rows}"
