"""Stored: lists in the store, kept by day beside the flows, and read as of a day.

A list is a material of the store: the publisher's bytes with a manifest that the head names. A
later file of the same list (SDN and consolidated are two) stands in the place of an earlier one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from entrepot.errors import SourceError, UnknownCodeError
from entrepot.screen.lists import eu, ftm, ofac, uk
from entrepot.screen.lists._xml import root_of
from entrepot.store import materials
from entrepot.store.vintages import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from entrepot.screen.match._types import Entry
    from entrepot.store.materials import Stored

PUBLISHERS: dict[str, ModuleType] = {"eu": eu, "ftm": ftm, "ofac": ofac, "uk": uk}
PREFIX = "list-"
ROOTS = {"sdnList": "ofac", "export": "eu", "Designations": "uk"}


@dataclass(frozen=True, slots=True)
class ListVintage:
    """A stored list: whose, which of its files, of which day, and the hash of its bytes."""

    name: str
    publisher: str
    licence: str
    published: date
    sha256: str
    file: str
    stored: Stored

    @property
    def id(self) -> str:
        """What outputs name it by."""
        return f"{self.name}-{self.published}-{self.sha256[:8]}"


def format_of(path: Path) -> str:
    """Return whose list a file is, by its first bytes.

    Raises:
        SourceError: It is none that we read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096).lstrip(b"\xef\xbb\xbf \r\n")
    except OSError as error:
        raise SourceError(
            f"{path.name}: cannot be read ({error.strerror}); check the path"
        ) from None
    if start.startswith(b"<") and (found := ROOTS.get(root_of(path))):
        return found
    line = start.decode("utf-8", "replace")
    if start.startswith(b"{"):
        return "ftm"
    if eu.NAMES in line:
        return "eu"
    if "Name 6" in line:
        return "uk"
    if '"id","schema","name"' in line or line.startswith("id,schema,name"):
        return "ftm"
    if "-0-" in line:
        return "ofac"
    raise SourceError(
        f"{path.name}: none of the lists that are read; expected OFAC's sdn.csv or sdn.xml, the "
        "EU's or the UK's CSV or XML, or entities of FollowTheMoney (JSON lines, "
        "targets.simple.csv); name the publisher with --list"
    )


def take(store: Path, path: Path, *, name: str = "", published: date | None = None,
         part: str = "") -> tuple[ListVintage, int]:  # fmt: skip
    """Read a list in full and keep its bytes in the store; return it and its number of entries.

    Args:
        store: The store's folder.
        path: The publisher's file.
        name: Whose it is, of `PUBLISHERS`; "" looks at it.
        published: Its day; None is today's, or that in its name.
        part: Which of a publisher's lists, as "consolidated"; "" is the file's stem without days.

    Raises:
        SourceError: It cannot be read in full, or holds no entry.
        UnknownCodeError: There is no such publisher.
        StoreError: The store cannot be written.
    """
    whose = name or format_of(path)
    if whose not in PUBLISHERS:
        raise UnknownCodeError(f"party: no list {whose!r}; there are: {', '.join(PUBLISHERS)}")
    publisher = PUBLISHERS[whose]
    count = sum(1 for _ in publisher.read(path))
    if not count:
        raise SourceError(f"{path.name}: holds no entry; download it again")
    kind = re.sub("[^a-z0-9]+", "-", (part or _stem(path)).casefold()).strip("-")
    kind = kind.removeprefix(whose).strip("-") or "list"
    kept = materials.keep(
        store,
        path,
        name=f"{PREFIX}{whose}-{kind}"[:90],
        day=published or _named_day(path) or datetime.now(tz=UTC).date(),
        address="",
        publisher=publisher.PUBLISHER,
        licence=publisher.LICENCE,
    )
    return _vintage(kept), count


def held(store: Path, as_of: date | None = None) -> list[ListVintage]:
    """Return the newest file of each list that was there on a day, sorted by name."""
    if not store.exists():
        return []
    names = {key.partition("/")[0] for key in Store(store).head()[0].materials}
    found = []
    for name in sorted(one for one in names if one.startswith(PREFIX)):
        fit = [one for one in materials.stored(store, name) if as_of is None or one.day <= as_of]
        if fit:
            materials.newest(store, name, as_of)  # refuses bytes that changed
            found.append(_vintage(fit[-1]))
    return found


def entries(lists: list[ListVintage]) -> Iterator[Entry]:
    """Give the entries of stored lists, each with the vintage that it is of."""
    for one in lists:
        whose = one.name.partition("-")[0]
        for entry in PUBLISHERS[whose].read(one.stored.path):
            yield replace(entry, list=one.name, vintage=one.id)


def _vintage(one: Stored) -> ListVintage:
    name = one.name.removeprefix(PREFIX)
    return ListVintage(name, one.publisher, one.licence, one.day, one.sha256, one.file, one)


def _named_day(path: Path) -> date | None:
    found = re.search(r"(20\d\d)-?([01]\d)-?([0-3]\d)", path.name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _stem(path: Path) -> str:
    return re.sub(r"[-_]?20\d\d[-_]?[01]\d([-_]?[0-3]\d)?", "", path.name.partition(".")[0])
