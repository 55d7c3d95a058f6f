"""Places: countries, areas and groups, however they are written."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.errors import UnknownCodeError
from entrepot.reference import countries, groups
from entrepot.reference._files import closest, records, shown
from entrepot.reference._letters import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ALL = "ALL"
"""Everyone, whoever it is; unlike WLD, the world as one partner that publishers give."""

_EVERYONE = {"all", "everyone", "everybody", "allcountries", "everycountry", "anyone"}
_EU = "eu27"


def places(words: str | Sequence[str], *, what: str = "country") -> tuple[str, ...]:
    """Return places in the order given, without doubles.

    A country is its ISO alpha-3 code, an area its code in `areas.csv`, a group its name. Understood
    in any case, with or without accents, dots, hyphens and blanks: ISO alpha-3 and alpha-2, M49,
    English names with the usual other ones and the official ones, groups by name or title, `world`
    and `all`. "EU", "EU27" and "European Union" are the group eu27, never the area EU27.

    Commas and semicolons stand between places, but "Korea, Republic of" is one. A name with a comma
    whose parts are places too ("Hong Kong, China") is one place where nothing else stands beside
    it, and refused in a longer list.

    Args:
        words: A text, or several.
        what: What the places are for, named by errors: "country", "--partner".

    Raises:
        UnknownCodeError: A word is unknown, or has several meanings.
    """
    texts = [words] if isinstance(words, str) else words
    parts = [part for text in texts for part in re.split("[;\n]", text)]
    found = dict.fromkeys(place for part in parts for place in _in_list(part, what))
    if ALL in found and len(found) > 1:
        raise UnknownCodeError(
            f"{what}: all is everyone already; leave it out, or leave out the others"
        )
    return tuple(found)


def members(words: str | Sequence[str], *, what: str = "country") -> tuple[str, ...]:
    """Return places as `places` does, with each group replaced by its members; ALL stays.

    Raises:
        UnknownCodeError: A word is unknown, or has several meanings.
    """
    named = places(words, what=what)
    codes = (groups.members(name) if name != ALL else (ALL,) for name in named)
    return tuple(dict.fromkeys(code for found in codes for code in found))


def _in_list(text: str, what: str) -> Iterator[str]:
    """Give the places between the commas of a text, a name that holds commas as one."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    at = 0
    while at < len(pieces):
        runs = (pieces[at : at + size] for size in (3, 2, 1))
        run = next(run for run in runs if len(run) == 1 or _is_one(run, pieces, what))
        yield _one(", ".join(run), what)
        at += len(run)


def _is_one(run: Sequence[str], pieces: Sequence[str], what: str) -> bool:
    """Whether neighbours among the pieces are the name of one place.

    Raises:
        UnknownCodeError: They are, in a longer list, and each of them is a place as well.
    """
    joined = ", ".join(run)
    apart = [found[0] for found in map(_meanings, run) if len(found) == 1]
    are_places = len(apart) == len(run)
    one = countries.meanings(joined, any_order=not are_places)
    if len(one) == 1 and are_places and len(run) < len(pieces):
        raise UnknownCodeError(
            f"{what}: {shown(joined)} in a list may be one place, {_said(one[0])}, or "
            f"{len(run)}: {', '.join(apart)}; write the codes"
        )
    return len(one) == 1


def _one(word: str, what: str) -> str:
    found = _meanings(word)
    if len(found) == 1:
        return found[0]
    raise UnknownCodeError(f"{what}: {_several(word, found) if found else _unknown(word)}")


def _meanings(word: str) -> tuple[str, ...]:
    """Return every place that a word may stand for, groups before codes before names."""
    key = squeeze(word)
    if key in _EVERYONE:
        return (ALL,)
    if known := _groups().get(key) or _codes().get(key) or _codes().get(word.strip().casefold()):
        return (known,)
    return countries.meanings(word)


@cache
def _groups() -> Mapping[str, str]:
    """Group by its name or title; the area EU27 is the group."""
    found = {"eu": _EU, "europeanunion27": _EU}
    for row in records("group_titles"):
        found |= {squeeze(row["title"].removeprefix(the)): row["group"] for the in ("the ", "")}
    return MappingProxyType(found | {squeeze(name): name for name in groups.names()})


@cache
def _codes() -> Mapping[str, str]:
    """Place by its codes in lower case; codes of areas keep the mark before them."""
    found = {**countries.lookup("m49"), **{code: code for code in countries.areas()}}
    for code, row in countries.table().items():
        found |= {row["iso2"]: code, code: code}
    return MappingProxyType({key.casefold(): code for key, code in found.items()})


def _several(word: str, found: Sequence[str]) -> str:
    meant = " or ".join(_said(code) for code in found)
    return f"{shown(word)} may be {meant}; write which"


def _unknown(word: str) -> str:
    theirs = countries.lookup("comtrade").get(squeeze(word), "")
    if theirs in countries.table():
        return f"{shown(word)} is no M49 number; UN Comtrade has it for {_said(theirs)}, write that"
    parts = re.split(r"\s+and\s+|\s*[&+/]\s*", word, flags=re.IGNORECASE)
    if len(parts) > 1 and all(len(_meanings(part)) == 1 for part in parts):
        return f"nothing is called {shown(word)}; write commas between places"
    if close := closest(word, _spellings()):
        return f"nothing is called {shown(word)}; did you mean {' or '.join(close)}?"
    return (
        f"nothing is called {shown(word)}; write a name or code such as Turkey or TUR, a group "
        "such as eu27 (`entrepot reference show groups`), world or all"
    )


@cache
def _spellings() -> Mapping[str, str]:
    """How each country and group is said in a hint, by every spelling of it."""
    said = {code: _said(code) for code in countries.table()}
    said |= {label: said[code] for label, code in countries.lookup("name").items() if code in said}
    return MappingProxyType(said | {name: name for name in groups.names()})


def _said(code: str) -> str:
    return f"{countries.name(code)} ({code})"
