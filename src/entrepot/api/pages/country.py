"""Country: what came in, what went out, whose books agree, what stands out, what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import questions
from entrepot.api.answering import missing, page_of_refusal
from entrepot.api.jobs import Job, JobResult, job
from entrepot.api.pages import findings
from entrepot.api.parts import PagePart, page
from entrepot.api.queries import PlaceQuery
from entrepot.ask import Words
from entrepot.reference import countries
from entrepot.reference._files import near

if TYPE_CHECKING:
    from entrepot.api.desk import Desk

router = APIRouter()


@router.get("/country/{code}", include_in_schema=False)
async def country(request: Request, code: str, place: Annotated[PlaceQuery, Query()]) -> Response:
    """Show one country as a third country."""
    if code not in countries.table():
        hint = near(code[:50], [*countries.table()])
        return page_of_refusal(missing(f"countries: no country {code[:50]!r}; {hint}"))
    name = countries.name(code)
    base = Words(place.goods, months=place.months, sources=tuple(place.source))
    into = _ask(place, base, f"exports to {name}", sender="all", receiver=code, by="reporter")
    out = _ask(place, base, f"exports of {name}", sender=code, receiver="all", by="partner")
    books = job(
        questions.books, f"the books of {name} and its suppliers", as_of=place.as_of,
        goods=place.goods, country=code, months=place.months, sources=tuple(place.source),
    )  # fmt: skip
    parts = [
        PagePart(f"What exporters say they sent to {name}", into),
        PagePart(f"What {name} says it sent on", out),
        PagePart(f"Do the books of {name} agree with its suppliers'?", books),
        PagePart(f"What stands out through {name}", findings.through(place, code)),
        PagePart(f"What is known of {name}", job(coverage, f"what is stored of {name}",
                                            as_of=place.as_of, code=code)),
    ]  # fmt: skip
    return await page(request, "country.html", parts, code=code, place=place)


def _ask(place: PlaceQuery, base: Words, said: str, **words: str) -> Job:
    from dataclasses import replace

    asked = replace(base, **words)  # type: ignore[arg-type]  # every word here is a text
    return job(questions.answered, said, as_of=place.as_of, words=asked)


def coverage(desk: Desk, *, code: str) -> JobResult:
    """Return what the store holds of a country's own books, by source."""
    rows = [row for row in desk.workspace.status(None, ask=False)  # type: ignore[arg-type]
            if row.reporter == code]  # fmt: skip
    return questions.fragment("_status.html", rows=rows, code=code, synthetic=desk.synthetic)
