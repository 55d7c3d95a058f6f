"""Store: studies and their briefs, vintages and what they changed, and how far the data reach."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from entrepot.api import shapes
from entrepot.api.answering import data, missing, plain, problem
from entrepot.api.jobs import JobResult, job
from entrepot.api.pages.overview import totals
from entrepot.api.pages.study import brief
from entrepot.api.queries import DayQuery, Short
from entrepot.errors import StudyError
from entrepot.publish.export import dump
from entrepot.reference._files import near
from entrepot.study.question import load, names

if TYPE_CHECKING:
    from entrepot.api.desk import Desk
    from entrepot.store.vintages import Vintage

router = APIRouter(tags=["store"])
JSON = "application/json"
CELLS = 100


@router.get("/studies", response_model=list[shapes.StudyBody])
async def studies(request: Request) -> Response:
    """List the studies that ship."""
    return plain(request, [_study(name) for name in names()])


@router.get("/studies/{name}", response_model=shapes.StudyBody)
async def study(request: Request, name: str) -> Response:
    """Show a study."""
    return plain(request, _study(name)) if name in names() else _no_study(name)


@router.get("/studies/{name}/brief", response_model=shapes.BriefBody)
async def brief_of(request: Request, name: str, given: Annotated[DayQuery, Query()]) -> Response:
    """Answer a study, as `entrepot brief` does."""
    if name not in names():
        return _no_study(name)
    return await data(request, brief(name, "json", given.as_of))


@router.get("/status", response_model=shapes.StandingBody)
async def status(request: Request, given: Annotated[DayQuery, Query()]) -> Response:
    """Show what is stored of each reporter, as `entrepot source status --offline` does."""
    return await data(request, job(standing, "what is stored", as_of=given.as_of))


@router.get("/vintages", response_model=list[shapes.VintageSummaryBody])
async def vintages(request: Request, given: Annotated[DayQuery, Query()]) -> Response:
    """List the vintages, oldest first."""
    return await data(request, job(listed, "the vintages", as_of=given.as_of))


@router.get("/vintages/{name}", response_model=shapes.VintageBody)
async def vintage(request: Request, name: str) -> Response:
    """Show a vintage: its files with their hashes, its scope, its rates."""
    lost = _lost(request, name)
    return lost or await data(request, job(shown, "a vintage", name=name))


class SinceQuery(DayQuery):
    """What a vintage is compared with."""

    since: Short = ""


@router.get("/vintages/{name}/changes", response_model=shapes.RevisionsBody)
async def changes(request: Request, name: str, given: Annotated[SinceQuery, Query()]) -> Response:
    """Say what a vintage changed in an older one of its source, `since`, else the one before."""
    lost = _lost(request, name) or (_lost(request, given.since) if given.since else None)
    return lost or await data(request, job(revisions, "revisions", name=name, since=given.since))


def _lost(request: Request, name: str) -> Response | None:
    """Return that there is no such vintage, or None."""
    if any(one.id == name for one in request.app.state.answers.shelf().vintages):
        return None
    return problem(missing(f"store: no vintage {name[:120]!r}; see /api/vintages"))


def standing(desk: Desk) -> JobResult:
    """Return what is stored of each reporter."""
    fields = shapes.StatusBody.model_fields
    rows = [{key: value for key, value in asdict(row).items() if key in fields}
            for row in desk.workspace.status(None, ask=False)]  # type: ignore[arg-type]  # fmt: skip
    return _json({"synthetic": desk.synthetic, "rows": rows})


def listed(desk: Desk) -> JobResult:
    """Return the vintages known on the day."""
    return _json([_vintage(one) for one in desk.workspace.store.vintages()
                  if desk.as_of is None or one.published <= desk.as_of])  # fmt: skip


def shown(desk: Desk, *, name: str) -> JobResult:
    """Return a vintage."""
    one = desk.workspace.store.vintage(name)
    return _json(_vintage(one) | {
        "raw": [asdict(raw) for raw in one.raw], "products": one.scope.products,
        "partners": one.scope.partners, "rates": one.rates, "version": one.version,
    })  # fmt: skip


def revisions(desk: Desk, *, name: str, since: str) -> JobResult:
    """Return what a vintage changed.

    Raises:
        StudyError: It is the first of its source.
        StoreError: The two are of different sources.
    """
    store = desk.workspace.store
    new = store.vintage(name)
    before = [v for v in store.vintages() if v.source == new.source and v.order < new.order]
    if not since and not before:
        raise StudyError(f"vintage: {name} is the first of its source; there is nothing to compare")
    old = store.vintage(since) if since else before[-1]
    if old.source != new.source:
        raise StudyError(
            f"{old.id} and {new.id} are of different sources; compare vintages of one source"
        )
    told = totals(desk, old, new, CELLS)
    del told["slices"]
    return _json({"old": old.id, "new": new.id, **told})


def _vintage(one: Vintage) -> dict[str, Any]:
    names = ("id", "source", "publisher", "licence", "published", "rows", "synthetic")
    return {name: getattr(one, name) for name in names} | {"files": len(one.raw)}


def _study(name: str) -> dict[str, Any]:
    found = load(name)
    return {"name": name, "title": found.title, "question": found.question, "goods": found.goods,
            "figures": len(found.figure), "claims": len(found.claim)}  # fmt: skip


def _no_study(name: str) -> Response:
    return problem(missing(f"study: no study {name[:80]!r}; {near(name[:80], names())}"))


def _json(content: Any) -> JobResult:
    return JobResult(dump(content).encode(), JSON)
