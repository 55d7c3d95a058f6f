"""App: the pages and the interface of one store, put together behind their guard."""

from __future__ import annotations

import tempfile
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from entrepot import __version__
from entrepot.api import shapes
from entrepot.api.answering import missing, page_of_refusal, plain, problem
from entrepot.api.answers import KeptAnswers
from entrepot.api.desk import Desk
from entrepot.api.guard import LOOPBACK, Guard
from entrepot.api.jobs import Refused, refusal
from entrepot.api.lanes import Lanes
from entrepot.api.looks import icon, style
from entrepot.api.pages import (
    ask,
    corridor,
    country,
    feeds,
    findings,
    overview,
    product,
    search,
    sources,
    study,
)
from entrepot.api.routes import answers as answering_routes
from entrepot.api.routes import reference, releases, screen, sdmx
from entrepot.api.routes import store as store_routes
from entrepot.errors import EntrepotError, StudyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from entrepot.api.jobs import Job, Outcome

PAGES = (overview, ask, country, product, corridor, findings, study, sources, search, feeds)
ROUTES = (reference, answering_routes, store_routes, releases, sdmx, screen)
ABOUT = """What `entrepot` prints, for programs. Read only. Each route asks as the command of the
same name does, and refuses with the same line, as application/problem+json. `as_of` is the day of
what is known. An answer's ETag changes with the vintages, the program and the address."""


def create(
    store: Path,
    *,
    place: Sequence[str] = (),
    hosts: Sequence[str] = LOOPBACK,
    token: str = "",
    run: Callable[[Job], Future[Outcome]] | None = None,
) -> Guard:
    """Return the web application.

    Pages are HTML, the interface is under /api, `/healthz` says that the server runs and waits for
    nothing.

    Args:
        store: The store's folder; it is only read.
        place: Options of the commands that repeat the answers, as `--demo`.
        hosts: Names that the Host header may have.
        token: What opens POST /api/screen; without one it is shut.
        run: What runs a job; None starts processes for it when the application starts.
    """
    spool = tempfile.TemporaryDirectory(prefix="entrepot-serve-")
    lanes = Lanes(store.resolve(), place, Path(spool.name))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if run is None:
            lanes.start()
        try:
            yield
        finally:
            lanes.close()
            spool.cleanup()

    app = FastAPI(
        title="entrepot", version=__version__, description=ABOUT, docs_url=None, redoc_url=None,
        openapi_url=None, redirect_slashes=False, lifespan=lifespan, dependencies=[Depends(once)],
    )  # fmt: skip
    app.state.answers = KeptAnswers(store.resolve(), run or lanes.run)
    _refusals(app)
    _own(app)
    for page in PAGES:
        app.include_router(page.router)
    problems: dict[int | str, dict[str, Any]] = {
        status: {"model": shapes.ProblemBody, "content": {"application/problem+json": {}}}
        for status in (400, 404, 414, 422, 503)
    }
    for routes in ROUTES:
        app.include_router(routes.router, prefix="/api", responses=problems)
    return Guard(app, hosts, token)


async def once(request: Request) -> None:
    """Refuse a parameter that is given twice, so that the last would hide the first.

    Raises:
        StudyError: One is.
    """
    names = [name for name, _value in request.query_params.multi_items() if name != "source"]
    if twice := [name for name in names if names.count(name) > 1]:
        raise StudyError(
            f"serve: {twice[0][:50]} is given twice; write one, with commas where it takes several"
        )


def here(store: Path, place: Sequence[str] = ()) -> Callable[[Job], Future[Outcome]]:
    """Return what runs a job at once in this process, without limits: for tests and a notebook."""
    desk = Desk(store, tuple(place))

    def run(job: Job) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(desk.run(job))
        return future

    return run


def _own(app: FastAPI) -> None:
    """Add what is neither a page nor an answer."""

    @app.get("/healthz", response_model=shapes.HealthBody)
    async def health() -> Response:
        """Say that the server runs; nothing is read and nothing waited for."""
        return Response('{"status":"ok"}', media_type="application/json")

    @app.get("/site.css", include_in_schema=False)
    async def sheet(request: Request) -> Response:
        return plain(request, style(), "text/css; charset=utf-8")

    @app.get("/favicon.ico", include_in_schema=False)
    async def mark(request: Request) -> Response:
        return plain(request, icon(), "image/svg+xml")

    @app.get("/api/openapi.json", include_in_schema=False)
    async def description(request: Request) -> Response:
        return plain(request, app.openapi())


def _refusals(app: FastAPI) -> None:
    """Answer what is refused as a problem under /api, and as a page elsewhere."""

    def refuse(request: Request, refused: Refused) -> Response:
        is_data = request.url.path == "/api" or request.url.path.startswith("/api/")
        return problem(refused) if is_data else page_of_refusal(refused)

    @app.exception_handler(EntrepotError)
    async def own(request: Request, error: EntrepotError) -> Response:
        return refuse(request, refusal(error))

    @app.exception_handler(RequestValidationError)
    async def parameters(request: Request, error: RequestValidationError) -> Response:
        return refuse(request, Refused(_said(error), "StudyError"))

    @app.exception_handler(HTTPException)
    async def lost(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            path = request.url.path[:100]
            return refuse(request, missing(f"serve: no {path!r}; see / and /api/openapi.json"))
        return refuse(request, Refused(f"serve: {error.detail}", "Request", error.status_code))


def _said(error: RequestValidationError) -> str:
    """Return what is wrong with the first parameter, in one line."""
    first = error.errors()[0]
    name = str(first["loc"][-1])[:50] if len(first["loc"]) > 1 else "address"
    if first["type"] == "extra_forbidden":
        return f"serve: no parameter {name!r}; /api/openapi.json lists those there are"
    return f"serve: {name}: {first['msg'][:200]}"
