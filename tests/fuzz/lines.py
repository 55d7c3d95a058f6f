"""Lines: changes of a text as a table of lines and fields, or as the TOML of a mapping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fuzz.odd import KEYS, ODD, SETTING_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _lines(text: str) -> list[str]:
    return text.split("\n")


def cut(rng: Random, text: str, _d: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _drop_line(rng: Random, text: str, _d: str) -> str:
    lines = _lines(text)
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def _repeat_line(rng: Random, text: str, _d: str) -> str:
    lines = _lines(text)
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return "\n".join(lines)


def _swap_lines(rng: Random, text: str, _d: str) -> str:
    lines = _lines(text)
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _fields(rng: Random, text: str, delimiter: str, change: Callable[[list[str]], None]) -> str:
    lines = _lines(text)
    place = rng.randrange(len(lines))
    fields = lines[place].split(delimiter)
    change(fields)
    lines[place] = delimiter.join(fields)
    return "\n".join(lines)


def _drop_field(rng: Random, text: str, d: str) -> str:
    return _fields(rng, text, d, lambda fields: fields.pop(rng.randrange(len(fields))))


def _repeat_field(rng: Random, text: str, d: str) -> str:
    return _fields(rng, text, d, lambda f: f.insert(rng.randrange(len(f)), rng.choice(f)))


def _swap_fields(rng: Random, text: str, d: str) -> str:
    return _fields(rng, text, d, lambda f: f.insert(0, f.pop(rng.randrange(len(f)))))


def _odd_field(rng: Random, text: str, d: str) -> str:
    def change(fields: list[str]) -> None:
        fields[rng.randrange(len(fields))] = rng.choice(ODD)

    return _fields(rng, text, d, change)


def _column(rng: Random, text: str, d: str) -> str:
    """Give every row one more field, under a name that is there, in another case or new."""
    header, *rows = _lines(text)
    name = rng.choice(header.split(d))
    name = rng.choice((name, name.swapcase(), f" {name}", f"{name} ", '""', "new", rng.choice(ODD)))
    value = rng.choice((rng.choice(ODD), "1"))
    return "\n".join([header + d + name, *(row + d + value if row else row for row in rows)])


def _rename(rng: Random, text: str, d: str) -> str:
    header, *rows = _lines(text)
    names = header.split(d)
    place = rng.randrange(len(names))
    names[place] = rng.choice((names[place].swapcase(), rng.choice(names), rng.choice(ODD)))
    return "\n".join([d.join(names), *rows])


def _line_ends(rng: Random, text: str, _d: str) -> str:
    return text.replace("\n", rng.choice(("\r\n", "\r", "\n\n", "\n \n", "\x85", "\u2028")))


def _other_delimiter(rng: Random, text: str, d: str) -> str:
    return text.replace(d, rng.choice(("\t", ";", "|", ",", " ", "~")))


def _insert(rng: Random, text: str, _d: str) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(ODD) + text[place:]


def _many(rng: Random, text: str, _d: str) -> str:
    return text + "\n".join([rng.choice(_lines(text))] * rng.choice((3, 400)))


def _setting(rng: Random, text: str, _d: str) -> str:
    """Give a key of a mapping another value, of another type as likely as not."""
    lines = _lines(text)
    places = [place for place, line in enumerate(lines) if " = " in line]
    place = rng.choice(places)
    key, _, value = lines[place].partition(" = ")
    word = json.dumps(rng.choice(ODD)[:300])
    given = rng.choice((word, *SETTING_VALUES, value))
    lines[place] = f"{rng.choice((key, key, key, word))} = {given}"
    return "\n".join(lines)


def _section(rng: Random, text: str, _d: str) -> str:
    """Make a table of a mapping a value, or add a key or table that it knows elsewhere."""
    names = [line for line in _lines(text) if line.startswith("[")]
    given = rng.choice(SETTING_VALUES)
    key = rng.choice(KEYS)
    if rng.random() < 0.5:
        name = rng.choice(names)
        head, _, tail = text.partition(f"{name}\n")
        rest = tail[tail.find("\n[") + 1 :] if "\n[" in tail else ""
        return f"{name[1:-1]} = {given}\n{head}{rest}"
    place = text.find(rng.choice(names))
    end = text.find("\n", place) + 1
    return f"{text[:end]}{key} = {given}\n{text[end:]}"


TABLE = (
    *(cut, _drop_line, _repeat_line, _swap_lines, _drop_field, _repeat_field, _swap_fields),
    *(_odd_field, _odd_field, _odd_field, _odd_field, _column, _column, _rename, _line_ends),
    *(_other_delimiter, _insert, _insert, _many),
)
SETTINGS = (_setting, _setting, _setting, _section, _section, _drop_line, _swap_lines, _insert)
