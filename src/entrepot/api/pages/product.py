"""Product: one code: what it is, who sends it, who gets it, and through whom it stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from entrepot import terms
from entrepot.api import questions
from entrepot.api.answering import missing, page_of_refusal
from entrepot.api.jobs import job
from entrepot.api.pages import findings
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import PlaceQuery
from entrepot.ask import Words
from entrepot.reference import goods

if TYPE_CHECKING:
    from entrepot.reference.goods import Good

router = APIRouter()
DIGITS = (2, 12)


class ProductQuery(PlaceQuery):
    """What the page of a product is about: its code is the goods."""

    goods: str = ""


@router.get("/product/{code}", include_in_schema=False)
async def product(request: Request, code: str, place: Annotated[ProductQuery, Query()])\
        -> Response:  # fmt: skip
    """Show one code."""
    if not (code.isascii() and code.isdigit() and DIGITS[0] <= len(code) <= DIGITS[1]):
        return page_of_refusal(
            missing(f"goods: no code {code[:50]!r}; write 2 to 12 digits, as 854231")
        )
    title, months = terms.goods(code).title, place.months
    sources = tuple(place.source)

    def asked(said: str, **words: str) -> PagePart:
        question = Words(code, months=months, sources=sources, **words)  # type: ignore[arg-type]
        work = job(questions.answered, said, as_of=place.as_of, words=question)
        return PagePart(said[:1].upper() + said[1:], work)

    parts = [
        asked(f"exports of {code} month by month", sender="all", receiver="all"),
        asked(f"who sends {code}", sender="all", receiver="all", by="reporter"),
        asked(f"who gets {code}", sender="all", receiver="all", by="partner"),
        PagePart(f"Where {code} stands out", findings.of_product(place, code)),
    ]
    return await page(
        request, "product.html", parts, code=code, heading=title, lists=lists(code), place=place
    )


def lists(code: str) -> list[tuple[str, str, Good]]:
    """Return every shipped list that has a code: name, title, and what it says of it."""
    found = [(name, goods.load(name)) for name in goods.names()]
    return [
        (name, listed.title, good)
        for name, listed in found
        for good in listed.goods
        if good.code == code[:6]
    ]
