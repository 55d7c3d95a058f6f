"""Rows: CSV files of publishers, line by line, and the words that entries are made from."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from entrepot import terms
from entrepot.errors import EntrepotError, SourceError
from entrepot.screen.match._types import Entry
from entrepot.screen.names import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CELL = 1 << 20
"""Letters of a cell; some reasons for a listing have tens of thousands."""
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d %b %Y", "%m/%d/%Y")


def rows(path: Path, delimiter: str = ",") -> Iterator[list[str]]:
    """Give the rows of a CSV file in UTF-8.

    Raises:
        SourceError: It is not in UTF-8, or a cell is larger than any list has.
    """
    before = csv.field_size_limit(CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file, delimiter=delimiter)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"{path.name}: cannot be read as CSV in UTF-8 ({error}); download it again"
        ) from None
    finally:
        csv.field_size_limit(before)


@lru_cache(4096)
def country(words: str) -> str:
    """Return the ISO alpha-3 code of a country, "" for what is none, as XKX or a dissolved one."""
    text = re.sub(r"\s+", " ", words.strip()[:80])
    if not text:
        return ""
    try:
        found = terms.members(text)
    except EntrepotError:
        return ""
    return found[0] if len(found) == 1 and len(found[0]) == 3 else ""


def countries(words: Iterable[str]) -> tuple[str, ...]:
    """Return the countries that texts name, sorted."""
    return tuple(sorted({country(word) for word in words} - {""}))


def numbers(words: Iterable[str]) -> tuple[str, ...]:
    """Return the identifiers that texts are, sorted."""
    return tuple(sorted({identifier(word) for word in words} - {""}))


@lru_cache(4096)
def day(text: str) -> str:
    """Return a day as 2022-03-15, "" for what is none."""
    cut = text.strip()[:19]
    for form in _DAYS:
        try:
            return datetime.strptime(cut, form).date().isoformat()
        except ValueError:
            continue
    return ""


def entry(
    list_: str,
    id_: str,
    kind: str,
    names: Iterable[str],
    *,
    weak: Iterable[str] = (),
    places: Iterable[str] = (),
    ids: Iterable[str] = (),
    since: str = "",
    programmes: Iterable[str] = (),
) -> Entry | None:
    """Return an entry, or None where no name is left."""
    good = tuple(dict.fromkeys(name for text in names if (name := " ".join(text.split()))))
    if not good:
        return None
    others = tuple(
        n for n in dict.fromkeys(" ".join(t.split()) for t in weak) if n and n not in good
    )
    told = tuple(sorted({one for one in programmes if one}))
    return Entry(list_, id_, kind, good, others, countries(places), numbers(ids), since, told)


KINDS = {
    "individual": "person", "person": "person", "p": "person", "entity": "organisation",
    "enterprise": "organisation", "e": "organisation", "company": "organisation",
    "organization": "organisation", "legalentity": "organisation", "publicbody": "organisation",
    "vessel": "vessel", "ship": "vessel", "aircraft": "aircraft", "airplane": "aircraft",
}  # fmt: skip


def kind(word: str) -> str:
    """Return what kind of a thing an entry is, in our word; "" where the list does not say."""
    return KINDS.get(word.strip().casefold(), "")
