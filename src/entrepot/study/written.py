"""Written: from the name of a study to written files, whatever the store holds."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot import config, embedded
from entrepot.publish import downloads
from entrepot.publish.drawing import DrawingProcess
from entrepot.publish.export import to_json
from entrepot.publish.page import page
from entrepot.publish.writing import together
from entrepot.study.answer import run
from entrepot.study.brief import command
from entrepot.study.question import load
from entrepot.study.rowfile import write_rows
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from entrepot.publish.brief import Brief
    from entrepot.study.books import Books


def answer(
    name: str,
    store: Path | None,
    *,
    as_of: date | None = None,
    place: Sequence[str] = (),
    sources: tuple[str, ...] = (),
    out: Path | None = None,
    wrote: Callable[[Sequence[Path]], None] = lambda _files: None,
    linked: Callable[[str], str] = str,
) -> Brief:
    """Answer a study and write its brief.html, brief.json and brief.csv, and a file per picture.

    The store is used as it is. An empty store is left empty: the embedded figures go into a
    temporary one, so that reading never writes.

    Args:
        name: A study that ships, or the path of one.
        store: The store's folder; None means the configured one.
        as_of: Only what was known on this day.
        place: Options of the command that repeats it, as `--demo`.
        sources: Which source to take where several hold the same reporter.
        out: Folder for the files; None writes nothing.
        wrote: Takes the files that were written.
        linked: Gives the address under which the page names a file that stands beside it.

    Raises:
        EntrepotError: The study, the store or the data do not allow an answer.
    """
    study = load(name)
    with ExitStack() as stack:
        path, notice = config.store_path(store), ""
        if not Workspace(path).store.vintages():
            path = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            notice = embedded.fill(Workspace(path))
        drawer = stack.enter_context(DrawingProcess(files=True)) if out is not None else None
        workspace = Workspace(path, as_of=as_of)
        drawing: dict[str, Any] = {"begin": drawer.start} if drawer else {}
        brief, books = run(
            study,
            workspace,
            notice=notice,
            command=command(name, as_of, place, sources),
            place=place,
            sources=sources,
            **drawing,
        )
        if out is not None and drawer is not None:
            wrote(_write(out, brief, books, drawer, linked))
    return brief


def _write(
    out: Path, brief: Brief, books: Books, drawer: DrawingProcess, linked: Callable[[str], str]
) -> tuple[Path, ...]:
    """Write a brief's files; return where they are."""

    def picture_file(number: int, kind: str) -> str:
        return f"picture-{number}.{kind}"

    html = page(
        brief,
        drawer.draw,
        rows=linked("brief.csv"),
        data=linked("brief.json"),
        pictures=lambda number, kind: linked(picture_file(number, kind)),
    )
    with together(out, "the brief") as folder:
        (folder / "brief.html").write_text(html, "utf-8")
        (folder / "brief.json").write_text(to_json(brief), "utf-8")
        write_rows(books, folder / "brief.csv")
        for number, picture in enumerate(brief.pictures, start=1):
            svg, png = drawer.file(picture)
            (folder / picture_file(number, "csv")).write_text(downloads.data(picture), "utf-8")
            (folder / picture_file(number, "svg")).write_text(svg, "utf-8")
            (folder / picture_file(number, "png")).write_bytes(png)
        return tuple(out / path.name for path in sorted(folder.iterdir()))
