"""Diff: what a publisher revised between two vintages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import StoreError
from entrepot.schema import FLOWS
from entrepot.store.audit import verified
from entrepot.store.paths import parquet, quoted
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from entrepot.store.vintages import Vintage

CELL = [name for name in FLOWS.keys if name != "source"]
SLICE = "reporter, freq, flow, period"


@dataclass(frozen=True, slots=True)
class Diff:
    """Revisions between two vintages of one source, over the slices that both speak for.

    `slices`: one row per slice with a revision: cells added, withdrawn and changed, value before
    and after in USD. `cells`: one row per revised cell, largest change first. `only_old` and
    `only_new` count the slices that one vintage alone speaks for: they are no revisions.
    """

    slices: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    only_old: int
    only_new: int


def diff(con: DuckDBPyConnection, old: Vintage, new: Vintage, *, most: int = 100) -> Diff:
    """Compare two vintages cell by cell.

    A cell is revised when its value in the publisher's own currency differs; exchange rates
    cannot make a revision. A hidden value has no number; a cell outside the newer vintage's scope
    is no withdrawal.

    Args:
        con: A connection.
        old: The earlier vintage.
        new: The later one.
        most: How many cells to name.

    Raises:
        StoreError: The vintages are of different sources, or a file of theirs is not as written.
    """
    if old.source != new.source:
        raise StoreError(
            f"{old.id} and {new.id} are of different sources; compare vintages of one source"
        )
    verified(old, new)
    _revisions(con, old, new)
    return Diff(
        slices=_rows(
            con,
            f"""select {SLICE}, count(*) filter (kind = 'added') as added,
            count(*) filter (kind = 'withdrawn') as withdrawn,
            count(*) filter (kind = 'changed') as changed,
            sum(coalesce(old_usd, 0)) as old_usd, sum(coalesce(new_usd, 0)) as new_usd,
            sum(change_usd) as change_usd from revisions group by all order by {SLICE}""",
        ),
        cells=_rows(
            con,
            f"from revisions order by abs(change_usd) desc, {', '.join(CELL)} limit {int(most)}",
        ),
        only_old=_alone(con, old, new),
        only_new=_alone(con, new, old),
    )


def _revisions(con: DuckDBPyConnection, old: Vintage, new: Vintage) -> None:
    """Make the table `revisions`: one row per cell that differs, in slices of both vintages."""
    for name, vintage in (("old", old), ("new", new)):
        other = new if vintage is old else old
        inside = " and ".join(
            f"list_contains([{', '.join(map(quoted, listed))}]::varchar[], {side})"
            for side, listed in (
                ("product", other.scope.products),
                ("partner", other.scope.partners),
            )
            if listed is not None
        )
        con.execute(f"""create or replace temp view {name}_rows as
            select * from {parquet(vintage.flows)} f
            semi join {parquet([other.folder / SLICES])}
            using ({SLICE})
            {"where " + inside if vintage is old and inside else ""}""")
    con.execute(f"""create or replace temp table revisions as
        select case when o.status is null then 'added' when n.status is null
            then 'withdrawn' else 'changed' end as kind, {", ".join(CELL)},
            o.value_usd as old_usd, n.value_usd as new_usd,
            coalesce(n.value_usd, 0) - coalesce(o.value_usd, 0) as change_usd
        from old_rows o full join new_rows n using ({", ".join(CELL)})
        where o.value_local is distinct from n.value_local
            or (o.status is null) <> (n.status is null)""")


def _alone(con: DuckDBPyConnection, one: Vintage, other: Vintage) -> int:
    mine, others = parquet([one.folder / SLICES]), parquet([other.folder / SLICES])
    row = con.execute(f"select count(*) from {mine} anti join {others} using ({SLICE})").fetchone()
    return int(row[0]) if row else 0


def _rows(con: DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
    return rows
