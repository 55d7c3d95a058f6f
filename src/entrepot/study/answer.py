"""Answer: runs a study on a workspace and writes the brief."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ibis import _

from entrepot import __version__, demo
from entrepot.errors import CoverageError
from entrepot.harmonise.products import PRESENCE
from entrepot.parts import measures, part
from entrepot.publish import words
from entrepot.publish.brief import Brief, Evidence, ListUsed, VintageUsed
from entrepot.study import claims
from entrepot.study.behind import FigureReads, again
from entrepot.study.books import Books
from entrepot.study.breakdowns import breakdown
from entrepot.study.check import check
from entrepot.study.derived import derive
from entrepot.study.figures import answer
from entrepot.study.headline import headline
from entrepot.study.origins import tables
from entrepot.study.pictures import choices, picture
from entrepot.study.runs import broken
from entrepot.study.runs import run as run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from entrepot.publish.brief import Breakdown, Figure, Picture
    from entrepot.study.question import BreakdownBlock, Study
    from entrepot.workspace import Workspace

EARLIER = 2  # days of publication before the last whose figures the brief gives beside its own


def run(
    study: Study,
    workspace: Workspace,
    *,
    notice: str = "",
    command: str = "",
    place: Sequence[str] = (),
    sources: Sequence[str] = (),
    may_be_blank: bool = False,
    is_plain: bool = False,
    begin: Callable[[tuple[Picture, ...]], None] = lambda _pictures: None,
) -> tuple[Brief, Books]:
    """Answer a study from what a workspace knows; return the brief and the books behind it.

    Args:
        study: The question.
        workspace: The store and the day.
        notice: First line of the brief, when the figures are not the user's own.
        command: What rebuilds the brief, for the evidence.
        place: Options of a command that say where it reads, as `--demo`.
        sources: Which source to take where several hold the same reporter.
        may_be_blank: Give a brief back also where no figure has a value.
        is_plain: Leave out what a brief alone shows: the ranges of the figures, and the rows behind
            each. Both cost more than all the rest.
        begin: Takes the pictures as soon as their rows are known, so that drawing can begin.

    Raises:
        CoverageError: The store is empty, or holds a reporter twice.
        StudyError: The study asks for something that does not exist.
    """
    check(study)
    books = Books(study, workspace, sources)
    workspace.refuse_empty()
    breakdowns = tuple(breakdown(asked, books) for asked in study.breakdown)
    drafts = [picture(asked, books, breakdowns) for asked in study.picture]
    made = books.estimates
    drafts += [one.picture for one in made.values()]
    synthetic = workspace.snapshot.is_synthetic
    evidence = _evidence(books, command)
    line = evidence.mark(synthetic=synthetic).line
    pictures = tuple(replace(draft, mark=line) for draft in drafts if draft is not None)
    begin(pictures)
    earlier = [] if is_plain else _earlier(books)
    answered = {
        asked.name: answer(asked, books, earlier, is_plain=is_plain) for asked in study.figure
    }
    for derived in study.derived:
        answered[derived.name] = derive(derived, tuple(answered.values()), books)
    for block in answered.values():
        books.behind.figures |= block.runs
    figures = tuple(
        figure if is_plain else _proven(figure, books, command, None if notice else place)
        for block in answered.values()
        for figure in block.figures
    )
    tables_proven = tuple(
        table
        if is_plain
        else _proven_table(table, asked, books, command, None if notice else place)
        for table, asked in zip(breakdowns, study.breakdown, strict=True)
    )
    if not may_be_blank:
        _refuse_unanswered(study, figures, _told_of(workspace, synthetic=synthetic, notice=notice))
    if (moved := choices(figures)) is not None:
        moved = replace(moved, mark=line)
        begin((moved,))
        pictures = (*pictures, moved)
    by_name = {figure.name: figure for figure in figures}
    brief = Brief(
        study=study.name,
        title=study.title,
        question=study.question,
        synthetic=synthetic,
        notice=demo.NOTICE if synthetic else notice,
        headline=headline(
            study, answered, breakdowns, {name: one.effect for name, one in made.items()}
        ),
        figures=figures,
        claims=tuple(
            claims.check(asked, by_name[asked.figure], synthetic=synthetic) for asked in study.claim
        ),
        breakdowns=(
            *(one.table for one in made.values()),
            *(table for table in tables_proven if table.rows),
            *tables(books),
        ),
        pictures=pictures,
        caveats=study.caveats,
        evidence=evidence,
    )
    return brief, books


def _proven(figure: Figure, books: Books, command: str, place: Sequence[str] | None) -> Figure:
    """Return a figure with its evidence; what is made of several runs is given by the brief again.

    So is a figure of the table that ships: no store holds it (`place` is None).
    """
    owns = books.behind.figures[figure.name]
    if len(owns) == 1 and place is not None:
        command = again(owns[0].run, books, place)
    return replace(figure, evidence=books.behind.evidence(owns, command))


def _proven_table(
    table: Breakdown,
    asked: BreakdownBlock,
    books: Books,
    command: str,
    place: Sequence[str] | None,
) -> Breakdown:
    """Return a table with the evidence of all its rows; one of several runs is given again so."""
    found = measures()
    owns = tuple(
        FigureReads(run_of(part(found, "measure", name), books.study.params | own))
        for name, own in broken(asked)
    )
    books.behind.figures[f"table {asked.name}"] = owns
    if len(owns) == 1 and place is not None:
        command = again(owns[0].run, books, place)
    return replace(table, evidence=books.behind.evidence(owns, command))


def _told_of(workspace: Workspace, *, synthetic: bool, notice: str) -> str:
    """Name what was asked; a notice says that the figures that ship stand in for an empty store."""
    if synthetic:
        return demo.NAME
    if notice:
        return "your store is empty, and the table that ships"
    return f"the store {workspace.store.path}"


def _refuse_unanswered(study: Study, figures: Sequence[Figure], who: str) -> None:
    """Refuse a study of which a store can answer nothing: a page of blanks helps nobody.

    Raises:
        CoverageError: No figure has a value; the line says what is lacking and how to get it.
    """
    if any(figure.value is not None for figure in figures):
        return
    reasons = list(dict.fromkeys(figure.because for figure in figures))
    more = f"; and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    shown = f", or see it on {demo.NAME} with `entrepot brief {study.name} --demo`"
    raise CoverageError(
        f"study {study.name}: {who} can answer none of its "
        f"{words.count(len(figures), 'figure')}: {'; '.join(reasons[:2])}{more}; get what is "
        f"lacking with `entrepot study fetch {study.name}`{shown if who != demo.NAME else ''}"
    )


def _earlier(books: Books) -> list[Books]:
    """Return the books as of the last days before what is known now was complete.

    One per day on which a vintage with rows in the brief, or one it replaced, was published.
    """
    desk = books.workspace
    counted = desk.rows(books.own.filter(_.product != PRESENCE).select("source").distinct())
    sources = {row["source"] for row in counted}
    days = {
        vintage.published
        for vintage in desk.store.vintages()
        if vintage.source in sources and (desk.as_of is None or vintage.published <= desk.as_of)
    }
    return [
        Books(books.study, desk.on(day), books.sources) for day in sorted(days)[-1 - EARLIER : -1]
    ]


def _rates(used: list[dict[str, str]]) -> str:
    """Name the files of exchange rates that the vintages were converted with, each once."""
    named = {
        f"{file['publisher']}, monthly means, "
        + (f"in {file['package']} {file['version']}" if "package" in file else file["file"])
        + f", to {file['last_day']}": None
        for file in used
    }
    return "; ".join(named)


def _evidence(books: Books, command: str) -> Evidence:
    """Name everything the brief was made from: lists, rates, vintages with rows in it, files."""
    rows = books.counts()
    used = tuple(
        VintageUsed(
            vintage=vintage.id,
            source=vintage.source,
            publisher=vintage.publisher,
            published=vintage.published.isoformat(),
            rows=rows[vintage.id],
            files=tuple(
                {"name": raw.name, "sha256": raw.sha256, "bytes": raw.bytes} for raw in vintage.raw
            ),
            licence=vintage.licence,
        )
        for vintage in books.workspace.snapshot.vintages
        if vintage.id in rows
    )
    return Evidence(
        command=command,
        as_of=str(books.workspace.as_of or "today"),
        version=__version__,
        lists=(
            ListUsed(books.goods.name, books.goods.title, books.goods.source, books.goods.codes),
        ),
        rates=_rates([v.rates for v in books.workspace.snapshot.vintages if v.id in rows]),
        vintages=used,
        day=books.workspace.day,
    )
