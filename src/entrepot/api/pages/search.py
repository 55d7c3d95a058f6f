"""Search: countries, groups, codes, titles, lists, studies and vintages that words may mean."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from entrepot import terms
from entrepot.api.looks import address
from entrepot.api.parts import page
from entrepot.api.queries import SearchQuery
from entrepot.errors import UnknownCodeError
from entrepot.reference import countries, goods, groups
from entrepot.reference._letters import squeeze
from entrepot.study.question import load, names

router = APIRouter()
MOST = 40
Hit = tuple[str, str, str]
"""A kind, what is shown, and where it leads."""


@router.get("/search", include_in_schema=False)
async def search(request: Request, asked: Annotated[SearchQuery, Query()]) -> Response:
    """Show what words may mean."""
    return await page(request, "search.html", hits=find(asked.q), asked=asked.q)


def find(words: str) -> list[Hit]:
    """Return what words may mean, the surest first, at most `MOST`."""
    if not squeeze(words):
        return []
    found = dict.fromkeys([*_meant(words), *_titled(words)])
    return list(found)[:MOST]


def _meant(words: str) -> list[Hit]:
    """Return what the words are the name or code of."""
    found: list[Hit] = []
    with suppress(UnknownCodeError):
        found += [_place(place) for place in terms.places(words) if place != terms.ALL]
    digits = "".join(sign for sign in words if sign.isascii() and sign.isdigit())
    if 2 <= len(digits) <= 12 and not squeeze(words).strip("0123456789"):
        found.append(("code", f"HS {digits}", address("/product", digits)))
    return found


def _titled(words: str) -> list[Hit]:
    """Return what has all the words in its title."""
    wanted = [squeeze(word) for word in words.split() if squeeze(word)]
    return [hit for text, hit in _texts() if all(word in text for word in wanted)]


@cache
def _texts() -> tuple[tuple[str, Hit], ...]:
    """Everything that can be found by a title, with its letters alone."""
    hits: list[Hit] = [("country", f"{countries.name(c)} ({c})", address("/country", c))
                       for c in countries.table()]  # fmt: skip
    hits += [_place(name) for name in groups.names()]
    for name in names():
        study = load(name)
        hits.append(("study", f"{study.title} ({name})", address("/study", name)))
    codes: dict[str, str] = {}
    for name in goods.names():
        listed = goods.load(name)
        hits.append(("list", f"{listed.title} ({name})",
                     address("/ask", goods=name, from_="all", to="all", by="product")))  # fmt: skip
        codes |= {good.code: good.description for good in listed.goods if good.description}
    hits += [("code", f"HS {c} {text}", address("/product", c)) for c, text in codes.items()]
    return tuple((squeeze(shown), (kind, shown, where)) for kind, shown, where in hits)


def _place(name: str) -> Hit:
    if name in countries.table():
        return "country", f"{countries.name(name)} ({name})", address("/country", name)
    where = address("/ask", goods="chpl-2024-02", from_="all", to=name, by="reporter")
    return "group", f"{groups.title(name)} ({name})", where
