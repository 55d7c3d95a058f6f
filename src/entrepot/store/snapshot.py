"""Snapshot: the flows as they were known on a day, resolved from manifests and slices alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from entrepot.schema import FLOWS
from entrepot.store.vintages import SLICES

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from entrepot.store.vintages import Scope, Vintage

KEY = "source, reporter, freq, flow, period"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The view that holds the flows, and the vintages with at least one live slice."""

    view: str
    vintages: tuple[Vintage, ...]


def snapshot(
    con: DuckDBPyConnection, vintages: list[Vintage], *, as_of: date | None, view: str = "flows"
) -> Snapshot:
    """Create a view of the flows known on a day.

    Per slice (source, reporter, freq, flow, period) the newest vintage not after the day speaks
    for its scope; older rows outside that scope stay. Whole slices are decided without reading a
    row; rows are filtered only in vintages that a newer one covers in part.

    Args:
        con: Connection that keeps the view.
        vintages: All vintages of the store, oldest first.
        as_of: The day; None means today and later.
        view: Name of the view, with the columns of `schema.FLOWS`; another, `<view>_slices`, has
            one row per source, reporter, freq, flow and period with any flow.
    """
    known = [vintage for vintage in vintages if as_of is None or vintage.published <= as_of]
    if not known:
        con.register(f"{view}_none", FLOWS.arrow.empty_table())
        con.execute(f"create or replace temp view {view} as from {view}_none")
        con.execute(f"create or replace temp view {view}_slices as select {KEY} from {view}_none")
        return Snapshot(view, ())
    _tables(con, known)
    alive = dict(con.execute("select vintage, is_whole from alive").fetchall())
    living = tuple(vintage for vintage in known if vintage.id in alive)
    whole = [path for vintage in living if alive[vintage.id] for path in vintage.flows]
    part = [path for vintage in living if not alive[vintage.id] for path in vintage.flows]
    reads = []
    if whole:
        reads.append(f"from read_parquet({whole})")
    if part:
        reads.append(f"from read_parquet({part}) f semi join live using (vintage, {KEY})")
    columns = ", ".join(f"f.{name}" for name in FLOWS.names)
    rows = " union all by name ".join(f"({read})" for read in reads)
    con.execute(
        f"create or replace temp view {view} as select {columns} from ({rows}) f "
        + _hidden(con, known)
    )
    con.execute(f"create or replace temp view {view}_slices as select distinct {KEY} from live")
    return Snapshot(view, living)


def _tables(con: DuckDBPyConnection, known: list[Vintage]) -> None:
    """Make `live` (slices that no newer vintage covers), `alive` and `hides`."""
    pairs = [
        (old.id, new.id, kind)
        for rank, new in enumerate(known)
        for old in known[:rank]
        if old.source == new.source and (kind := relation(old.scope, new.scope)) != "apart"
    ]
    con.execute("create or replace temp table pairs (older varchar, newer varchar, kind varchar)")
    if pairs:
        con.executemany("insert into pairs values ($1, $2, $3)", pairs)
    paths = [str(vintage.folder / SLICES) for vintage in known]
    con.execute(f"create or replace temp table slices as from read_parquet({paths})")
    con.execute("""create or replace temp table hides as
        select p.older, p.newer, p.kind, o.source, o.reporter, o.freq, o.flow, o.period
        from pairs p join slices o on o.vintage = p.older
        join slices n on n.vintage = p.newer and n.source = o.source and n.reporter = o.reporter
             and n.freq = o.freq and n.flow = o.flow and n.period = o.period""")
    con.execute(f"""create or replace temp table live as
        select vintage, {KEY} from slices s where not exists (
            select 1 from hides h where h.kind = 'covers' and h.older = s.vintage
            and h.reporter = s.reporter and h.freq = s.freq and h.flow = s.flow
            and h.period = s.period)""")
    con.execute("""create or replace temp table alive as
        select vintage, count(*) = any_value(n) as is_whole from live
        join (select vintage, count(*) as n from slices group by all) using (vintage)
        group by vintage""")


def _hidden(con: DuckDBPyConnection, known: list[Vintage]) -> str:
    """Return the join that drops rows inside the scope of a newer vintage covering only a part."""
    con.execute("create or replace temp table partly as from hides where kind = 'partly'")
    if con.execute("select count(*) from partly").fetchone() == (0,):
        return ""
    con.execute("""create or replace temp table scopes
        (newer varchar, products varchar[], partners varchar[])""")
    scopes = [[v.id, _list(v.scope.products), _list(v.scope.partners)] for v in known]
    con.executemany("insert into scopes values ($1, $2, $3)", scopes)
    con.execute("create or replace temp table partly as from partly join scopes using (newer)")
    return """anti join partly h on h.older = f.vintage and h.reporter = f.reporter
        and h.freq = f.freq and h.flow = f.flow and h.period = f.period
        and (h.products is null or list_contains(h.products, f.product))
        and (h.partners is null or list_contains(h.partners, f.partner))"""


def _list(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def relation(old: Scope, new: Scope) -> Literal["covers", "partly", "apart"]:
    """Say how a newer scope relates to an older one: covers it, covers a part, or lies apart."""
    sides = [_side(old.products, new.products), _side(old.partners, new.partners)]
    if "apart" in sides:
        return "apart"
    return "covers" if sides == ["covers", "covers"] else "partly"


def _side(
    old: tuple[str, ...] | None, new: tuple[str, ...] | None
) -> Literal["covers", "partly", "apart"]:
    if new is None:
        return "covers"
    if old is None:
        return "partly"
    shared = set(old) & set(new)
    if not shared:
        return "apart"
    return "covers" if len(shared) == len(set(old)) else "partly"
