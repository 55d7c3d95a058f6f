"""Answer: from the words of a scan to its answer and its written files."""

from __future__ import annotations

import io
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot import config
from entrepot.demo import cache
from entrepot.parts import detectors
from entrepot.publish import export, findings
from entrepot.publish.drawing import DrawingPool
from entrepot.publish.writing import together
from entrepot.scan.details import Details
from entrepot.scan.placebos import COUNT
from entrepot.scan.question import command
from entrepot.scan.records import report
from entrepot.scan.rows import behind
from entrepot.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from entrepot.publish.finding import ScanReport
    from entrepot.scan.question import ScanQuestion
    from entrepot.scan.run import Scanned

TOP = 20


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """A scan, what it was asked, and the records of its pages."""

    asked: ScanQuestion
    scanned: Scanned
    report: ScanReport
    workspace: Workspace

    def rows(self, most: int | None = None) -> dict[tuple[str, str], pa.Table]:
        """Return the stored rows behind the findings that have a page: see `rows.behind`."""
        cells = [entry.finding.cell for entry in self.report.shown[:most]]
        stored, collect = self.scanned.stored, self.workspace.arrow
        assert stored is not None
        return behind(stored, self.asked, cells, self.report.months, collect)


def answer(
    asked: ScanQuestion,
    store: Path | None,
    *,
    as_of: date | None = None,
    use_demo: bool = False,
    top: int = TOP,
    placebos: int = COUNT,
    engine: str | None = None,
    out: Path | None = None,
    say: Callable[[str], None] = lambda _text: None,
    step: Callable[[str], None] = lambda _text: None,
) -> ScanAnswer:
    """ScanAnswer a scan, and write its pages and files where a folder is given.

    Args:
        asked: The question.
        store: The store's folder; None means the configured one.
        as_of: Only what was known on this day.
        use_demo: Use the synthetic demo world.
        top: How many findings have a page.
        placebos: How many other destinations to look at in the same way.
        engine: What evaluates the rows; None means the configured one.
        out: Folder for index.html, a page and a CSV per finding, findings.json, findings.csv.
        say: Takes lines of progress.
        step: Takes what is being done now, in a few words.

    Raises:
        EntrepotError: The options, the store or the data do not allow an answer.
    """
    question = asked.scan()
    place = cache.store(say) if use_demo else config.existing_store(store)
    workspace = Workspace(place, as_of=as_of, engine=engine)
    workspace.refuse_empty()
    known = as_of or max(vintage.published for vintage in workspace.snapshot.vintages)
    with DrawingPool() if out is not None else nullcontext() as drawer:
        scanned = workspace.scan(question, sources=asked.sources, placebos=placebos, step=step)
        made = ScanAnswer(
            asked,
            scanned,
            report(
                scanned,
                asked,
                vintages=workspace.snapshot.vintages,
                detectors=detectors(),
                top=top,
                command=command("scan", asked, as_of=known, demo=use_demo)
                + (f" --placebos {placebos}" if placebos != COUNT else ""),
                as_of=known.isoformat(),
                placebos=placebos,
            ),
            workspace,
        )
        if out is not None and drawer is not None:
            write(made, out, drawer, step)
    return made


def write(
    made: ScanAnswer,
    out: Path,
    drawer: DrawingPool,
    step: Callable[[str], None] = lambda _text: None,
) -> None:
    """Write a scan's pages and files into a folder.

    Raises:
        StoreError: The folder cannot be written.
    """
    view, rows = made.report, made.rows()
    every = Details(made.scanned, made.asked)
    details = [
        every.detail(entry, rows[cell], view.mark.line)
        for entry, cell in zip(view.shown, rows, strict=True)
    ]

    drawer.start([*view.pictures, *(detail.picture for detail in details)])
    draw = drawer.draw
    with together(out, "the findings") as folder:
        (folder / "findings.json").write_text(export.dump(findings.document(view)), "utf-8")
        (folder / "findings.csv").write_text(_csv(view), "utf-8")
        for detail, table in zip(details, rows.values(), strict=True):
            _write_rows(folder / f"{detail.entry.slug}.csv", view.mark.on_table(table))
        (folder / "index.html").write_text(findings.index(view, draw), "utf-8")
        for number, detail in enumerate(details, start=1):
            step(f"writing page {number} of {len(details)}")
            html = findings.finding(view, detail, draw)
            (folder / f"{detail.entry.slug}.html").write_text(html, "utf-8")


def _csv(view: ScanReport) -> str:
    text = io.StringIO()
    export.table(findings.flat(view.rows), None, "csv", text, view.mark)
    return text.getvalue()


def _write_rows(path: Path, table: pa.Table) -> None:
    from pyarrow import csv

    csv.write_csv(table, path)
