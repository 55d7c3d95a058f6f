"""Words: what a type takes, as people say it; the type itself is the source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import inspect as types

from entrepot.reference._files import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.typed.lines import Path

_PLAIN: dict[type, tuple[str, str]] = {
    types.StrType: ("text", "texts"),
    types.IntType: ("a whole number", "whole numbers"),
    types.FloatType: ("a number", "numbers"),
    types.BoolType: ("true or false", "true or false"),
    types.DateType: ("a day, such as 2023-01-13", "days"),
    types.DictType: ("a table", "tables"),
    types.StructType: ("a table", "tables"),
}
_LISTS = (types.ListType, types.VarTupleType)


def likely(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the known words that look like one, else nothing."""
    close = closest(word, [*known])
    return f"; did you mean {' or '.join(close)}?" if close else ""


def expected_of(kind: Any) -> str:
    """Return what a type takes, in words."""
    return expected(types.type_info(kind))


def expected(info: Any, path: Path = ()) -> str:
    """Return what a type takes: its own words where it has some, else those of its kind."""
    extra = (info.extra or {}) if isinstance(info, types.Metadata) else {}
    if "expected" in extra:
        return str(extra["expected"])
    info = _bare(info)
    if isinstance(info, types.UnionType):
        kinds = [one for one in info.types if not isinstance(one, types.NoneType)]
        return " or ".join(dict.fromkeys(expected(one, path) for one in kinds))
    if isinstance(info, types.LiteralType):
        values = [written(one) if not str(one).strip(" ,.'") else str(one) for one in info.values]
        return f"one of {', '.join(values)}"
    if isinstance(info, _LISTS):
        inner = _bare(info.item_type)
        if isinstance(inner, types.StructType) and len(path) == 1:
            return f"blocks [[{path[0]}]]"
        return f"a list of {_PLAIN.get(type(inner), ('', 'values'))[1]}"
    name = f" [{path[0]}]" if len(path) == 1 else ""
    return _PLAIN.get(type(info), ("a value", ""))[0] + (name if _is_table(info) else "")


def within(info: Any, data: Any, path: Path) -> Any:
    """Return the type of the value at the end of a path."""
    for step in path:
        info = _inner(_fitting(info, data), step)
        data = data[step]
    return info


def keys(info: Any, data: Any, *, needed: bool = False) -> list[str]:
    """Return the keys that a struct takes, or those it cannot be without."""
    struct = _fitting(info, data)
    return [one.encode_name for one in struct.fields if one.required or not needed]


def keys_of_table(info: Any) -> tuple[str, ...]:
    """Return the keys that a table takes whose keys are fixed words."""
    return choices(_fitting(info, {}).key_type)


def choices(info: Any) -> tuple[str, ...]:
    """Return the words that a type takes, where these are fixed."""
    return tuple(map(str, getattr(_bare(info), "values", ())))


def _inner(info: Any, step: str | int) -> Any:
    if isinstance(info, types.AnyType):
        return info
    if isinstance(info, types.StructType):
        return next(one.type for one in info.fields if one.encode_name == step)
    if isinstance(info, types.DictType):
        return info.value_type
    if isinstance(info, _LISTS):
        return info.item_type
    return info.item_types[step]


def _bare(info: Any) -> Any:
    return info.type if isinstance(info, types.Metadata) else info


def _is_table(info: Any) -> bool:
    return isinstance(info, types.StructType | types.DictType)


def _fitting(info: Any, data: Any) -> Any:
    """Return the member of a union that takes a table or a list, whichever the data are."""
    info = _bare(info)
    if not isinstance(info, types.UnionType):
        return info
    wanted = (types.StructType, types.DictType) if isinstance(data, dict) else _LISTS
    return next(_bare(one) for one in info.types if isinstance(_bare(one), wanted))


def written(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A basic string of TOML escapes what a string of JSON does, and DEL as well.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key(name)} = {written(item)}" for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return str(value)


def key(text: str) -> str:
    """Return a key as TOML writes it, in quotes where it needs them."""
    is_bare = text.isascii() and text.replace("_", "").replace("-", "").isalnum()
    return text if is_bare else written(text)


def cut(text: str) -> str:
    """Return what an error quotes, short whatever was given."""
    return text if len(text) <= 60 else f"{text[:60]}..."
