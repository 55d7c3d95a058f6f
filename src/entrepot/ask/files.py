"""Files: an answer as a page, data, a workbook and a picture, by the endings of their names."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import StudyError
from entrepot.publish import cells, export
from entrepot.publish.mark import COLUMNS
from entrepot.publish.writing import together
from entrepot.reference._files import near, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from entrepot.ask.answer import Answer

FOLDER = ("answer.html", "answer.json", "answer.csv")
"""What a folder gets; and rows.csv, if the stored rows were asked for."""


def plan(out: str) -> tuple[Path, ...]:
    """Return the files that `--out` names: one, several with commas, or those of a folder.

    Raises:
        StudyError: An ending is none of those there are.
    """
    found: list[Path] = []
    for word in (word.strip() for word in out.split(",")):
        path = Path(word)
        if not word:
            continue
        if ending(path) in WRITERS and not path.is_dir():
            found.append(path)
        elif path.suffix and not path.is_dir() and path.suffix[1:].isalnum():
            endings = [f".{kind}" for kind in WRITERS]
            raise StudyError(
                f"ask: --out {shown(word)} ends in {path.suffix}; {near(path.suffix, endings)}; or "
                "name a folder, without an ending"
            )
        else:
            found += [path / name for name in FOLDER]
    return tuple(found)


def ending(path: Path) -> str:
    """Return the ending of a name that says what it holds: "sdmx.csv" before "csv"."""
    name = path.name.lower()
    long = (one for one in WRITERS if "." in one and name.endswith(f".{one}"))
    return next(long, path.suffix.lower().removeprefix("."))


def write(answer: Answer, paths: Sequence[Path], *, rows: bool = False, draw: Any = None) -> None:
    """Write an answer's files.

    Args:
        answer: What to write.
        paths: Where to; their endings say what.
        rows: Write the stored rows in place of the table; into a workbook and a folder, beside it.
        draw: Gives the pictures of a page, as `publish.page` takes it.

    Raises:
        StoreError: A file cannot be written.
        StudyError: There is no picture to draw.
    """
    stored = answer.stored() if rows else None
    for folder in dict.fromkeys(path.parent for path in paths):
        with together(folder, "the answer") as fresh:
            for path in (path for path in paths if path.parent == folder):
                _write(answer, fresh / path.name, stored, draw)


def _write(answer: Answer, path: Path, stored: pa.Table | None, draw: Any) -> None:
    kind = ending(path)
    if path.name == FOLDER[-1] and stored is not None:
        _csv(path.with_name("rows.csv"), stored)
        stored = None
    WRITERS[kind](answer, path, stored, draw)


def _html(answer: Answer, path: Path, _stored: pa.Table | None, draw: Any) -> None:
    from entrepot.publish.page import page

    text = page(answer.brief, draw) if draw else page(answer.brief)
    path.write_text(text, "utf-8")


def _json(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    path.write_text(as_json(answer, stored), "utf-8")


def as_json(answer: Answer, stored: pa.Table | None) -> str:
    """Return an answer as JSON, with the stored rows if there are any."""
    rows = {"stored": stored.drop_columns([*COLUMNS]).to_pylist()} if stored is not None else {}
    return export.dump(answer.to_dict() | rows)


def _csv(path: Path, rows: Any) -> None:
    text = io.StringIO()
    export.table(rows.to_pylist() if not isinstance(rows, list) else rows, None, "csv", text)
    path.write_text(text.getvalue(), "utf-8")


def _as_csv(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    _csv(path, stored if stored is not None else answer.rows)


def _parquet(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    with path.open("wb") as stream:
        export.table(stored if stored is not None else answer.to_arrow(), None, "parquet", stream)


def _xlsx(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    from entrepot.publish.workbook import workbook

    table = next(iter(answer.brief.breakdowns), None)
    sheets: dict[str, Any] = {"About": (("What", "Said"), about(answer))}
    if table is not None:
        heads = [f"{label}, {unit}" if unit == "USD" else label for _, label, unit in table.columns]
        keys = ["code", *(key for key, _, _ in table.columns)]
        mark = answer.brief.mark.to_dict()
        rows = [[*(row.get(key) for key in keys), *mark.values()] for row in table.rows]
        sheets = {"Answer": (["Code", *heads, *mark], rows), **sheets}
    if stored is not None:
        columns = [stored.column(name).to_pylist() for name in stored.column_names]
        sheets["Rows"] = (stored.column_names, [*zip(*columns, strict=True)])
    workbook(path, sheets)


def about(answer: Answer) -> list[tuple[str, str]]:
    """Return what a reader of a table must know of it, as pairs of what and said."""
    brief, evidence = answer.brief, answer.brief.evidence
    return [
        *(("Notice", notice) for notice in cells.notices(brief)),
        ("Answer", brief.headline),
        ("Question", brief.question),
        *(("Not known", gap) for gap in answer.gaps),
        ("Rests on", "; ".join(cells.coverage(answer.coverage))),
        *(("Goods", f"{used.title}; {used.source}") for used in evidence.lists),
        *(
            ("Source", f"{used.publisher}, published {used.published}: {used.vintage}")
            for used in evidence.vintages
        ),
        *(
            (what.replace("_", " ").capitalize(), said)
            for what, said in brief.mark.to_dict().items()
            if what in ("as_of", "licence")
        ),
        ("Rates", evidence.rates),
        ("Repeat it", evidence.command),
        *(("What this does not show", caveat) for caveat in cells.caveats(brief)),
    ]


def _drawn(answer: Answer) -> str:
    from entrepot.publish.poster import poster

    brief = answer.brief
    if not brief.pictures:
        raise StudyError("ask: there is nothing to draw; write .csv, .xlsx or .html in its place")
    return poster(brief.pictures[0], notice=" ".join(cells.notices(brief)))


def _svg(answer: Answer, path: Path, _stored: pa.Table | None, _draw: Any) -> None:
    path.write_text(_drawn(answer), "utf-8")


def _png(answer: Answer, path: Path, _stored: pa.Table | None, _draw: Any) -> None:
    from entrepot.publish.poster import png

    path.write_bytes(png(_drawn(answer)))


def _sdmx(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    from entrepot.publish import sdmx

    held = answer.stored() if stored is None else stored
    notice = " ".join(cells.notices(answer.brief))
    path.write_text(sdmx.rows(held), "utf-8")
    title = f"{notice} {answer.brief.question}".strip()
    newest = max(used.published for used in answer.brief.evidence.vintages)
    path.with_suffix(".xml").write_text(sdmx.structure(title, newest), "utf-8")


def _package(answer: Answer, path: Path, stored: pa.Table | None, _draw: Any) -> None:
    from entrepot.publish import datapackage

    used = answer.brief.evidence.vintages
    datapackage.write(
        path,
        answer.stored() if stored is None else stored,
        title=answer.brief.question,
        about=about(answer),
        sources=[
            {"publisher": one.publisher, "published": one.published, "vintage": one.vintage}
            for one in used
        ],
        synthetic=answer.brief.synthetic,
    )


WRITERS = {
    "sdmx.csv": _sdmx,
    "zip": _package,
    "html": _html,
    "json": _json,
    "csv": _as_csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "svg": _svg,
    "png": _png,
}
