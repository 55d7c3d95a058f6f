"""Behind: the stored rows that an answer adds up, with names beside their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
from ibis import _

from entrepot.parts import measures, part
from entrepot.reference import countries
from entrepot.store.evaluate import arrow
from entrepot.study.runs import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from entrepot.study.books import Books

SLOTS = "entrepot_behind"
ORDER = ("reporter", "flow", "partner", "period", "product", "source")


def stored(books: Books) -> pa.Table:
    """Return the stored rows behind a study's first figure, sorted.

    Their values add up to it: rows of months that do not count, of other partners and of goods that
    are not known throughout are left out. Of two books, those of months that only one of them has
    are in, as they are in the table. `counted_as` is the code that a row counts for.
    """
    asked = books.study.figure[0]
    wanted = run(part(measures(), "measure", asked.measure), books.study.params | asked.params)
    known, con = books.known(wanted), books.workspace.con
    flows, reporters, periods = zip(*sorted(books.compared(wanted)), strict=True)
    columns = {"flow": flows, "reporter": reporters, "period": periods}
    con.con.register("entrepot_slots", pa.table({k: pa.array(v) for k, v in columns.items()}))
    con.con.execute(f"create or replace temp table {SLOTS} as from entrepot_slots")
    con.con.unregister("entrepot_slots")
    gone = {(flow, who) for flow, _reporters, partners in known.dropped for who in partners}
    sides = [
        (_.flow == read.flow)
        & _.partner.isin([who for who in read.partners if (read.flow, who) not in gone])
        for read in books.reads(wanted)
        if read.partners
    ]
    rows = books.rows().semi_join(con.table(SLOTS), ["flow", "reporter", "period"])
    if sides:
        rows = rows.filter(ibis.or_(*sides))
    rows = rows.filter(_.counted_as.isin(list(known.names))).order_by(ORDER)
    return _named(arrow(con, rows), books)


def _named(rows: pa.Table, books: Books) -> pa.Table:
    """Put the name beside each code, and say of invented rows that they are."""
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
    if books.workspace.snapshot.is_synthetic:
        rows = rows.append_column("notice", pa.array(["SYNTHETIC"] * len(rows), pa.string()))
    return rows


def _names(codes: Any, name: Callable[[str], str]) -> Any:
    distinct = codes.combine_chunks().dictionary_encode()
    told = pa.array([name(code) for code in distinct.dictionary.to_pylist()], pa.string())
    return told.take(distinct.indices)
