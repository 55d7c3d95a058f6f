"""Behind: the stored rows that an answer adds up, with names beside their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from entrepot.parts import measures, part
from entrepot.reference import countries
from entrepot.study.behind import ORDER, FigureReads
from entrepot.study.runs import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.study.books import Books


def stored(books: Books) -> pa.Table:
    """Return the stored rows behind a study's first figure, sorted.

    Their values add up to it: rows of months that do not count, of other partners and of goods that
    are not known throughout are left out. Of two books, those of months that only one of them has
    are in, as they are in the table. `counted_as` is the code that a row counts for.
    """
    asked = books.study.figure[0]
    wanted = run(part(measures(), "measure", asked.measure), books.study.params | asked.params)
    told, con = books.behind, books.workspace.engine.own.con
    where = told.condition((FigureReads(wanted),))
    found = con.execute(f"select * from {told.table} where {where} order by {ORDER}")
    return _named(found.to_arrow_table(), books)


def _named(rows: pa.Table, books: Books) -> pa.Table:
    """Put the name beside each code, and the mark beside all."""
    texts = {good.code: good.description for good in books.goods.goods}

    def described(code: str) -> str:
        return texts.get(code) or texts.get(code.split("+")[0], "")

    for column, beside, name in (
        ("reporter", "reporter_name", countries.name),
        ("partner", "partner_name", countries.name),
        ("counted_as", "counted_as_name", described),
    ):
        at = rows.column_names.index(column) + 1
        rows = rows.add_column(at, beside, _names(rows.column(column), name))
    used = rows.column("vintage").unique().to_pylist()
    return books.workspace.mark(used).on_table(rows)


def _names(codes: Any, name: Callable[[str], str]) -> Any:
    distinct = codes.combine_chunks().dictionary_encode()
    told = pa.array([name(code) for code in distinct.dictionary.to_pylist()], pa.string())
    return told.take(distinct.indices)
