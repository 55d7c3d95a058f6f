"""Corridor: one exporter and one importer: both books, goods, and what the importer sent on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions
from entrepot.api.answering import missing, page_of_refusal
from entrepot.api.jobs import job
from entrepot.api.pages import findings
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import PlaceQuery
from entrepot.ask import Words
from entrepot.reference import countries
from entrepot.reference._files import near

router = APIRouter()


@router.get("/corridor/{exporter}/{importer}", include_in_schema=False)
async def corridor(
    request: Request, exporter: str, importer: str, place: Annotated[PlaceQuery, Query()]
) -> Response:
    """Show the trade of two countries."""
    for code in (exporter, importer):
        if code not in countries.table():
            hint = near(code[:50], [*countries.table()])
            return page_of_refusal(missing(f"countries: no country {code[:50]!r}; {hint}"))
    who, whom = countries.name(exporter), countries.name(importer)
    base = {"goods": place.goods, "months": place.months, "sources": tuple(place.source)}

    def asked(heading: str, said: str, **words: object) -> PagePart:
        question = Words(**base, **words)  # type: ignore[arg-type]  # checked where it is read
        return PagePart(heading, job(questions.answered, said, as_of=place.as_of, words=question))

    parts = [
        asked("Both books, month by month", f"both books of {who} and {whom}",
              sender=exporter, receiver=importer, mirror=True),
        asked(f"Which goods {who} sent", f"the goods from {who} to {whom}",
              sender=exporter, receiver=importer, by="product"),
        asked(f"What {whom} sent on", f"exports of {whom}",
              sender=importer, receiver="all", by="partner"),
        PagePart(f"What stands out through {whom}", findings.through(place, importer)),
    ]  # fmt: skip
    return await page(
        request, "corridor.html", parts, exporter=exporter, importer=importer, place=place
    )
