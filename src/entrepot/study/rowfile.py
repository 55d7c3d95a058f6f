"""Rowfile: the stored rows behind a brief as CSV, each with the figures it serves and its mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.publish.mark import COLUMNS, mark_of
from entrepot.study.behind import ORDER, quoted

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from entrepot.study.books import Books

MARKS, STORED = "entrepot_marks", "entrepot_stored"


def write_rows(books: Books, path: Path) -> None:
    """Write the stored rows behind the headline basket as CSV, each with its vintage and file.

    One row per stored row that counts, sorted; `counted_as` is the listed code it counts for and
    `figures` names the figures that it serves: none, if only tables and pictures show it. Beside it
    the rows behind each estimate, those of the goods compared with among them, as `NAME.csv`.

    Raises:
        OSError: The file cannot be written.
    """
    behind, con = books.behind, books.workspace.engine.own.con
    served: dict[str, list[str]] = {}
    for name, owns in behind.figures.items():
        served.setdefault(behind.condition(owns), []).append(name)
    cases = [f"case when {where} then '{'; '.join(names)}' end" for where, names in served.items()]
    told = f"concat_ws('; ', {', '.join(cases)})" if cases else "''"
    _write(path, f"select *, {told} as figures from {behind.table}", con, books)
    for name, one in books.estimates.items():
        if one.found is not None:
            engine = one.found.selection.engine
            engine.fetch(STORED, one.found.stored())
            _write(path.with_name(f"{name}.csv"), f"from {STORED}", engine.own.con, books)


def _write(path: Path, query: str, con: DuckDBPyConnection, books: Books) -> None:
    """Write a query's rows, sorted, each with the notice of its vintage.

    The rest of a vintage's mark stands in the first of its rows: a million rows need not repeat a
    licence, and `vintage` leads to it. The workspace's connection writes nowhere: it
    gives the lines, as DuckDB writes values.
    """
    con.execute(f"create or replace temp table {MARKS} as {_marks(books)}")
    rest = [name for name in COLUMNS if name != "notice"]
    first = f"row_number() over (partition by vintage order by {ORDER}) = 1"
    said = [f"case when {first} then m.{name} end as {name}" for name in rest]
    marked = (
        f"select r.*, m.notice, {', '.join(said)} "
        f"from ({query}) r left join {MARKS} m using (vintage)"
    )
    names = [name for name, *_rest in con.execute(f"{marked} limit 0").description]
    fields = " || ',' || ".join(_field(name) for name in names)
    found = con.execute(f"select {fields} from ({marked}) order by {ORDER}")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{','.join(names)}\n")
        file.writelines(f"{line}\n" for line in found.to_arrow_table()[0].to_pylist())


def _marks(books: Books) -> str:
    """Return the SQL of a table of each vintage's mark, by its id."""
    work = books.workspace
    # Written out: to hand DuckDB a table of Arrow would load pandas.
    rows = [
        {"vintage": one.id} | mark_of([one], synthetic=one.synthetic, as_of=work.day).to_dict()
        for one in work.snapshot.vintages
    ]
    told = ", ".join(f"({', '.join(map(quoted, row.values()))})" for row in rows)
    return f"from (values {told}) t({', '.join(('vintage', *COLUMNS))})"


def _field(name: str) -> str:
    text = f'"{name}"::varchar'
    odd = f"""{text} = '' or regexp_matches({text}, '[",\\r\\n]')"""
    quoted = f"""'"' || replace({text}, '"', '""') || '"'"""
    return f"case when {text} is null then '' when {odd} then {quoted} else {text} end"
