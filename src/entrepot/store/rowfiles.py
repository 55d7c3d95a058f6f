"""Row files: where the rows known on a day are read, in vintages' own files or in sorted piles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.schema import FLOWS
from entrepot.store.compacted import PILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from entrepot.store.compacted import Segment
    from entrepot.store.vintages import Vintage

KEY = "source, reporter, freq, flow, period"
SLOWER = 4
"""A sorted pile is read where it has at most so many times the rows that are wanted of it."""
FILE = 20_000
"""Rows that are read in the time in which one more file is opened."""


@dataclass(frozen=True, slots=True)
class RowFiles:
    """Files that are read together, all rows of them or those of the slices in a table.

    `rows` are those in the files; `kept` is the table whose slices count, "" where all do.
    """

    name: str
    paths: tuple[str, ...]
    rows: int
    kept: str = ""


def rows_known(reads: Iterable[tuple[str, str]], *, hides: bool) -> str:
    """Return the query of the flows known on a day, in DuckDB's SQL: written once for all engines.

    Args:
        reads: Per relation of rows the table whose slices count, "" where all do; one or more.
        hides: Whether `partly` hides single rows.
    """
    columns = ", ".join(f"f.{name}" for name in FLOWS.names)
    # Not by `using`, after which some servers forget what the rows are called.
    same = " and ".join(f"l.{key} = f.{key}" for key in ("vintage", *KEY.split(", ")))
    rows = " union all ".join(
        f"(select {columns} from {read} f{f' semi join {kept} l on {same}' if kept else ''})"
        for read, kept in reads
    )
    return f"select {columns} from ({rows}) f {_HIDDEN if hides else ''}"


_HIDDEN = """anti join partly h on h.older = f.vintage and h.reporter = f.reporter
    and h.freq = f.freq and h.flow = f.flow and h.period = f.period
    and (h.products is null or list_contains(h.products, f.product))
    and (h.partners is null or list_contains(h.partners, f.partner))
    and (h.deepest is null or case when f.product = 'TOTAL' then list_contains(h.depths, 0)
        else length(f.product) <= h.deepest
        and array_length(list_filter(h.bare,
            b -> starts_with(f.product, b) and b <> f.product)) = 0 end)"""
"""The join that drops rows inside the scope of a newer vintage covering only a part."""


def chosen(
    con: DuckDBPyConnection, known: Sequence[Vintage], segments: Sequence[Segment]
) -> tuple[RowFiles, ...]:
    """Choose the files that hold the rows of live slices, each row in one of them.

    Adds to `live` the `pile` in which a slice is read, null for the vintage's own files, and makes
    of it `live_own` and `live_<pile>`.

    Args:
        con: Connection with `slices` and `live`.
        known: The vintages known on the day, oldest first.
        segments: The segments whose number, times `PILES`, begins the numbers of their piles.
    """
    wanted = con.execute(f"""select pile, count(*) filter (rows > 0), sum(rows)::bigint,
            list(distinct vintage)
        from live join slices using (vintage, {KEY}) where pile is not null
        group by pile order by pile""").fetchall()
    opened = {vintage.id: len(vintage.parts) - 1 for vintage in known}
    piles = []
    for pile, slices, rows, names in wanted:
        segment, number = segments[pile // PILES], pile % PILES
        held = segment.piles[number]
        own = rows + FILE * sum(opened[name] for name in names)
        if rows and held.rows <= SLOWER * own:
            # A segment may hold another vintage of the same name: its pile is in the table's name.
            kept = "" if slices == held.slices else f"live_{pile}"
            files = tuple(segment.files(number))
            piles.append((pile, RowFiles(f"entrepot_pile_{pile}", files, held.rows, kept)))
    used = ", ".join(str(pile) for pile, _read in piles) or "null"
    con.execute(f"""create or replace temp table live as
        select l.*, case when pile in ({used}) then pile end as pile
        from live l join slices using (vintage, {KEY})""")
    con.execute("create or replace temp view live_own as from live where pile is null")
    for pile, _read in piles:
        con.execute(f"create or replace temp view live_{pile} as from live where pile = {pile}")
    return (*_own(con, known), *(read for _pile, read in piles))


def _own(con: DuckDBPyConnection, known: Sequence[Vintage]) -> tuple[RowFiles, ...]:
    """Return the own files of vintages of which every slice is live, and of the others."""
    all_live = dict(
        con.execute("""select vintage, count(*) = any_value(n) from live_own
        join (select vintage, count(*) as n from slices group by all) using (vintage)
        group by vintage""").fetchall()
    )
    sides = [("entrepot_whole", "", True), ("entrepot_part", "live_own", False)]
    reads = []
    for name, kept, is_whole in sides:
        mine = [vintage for vintage in known if all_live.get(vintage.id) is is_whole]
        paths = tuple(path for vintage in mine for path in vintage.flows)
        if paths:
            reads.append(RowFiles(name, paths, sum(vintage.rows for vintage in mine), kept))
    return tuple(reads)
