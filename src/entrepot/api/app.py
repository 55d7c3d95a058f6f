"""App: every study's brief as a page, its JSON and its rows, on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from entrepot.errors import EntrepotError, StudyError
from entrepot.store.vintages import Store
from entrepot.study.question import load, names
from entrepot.study.written import answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
# The pages use no script and load nothing, so a browser may refuse both.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Briefs:
    """The finished briefs of one store, made once per state of the store."""

    def __init__(self, store: Path, place: Sequence[str]) -> None:
        self._store, self._place = store, place
        self._made: dict[str, tuple[tuple[str, ...], Mapping[str, bytes]]] = {}
        self._lock = Lock()

    def file(self, study: str, kind: str) -> bytes:
        """Return a brief as one of `KINDS`.

        Raises:
            EntrepotError: The study or the store do not allow an answer.
        """
        state = tuple(vintage.id for vintage in Store(self._store).vintages())
        with self._lock:  # one brief at a time: the engine uses every core for each
            seen, made = self._made.get(study, ((), {}))
            if not made or seen != state:
                made = self._make(study)
                self._made[study] = (state, made)
        return made[kind]

    def _make(self, study: str) -> Mapping[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            answer(study, self._store, place=self._place, out=Path(folder))
            return {kind: Path(folder, f"brief.{kind}").read_bytes() for kind in KINDS}


def create(store: Path, *, place: Sequence[str] = ()) -> FastAPI:
    """Return the web application.

    `/` lists the studies, `/brief/NAME` is a page, `/brief/NAME.json` and `/brief/NAME.csv` its
    data, `/healthz` says that the server runs. A study that does not exist is 404; one that the
    store cannot answer is 422, with the line that the command would print.

    Args:
        store: The store's folder; it is only read.
        place: Options of the commands that repeat the briefs, as `--demo`.
    """
    app = FastAPI(title="entrepot", docs_url=None, redoc_url=None, openapi_url=None)
    briefs, pages = Briefs(store, place), _pages()

    @app.exception_handler(EntrepotError)
    def refuse(_request: Request, error: Exception, status: int = 422) -> Response:
        return _page(pages.get_template("refused.html").render(error=error), status)

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    def studies() -> Response:
        listed = [load(name) for name in names()]
        synthetic = any(vintage.synthetic for vintage in Store(store).vintages())
        text = pages.get_template("studies.html").render(studies=listed, synthetic=synthetic)
        return _page(text)

    @app.get("/brief/{name}")
    def brief(request: Request, name: str) -> Response:
        study, _dot, kind = name.partition(".")
        kind = kind or "html"
        if study not in names() or kind not in KINDS:
            lost = StudyError(f"no brief is called {name!r}; there are: {', '.join(names())}")
            return refuse(request, lost, 404)
        return Response(briefs.file(study, kind), media_type=KINDS[kind], headers=_headers())

    return app


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers=_headers())


def _headers() -> dict[str, str]:
    return {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}


def _pages() -> Environment:
    looks = PackageLoader("entrepot.publish")  # for brief.css, so that all pages look alike
    return Environment(
        loader=ChoiceLoader([PackageLoader("entrepot.api"), looks]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
