"""XML: a large file's elements one by one, without entities, in bounded memory."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from entrepot.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 18
DEEPEST = 40
MOST = 200_000
"""Elements and texts inside one entry; the largest entry that we know has some hundreds."""


@dataclass(slots=True)
class Element:
    """An element by its local name: its attributes, its text, and the elements inside."""

    name: str
    given: dict[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Return every element of that name below, in the order of the file."""
        found = []
        for one in self.inside:
            if one.name == name:
                found.append(one)
            found += one.all(name)
        return found

    def said(self, *names: str) -> str:
        """Return the text of the first element inside that has one of these names and a text."""
        return next((one.text.strip() for one in self.inside
                     if one.name in names and one.text.strip()), "")  # fmt: skip


class _Tree:
    def __init__(self, path: Path, wanted: str) -> None:
        self.path, self.wanted = path, wanted
        self.root: Element | None = None
        self.done: list[Element] = []
        self._open: list[Element] = []
        self._depth = self._count = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.fault(f"elements inside each other more than {DEEPEST} deep")
        if self.root is None:
            self.root = Element(local, given)
        elif self._open or local == self.wanted:
            self._count += 1
            if self._count > MOST:
                raise self.fault(f"an entry of more than {MOST:,} parts")
            made = Element(local, given)
            if self._open:
                self._open[-1].inside.append(made)
            self._open.append(made)

    def end(self, _name: str) -> None:
        self._depth -= 1
        if self._open:
            made = self._open.pop()
            if not self._open:
                self.done.append(made)
                self._count = 0

    def text(self, text: str) -> None:
        if self._open:
            self._count += 1
            if len(self._open[-1].text) + len(text) > MOST or self._count > MOST:
                raise self.fault("an entry with a text that never ends")
            self._open[-1].text += text

    def doctype(self, *_given: object) -> None:
        raise self.fault("a document type, which could define entities")

    def fault(self, what: str) -> SourceError:
        return SourceError(
            f"{self.path.name}: {what}; no list has that; download it again from its publisher"
        )


def elements(path: Path, wanted: str) -> Iterator[tuple[Element, Element]]:
    """Give the root and each element of a name, as they are read.

    Raises:
        SourceError: It is no XML, it is cut, it has a document type, or it is too deep or large.
    """
    tree = _Tree(path, wanted)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = tree.text, tree.doctype
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                raise SourceError(
                    f"{path.name}: no whole XML file ({error}); download it again"
                ) from None
            assert tree.root is not None or not chunk
            for one in tree.done:
                yield tree.root or one, one
            tree.done.clear()
            if not chunk:
                return


def root_of(path: Path) -> str:
    """Return the local name of an XML file's first element, "" where it has none."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _given: found.append(name.rpartition(":")[2])
    with path.open("rb") as file, suppress(expat.ExpatError):
        parser.Parse(file.read(CHUNK), False)
    return found[0] if found else ""
