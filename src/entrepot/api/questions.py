"""Questions: what `entrepot ask` answers, as a part of a page and as files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.api.jobs import JobResult
from entrepot.api.looks import address, render
from entrepot.errors import CoverageError, StudyError

if TYPE_CHECKING:
    import pyarrow as pa

    from entrepot.api.desk import Desk
    from entrepot.ask import Answer, Words

ROWS = 60
"""Rows of a table on a page; its files have all."""
SHORT = 10
"""Rows of a table that is one part of several."""
MOST = 2_000_000
"""Stored rows that one answer sends."""
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
}
_FIELDS = {"from": "sender", "to": "receiver", "of": "reporter", "partner": "partner",
           "goods": "goods", "flow": "flow", "months": "months", "by": "by", "base": "base",
           "mirror": "mirror", "freq": "freq", "top": "top", "source": "sources"}  # fmt: skip


def query_of(words: Words, as_of: Any = None) -> dict[str, Any]:
    """Return the parameters of an address that ask the same."""
    found = {key: getattr(words, name) for key, name in _FIELDS.items()}
    found["mirror"] = "true" if words.mirror else ""
    found["basket"] = "" if words.basket == "as-listed" else words.basket
    return {**found, "as_of": as_of or ""}


def answered(desk: Desk, *, words: Words, rows: int = SHORT, pictured: bool = True) -> JobResult:
    """Return an answer as a part of a page: sentence, picture, table, and what it rests on."""
    answer = desk.ask(words, is_plain=True)
    return fragment(
        "_answer.html", answer=answer, brief=answer.brief, rows=rows, pictured=pictured,
        code_page=_code_page(answer), query=query_of(words, desk.as_of), as_of=desk.as_of,
        gaps=[gap for gap in answer.gaps if gap not in answer.sentence],
    )  # fmt: skip


def fragment(template: str, **content: Any) -> JobResult:
    """Return a template as the HTML of a part."""
    return JobResult(render(template, **content).encode())


def _code_page(answer: Answer) -> str:
    """Return the beginning of the address that the codes of a table lead to."""
    view = answer.asked.view
    return {"partner": "/country", "reporter": "/country", "product": "/product"}.get(view, "")


def as_file(desk: Desk, *, words: Words, form: str) -> JobResult:
    """Return an answer as one of `MEDIA`: JSON as the command prints it, a table, a picture."""
    answer = desk.ask(words)
    name = f"answer.{form}"
    if form == "arrow":
        return JobResult(arrow_bytes(answer.to_arrow()), MEDIA[form], name=name)
    return JobResult(_written(answer, name, rows=False), MEDIA[form],
                name="" if form in ("json", "svg", "html") else name)  # fmt: skip


def _written(answer: Answer, name: str, *, rows: bool) -> bytes:
    from entrepot.ask.files import write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        write(answer, [path], rows=rows)
        return path.read_bytes()


def stored(desk: Desk, words: Words) -> pa.Table:
    """Return the stored rows behind an answer.

    Raises:
        CoverageError: They are more than one answer sends.
    """
    answer = desk.ask(words, is_plain=True)
    table = desk.keep("table", (desk.as_of, words), answer.stored)
    if len(table) > MOST:
        raise CoverageError(
            f"serve: {len(table):,} rows are behind this, and an answer sends {MOST:,}; ask for "
            "fewer months, goods or countries"
        )
    return table


def rows_page(desk: Desk, *, words: Words, limit: int, offset: int) -> JobResult:
    """Return some of the stored rows behind an answer as JSON; the mark is said once, of all."""
    from entrepot.publish.mark import COLUMNS

    answer, table = desk.ask(words, is_plain=True), stored(desk, words)
    return paged(
        table.slice(offset, limit).drop_columns([*COLUMNS]).to_pylist(), len(table), limit, offset,
        address("/api/flows", **query_of(words, desk.as_of)),
        answer=answer.sentence, known="all" if answer.is_whole else "part",
        missing=[*answer.gaps], **_told(answer),
    )  # fmt: skip


def _told(answer: Answer) -> dict[str, Any]:
    from entrepot.publish import cells

    evidence = answer.brief.evidence
    return {
        "synthetic": answer.brief.synthetic,
        "notice": " ".join(cells.notices(answer.brief)),
        "as_of": evidence.as_of,
        "vintages": [used.vintage for used in evidence.vintages],
        "command": f"{evidence.command} --rows",
    }


def paged(
    rows: list[Any], total: int, limit: int, offset: int, here: str, **told: Any
) -> JobResult:
    """Return a page of rows as JSON, with the address of the next."""
    from entrepot.publish.export import dump

    joint = "&" if "?" in here else "?"
    after = offset + limit
    following = f"{here}{joint}limit={limit}&offset={after}" if after < total else None
    body = {**told, "total": total, "limit": limit, "offset": offset, "next": following,
            "rows": rows}  # fmt: skip
    return JobResult(dump(body).encode(), MEDIA["json"])


def rows_file(desk: Desk, *, words: Words, form: str) -> JobResult:
    """Return all stored rows behind an answer as a file, sent in pieces."""
    if form == "xlsx":
        return JobResult(_written(desk.ask(words), "rows.xlsx", rows=True), MEDIA[form],
                    name="rows.xlsx")  # fmt: skip
    return spooled(desk, stored(desk, words), form, "rows")


def spooled(desk: Desk, table: pa.Table, form: str, stem: str) -> JobResult:
    """Write a table to a file of the spool.

    Raises:
        StudyError: A table has no such form.
    """
    from pyarrow import csv, ipc, parquet

    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - who sends it removes it
        dir=desk.spool, suffix=f".{form}", delete=False
    )
    with file as stream:
        if form == "csv":
            csv.write_csv(table, stream)
        elif form == "parquet":
            parquet.write_table(table, stream, compression="zstd")
        elif form == "arrow":
            with ipc.new_stream(stream, table.schema) as writer:
                writer.write_table(table)
        else:
            raise StudyError(f"serve: rows do not come as {form}; write json, csv, parquet, arrow")
    return JobResult(b"", MEDIA[form], path=file.name, name=f"{stem}.{form}")


def arrow_bytes(table: pa.Table) -> bytes:
    """Return a table as an Arrow stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def books(
    desk: Desk, *, goods: str, country: str, months: str, sources: tuple[str, ...]
) -> JobResult:
    """Return what exporters and a country recorded of the same trade, exporter by exporter."""
    from entrepot.ask import Words

    base = Words(goods, months=months, base="none", sources=sources)
    theirs = desk.ask(replace(base, sender="all", receiver=country, by="reporter"), is_plain=True)
    window = f"{theirs.asked.first}..{theirs.asked.last}"
    own = desk.ask(
        replace(base, sender="all", receiver=country, flow="import", by="partner", months=window,
                freq=theirs.asked.freq),
        is_plain=True,
    )  # fmt: skip
    sent, got = _values(theirs, "reporter"), _values(own, "partner")
    said = {row["reporter"]: row.get("months") for row in theirs.rows}
    pairs = [
        {"code": code, "sent": sent.get(code), "got": got.get(code), "months": said.get(code)}
        for code in sorted({*sent, *got}, key=lambda c: -max(sent.get(c) or 0, got.get(c) or 0))
    ]
    return fragment(
        "_books.html", country=country, pairs=pairs[:ROWS], theirs=theirs, own=own, goods=goods,
        months=window, as_of=desk.as_of, more=max(0, len(pairs) - ROWS),
        length=theirs.asked.length if theirs.asked.freq == "M" else 0,
    )  # fmt: skip


def _values(answer: Answer, by: str) -> dict[str, float]:
    """Return the recorded value of each country of a table without a comparison."""
    value = "value_usd"
    return {row[by]: row[value] for row in answer.rows if row.get(value) is not None}
