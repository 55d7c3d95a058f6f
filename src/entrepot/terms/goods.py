"""Goods: a list, a part of one or codes of one's own, however they are written."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.errors import UnknownCodeError
from entrepot.reference import goods as lists
from entrepot.reference._codes import digits
from entrepot.reference._files import closest, shown
from entrepot.reference._letters import squeeze
from entrepot.reference.goods import Good, GoodsList

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALL_GOODS = "all-goods"
"""The name of the list that is one product, the total over all goods."""

TOTAL = "TOTAL"
_ALL = {"all", "allgoods", "total", "everything", "allproducts"}
_TIER = re.compile(r"(?:(.*?)[\s,;:/]+)??tiers?\s*[:= ]?\s*([0-9a-z].*)", re.IGNORECASE)
_SHOWN = 3  # codes that a title spells out before "and 7 more"


def goods(words: str | Sequence[str], *, folder: Path | None = None) -> GoodsList:
    """Return the goods that people mean.

    A list that ships by its name, a tier of one (`chpl-2024-02 tier:1`; `tier:1` alone is that of
    the newest common high priority list, and `tier:3` is 3.A with 3.B), the path of a CSV, HS codes
    of 2 to 12 digits with or without dots and blanks, or `all` for the total over all goods.

    A code typed alone takes title and predecessors from the newest shipped list that has it, and
    its note says so; others have themselves as predecessors, with class `unstated`. A code inside
    another one is left out, and the list's note names it.

    Args:
        words: A text, with commas or semicolons between codes; or several.
        folder: Where the path of a CSV starts; the working directory if left out.

    Raises:
        UnknownCodeError: There is no such list, tier or code.
    """
    text = (words if isinstance(words, str) else ", ".join(words)).strip()
    if squeeze(text) in _ALL:
        return all_goods()
    if listed := _listed(text, folder):
        return listed
    if tier := _TIER.fullmatch(text):
        name = (tier[1] or "").strip()
        given = _listed(name, folder) if name else _newest()
        if given is None:
            raise UnknownCodeError(f"goods: {_no_list(name)}")
        return _tiers(given, tier[2])
    return _typed([piece.strip() for piece in re.split("[,;\n]", text) if piece.strip()])


def all_goods() -> GoodsList:
    """Return the list of one product, the total that a publisher gives or leaves to be added."""
    whole = Good(TOTAL, "", "All goods", TOTAL, "unchanged", TOTAL, "unchanged", "")
    source = "The total over all goods, as published, or added up where a publisher gives none"
    return GoodsList(ALL_GOODS, "All goods in total", "", source, "HS", (whole,))


def _listed(text: str, folder: Path | None) -> GoodsList | None:
    """Return a shipped list by its name, or a user's by its path; None if it is neither."""
    if text.lower().endswith(".csv"):
        return lists.load(_file(text, folder or Path()), any_length=True)
    by_key = {squeeze(name): name for name in lists.names()}
    name = by_key.get(squeeze(text))
    return lists.load(name) if name else None


def _file(text: str, folder: Path) -> Path:
    with suppress(OSError, RuntimeError):  # a name too long, a home that nobody has
        path = folder / Path(text).expanduser()
        if path.is_file():
            return path
    raise UnknownCodeError(
        f"goods: there is no file {shown(text)}; give the path of a CSV with a column `code`"
    )


def _newest() -> GoodsList:
    common = [lists.load(name) for name in lists.names() if name.startswith("chpl-")]
    return max(common, key=lambda listed: listed.published)


def _tiers(given: GoodsList, text: str) -> GoodsList:
    """Return the goods of some tiers of a list; "3" stands for 3.A and 3.B."""
    known = sorted({good.tier for good in given.goods} - {""})
    asked = re.sub(r"\btiers?|\band\b", " ", text, flags=re.IGNORECASE)
    chosen = {tier for tier in known if squeeze(tier) == squeeze(asked)}
    for word in () if chosen else re.findall(r"[^\s,;:=+&]+", asked):
        key = squeeze(word)
        fits = {t for t in known if squeeze(t) == key or squeeze(t.split(".")[0]) == key}
        if not fits:
            there_are = f"the tiers {', '.join(known)}" if known else "no tiers"
            raise UnknownCodeError(
                f"goods: {given.name} has no tier {shown(word)}; it has {there_are}"
            )
        chosen |= fits
    kept = tuple(good for good in given.goods if good.tier in chosen)
    named = f"tier{'s' if len(chosen) > 1 else ''} {', '.join(sorted(chosen))}"
    return replace(given, title=f"{given.title}, {named}", goods=kept)


def _typed(pieces: Sequence[str]) -> GoodsList:
    if not pieces:
        raise UnknownCodeError(f"goods: nothing was asked for; {_forms()}")
    asked = {code: _good(code) for code in map(_code, pieces)}
    kept, note = lists.outermost(asked.values())
    title = _title([good for good in asked.values() if good in kept])
    return GoodsList("codes", title, "", "Codes as given", "HS2022", kept, note)


def _code(piece: str) -> str:
    bare = re.sub(r"^(?:hs|code)\W*(?=[0-9])", "", piece.strip("\"'` "), flags=re.IGNORECASE)
    if not bare[:1].isdigit():
        raise UnknownCodeError(f"goods: {_no_list(piece)}")
    try:
        return digits(bare)
    except UnknownCodeError as error:
        raise UnknownCodeError(f"goods: {error}") from None


def _good(code: str) -> Good:
    """Return a typed code, with what the newest shipped list that has it knows of it."""
    if code not in _known():
        return Good(code, "", "", code, "unstated", code, "unstated", "")
    name, good = _known()[code]
    note = f"Title and predecessors as in {name}"
    return replace(good, tier="", note=f"{note}. {good.note}" if good.note else note)


@cache
def _known() -> Mapping[str, tuple[str, Good]]:
    shipped = sorted((lists.load(name) for name in lists.names()), key=lambda one: one.published)
    return MappingProxyType(
        {
            good.code: (listed.name, good)
            for listed in shipped
            for good in listed.goods
            if good.description  # a list without texts and predecessors tells nothing of a code
        }
    )


def _title(given: Sequence[Good]) -> str:
    is_hs = all(len(good.code) <= 6 for good in given)
    if len(given) == 1:
        named = f"{'HS' if is_hs else 'Code'} {given[0].code}"
        return f"{named} ({given[0].description})" if given[0].description else named
    first = ", ".join(good.code for good in given[:_SHOWN])
    more = f" and {len(given) - _SHOWN} more" if len(given) > _SHOWN else ""
    return f"{len(given)} {'HS ' if is_hs else ''}codes: {first}{more}"


def _no_list(word: str) -> str:
    if squeeze(word) in {squeeze(name) for name in lists.names()} | _ALL:
        return f"{shown(word)} is a list and stands alone; or put its codes and yours into a CSV"
    close = closest(word, lists.names())
    hint = f"did you mean {' or '.join(close)}?" if close else _forms()
    return f"no list or code {shown(word)}; {hint}"


def _forms() -> str:
    known = ", ".join(lists.names())
    return f"write a list ({known}), tier:1, HS codes such as 854231, all, or the path of a CSV"
