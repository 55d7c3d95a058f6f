"""Lines: in which line of a TOML file a key stands, which the standard parser does not keep."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Path = tuple[str | int, ...]
"""The way to a value: keys, and places in lists from 0."""

_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*'''
    r"|[A-Za-z0-9_-]+|[^\S\n]+|.",
    re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class Lines:
    """The text of a TOML file that was read, and the line of each of its keys."""

    text: str = ""

    def of(self, path: Path) -> int | None:
        """Return the line of a key or of an entry of a list, from 1; None where there is none.

        What is written on no line of its own, as a key that is missing, has that of the table it
        belongs to.
        """
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path) if path else None

    @cached_property
    def _found(self) -> dict[Path, int]:
        scan = _Scan(self.text)
        # What is no TOML is another's to say: what was seen until then stays.
        with suppress(IndexError, ValueError, RecursionError):
            scan.file()
        return scan.found


class Document(dict[str, Any]):
    """The tables of a TOML file, with its name and the lines of its keys."""

    def __init__(self, tables: Mapping[str, Any], name: str, lines: Lines) -> None:
        super().__init__(tables)
        self.name, self.lines = name, lines


class _Scan:
    """One walk over a text that the standard parser has accepted."""

    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self.blocks: dict[Path, int] = {}
        self.line, self.place = 1, 0
        self.tokens: list[str] = [token for token in _TOKEN.findall(text) if token[0] != "#"]

    def file(self) -> None:
        table: Path = ()
        while (token := self.peek(over_lines=True)) is not None:
            if token == "[":
                table = self.header()
            else:
                self.pair(table)

    def peek(self, *, over_lines: bool = False) -> str | None:
        """Return the next token that is no blank, without taking it; None at the end."""
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            if not token.isspace() or (token == "\n" and not over_lines):
                return token
            self.take()
        return None

    def take(self) -> str:
        token = self.tokens[self.place]
        self.place += 1
        self.line += token.count("\n")
        return token

    def key(self, table: Path) -> Path:
        """Take a key with its dots, and note its line."""
        path, line = table, self.line
        while True:
            word = self.peek()
            path = (*path, _name(self.take()) if word else "")
            self.found.setdefault(path, line)
            if self.peek() != ".":
                return path
            self.take()

    def header(self) -> Path:
        """Take [table] or [[block]]; return where it is, with the place of each block."""
        line, brackets = self.line, 0
        while self.peek() == "[":
            self.take()
            brackets += 1
        path: Path = ()
        while (token := self.peek()) != "]":
            name = self.take()
            if token != ".":
                path = (*path, _name(name))
                is_last = self.peek() == "]"
                if is_last and brackets == 2:
                    self.blocks[path] = self.blocks.get(path, -1) + 1
                self.found.setdefault(path, line)
                if path in self.blocks:
                    path = (*path, self.blocks[path])
        self.found.setdefault(path, line)
        for _bracket in range(brackets):
            self.peek()
            self.take()
        return path

    def pair(self, table: Path) -> None:
        path = self.key(table)
        self.peek()
        self.take()  # the equals sign
        self.value(path)

    def value(self, path: Path) -> None:
        opening = self.peek()
        if opening == "{":
            self.entries("}", path)
        elif opening == "[":
            self.entries("]", path)
        else:
            while self.peek() not in (",", "]", "}", "\n", None):
                self.take()

    def entries(self, closing: str, path: Path) -> None:
        """Take an inline table or a list, over as many lines as it has."""
        self.take()
        place = 0
        while (token := self.peek(over_lines=True)) != closing:
            if token == ",":
                self.take()
            elif closing == "}":
                self.pair(path)
            else:
                self.found[*path, place] = self.line
                self.value((*path, place))
                place += 1
        self.take()


def _name(token: str) -> str:
    """Return a key as it is meant: one in quotes without them."""
    return next(iter(tomllib.loads(f"{token} = 0"))) if token[0] in "\"'" else token
